"""A group of runs as one row of the table: mean ± spread, what all share, or how many values there are.

The numbers of runs below it end where its means end, so that both stand below each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from runspect import columns
from runspect.columns import Column
from runspect.columns.cells import ABSENT, ABSENT_ASCII, mean_texts, metric_text, parts_text, rough, value_text
from runspect.columns.versus import NUMBERS
from runspect.counted import counted
from runspect.roles import Cell
from runspect.tui.glyphs import UNICODE, Glyphs, plain
from runspect.tui.outline import Node
from runspect.tui.widgets.table_row import Head, TableRow
from runspect.workspace import Reach, Summed

if TYPE_CHECKING:
    from runspect.practice.grouping import Spread

_SPREAD = " ±0.0041"
"""What stands behind a mean at most."""
EXTRA = 7
"""Cells in front of a mean, for `1 NaN  ` or `n 2  `."""
MEASURED = ("metric", "at", "formula")
"""Kinds of columns that are measured."""
_LIVE = ("running", "quiet")


def heads(shown: Sequence[Column], single: Sequence[Head], glyphs: Glyphs = UNICODE) -> tuple[Head, ...]:
    """The heads of a table of groups: columns of metrics are wide enough for mean and spread, and say so.

    Args:
        single: The heads of a table of runs.
    """
    best = _best_column(shown)
    return tuple(
        replace(
            head,
            title=f"{'best  ' if at == best else ''}{head.title} {plain('±', glyphs)}std",
            ideal=max(head.ideal, 6 + _room(glyphs) + EXTRA + (8 if at == best else 0)),
        )
        if _is_measured(column)
        else head
        for at, (column, head) in enumerate(zip(shown, single, strict=True))
    )


def header(
    node: Node, summed: Summed | None, spark: Mapping[str, str], shown: Sequence[Column], now: float, glyphs: Glyphs,
    *, is_open: bool
) -> TableRow:  # fmt: skip
    """The row of a group's header.

    Args:
        summed: What the columns that are no outlines are over the group; None as long as that is not known.
        spark: The outline of each such column, of the best run.
    """
    cells, best = [], _best_column(shown)
    size, lacks_end = len(node.rids), _lacks_end(summed, shown)
    over = iter(summed.cells if summed is not None else ())
    for at, column in enumerate(shown):
        if column.kind == "spark":
            digits = spark.get(column.spec, "")
            cells.append(Cell(digits, "spark") if digits else _absent(glyphs))
            continue
        cell = next(over, None)
        if column.spec == "name":
            cells.append(Cell(named(node.label, 0, len(node.rids), glyphs, is_open=is_open)))
        elif cell is None:
            cells.append(Cell(glyphs.cut, "dim"))
        else:
            told = _over(column, cell, size, now, glyphs, with_best=at == best)
            cells.append(rough(told) if lacks_end and column.spec == "took" else told)
    return TableRow(node.entry, node.label, _state(summed), tuple(cells), numbers=_means(summed, shown), is_group=True)


def _lacks_end(summed: Summed | None, shown: Sequence[Column]) -> bool:
    """Whether the end of a run of the group is not known, see `columns.cells.asked`; a living run has none to know."""
    if summed is None or len(summed.cells) == sum(column.kind != "spark" for column in shown):
        return False
    alive = summed.states.get("running", 0)
    return summed.cells[-1].n + alive < sum(summed.states.values())


def _means(summed: Summed | None, shown: Sequence[Column]) -> tuple[float | None, ...]:
    over = iter(summed.cells if summed is not None else ())
    cells = [None if column.kind == "spark" else next(over, None) for column in shown]
    return tuple(
        cell.mean if cell is not None and _is_measured(column) else None
        for column, cell in zip(shown, cells, strict=True)
    )


def compared(shown: Sequence[Column]) -> tuple[Column, ...]:
    """The columns of which one group's mean is better than another's."""
    return tuple(column for column in shown if _is_measured(column) and columns.judged(column) is not None)


def reaches(shown: Sequence[Column], groups: Sequence[Summed]) -> dict[str, Reach]:
    """What the means of all groups reach in each of these columns, which are `compared`."""
    found = {}
    for at, column in enumerate(shown):
        means = [mean for group in groups if (mean := group.cells[at].mean) is not None]
        if means:
            low, high = min(means), max(means)
            found[column.spec] = Reach(len(means), low, high, low if columns.judged(column) == "down" else high)
    return found


def below(
    row: TableRow, shown: Sequence[Column], depth: int, glyphs: Glyphs, count: int, *, is_open: bool, has_means: bool
) -> TableRow:
    """A run's row in a table of groups: indented, `count` runs below it, its numbers below the means if there are any."""
    cells = []
    for column, cell in zip(shown, row.cells, strict=True):
        if column.spec == "name":
            cells.append(replace(cell, text=named(cell.text, depth, count, glyphs, is_open=is_open)))
        elif has_means and _is_measured(column):
            cells.append(replace(cell, text=cell.text + " " * _room(glyphs)))
        else:
            cells.append(cell)
    return replace(row, cells=tuple(cells))


