"""The table of runs: windows of rows, a cursor of few changed cells, repaints of what changed and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from runspect.model import SortKey
from runspect.tui.column_layout import Layout, Place, lay_out
from runspect.tui.commands import bindings_of
from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.painted import Span
from runspect.tui.widgets.table_cursor import TableCursor
from runspect.tui.widgets.table_row import (
    BAR,
    GUTTER,
    NO_MARKING,
    SIGN,
    Head,
    Marking,
    TableRow,
    header_spans,
    quiet,
    row_spans,
    sort_signs,
)
from runspect.workspace import Reach

KEPT_PAGES = 4
"""Pages of drawn rows that are kept: a list that scrolls shows them again."""


class RunTable(TableCursor, can_focus=True):
    """Rows are asked for by window and kept by run id; the order is a tuple of ids, however many there are."""

    BINDINGS = bindings_of(("runs",))

    @dataclass
    class RowsWanted(Message):
        """These runs are in the window, or near it, and not known yet."""

        rids: tuple[int, ...]
        ahead: bool = False
        """They may soon be in the window: there is time."""

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE, jump: int = 1) -> None:
        super().__init__(id=id, glyphs=glyphs, jump=jump)
        self.heads: tuple[Head, ...] = ()
        self.rows: dict[int, TableRow] = {}
        self.marks: frozenset[int] = frozenset()
        self.partly: frozenset[int] = frozenset()
        """Headers of groups of which some runs are marked."""
        self.sort: tuple[SortKey, ...] = ()
        self.wide: frozenset[str] = frozenset()
        """Columns of which nothing is cut."""
        self.marking = NO_MARKING
        self.column = 0
        self.note: tuple[tuple[Span, ...], ...] = ()
        """What stands in place of rows when there are none."""
        self._layout = Layout(())
        self._wants: dict[int, int] = {}
        self._drawn: dict[int, tuple[object, Strip]] = {}
        self._drawn_for: object = None
        self._stale: set[int] = set()
        """Rows that are shown as they were until they are asked for again, which they are when they come into view."""

    # what is shown

    def set_heads(self, heads: Sequence[Head]) -> None:
        """Show other columns; all rows are asked for again, and the column cursor stays on its column."""
        was_on = self.spec
        self.heads = tuple(heads)
        specs = [head.spec for head in heads]
        self.column = specs.index(was_on) if was_on in specs else min(self.column, max(0, len(heads) - 1))
        self.rows.clear()
        self._stale.clear()
        self._wants.clear()
        self._measure()
        self.refresh()
        self.want_rows()

    def set_order(self, order: tuple[int, ...]) -> None:
        """Show other runs or another order; the cursor stays on its run, or near its place when the run left."""
        if order == self.order:
            return
        before = self.window()
        current, was_at = self.entry, self.cursor - self.top
        self.order = order
        if current is not None and current in order:
            self.cursor = order.index(current)
            self.top = max(0, self.cursor - was_at)
        if self.stays_on_top:
            self.cursor = self.top = 0
        self.cursor = max(0, min(self.cursor, len(order) - 1))
        self._keep_inside()
        after = self.window()
        if len(before) != len(after) or not before:
            self.refresh()
        else:
            for y, (old, new) in enumerate(zip(before, after, strict=True), 1):
                if old != new:
                    self.refresh(Region(0, y, self._reach, 1))
            self.refresh(Region(0, 1, GUTTER, self.page))
        if self.entry != current:
            self.post_message(self.Moved(self.current))
        self.want_rows()

    def put_rows(self, rows: Iterable[TableRow], *, asked: bool = True) -> None:
        """Rows that were asked for, or (not `asked`) the known ones written anew; only cells that differ are repainted."""
        rows = tuple(rows)
        if asked:
            self._stale.difference_update(row.rid for row in rows)
        changed: dict[int, tuple[TableRow | None, TableRow]] = {}
        for row in rows:
            old = self.rows.get(row.rid)
            if old != row:
                changed[row.rid] = (old, row)
                self.rows[row.rid] = row
        if not changed:
            return
        if self._measure(row for _, row in changed.values()):
            self.refresh()
            return
        for y, rid in enumerate(self.window(), 1):
            if rid in changed:
                self._refresh_row(y, *changed[rid])

    def set_marks(self, marks: frozenset[int], partly: frozenset[int] = frozenset()) -> None:
        """Show other marks."""
        different = (self.marks ^ marks) | (self.partly ^ partly)
        self.marks, self.partly = marks, partly
        for y, rid in enumerate(self.window(), 1):
            if rid in different:
                self.refresh(Region(1, y, 1, 1))

    def set_sort(self, sort: tuple[SortKey, ...]) -> None:
        """Show another sort arrow."""
        self.sort = sort
        if self._measure(()):  # the arrow needs a cell
            self.refresh()
        else:
            self.refresh(Region(0, 0, self.size.width, 1))

    def set_wide(self, specs: Collection[str]) -> None:
        """Cut nothing of these columns."""
        self.wide = frozenset(specs)
        if self._measure(()):
            self.refresh()

    def set_reaches(self, reaches: Mapping[str, Reach], means: Mapping[str, Reach] | None = None) -> None:
        """Mark these as the best values, and draw bars against them; cells that look the same are not repainted.

        Args:
            means: What the means of groups reach, where there are groups.
        """
        before, self.marking = self.marking, Marking(dict(reaches), self.marking.bars, dict(means or {}))
        if before == self.marking:
            return
        if self._measure(()):
            self.refresh()
            return
        for place in self._layout.places:
            spec = self.heads[place.index].spec
            bars = self.marking.has_bar(spec) and before.reaches.get(spec) != self.marking.reaches.get(spec)
            for y, rid in enumerate(self.window(), 1):
                row = self.rows.get(rid)
                if row is None or (value := row.number(place.index)) is None:
                    continue
                was_best = before.is_best(spec, value, of_group=row.is_group)
                if bars or was_best != self.marking.is_best(spec, value, of_group=row.is_group):
                    self._refresh_cell(y, place)

    def set_bars(self, bars: bool) -> None:
        """Bars beside the numbers of metrics, or none."""
        if bars != self.marking.bars:
            self.marking = replace(self.marking, bars=bars)
            self._measure(())
            self.refresh()

    def is_cut(self, index: int) -> bool:
        """Whether a column is narrower than what it shows; one that is not on the screen is."""
        place = self._layout.place_of(index)
        head = self.heads[index]
        return place is None or place.width < max(self._wants.get(index, 0), cell_len(head.title))

    def set_note(self, note: Sequence[Sequence[Span]]) -> None:
        """Say what is to be said when no run is listed."""
        self.note = tuple(tuple(line) for line in note)
        if not self.order:
            self.refresh()

    def set_stale(self, rids: Collection[int] | None = None) -> None:
        """These runs (all without an argument) have news: their rows are no longer known, in the window or out of it."""
        self._stale.update(self.rows if rids is None else (rid for rid in rids if rid in self.rows))

    def knows(self, rid: int) -> bool:
        """Whether the row of a run is there and has no news."""
        return rid in self.rows and rid not in self._stale

    # where we are

    @property
    def spec(self) -> str:
        """The column under the column cursor; "" when there is none."""
        return self.heads[self.column].spec if self.column < len(self.heads) else ""

    @property
    def row(self) -> TableRow | None:
        """The row under the cursor, once it is known."""
        return self.rows.get(self.order[self.cursor]) if self.order else None

    def want_rows(self) -> None:
        """Ask for the rows of the window that are not known, with a page around them; in time for the next page, too."""
        if not self.heads:
            return
        ahead = all(self.knows(rid) for rid in self.window())
        if ahead and all(self.knows(rid) for rid in self._around(0.5)):
            return
        wanted = tuple(rid for rid in self._around(2 if ahead else 1) if not self.knows(rid))
        if wanted:
            self.post_message(self.RowsWanted(wanted, ahead))

    def _around(self, pages: float) -> tuple[int, ...]:
        """The window with so many pages before and behind it."""
        more = int(pages * self.page)
        return self.order[max(0, self.top - more) : self.top + self.page + more]

    # moving

    def move_column(self, by: int) -> None:
        """Put the column cursor on another column; hidden ones come into view."""
        to = max(0, min(self.column + by, len(self.heads) - 1))
        if to != self.column:
            self.column = to
            self._measure()
            if not self._layout_same:
                self.refresh()
                return
            self.refresh(Region(0, 0, self.size.width, 1))
            self._refresh_cursor()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the columns out for the new size."""
        moved = self._measure()
        if self._keep_inside() or moved:
            self.refresh()
        self.want_rows()

    def do_column_right(self) -> None:
        self.move_column(1)

    def do_column_left(self) -> None:
        self.move_column(-1)

    # drawing

    def render_line(self, y: int) -> Strip:
        """The header, a row, or the note of an empty table."""
        if y == 0:
            return self.paint(self._header()) if self.order or not self.note else self.blank()
        if not self.order:
            return self.paint(self.note[y - 1]) if y <= len(self.note) else self.blank()
        at = self.top + y - 1
        if at >= len(self.order):
            return self.blank()
        if at == self.cursor:
            on = "cursor" if self.has_focus else "inactive"
            return self._filled(self.paint(quiet(self._row(at)), self._reach, on))
        return self._drawn_row(at)

    def _drawn_row(self, at: int) -> Strip:
        """A row that the cursor is not on; the same strip as long as it looks the same, wherever the list is scrolled to."""
        rid = self.order[at]
        drawn_for = (self.heads, self._layout, self.marking, self.size.width)
        if self._drawn_for != drawn_for or len(self._drawn) > KEPT_PAGES * self.page:
            self._drawn_for = drawn_for
            self._drawn.clear()
        looks = (self.rows.get(rid), rid in self.marks, rid in self.partly)
        was, strip = self._drawn.get(rid, (None, None))
        if strip is None or was != looks:
            strip = self._filled(self.paint(self._row(at), self._reach))
            self._drawn[rid] = looks, strip
        return strip

    def notify_style_update(self) -> None:
        """Forget the rows in the colours of the former theme."""
        self._drawn.clear()
        super().notify_style_update()

    @property
    def _reach(self) -> int:
        """Cells that rows take: where the columns end, all rows are blank, and no bytes are spent on it."""
        return min(self.size.width, self._layout.end + 1)

    def _filled(self, strip: Strip) -> Strip:
        blank = self.size.width - strip.cell_length
        return Strip([*strip, Segment(" " * blank, self.look("plain"))], self.size.width) if blank > 0 else strip

    def on_focus(self) -> None:
        self._refresh_cursor()

    def on_blur(self) -> None:
        self._refresh_cursor()

    def _refresh_cursor(self) -> None:
        if self.order:
            self.refresh(Region(0, self.cursor - self.top + 1, self._reach, 1))

    def _header(self) -> list[Span]:
        column = self.column if self.has_focus else None
        return header_spans(self.heads, self._layout, self.size.width, column, self.sort, self.glyphs, self.marking)

    def _row(self, at: int) -> list[Span]:
        rid = self.order[at]
        row, marked = self.rows.get(rid), rid in self.marks
        return row_spans(
            row,
            self.heads,
            self._layout,
            self.glyphs,
            cursor=at == self.cursor,
            marked=marked,
            partly=rid in self.partly,
            marking=self.marking,
            column=self.column if at == self.cursor and self.column and self.has_focus else None,
        )

    # repainting

    def _refresh_row(self, y: int, old: TableRow | None, new: TableRow) -> None:
        if old is None or (old.name, old.state, old.star, old.archived) != (
            new.name,
            new.state,
            new.star,
            new.archived,
        ):
            self.refresh(Region(0, y, self._reach, 1))
            return
        for place in self._layout.places:
            index, spec = place.index, self.heads[place.index].spec
            before, after = old.number(index), new.number(index)
            if (
                old.cells[index] != new.cells[index]
                or (self.heads[index].is_name and old.duplicate != new.duplicate)
                or self.marking.is_best(spec, before, of_group=old.is_group)
                != self.marking.is_best(spec, after, of_group=new.is_group)
                or (before != after and self.marking.has_bar(spec))
            ):
                self._refresh_cell(y, place)

    def _refresh_cell(self, y: int, place: Place) -> None:
        self.refresh(Region(place.x, y, place.width + 1, 1))  # with the mark behind it

    def _measure(self, rows: Iterable[TableRow] | None = None) -> bool:
        """Lay the columns out again, wide enough for what is known; whether anything moved."""
        for row in self.rows.values() if rows is None else rows:
            for index, cell in enumerate(row.cells):
                head = self.heads[index]
                size = head.ideal if head.is_spark else cell_len(cell.text) + SIGN * (row.duplicate and head.is_name)
                if size > self._wants.get(index, 0):
                    self._wants[index] = size
        arrows = sort_signs(self.sort, self.heads, self.glyphs)
        wishes = [
            head.wish(
                self._wants.get(index, 0),
                self.size.width,
                bar=BAR if self.marking.has_bar(head.spec) else 0,
                arrows=len(arrows.get(head.spec, "")),
                is_wide=head.spec in self.wide,
            )
            for index, head in enumerate(self.heads)
        ]
        before = self._layout
        self._layout = lay_out(wishes, GUTTER, self.size.width - 2, self.column, first=before.first)
        self._layout_same = before == self._layout
        if self._layout_same:
            self._layout = before
        return not self._layout_same

    _layout_same = True
