"""CSV and TSV logs: a header, rows of numbers, sometimes a second header, blanks for what was not logged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from runspect.counted import counted
from runspect.dataclass import dataclass, field
from runspect.model import Claim
from runspect.readers import fast_csv, lines
from runspect.readers.claims import (
    LOG_WORDS,
    among_data,
    columns_hint,
    extension,
    named_like_a_log,
    prefixed,
    split_root,
    weak,
    words,
)
from runspect.readers.conflicts import first_side, one_side
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.hollow import is_pointer
from runspect.readers.numbers import number
from runspect.readers.odd_cells import flaw_of, odd_cells
from runspect.readers.series import Group, fold, group_rows
from runspect.readers.state import TextState
from runspect.readers.steps import PLAIN, StepRule, is_step, metric_like
from runspect.readers.tables import Header, fitted, looks_like_header, names_of, repeats_header, rows_of, sniff, split
from runspect.readers.tb_export import tag_of
from runspect.readers.wandb_paths import wandb_place

MOST_FLAWS = 20
MOST_OPEN = 64 << 10
"""Bytes that an open quote may span before it is taken as a plain character."""
SPINUP = "progress.txt"
"""The table that OpenAI's Spinning Up writes, tab-separated despite its name."""
_OPEN_QUOTE = ("a quote that is not closed", "the rows behind it are not shown until it is")
_EXTENSIONS = ("csv", "tsv", "log", "txt")
_RUN_NAMES = words("name run run_name run_id experiment experiment_name exp_name model method algorithm")
"""Columns in which a table of many runs tells them apart."""


@dataclass(slots=True)
class _Table:
    """The rows of one block: their columns by header, and what did not fit."""

    header: Header
    rows: list[tuple[int, tuple[str, ...], Sequence[object]]] = field(default_factory=list)
    flaws: list[lines.Flaw] = field(default_factory=list)