def named(text: str, depth: int, count: int, glyphs: Glyphs, *, is_open: bool) -> str:
    """A name with its place in the outline."""
    lead = "  " * depth
    if not count:
        return f"{lead}  {text}"
    return f"{lead}{glyphs.open if is_open else glyphs.folded} {text} ({count:,})"


def _room(glyphs: Glyphs) -> int:
    """Cells behind a mean."""
    return len(plain(_SPREAD, glyphs))


def _over(column: Column, cell: Spread, size: int, now: float, glyphs: Glyphs, *, with_best: bool) -> Cell:
    if not cell.n:
        return _absent(glyphs)
    if _is_measured(column):
        return Cell(_measured(column, cell, size, glyphs, with_best=with_best))
    if column.kind == "field" and column.name in ("age", "started", "ended", "updated"):
        return columns.cell(column, cell.high, now, ascii_only=glyphs.ascii)  # the newest of them
    if column.kind == "field" and column.name in ("took", "steps", "problems", *NUMBERS):
        return columns.cell(column, cell.mean, now, ascii_only=glyphs.ascii)
    if cell.distinct == 1 and cell.n == size:
        return columns.cell(column, cell.value, now, ascii_only=glyphs.ascii)
    return Cell(shared_text(cell, size), "tag" if cell.parts else "dim" if cell.distinct > 1 else "plain")


def shared_text(cell: Spread, size: int) -> str:
    """The value that all of `size` runs share, or how many values there are; `n 2` where not all have one.

    Of lists, such as tags, what all have and how many have the others: `baseline  good 2/3`.
    """
    if cell.parts:
        return parts_text(cell.parts, size)
    few = f" n {cell.n}" if cell.n < size else ""
    return f"{value_text(cell.value) if cell.distinct == 1 else counted(cell.distinct, 'value')}{few}"


def mean_text(cell: Spread) -> str:
    """`0.2181 ±0.0041`: mean and sample standard deviation."""
    mean, std = mean_texts(cell.mean, cell.std) if cell.mean is not None else ("NaN", "")
    return f"{mean} ±{std}" if std else mean


def range_text(cell: Spread) -> str:
    """`0.2113 to 0.2240`; "" of fewer than two numbers."""
    return "" if cell.std is None else f"{metric_text(cell.low)} to {metric_text(cell.high)}"


def _measured(column: Column, cell: Spread, size: int, glyphs: Glyphs, *, with_best: bool) -> str:
    """`0.2113  0.2181 ±0.0041`: the best, where it is to be told, the mean, and the sample standard deviation."""
    mean, spread = mean_texts(cell.mean, cell.std) if cell.mean is not None else ("NaN", "")
    std = f" {plain('±', glyphs)}{spread}" if spread else ""
    front = [f"n {cell.n}" if cell.n < size else "", f"{cell.nonfinite} NaN" if cell.nonfinite else ""]
    best = cell.low if columns.judged(column) == "down" else cell.high
    if with_best and size > 1 and best is not None:
        front.append(metric_text(best))
    return "  ".join([*(word for word in front if word), f"{mean}{std:<{_room(glyphs)}}"])


def _best_column(shown: Sequence[Column]) -> int:
    """The column that shows the best run of a group, too: the first one that holds best values; -1 without one."""
    return next(
        (
            at
            for at, column in enumerate(shown)
            if _is_measured(column)
            and column.aggregate in ("best", "min", "max")
            and columns.judged(column) is not None
        ),
        -1,
    )


def _is_measured(column: Column) -> bool:
    return column.kind in MEASURED and not column.step and column.aggregate not in ("n", "nan")


def _state(summed: Summed | None) -> str:
    """The state of the runs: one that lives, or what all are; "" where they differ."""
    states = summed.states if summed is not None else {}
    living = next((state for state in _LIVE if states.get(state)), "")
    return living or (next(iter(states)) if len(states) == 1 else "")


def _absent(glyphs: Glyphs) -> Cell:
    return Cell(ABSENT_ASCII if glyphs.ascii else ABSENT, "dim")
