"""One line of the table of runs: its header, or a row, as spans."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from runspect.columns.cells import ABSENT, ABSENT_ASCII, sparkline
from runspect.dataclass import dataclass, field
from runspect.model import SortKey
from runspect.objective import Direction
from runspect.roles import STATE_GLYPH, Align, Cell
from runspect.tui.column_layout import Layout, Place, Wish
from runspect.tui.fit import fit, pad
from runspect.tui.glyphs import Glyphs
from runspect.tui.widgets.painted import Span
from runspect.workspace import Reach

GUTTER = 5
"""Cells before the first column: cursor, mark, star, state, blank."""
NARROW = 100
"""Below this width names are the first to be shortened."""
BAR = 7
"""Cells of a bar, and of the blank before it."""
MANY_TIMES = 1000.0
SIGN = 2
"""Cells behind the name of a run that repeats another one."""
MOST = 64
"""Cells that a column takes where nothing else needs them."""

_EVEN = ("strong", "best")
"""Roles that the table does not set apart: the row under the cursor is what stands out, and a move costs few bytes."""
_ABSENT = (ABSENT, ABSENT_ASCII)


@dataclass(frozen=True, slots=True)
class Head:
    """A column as the table needs it: what it is called and how it likes to stand."""

    spec: str
    title: str
    align: Align = "left"
    least: int = 4
    ideal: int = 12
    priority: int = 5
    is_name: bool = False
    is_spark: bool = False
    """Its cells hold an outline in digits, drawn as wide as the column is."""
    better: Direction | None = None
    """Which way its values are better, where the title does not say so."""

    def signs(self, arrows: Mapping[str, str]) -> int:
        """Cells of the title with all that stands beside it."""
        return cell_len(self.title) + cell_len(arrows.get(self.spec, "")) + (self.better is not None)

    def wish(self, widest: int, total: int, *, arrows: int = 0, bar: int = 0, is_wide: bool = False) -> Wish:
        """What the column would like when its widest known cell has `widest` cells and the table `total`.

        Args:
            arrows: Cells that the signs of the sort order take beside the title.
            bar: Cells that a bar takes beside its values.
            is_wide: Nothing of it is to be cut.
        """
        title = cell_len(self.title) + arrows + (self.better is not None)
        needed = max(title, widest + bar, self.least)
        if is_wide:
            return Wish(min(needed, max(self.least, total - GUTTER - 2)), needed, 0 if self.is_name else 1, self.align)
        if self.is_name:
            least = min(needed, 24 if total < NARROW else 32)
            return Wish(least, min(needed, self.ideal), self.priority, stretch=True)
        least = min(needed, max(self.ideal + bar, min(title, 16)))
        if self.is_spark:
            return Wish(min(12, least), least, self.priority, self.align)
        return Wish(least, max(least, min(needed, MOST)), self.priority, self.align)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A run as the table shows it: `cells` in the order of the columns."""

    rid: int
    name: str
    state: str
    cells: tuple[Cell, ...]
    star: bool = False
    archived: bool = False
    duplicate: bool = False
    """It repeats a run that has finished."""
    numbers: tuple[float | None, ...] = ()
    """The finite values of metric columns, their means over a group; None in all others."""
    is_group: bool = False
    """A header of several runs; its state is "" where theirs differ."""

    def number(self, index: int) -> float | None:
        """The value of a metric column; None where there is none."""
        return self.numbers[index] if index < len(self.numbers) else None


@dataclass(frozen=True, slots=True)
class Marking:
    """What numbers are seen against: the reach of each column over all listed runs, and that of the means of groups."""

    reaches: Mapping[str, Reach] = field(default_factory=dict)
    bars: bool = False
    means: Mapping[str, Reach] = field(default_factory=dict)

    def is_best(self, spec: str, value: float | None, *, of_group: bool = False) -> bool:
        """Whether it is the best value of its column, or the best mean of all groups; where all are equal none is."""
        reach = (self.means if of_group else self.reaches).get(spec)
        return reach is not None and value is not None and value == reach.best and reach.low < reach.high

    def has_bar(self, spec: str) -> bool:
        """Whether the values of a column have bars beside them."""
        return self.bars and spec in self.reaches


