"""The formats of console logs: list them, or try them on a file.

runspect patterns                        what is known, the user's own included
runspect patterns test FILE              which lines of a log are understood, and what they say
runspect patterns test FILE --pattern P  the same with the pattern in the TOML file P alone

A pattern of one's own goes to ~/.config/runspect/patterns/NAME.toml; those that come with runspect are good examples.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from runspect.cli import output
from runspect.cli.table import plain_table
from runspect.counted import counted
from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault, UsageError
from runspect.masking import mask, mask_text, printable
from runspect.model import Json
from runspect.readers.console_params import Block, params_in
from runspect.readers.console_pieces import CHUNK, Piece, pieces
from runspect.readers.pattern_file import Pattern
from runspect.readers.pattern_set import load_user_pattern, ordered, patterns, user_directory
from runspect.readers.scrape import Memory, Row, Scraper

SHOWN_LINES = 20
"""Matched lines, and lines with digits that no pattern took, that are shown."""
SHOWN_VALUES = 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", nargs="?", choices=("list", "test"), default="list")
    parser.add_argument("file", nargs="?", metavar="FILE", help="a console log")
    parser.add_argument("--pattern", metavar="PATH", help="try this pattern file alone")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the patterns, or what they make of a file; exit code 1 when no line says anything."""
    if args.action == "list":
        if args.file or args.pattern:
            raise UsageError("a file is tried with: runspect patterns test FILE")
        return _list(args.json)
    if not args.file:
        raise UsageError("which log? runspect patterns test FILE")
    trial = _try(Path(args.file), _chosen(args.pattern))
    if args.json:
        output.write_json(trial.plain())
    else:
        _show(trial)
    return 0 if trial.points else 1


@dataclass(slots=True)
class _Trial:
    """What patterns made of a log."""

    path: Path
    lines: int = 0
    matched: list[tuple[int, str, str, tuple[Row, ...]]] = field(default_factory=list)
    """(line number, pattern, text, rows) of the first matched lines."""
    unmatched: list[tuple[int, str]] = field(default_factory=list)
    """The first lines with numbers that nothing was made of."""
    by_pattern: Counter[str] = field(default_factory=Counter)
    points: dict[str, list[Row]] = field(default_factory=dict)
    params: dict[str, Json] = field(default_factory=dict)
    slow: dict[str, str] = field(default_factory=dict)

    def plain(self) -> Json:
        """As JSON."""
        return {
            "file": str(self.path),
            "lines": self.lines,
            "matched": sum(self.by_pattern.values()),
            "patterns": dict(self.by_pattern),
            "params": self.params,
            "metrics": {
                name: {"step": [row.step for row in rows], "value": [_json_number(row.value) for row in rows]}
                for name, rows in self.points.items()
            },
            "matched_lines": [
                {"line": number, "pattern": pattern, "values": {row.name: _json_number(row.value) for row in rows}}
                for number, pattern, _, rows in self.matched
            ],
            "unmatched_lines": [{"line": number, "text": text} for number, text in self.unmatched],
            "too_slow": self.slow,
        }


def _list(as_json: bool) -> int:
    known = patterns()
    if as_json:
        output.write_json(
            [
                {"name": each.name, "tool": each.tool, "about": each.about, "user": each.user, "error": None}
                for each in known.patterns
            ]
            + [
                {"name": path.stem, "tool": None, "about": "", "user": True, "error": what}
                for path, what in known.broken
            ]
        )
        return 0
    rows = [(each.name, "yours" if each.user else "", each.about) for each in known.patterns]
    rows.append(
        ("(guess)", "", "name = number on lines with a step, an epoch or an iteration, where nothing else fits")
    )
    for line in plain_table(("pattern", "", "lines of"), rows, output.terminal_width()):
        output.write_line(line)
    for path, what in known.broken:
        output.narrate(f"{printable(str(path))}: {printable(what)}")
    output.narrate(f"Your own go to {user_directory(os.environ)}/NAME.toml")
    return 0


def _chosen(path: str | None) -> tuple[Pattern, ...]:
    if path is None:
        return patterns().patterns
    try:
        pattern = load_user_pattern(Path(path))
    except ReaderFault as fault:
        raise UsageError(f"{path}: {fault.what}") from fault
    return ordered({pattern.name: pattern})


