"""Lists in the cells of a log: a short one of numbers is several metrics, any other is told of.

`per_class_iou: [0.1, 0.2]` is `per_class_iou.0` and `per_class_iou.1`; a list of one (`get_last_lr()`) is a number under
its own name. A key keeps the length that it has first, so that a list that grows from row to row (a history, told again
each time) does not become ever more metrics. Matrices and long lists are pictures of something, no metrics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runspect.dataclass import dataclass, field
from runspect.model import Problem
from runspect.readers.numbers import number
from runspect.readers.series import Group

LONGEST = 32
"""Numbers of a list that become metrics; each is a line in every list of the screen."""
MOST_KEYS = 64
"""Keys of one file that may have lists."""
MOST_TOLD = 20
"""Keys of one piece of a file of which it is told that they are left out."""
NESTED = "lists within a list"
LONG = f"a list of more than {LONGEST} numbers"
UNEVEN = "lists of different lengths"
MANY = f"one of more than {MOST_KEYS} keys with lists"
EFFECT = "not shown: it is no metric"

Lengths = Mapping[str, int]
Left = set[tuple[str, str]]
"""Keys of which lists were left out, each with why."""


@dataclass(slots=True)
class Spread:
    """Groups without lists, and what became of these; mutable while it is made."""

    groups: list[Group] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)
    """By key, how many numbers a list of it has."""
    left: Left = field(default_factory=set)


def spread(groups: Sequence[Group], lengths: Lengths) -> Spread:
    """The groups with a column for each number of a list.

    `lengths` is what the rows before have settled.
    """
    made = Spread(lengths=dict(lengths))
    _settle(groups, made)
    made.groups = [_spread(group, made) if group.lists else group for group in groups]
    return made


def last_values(found: Mapping[str, object]) -> tuple[dict[str, float], Left]:
    """The numbers of one row, those of a short list by their places; and the lists that are left out."""
    values: dict[str, float] = {}
    left: Left = set()
    for key, cell in found.items():
        if not isinstance(cell, list):
            values |= {} if (value := number(cell)) is None else {key: value}
        elif _is_numbers(cell):
            names = [key] if len(cell) == 1 else [f"{key}.{place}" for place in range(len(cell))]
            values |= {
                name: value for name, each in zip(names, cell, strict=True) if (value := number(each)) is not None
            }
        elif why := why_left(cell):
            left.add((key, why))
    return values, left


def problems(left: Left, path: Path, reader: str) -> tuple[Problem, ...]:
    """A line for each key that was left out; the same for every piece of a file, so that it is told once."""
    return tuple(
        Problem(str(path), None, reader, f"{key[:60]}: {why}", EFFECT) for key, why in sorted(left)[:MOST_TOLD]
    )


def why_left(cell: Sequence[Any]) -> str:
    """Why a list is no few numbers; "" where it is, or where nothing is in it that could be a number."""
    if any(isinstance(each, list | dict) for each in cell[: LONGEST + 1]):
        return NESTED
    if len(cell) > LONGEST and any(number(each) is not None for each in cell[:LONGEST]):
        return LONG
    return ""


def _settle(groups: Iterable[Group], made: Spread) -> None:
    """Of each key that has no length yet, that of its first list, whatever group of rows it stands in."""
    first: dict[str, tuple[int, int]] = {}
    for group in groups:
        for key, column in zip(group.keys, group.columns, strict=True) if group.lists else ():
            if key in made.lengths:
                continue
            at = next((at for at, cell in enumerate(column) if _is_numbers(cell)), None)
            if at is not None:
                cell: Any = column[at]
                first[key] = min(first.get(key, (1 << 62, 0)), (int(group.rows[at]), len(cell)))
    for key, (_, length) in sorted(first.items(), key=lambda item: item[1][0]):
        if len(made.lengths) < MOST_KEYS:
            made.lengths[key] = length


def _spread(group: Group, made: Spread) -> Group:
    names: list[str] = []
    columns: list[Sequence[object]] = []
    for key, column in zip(group.keys, group.columns, strict=True):
        if list not in set(map(type, column)):
            names.append(key)
            columns.append(column)
            continue
        lists = [_taken(key, cell, made) if isinstance(cell, list) else None for cell in column]
        singles = [None if isinstance(cell, list) else cell for cell in column]
        length = made.lengths.get(key, 0)
        if length == 1:
            singles = [cell if taken is None else taken[0] for taken, cell in zip(lists, singles, strict=True)]
        names.append(key)
        columns.append(singles)
        for number_ in range(length) if length > 1 and any(lists) else ():
            names.append(f"{key}.{number_}")
            columns.append([None if taken is None else taken[number_] for taken in lists])
    return replace(group, keys=tuple(names), columns=columns, lists=False)


def _taken(key: str, cell: list[Any], made: Spread) -> list[Any] | None:
    if _is_numbers(cell):
        if made.lengths.get(key) == len(cell):
            return cell
        made.left.add((key, UNEVEN if key in made.lengths else MANY))
    elif why := why_left(cell):
        made.left.add((key, why))
    return None


def _is_numbers(cell: object) -> bool:
    """Whether a cell is a short list of numbers, perhaps with some missing."""
    if not isinstance(cell, list) or not 0 < len(cell) <= LONGEST:
        return False
    known = [number(each) is not None for each in cell]
    return any(known) and all(is_known or each is None for is_known, each in zip(known, cell, strict=True))
