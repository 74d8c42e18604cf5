"""Rows of a table, grouped by their columns, as one series a metric.

Rows keep their number in the file, so what is read in pieces equals what is read at once: a row without a step takes
the last step seen, or its number where the file has none; a step column that turns out to be fractional (epoch 0.25)
is a metric from there on, and rows are numbered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.readers.contract import Floats, Points, Steps
from runspect.readers.long_rows import by_name
from runspect.readers.numbers import Mask, floats
from runspect.readers.steps import PLAIN, StepRule, columns, prefix, ruled
from runspect.readers.times import moments

Rows = npt.NDArray[np.int64]
_LARGEST = float(2**53)
_OF_TOTAL = re.compile(r"\s*(\d{1,15})\s*/\s*\d{1,15}\s*")


@dataclass(frozen=True, slots=True)
class Carry:
    """What the rows before have settled; small enough for a cursor."""

    row: int = 0
    """Rows read so far."""
    step: int | None = None
    """The last step seen."""
    by_row: bool = False
    """The step column was fractional: rows count."""
    lists: tuple[tuple[str, int], ...] = ()
    """Keys that hold lists of numbers, and how many each."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with the same keys, as columns; `rows` are their positions among the rows of this piece, rising."""

    keys: tuple[str, ...]
    columns: Sequence[Sequence[object]]
    rows: Rows
    lists: bool = False
    """Some cells are lists (see `number_lists`)."""


_Piece = tuple[Rows, Floats]


def fold(groups: Iterable[Group], count: int, carry: Carry, rule: StepRule = PLAIN) -> tuple[dict[str, Points], Carry]:
    """Series of all metrics in a piece of `count` rows, and what to carry to the next piece."""
    raw = np.full(count, np.nan)
    times = np.full(count, np.nan)
    pieces: dict[str, list[_Piece]] = {}
    late: list[tuple[str, Rows, Floats]] = []
    for group in groups:
        for each in _by_metric(group):
            _spread(each, rule, raw, times, pieces, late)
    steps, after, first = steps_of(raw, carry)
    for name, rows, values in late:
        chosen = (rows >= first) & ~np.isnan(values)
        if chosen.any():
            pieces.setdefault(name, []).append((rows[chosen], values[chosen]))
    return {name: points_of(parts, steps, times) for name, parts in pieces.items()}, after


def group_rows(rows: Iterable[tuple[int, tuple[str, ...], Sequence[object]]]) -> list[Group]:
    """Group (position, keys, cells) by keys."""
    found: dict[tuple[str, ...], tuple[list[int], list[Sequence[object]]]] = {}
    for at, keys, cells in rows:
        numbers, cellrows = found.setdefault(keys, ([], []))
        numbers.append(at)
        cellrows.append(cells)
    return [
        Group(keys, list(zip(*cellrows, strict=True)), np.array(numbers, dtype=np.int64))
        for keys, (numbers, cellrows) in found.items()
    ]


def _by_metric(group: Group) -> Iterator[Group]:
    """The group itself, or one for each metric where a cell of the row names it."""
    apart = by_name(group.keys, group.columns)
    if apart is None:
        yield group
        return
    for keys, cells, rows in apart:
        yield Group(keys, cells, group.rows[rows])


def _spread(
    group: Group,
    rule: StepRule,
    raw: Floats,
    times: Floats,
    pieces: dict[str, list[_Piece]],
    late: list[tuple[str, Rows, Floats]],
) -> None:
    """Sort a group's columns into steps, times and metric values."""
    parts, counting = columns(group.keys), ruled(group.keys, rule)
    _take_steps(group, counting, raw)
    splits = _splits(group, parts.split)
    time_at = _take_times(group, parts.times, times)
    for at, (key, cells) in enumerate(zip(group.keys, group.columns, strict=True)):
        if at in (time_at, parts.split) and not (at == parts.split and splits is None):
            continue
        values, mask = floats(cells)
        if at in counting and not rule.kept:
            continue
        if at == parts.step and not counting:
            values = values if mask is None else _of_totals(cells, values)
            raw[group.rows] = np.where(np.abs(values) < _LARGEST, values, np.nan)
            late += [(name, group.rows[rows], values[rows]) for name, rows in _named(key, splits, len(values))]
            continue
        for name, rows in _named(key, splits, len(values)):
            _add(pieces, name, group.rows, values, mask, rows)