NO_MARKING = Marking()


def header_spans(
    heads: Sequence[Head],
    layout: Layout,
    width: int,
    column: int | None,
    sort: Sequence[SortKey],
    glyphs: Glyphs,
    marking: Marking = NO_MARKING,
) -> list[Span]:
    """The titles; the column under the column cursor stands out, sorted ones have an arrow, hidden ones an ellipsis."""
    spans: list[Span] = [(" " * GUTTER, "dim")]
    used = GUTTER
    arrows = sort_signs(sort, heads, glyphs)
    first = next((place.index for place in layout.places if place.index > 0), 0)
    for place in layout.places:
        gap = " " * (place.x - used)
        if layout.hidden_left and place.index == first:
            gap = fit(glyphs.cut, max(1, place.x - used), align="right")
        spans.append((gap, "dim"))
        head, look = heads[place.index], "column" if place.index == column else "dim"
        over = BAR if marking.has_bar(head.spec) and head.signs(arrows) + BAR <= place.width else 0
        spans += _title(head, Place(place.index, place.x, place.width - over), arrows, look, glyphs)
        spans.append((" " * over, "dim"))
        used = place.x + place.width
    if layout.hidden_right:
        spans += [(" " * max(0, width - used - 1), "dim"), (glyphs.cut, "accent")]
    return spans


def row_spans(
    row: TableRow | None,
    heads: Sequence[Head],
    layout: Layout,
    glyphs: Glyphs,
    *,
    cursor: bool,
    marked: bool,
    partly: bool = False,
    marking: Marking = NO_MARKING,
    column: int | None = None,
) -> list[Span]:
    """A row; an ellipsis while its values are not known. The best value of a column has a mark in the gap behind it.

    Args:
        partly: Whether some of the runs of a group's header are marked.
        column: The cell that stands out: where the row of the cursor meets the column of the column cursor.
    """
    spans: list[Span] = [
        (glyphs.cursor if cursor else " ", "accent"),
        (glyphs.mark if marked else glyphs.partly if partly else " ", "accent"),
        (glyphs.star if row is not None and row.star else " ", "warn"),
    ]
    if row is None:
        return [*spans, ("  ", "dim"), (glyphs.cut, "dim")]
    _, _, role = STATE_GLYPH.get(row.state, STATE_GLYPH["unknown"])
    spans += [(glyphs.state(row.state) if row.state or not row.is_group else " ", role), (" ", "plain")]
    used = GUTTER
    for place in layout.places:
        spans.append((" " * (place.x - used), "plain"))
        head, value = heads[place.index], row.number(place.index)
        best, bar = marking.is_best(head.spec, value, of_group=row.is_group), marking.has_bar(head.spec)
        cell = _cell(row, head, Place(place.index, place.x, place.width - bar * BAR), glyphs, is_best=best)
        spans += [(text, "column") for text, _ in cell] if place.index == column else cell
        used = place.x + place.width
        if bar:
            reach = marking.reaches[head.spec]
            drawn = "" if value is None else bar_text(value, reach.low, reach.high, glyphs)
            spans += [(glyphs.best if best else " ", "best"), (pad(drawn, BAR - 1), "spark")]
        elif best:
            spans.append((" " if _is_padded(row.cells[place.index]) else glyphs.best, "best"))
            used += 1
    return spans


def quiet(spans: list[Span]) -> list[Span]:
    """The row under the cursor in one look, apart from its marks: a move then costs few bytes."""
    head, rest = spans[:4], spans[4:]
    return [*head, *((text, look if look == "column" else "title") for text, look in rest)]


def sort_signs(sort: Sequence[SortKey], heads: Sequence[Head], glyphs: Glyphs) -> dict[str, str]:
    """What stands beside the title of each column of the sort order: an arrow, and its place where there are several.

    A curve has the sign of its metric where that is no column itself.
    """
    before = " " if glyphs.ascii else ""  # its arrows are letters
    signs = {
        key.column: before + (glyphs.down if key.descending else glyphs.up) + (glyphs.number(at) if sort[1:] else "")
        for at, key in reversed([*enumerate(sort, 1)])
    }
    shown = {head.spec for head in heads}
    curves = {head.spec: signs.get(head.spec[1:], "") for head in heads if head.is_spark and head.spec[1:] not in shown}
    return signs | curves


