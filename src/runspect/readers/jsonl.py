"""JSON lines: one object a line, however the keys change from line to line."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from runspect.model import Claim, Json, Problem
from runspect.readers import lines, number_lists
from runspect.readers.claims import (
    among_data,
    columns_hint,
    extension,
    named_like_a_log,
    prefixed,
    split_root,
    weak,
)
from runspect.readers.conflicts import first_side, one_side
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.fast_json import group_of
from runspect.readers.flatten import flatten
from runspect.readers.hollow import is_pointer
from runspect.readers.json_lines import Value, is_whole, lenient, object_of, objects_of, parse
from runspect.readers.numbers import number
from runspect.readers.objects import grouped
from runspect.readers.series import Carry, Group, fold
from runspect.readers.state import TextState
from runspect.readers.steps import PLAIN, StepRule, is_step, metric_like
from runspect.readers.wandb_paths import wandb_place

_SINGLE = re.compile(rb'"[^"]{1,80}"\s*:\s*(?:-?\d|NaN|-?Infinity)')
_TOTALS = ("index", "epochs", "steps", "num_steps", "n_iter", "total_timesteps")
"""Names that may count rows of anything, or say how far a training shall go."""
_OF_OTHERS = frozenset({"op_code", "log_type_name"})
"""Keys of Optuna's journal and of torchtitan's trace of events, which are no rows of metrics."""
_EXTENSIONS = ("jsonl", "ndjson", "json", "log", "txt", "jsonlines")


_Found = TypeVar("_Found")
Shaped = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


class JsonlReader:
    """Reads on by byte offset; lines with NaN go through the standard library, the others through orjson."""

    name = "jsonl"
    mode: Mode = "append"
    precision = 3
    names = tuple(f"*.{ending}" for ending in _EXTENSIONS)

    def claim(self, entry: Entry) -> Claim | None:
        """A known name, or objects with a step-like key and numbers that are called like metrics."""
        ending = extension(entry.name)
        if ending not in _EXTENSIONS or wandb_place(entry):
            return None
        known = named_like_a_log(entry.name)
        head = first_side(entry.head())
        if not head.strip(b"\0\r\n\t "):
            hollow = known and ending in ("jsonl", "ndjson")
            return weak(entry, self.name, "jsonl") if hollow else None
        if is_pointer(head):
            return weak(entry, self.name, "jsonl") if known and ending in ("jsonl", "ndjson", "json") else None
        if not _is_log(head, ending, known, among_data(entry.path)):
            return None
        return weak(entry, self.name, "jsonl", root=split_root(entry), hints=columns_hint(first_keys(head)))

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a block of lines. A last line without newline is taken when it is a whole object."""
        return read_metrics(path, cursor, self.name, shown=lambda points: prefixed(points, path))


def read_rows(
    path: Path, cursor: Cursor, reader: str, rule: StepRule = PLAIN, shaped: Shaped | None = None
) -> Iterator[tuple[Batch, list[dict[str, Any]]]]:
    """For each block of lines what it gives, and its rows for a reader that knows more of them.

    `shaped` makes rows of the objects; it looks at each object alone, so that pieces give the same as the whole.

    Raises:
        OSError: The file cannot be opened or read.
    """
    carry = TextState.of(cursor).carry
    for batch, rows in read_values(path, cursor, reader, dict):
        with _no_collection():
            told = fold_objects(shaped(rows) if shaped else rows, carry, rule)
        carry = told.carry
        state = replace(TextState.of(batch.cursor), carry=carry)
        moved = state.cursor(cursor, batch.cursor.offset)
        problems = (*batch.problems, *number_lists.problems(told.left, path, reader))
        yield replace(batch, cursor=moved, points=told.points, params=told.params, problems=problems), rows


def read_metrics(
    path: Path,
    cursor: Cursor,
    reader: str,
    rule: StepRule = PLAIN,
    shown: Callable[[dict[str, Points]], dict[str, Points]] = lambda points: points,
) -> Iterator[Batch]:
    """For each block of lines what it gives: `read_rows` without the rows, three times as fast where all look alike.

    Args:
        shown: What the series are called.

    Raises:
        OSError: The file cannot be opened or read.
    """
    carry = TextState.of(cursor).carry
    for piece in read_pieces(path, cursor, reader, dict, group_or_rows):
        problems = piece.problems
        if isinstance(piece.found, Group):
            points, carry = fold([piece.found], len(piece.found.rows), carry, rule)
            params: dict[str, Json] = {}
        else:
            with _no_collection():
                told = fold_objects(piece.found or [], carry, rule)
            points, carry, params = told.points, told.carry, told.params
            problems += number_lists.problems(told.left, path, reader) if told.left else ()
        yield Batch(piece.state.cursor(cursor, piece.end, carry), "", shown(points), params, problems=problems)


def read_values(
    path: Path, cursor: Cursor, reader: str, kind: type[Value], blocks: Iterable[lines.Block] | None = None
) -> Iterator[tuple[Batch, list[Value]]]:
    """For each block of lines a batch of what was wrong with it, and the values: an object a line, or a list.

    The cursor's state is a `TextState`, whose carry is the caller's to move.

    Raises:
        OSError: The file cannot be opened or read.
    """

    def rows(block: lines.Block, told: int) -> tuple[list[Value], list[lines.Flaw]]:
        parsed = parse(block, told, kind)
        return parsed.rows, parsed.flaws

    for piece in read_pieces(path, cursor, reader, kind, rows, blocks):
        yield Batch(piece.state.cursor(cursor, piece.end), problems=piece.problems), piece.found or []