def _of_totals(cells: Sequence[object], values: Floats) -> Floats:
    """Steps that some logs write with where they shall end: "10/300" is 10."""
    told = [_OF_TOTAL.fullmatch(cell) if isinstance(cell, str) else None for cell in cells]
    return np.array([value if match is None else float(match[1]) for value, match in zip(values, told, strict=True)])


def _add(
    pieces: dict[str, list[_Piece]], name: str, rows: Rows, values: Floats, mask: Mask | None, chosen: Mask | slice
) -> None:
    keep = mask
    if not isinstance(chosen, slice):
        keep = chosen if mask is None else chosen & mask
    if keep is None:
        pieces.setdefault(name, []).append((rows, values))
    elif keep.any():
        pieces.setdefault(name, []).append((rows[keep], values[keep]))


def _splits(group: Group, at: int | None) -> dict[str, Mask] | None:
    """Masks of the rows of each prefix; None when the group has no usable split column."""
    if at is None:
        return None
    prefixes = [prefix(cell, group.keys[at]) for cell in group.columns[at]]
    names = dict.fromkeys(prefixes)
    if set(names) <= {""}:
        return None
    array = np.array(prefixes)
    return {name: array == name for name in names}


def _named(key: str, splits: dict[str, Mask] | None, count: int) -> list[tuple[str, Mask | slice]]:
    if splits is None:
        return [(key, slice(0, count))]
    return [(name + key, mask) for name, mask in splits.items()]


def _take_steps(group: Group, counting: Sequence[int], raw: Floats) -> None:
    """Whole numbers of the columns that count by a rule, each row's best one."""
    for at in reversed(counting):
        values, mask = floats(group.columns[at])
        known = (np.abs(values) < _LARGEST) & (values == np.floor(values))
        known = known if mask is None else known & mask
        raw[group.rows[known]] = values[known]


def _take_times(group: Group, candidates: tuple[int, ...], times: Floats) -> int | None:
    for at in candidates:
        found = moments(group.columns[at])
        if found is not None:
            times[group.rows] = found
            return at
    return None


def steps_of(raw: Floats, carry: Carry) -> tuple[Steps, Carry, int]:
    """Steps of all rows, the next carry, and the first row that is numbered because of a fractional step."""
    count = len(raw)
    if count and not carry.by_row and not np.isnan(raw).any():
        steps = raw.astype(np.int64)
        if (steps == raw).all():  # nearly always: every row has a whole step
            return steps, Carry(carry.row + count, int(steps[-1]), False, carry.lists), count
    numbers = np.arange(carry.row, carry.row + count, dtype=np.int64)
    known = ~np.isnan(raw)
    first = 0 if carry.by_row else count
    if not carry.by_row:
        broken = known & (raw != np.floor(raw))
        if broken.any():
            first = int(np.argmax(broken))
    source = np.where(known, np.arange(count), -1)
    source = np.maximum.accumulate(source) if count else source
    fallback = numbers if carry.step is None else np.full(count, carry.step, dtype=np.int64)
    filled = np.nan_to_num(raw[np.maximum(source, 0)] if count else raw).astype(np.int64)
    steps = np.where(source >= 0, filled, fallback)
    steps[first:] = numbers[first:]
    last = carry.step
    whole = np.flatnonzero(known[:first])
    if len(whole):
        last = int(raw[whole[-1]])
    return steps, replace(carry, row=carry.row + count, step=last, by_row=carry.by_row or first < count), first


def points_of(parts: Sequence[_Piece], steps: Steps, times: Floats) -> Points:
    """One series from (rows, values) pieces; `steps` and `times` are those of all rows."""
    if len(parts) == 1:
        rows, values = parts[0]
    else:
        rows = np.concatenate([part[0] for part in parts])
        values = np.concatenate([part[1] for part in parts])
        order = np.argsort(rows, kind="stable")
        rows, values = rows[order], values[order]
    return Points(steps[rows], times[rows], values)