def _title(head: Head, place: Place, arrows: Mapping[str, str], look: str, glyphs: Glyphs) -> list[Span]:
    """The title, which way its values are better, and its place in the sort order; the middle one gives way first."""
    arrow = arrows.get(head.spec, "")
    better = {"down": glyphs.falls, "up": glyphs.rises}.get(head.better or "", "")
    if cell_len(head.title) + cell_len(arrow) + 1 > place.width:
        better = ""
    room = place.width - cell_len(arrow) - cell_len(better)
    text = fit(head.title, max(1, min(room, cell_len(head.title))), glyphs.cut)
    blank = " " * max(0, room - cell_len(text))
    title: list[Span] = [(text, look), (better, "dim"), (arrow, "accent")]
    return [(blank, "dim"), *title] if head.align == "right" else [*title, (blank, "dim")]


def bar_text(value: float, low: float, high: float, glyphs: Glyphs) -> str:
    """A bar as long as `value` is far between `low` and `high`; never empty, which would say that there is no value.

    Where all values are positive and the largest is more than a thousand times the smallest, by their logarithms.
    """
    if 0 < low * MANY_TIMES < high:
        value, low, high = math.log(value), math.log(low), math.log(high)
    part = (value - low) / (high - low) if high > low else 1.0
    eighths = max(1, round(min(1.0, max(0.0, part)) * 8 * (BAR - 1)))
    whole, rest = divmod(eighths, 8)
    if glyphs.ascii:
        return "=" * whole + ("-" if rest else "")
    return "█" * whole + "▏▎▍▌▋▊▉"[rest - 1] * (rest > 0)


def _cell(row: TableRow, head: Head, place: Place, glyphs: Glyphs, *, is_best: bool = False) -> list[Span]:
    cell = row.cells[place.index]
    role = "best" if is_best else "plain" if cell.role in _EVEN else cell.role
    look: str = "dim" if row.archived else "faint" if cell.text in _ABSENT else role
    if head.is_spark and cell.role == "spark":
        return _outline(cell.text, place.width, look, glyphs)
    if head.is_name:
        look = "title" if row.is_group else look
        text = f"{cell.text} {glyphs.same}" if row.duplicate else cell.text
        return [(fit(text, place.width, glyphs.cut, where="middle"), look)]
    # of a group the mean stands at the end, behind how many runs have it
    text = fit(
        cell.text, place.width, glyphs.cut, head.align, "start" if row.is_group and head.align == "right" else "end"
    )
    if is_best and _is_padded(cell):  # its mark stands behind the number, not behind the blanks
        number = text.rstrip()
        text = f"{number}{glyphs.best}{text[len(number) + 1 :]}"
    return [(text, look)]


def _is_padded(cell: Cell) -> bool:
    """Whether blanks behind a number keep it below the means of groups."""
    return cell.text.endswith(" ")


def _outline(digits: str, width: int, look: str, glyphs: Glyphs) -> list[Span]:
    """An outline and, behind it, where the first value that is not finite stands."""
    outline, _, lost = digits.partition(" ")
    if not lost or width < len(lost) + 5:
        return [(pad(_blocks(outline, width, glyphs), width), look)]
    drawn = _blocks(outline, width - len(lost) - 1, glyphs).rstrip() + " "
    return [(drawn, look), (fit(lost, width - cell_len(drawn), glyphs.cut), "bad")]


def _blocks(outline: str, width: int, glyphs: Glyphs) -> str:
    """An outline in at most `width` cells: some of its digits are left out when there are more."""
    if len(outline) > width:
        last = len(outline) - 1
        outline = "".join(outline[round(at * last / max(1, width - 1))] for at in range(width))
    return sparkline(outline, ascii_only=glyphs.ascii)
