"""Rows of the engine's answer as rows of the table: columns become heads, values become cells."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from runspect import columns
from runspect.columns import Column, Names
from runspect.columns.cells import ends_unknown, rough
from runspect.errors import UsageError
from runspect.model import Json, RunRow
from runspect.objective import Direction
from runspect.roles import Cell
from runspect.tui.glyphs import Glyphs
from runspect.tui.widgets.table_row import Head, TableRow

SHOWN_OTHERWISE = ("state", "star")
"""Columns that stand in the gutter of the table."""

_PRIORITY = {"name": 0, "age": 3, "took": 60, "tags": 5, "verdict": 40, "hypothesis": 45, "note": 45}


def parse(specs: Sequence[str], names: Names, directions: Mapping[str, Direction] | None = None) -> tuple[Column, ...]:
    """The columns of these specs; what cannot be understood is left out, what is not in scope stays and is empty.

    Args:
        directions: Of metrics of which the policy says which way they are better.
    """
    found: list[Column] = []
    for spec in specs:
        if spec in SHOWN_OTHERWISE:
            continue
        try:
            column = columns.parse_column(spec)
        except UsageError:
            continue
        with contextlib.suppress(UsageError):
            column = columns.resolve(column, names)
        found.append(replace(column, stated=(directions or {}).get(column.name)))
    return tuple(found)


def heads(shown: Sequence[Column], *, by_order: bool) -> tuple[Head, ...]:
    """The heads of these columns. `by_order`: the user chose them, so those to the right give way first."""
    before = (None, *shown)
    main = next((column.name for column in shown if column.kind in ("metric", "spark")), "")
    return tuple(
        _head(column, before[number], 10 + number if by_order else _priority(column, number, main))
        for number, column in enumerate(shown)
    )


def row(found: RunRow, shown: Sequence[Column], now: float, glyphs: Glyphs, *, is_repeated: bool = False) -> TableRow:
    """A row of the table; `found` holds the values of `asked`."""
    values = found.values[: len(shown)]
    is_rough = ends_unknown(found, len(shown))
    cells = tuple(
        rough(each) if column.spec == "took" and is_rough else each
        for column, value in zip(shown, values, strict=True)
        for each in (_cell(column, value, found, now, glyphs),)
    )
    numbers = tuple(_number(column, value) for column, value in zip(shown, values, strict=True))
    return TableRow(found.rid, found.name, found.state, cells, found.star, found.archived, is_repeated, numbers)


def _number(column: Column, value: Json) -> float | None:
    if column.kind not in ("metric", "at") or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def judged(column: Column) -> Direction | None:
    """Which way the values of a column are better; None where that is not known, or they do not judge a run."""
    if column.kind not in ("metric", "at") or column.step or column.aggregate in ("n", "nan"):
        return None
    return columns.judged(column)


def _cell(column: Column, value: Json, found: RunRow, now: float, glyphs: Glyphs) -> Cell:
    if column.kind == "spark" and value:
        return Cell(str(value), "spark")  # digits; the table draws them as wide as the column is
    return columns.cell(column, value, now, live=found.state == "running", ascii_only=glyphs.ascii)


def _head(column: Column, before: Column | None, priority: int) -> Head:
    title = _title(column, before)
    if column.spec == "name":
        return Head("name", title, "left", 16, 64, 0, is_name=True)
    if column.kind == "spark":
        return Head(column.spec, title, "left", 12, 16, priority, is_spark=True)
    return Head(
        column.spec,
        title,
        column.align,
        min(column.width, 4),
        max(column.width, 10 if column.kind != "field" else 0),
        priority,
        better=judged(column) if title.startswith(column.name) and column.aggregate != "best" else None,
    )


def _title(column: Column, before: Column | None) -> str:
    """The column's title; beside a column of the same metric the metric is not named again."""
    title = columns.header(column)
    if column.kind != "metric" or column.step:
        return title
    if before is not None and before.kind == "metric" and before.name == column.name:
        return title.removeprefix(column.name).strip() or "last"
    return title


def _priority(column: Column, number: int, main: str) -> int:
    """Who goes first when the room is short; metrics beside the main one go as early as params."""
    if column.kind == "spark":
        return 4
    if column.kind == "metric" and column.name == main:
        return 1 if column.aggregate == "last" else 2
    return _PRIORITY.get(column.spec, 8 + number)