def _try(path: Path, known: tuple[Pattern, ...]) -> _Trial:
    trial, memory, block = _Trial(path), Memory(), Block()
    scraper = Scraper(known, memory, guess=len(known) > 1)
    for piece in _whole(path):
        _take(trial, piece, scraper)
        trial.params |= mask("", params_in(piece.data, piece.start, block, known, scraper.guard))
        trial.lines += piece.data.count(b"\n")
    trial.slow = scraper.guard.slow
    return trial


def _whole(path: Path) -> Iterator[Piece]:
    """All of a log, the last line also where it has no newline: nobody writes on while it is looked at."""
    end = 0
    for piece in pieces(path):
        end = piece.end
        yield piece
    with path.open("rb") as file:
        file.seek(end)
        if rest := file.read(CHUNK):
            yield Piece(end, end + len(rest), rest + b"\n")


def _take(trial: _Trial, piece: Piece, scraper: Scraper) -> None:
    taken: set[int] = set()
    for at, line, matched in scraper.scan(piece.data, piece.ended):
        number = trial.lines + piece.data.count(b"\n", 0, at) + 1
        trial.by_pattern[matched.pattern] += at not in taken
        if len(trial.matched) < SHOWN_LINES and (matched.rows or at not in taken):
            # a guessed name brings what was held back of the lines before: this line says the last one
            said = tuple({row.name: row for row in matched.rows}.values())
            trial.matched.append((number, matched.pattern, line.body, said))
        for row in matched.rows:
            trial.points.setdefault(row.name, []).append(row)
        taken.add(at)
    trial.unmatched += list(_unmatched(piece.data, taken, trial))[: SHOWN_LINES - len(trial.unmatched)]


def _unmatched(data: bytes, taken: set[int], trial: _Trial) -> Iterator[tuple[int, str]]:
    at = 0
    for number, raw in enumerate(data.split(b"\n")):
        if at not in taken and any(48 <= byte <= 57 for byte in raw[:400]) and len(trial.unmatched) < SHOWN_LINES:
            yield trial.lines + number + 1, mask_text(raw[:200].decode("utf-8", "replace").strip())
        at += len(raw) + 1


def _show(trial: _Trial) -> None:
    wide = output.terminal_width()
    rows = [
        (str(number), pattern, str(rows[0].step) if rows else "", _values(rows) or printable(mask_text(text)))
        for number, pattern, text, rows in trial.matched
    ]
    for line in plain_table(("line", "pattern", "step", "says"), rows, wide, right=frozenset({0, 2})):
        output.write_line(line)
    if trial.points:
        output.write_line()
    table = [
        (
            printable(name),
            f"{len(rows):,}",
            f"{rows[0].step:,} to {rows[-1].step:,}",
            f"{rows[0].value:g}",
            f"{rows[-1].value:g}",
        )
        for name, rows in trial.points.items()
    ]
    titles = ("metric", "points", "steps", "first", "last")
    for line in plain_table(titles, table, wide, right=frozenset({1, 3, 4})) if table else ():
        output.write_line(line)
    if trial.params:
        output.write_line()
        output.write_line("params: " + printable(", ".join(f"{key}={value}" for key, value in trial.params.items())))
    if trial.unmatched:
        output.write_line()
        output.write_line("lines with numbers that nothing was made of:")
        for number, text in trial.unmatched:
            output.write_line(f"  {number:>6}  {printable(text)[: max(20, wide - 10)]}")
    for name, line in trial.slow.items():
        output.narrate(f"pattern {name!r} was too slow on {printable(line)!r} and was switched off")
    found = ", ".join(f"{name} {count:,}" for name, count in trial.by_pattern.most_common())
    output.narrate(
        f"{sum(trial.by_pattern.values()):,} of {counted(trial.lines, 'line')} matched{': ' + found if found else ''}"
    )


def _values(rows: tuple[Row, ...]) -> str:
    more = f" … {len(rows) - SHOWN_VALUES} more" if len(rows) > SHOWN_VALUES else ""
    return printable("  ".join(f"{row.name}={row.value:g}" for row in rows[:SHOWN_VALUES])) + more


def _json_number(value: float) -> Json:
    if value == value and abs(value) != float("inf"):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