class CsvReader:
    """Reads on by byte offset; the header travels in the cursor. Readers of one tool's tables make one of their own."""

    mode: Mode = "append"
    precision = 3
    names = tuple(f"*.{ending}" for ending in _EXTENSIONS)

    def __init__(self, name: str = "csv", rule: StepRule = PLAIN) -> None:
        self.name = name
        """Problems are told under it."""
        self._rule = rule

    def claim(self, entry: Entry) -> Claim | None:
        """A table whose name, columns and first rows are those of a training log."""
        ending = extension(entry.name)
        if ending not in _EXTENSIONS or entry.name.lower() in _NEVER or wandb_place(entry):
            return None
        known = (named_like_a_log(entry.name) and ending in ("csv", "tsv")) or entry.name == SPINUP
        head = entry.head()
        if is_pointer(head) or not head.strip(b"\0\r\n\t "):
            return weak(entry, self.name, ending) if known else None
        if not _is_log(_text(head), ending, known, entry):
            return None
        names = _names(_text(head))
        tool, hints = (
            "tsv" if ending == "tsv" else "csv",
            columns_hint([tag] if (tag := tag_of(names, entry.name)) else names),
        )
        return weak(entry, self.name, tool, root=split_root(entry), hints=hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a block of rows; a last line without newline is left for later: its number may be torn."""
        state = TextState.of(cursor)
        held, end = b"", cursor.offset
        for block in lines.read_blocks(path, cursor.offset, state.skipping):
            if block.open:
                state, told = state.told_of(block)
                if told:
                    problems = tuple(flaw.problem(path, self.name) for flaw in told)
                    yield Batch(state.cursor(cursor, block.start - len(held)), problems=problems)
                break
            data, held = _balanced(held + block.data) if block.width == 1 else (block.data, b"")
            begin = block.end - len(held) - len(data) if block.width == 1 else block.start
            piece = replace(block, start=begin, end=block.end - len(held), data=data)
            state, batch = self._read_block(path, piece, state, cursor)
            end = piece.end
            yield batch
        if held and state.told != end:
            problem = lines.Flaw(end, *_OPEN_QUOTE).problem(path, self.name)
            yield Batch(replace(state, told=end).cursor(cursor, end), problems=(problem,))

    def _read_block(self, path: Path, block: lines.Block, state: TextState, cursor: Cursor) -> tuple[TextState, Batch]:
        block, side = one_side(block, state.side)
        state = replace(state, side=side, skipping=block.skipping)
        flaws = list(block.flaws)
        header = Header(state.header, state.separator) if state.header else None
        data, position = block.data, 0
        if header is None:
            header, position, told = _find_header(block, state.told)
            flaws += told
            data = data[position:]
        if header is None:
            problems = tuple(flaw.problem(path, self.name) for flaw in flaws)
            return state, Batch(state.cursor(cursor, block.end), problems=problems)
        groups, count, header, more = _groups(data, header, block, position)
        more += _nul_bytes(data, block, position, {state.told, *(flaw.offset for flaw in flaws)})
        if not state.odd and (odd := _odd(groups, data, block, position)):
            more.append(odd)
            state = replace(state, odd=True)
        points, carry = fold(groups, count, state.carry, self._rule)
        points = _named(prefixed(points, path), header.names, path)
        state = replace(state, carry=carry, header=header.names, separator=header.separator)
        problems = tuple(flaw.problem(path, self.name) for flaw in (*flaws, *more))
        return state, Batch(state.cursor(cursor, block.end), points=points, problems=problems)


def _named(points: dict[str, Points], columns: Sequence[str], path: Path) -> dict[str, Points]:
    """The only series of a curve that TensorBoard exported bears the curve's name."""
    tag = tag_of(columns, path.name)
    return dict.fromkeys([tag], next(iter(points.values()))) if tag and points else points


def _groups(
    data: bytes, header: Header, block: lines.Block, position: int
) -> tuple[list[Group], int, Header, list[lines.Flaw]]:
    columns = fast_csv.parse(data, header)
    if columns is not None:
        count = len(columns[0]) if columns else 0
        kept = [at for at, name in enumerate(header.names) if name]
        names = tuple(header.names[at] for at in kept)
        group = Group(names, [columns[at] for at in kept], np.arange(count, dtype=np.int64))
        return ([group] if count else []), count, header, []
    table = _Table(header)
    _exact(table, data, block, position)
    return group_rows(table.rows), len(table.rows), table.header, table.flaws


def _nul_bytes(data: bytes, block: lines.Block, position: int, told: Set[int]) -> list[lines.Flaw]:
    """NUL bytes among the rows, which a crash or a full disk leaves."""
    first = data.find(b"\0")
    if first < 0 or (at := block.offset(position + first)) in told:
        return []
    return [lines.Flaw(at, counted(data.count(b"\0"), "NUL byte"), "skipped; what they stand for is lost")]


def _odd(groups: Sequence[Group], data: bytes, block: lines.Block, position: int) -> lines.Flaw | None:
    """The first cell that is no number where numbers belong, and how many there are in this block."""
    odd = [each for group in groups for each in odd_cells(group.keys, group.columns)]
    if not odd:
        return None
    at, what, effect = flaw_of(odd, data)
    return lines.Flaw(block.offset(position + at), what, effect)


def _exact(table: _Table, data: bytes, block: lines.Block, position: int) -> None:
    """Row by row: second headers, ragged rows, lines that do not belong."""
    header = table.header
    known = {name for name in header.names if name}
    kept = [at for at, name in enumerate(header.names) if name]
    names = tuple(header.names[at] for at in kept)
    if (foreign := lines.foreign_at(data)) is not None:
        table.flaws.append(lines.Flaw(block.offset(position + foreign), lines.NOT_UTF8, lines.AS_LATIN))
    surplus = 0
    for cells in rows_of(lines.text_of(data), header.separator):
        if not cells:
            continue
        first = cells[0].strip()
        if (first in known or (len(cells) > 1 and cells[1].strip() in known)) and repeats_header(cells, header.names):
            table.header = header = Header(names_of(cells), header.separator)
            known = {name for name in header.names if name}
            kept = [at for at, name in enumerate(header.names) if name]
            names = tuple(header.names[at] for at in kept)
            continue
        if len(cells) == 1 and len(header.names) > 1 and _is_noise(cells[0], table, data, block, position):
            continue
        surplus += any(cell.strip() for cell in cells[len(header.names) :])
        row = cells if len(cells) == len(header.names) else fitted(cells, len(header.names))
        values = row if len(kept) == len(row) else [row[at] for at in kept]
        table.rows.append((len(table.rows), names, values))
    if surplus:
        what = f"{counted(surplus, 'row')} from here on with more cells than the header has names"
        table.flaws.append(lines.Flaw(block.offset(position), what, "the surplus cells are not shown"))


def _is_noise(cell: str, table: _Table, data: bytes, block: lines.Block, position: int) -> bool:
    """A lone cell that is no number: a comment, a line that does not belong."""
    if number(cell) is not None:
        return False
    if len(table.flaws) < MOST_FLAWS and not cell.startswith("#"):
        at = block.offset(position + max(0, data.find(cell.encode()[:40])))
        table.flaws.append(lines.Flaw(at, f"not a row of the table: {cell[:60]!r}", "skipped"))
    return True


def _find_header(block: lines.Block, told: int) -> tuple[Header | None, int, list[lines.Flaw]]:
    """The header, the position behind it in the block, and what was odd before it."""
    flaws: list[lines.Flaw] = []
    position = 0
    while (end := block.data.find(b"\n", position)) >= 0:
        raw, start, position = block.data[position:end], position, end + 1
        line = raw.lstrip(b"\0")
        if len(line) < len(raw) and block.offset(start) != told:
            flaws.append(lines.Flaw(block.offset(start), f"{len(raw) - len(line):,} NUL bytes", "they are skipped"))
        if (foreign := lines.foreign_at(line)) is not None:
            flaws.append(lines.Flaw(block.offset(start + foreign), lines.NOT_UTF8, lines.AS_LATIN))
        text = lines.text_of(line).strip("\r\n")
        if not text.strip(" ,;\t|") or text.startswith("#"):
            continue
        separator = sniff(text)
        cells = split(text, separator)
        if looks_like_header(cells):
            return Header(names_of(cells), separator), position, flaws
        flaws.append(lines.Flaw(block.offset(start), "the table has no header", "columns are numbered"))
        return Header(tuple(f"column_{at + 1}" for at in range(len(cells))), separator), start, flaws
    return None, position, flaws


def _balanced(data: bytes) -> tuple[bytes, bytes]:
    """Cut before a quoted cell that goes on in the next block."""
    if b'"' not in data or data.count(b'"') % 2 == 0:
        return data, b""
    cut = data.rfind(b"\n", 0, len(data) - 1) + 1
    while cut and data.count(b'"', 0, cut) % 2 and len(data) - cut < MOST_OPEN:
        cut = data.rfind(b"\n", 0, cut - 1) + 1
    if data.count(b'"', 0, cut) % 2 or len(data) - cut >= MOST_OPEN:
        return data, b""
    return data[:cut], data[cut:]


_NEVER = frozenset(("requirements.txt", "args.txt", "config.txt", "labels.txt", "flags.txt"))


def _text(head: bytes) -> str:
    return lines.text_of(first_side(head))


def _names(text: str) -> tuple[str, ...]:
    """The columns of the first line that is no comment; a line that the head cuts off tells none."""
    for line in text.replace("\0", "").split("\n")[:-1]:
        if line.strip() and not line.startswith("#"):
            cells = split(line.strip("\r"), sniff(line.strip("\r")))
            return names_of(cells) if looks_like_header(cells) else ()
    return ()


def _is_log(text: str, ending: str, known: bool, entry: Entry) -> bool:
    if ending in ("log", "txt") and not known and not _begins_as_log(text):
        return False
    rows = [line for line in text.replace("\0", "").split("\n") if line.strip() and not line.startswith("#")]
    if not rows:
        return known
    if len(text) >= 4096 and len(rows) > 1:
        rows = rows[:-1]
    separator = sniff(rows[0].strip("\r"))
    if ending in ("log", "txt") and (separator not in rows[0] or len(rows) < 2):
        return False
    header = split(rows[0].strip("\r"), separator)
    if not looks_like_header(header):
        return known and all(number(cell) is not None for cell in header if cell.strip())
    names = [name for name in names_of(header) if name]
    first = [fitted(split(row.strip("\r"), separator), len(header)) for row in rows[1:9]]
    return _columns_fit(names, header, first, known, ending, entry)


def _begins_as_log(text: str) -> bool:
    """Whether the first line of a text without a table's name names a step or metrics alone, as `_columns_fit` wants.

    Nearly all such texts are console logs: they are turned down before their other lines are looked at.
    """
    for line in text.replace("\0", "").split("\n"):
        if line.strip() and not line.startswith("#"):
            cells = split(line.strip("\r"), sniff(line.strip("\r")))
            return _tells_steps_or_metrics(names_of(cells)) and looks_like_header(cells)
    return False


def _tells_steps_or_metrics(names: Sequence[str]) -> bool:
    named = [name for name in names if name]
    return any(map(is_step, named)) or (len(named) > 1 and all(map(metric_like, named)))


def _columns_fit(
    names: list[str], header: Sequence[str], first: list[list[str]], known: bool, ending: str, entry: Entry
) -> bool:
    stepped = any(is_step(name) and name.lower() not in ("index", "round") for name in names)
    rest = [name for name in names if not is_step(name)] or names[1:]
    liked = any(metric_like(name) for name in rest)
    if not first:
        return ending in ("csv", "tsv") and rest != [] and (known or stepped) and (stepped or liked)
    if not stepped and _names_runs(header, first):
        return False
    numeric = _share(header, first)
    if ending in ("log", "txt"):
        return (stepped and liked and numeric > 0.8) or (_tells_steps_or_metrics(names) and numeric == 1.0)
    if among_data(entry.path):
        return stepped and liked and known and numeric > 0.5
    if ".hydra" in entry.siblings and numeric == 1.0:
        return bool(rest)
    if known:
        return bool(rest) and numeric > 0.3 and (stepped or liked)
    placed = entry.folder.lower() in LOG_WORDS or "/metrics/" in entry.path
    return bool(rest) and stepped and numeric > 0.5 and (liked or placed or _is_counting(header, first))


def _names_runs(header: Sequence[str], rows: list[list[str]]) -> bool:
    """Whether every row has a name of its own: a table of results, a row a run, is no log of one run."""
    for at, name in enumerate(header):
        if name.strip().lower() in _RUN_NAMES:
            cells = [row[at] for row in rows if at < len(row) and row[at].strip()]
            return bool(cells) and len(set(cells)) == len(cells) and all(number(cell) is None for cell in cells)
    return False


def _share(header: Sequence[str], rows: list[list[str]]) -> float:
    """Share of the filled cells that are numbers."""
    cells = [cell for row in rows for cell in row if cell.strip()]
    return sum(number(cell) is not None for cell in cells) / len(cells) if cells else 0.0


def _is_counting(header: Sequence[str], rows: list[list[str]]) -> bool:
    """Whether the step column rises from row to row, as a log's does and a data set's hardly ever."""
    at = next(at for at, name in enumerate(names_of(header)) if is_step(name))
    values = [value for row in rows if (value := number(row[at])) is not None]
    return len(values) > 2 and all(before < after for before, after in pairwise(values))


READER = CsvReader()