def group_or_rows(block: lines.Block, told: int) -> tuple[Group | list[dict[str, Any]], list[lines.Flaw]]:
    """The objects of a block as columns where all look alike."""
    group = None if block.flaws else group_of(block.data)
    if group is not None:
        return group, []
    parsed = parse(block, told, dict)
    return parsed.rows, parsed.flaws


class Piece(NamedTuple, Generic[_Found]):
    """What was made of a block of lines."""

    state: TextState
    """Behind it; its carry is the caller's to move."""
    end: int
    """Byte offset behind it."""
    problems: tuple[Problem, ...]
    found: _Found | None


def read_pieces(
    path: Path,
    cursor: Cursor,
    reader: str,
    kind: type[Value],
    take: Callable[[lines.Block, int], tuple[_Found, list[lines.Flaw]]],
    blocks: Iterable[lines.Block] | None = None,
) -> Iterator[Piece[_Found]]:
    """For each block of lines what was wrong with it, and what `take` makes of it.

    Args:
        blocks: Instead of those of the file, which then is only named.

    Raises:
        OSError: The file cannot be opened or read.
    """
    state = TextState.of(cursor)
    for block in lines.read_blocks(path, cursor.offset, state.skipping) if blocks is None else blocks:
        if block.open and (block.flaws or not is_whole(block.data, kind)):
            state, told = state.told_of(block)
            if told:
                yield Piece(state, block.start, tuple(flaw.problem(path, reader) for flaw in told), None)
            return
        block, side = one_side(block, state.side)
        with _no_collection():
            found, flaws = take(block, state.told)
        if (block.skipping, side) != (state.skipping, state.side):
            state = replace(state, skipping=block.skipping, side=side)
        yield Piece(state, block.end, tuple(flaw.problem(path, reader) for flaw in (*block.flaws, *flaws)), found)


def first_keys(head: bytes) -> list[str]:
    """Keys of the first line, when the head holds all of it."""
    first, newline, _ = head.lstrip(b"\0\r\n\t ").partition(b"\n")
    return list(object_of(first) or ()) if newline else []


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection meanwhile: it would walk over all young objects again and again; JSON has no cycles.

    Whoever switched it off switches it on again, so threads cannot leave it off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Folded(NamedTuple):
    """What a piece of rows tells."""

    points: dict[str, Points]
    carry: Carry
    """Behind it."""
    params: dict[str, Json]
    """The configuration that the rows carry."""
    left: number_lists.Left


def fold_objects(rows: Sequence[dict[str, Any]], carry: Carry, rule: StepRule = PLAIN) -> Folded:
    """Series of a piece of rows."""
    groups, params = grouped(rows)
    left: number_lists.Left = set()
    if any(group.lists for group in groups):
        made = number_lists.spread(groups, dict(carry.lists))
        groups, left = made.groups, made.left
        carry = replace(carry, lists=tuple(made.lengths.items()))
    points, after = fold(groups, len(rows), carry, rule)
    return Folded(points, after, params, left)


def _is_log(head: bytes, ending: str, known: bool, data: bool) -> bool:
    """Judge the first lines: objects, with numbers, called like metrics."""
    if b"{" not in head and ending not in ("jsonl", "ndjson"):
        return False  # nearly all console logs
    whole = [line for line in head.split(b"\n") if line.strip(b"\0\r ")]
    if len(head) >= 4096 and len(whole) > 1:
        whole = whole[:-1]
    objects = objects_of(whole[:20])
    if objects and 2 * len(objects) < len(whole[:20]):
        return False
    if not objects:
        return _long_first_line(head, ending, known) or (known and not data and _is_damaged(head, ending))
    if ending == "json" and len(objects) < len(whole[:20]) and len(objects) < 2:
        return False
    return _numeric(objects, known, data, alone=len(whole) == 1 and ending == "json")


def _is_damaged(head: bytes, ending: str) -> bool:
    """Whether a file that by its name is a log of JSON lines holds no JSON at all: that must be told."""
    first = head.split(b"\n", 1)[0].strip(b"\0\r\t ")
    begun = first[:1] in (b"{", b"[", b'"') and b"\0" not in first
    return ending in ("jsonl", "ndjson") and not begun and lenient(first) is None


def _numeric(objects: list[dict[str, Any]], known: bool, data: bool, alone: bool) -> bool:
    if not _OF_OTHERS.isdisjoint(chain.from_iterable(objects)):
        return False
    numeric: set[str] = set()
    for row in objects:
        if row.keys() <= numeric:
            continue
        rest = flatten(row, "/") if dict in map(type, row.values()) else row
        if not rest.keys() <= numeric:
            numeric.update(key for key, value in rest.items() if key not in numeric and number(value) is not None)
    stepped = any(is_step(key) and key.lower() not in _TOTALS for key in numeric)
    others = [key for key in numeric if not is_step(key)]
    liked = any(map(metric_like, others))
    if alone or data:
        return stepped and liked and (known or not data)
    return bool(others) and (liked or known) and (stepped or known)


def _long_first_line(head: bytes, ending: str, known: bool) -> bool:
    """The first object is longer than the head: believe a name, and single numbers where a history has its lists."""
    begins = head.lstrip(b"\0 ")[:2]
    if not known or begins != b'{"' or b"\n" in head:
        return False
    return ending in ("jsonl", "ndjson") or len(_SINGLE.findall(head.partition(b"[")[0])) >= 3


READER = JsonlReader()
