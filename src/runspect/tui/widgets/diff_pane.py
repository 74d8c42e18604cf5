"""Runs side by side: sections of keys, what differs standing out, what is the same counted or shown faintly.

Runs that have no room for their whole column wait at the right, behind `l`; the first run, with which all are compared,
stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from textual import events

from runspect.columns import number_text
from runspect.columns.cells import value_text
from runspect.dataclass import dataclass
from runspect.diff import Diff, Row, Section
from runspect.diff import same as same_value
from runspect.tui.commands import Where, bindings_of
from runspect.tui.fit import cut, fit, shown_name
from runspect.tui.glyphs import UNICODE, Glyphs, plain
from runspect.tui.widgets.line_pane import LinePane
from runspect.tui.widgets.painted import Line, Span, curve_look

_LEAST, _MOST = 15, 40
"""Cells of a run's column."""
_GAP = 2
"""Blank cells between columns."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which runs are shown, and how wide: cells of the keys, cells of each run's column, indexes of the runs."""

    keys: int
    width: int
    shown: tuple[int, ...]


class DiffPane(LinePane):
    """Shows a comparison; `x` asks for what is the same, too, which the screen then computes."""

    view: Where = "diff"
    BINDINGS = bindings_of(("diff",))

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.only_differences = True
        self.rids: tuple[int, ...] = ()
        self._runs: Sequence[Mapping[str, Any]] = ()
        self._diff: Diff | None = None
        self._starts: list[int] = []
        self._skipped = 0
        """Runs that were scrolled away to the left."""
        self._shown: tuple[int, ...] = ()
        self._left_out = 0
        """Runs that are marked and not compared."""

    def say(self, text: str) -> None:
        """Say why there is nothing to compare."""
        self._diff, self.rids = None, ()
        super().say(text)

    def show_diff(self, runs: Sequence[Mapping[str, Any]], diff: Diff, left_out: int = 0) -> None:
        """Show a comparison of these run objects; so many more runs were left out of it."""
        self._left_out = left_out
        rids = tuple(int(run["rid"]) for run in runs)
        keep = rids == self.rids
        self.rids, self._runs, self._diff = rids, runs, diff
        self._skipped = self._skipped if keep else 0
        self._fill(keep_place=keep)

    def do_next_difference(self) -> None:
        """Go to the next section, from the last one to the first."""
        following = [start for start in self._starts if start > self.top]
        self.move_to(following[0] if following and self.top < self.last_top else 0)

    def do_line_right(self) -> None:
        """Bring the next run in."""
        if self._diff is not None and self._shown[-1:] != (len(self._diff.names) - 1,):
            self._skipped += 1
            self._fill(keep_place=True)

    def do_line_left(self) -> None:
        """Bring the run before back."""
        if self._skipped:
            self._skipped -= 1
            self._fill(keep_place=True)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new width."""
        self._fill(keep_place=True)

    def _fill(self, *, keep_place: bool) -> None:
        diff = self._diff
        if diff is None:
            return
        layout = self._lay_out(diff)
        self._shown = layout.shown
        lines: list[Line] = []
        self._starts = []
        for section in diff.sections:
            self._starts.append(len(lines))
            lines += [self._title(section), *(self._row(row, layout) for row in section.rows), ()]
        heading = (self._names(diff, layout), self._states(layout), self._hidden(diff, layout))
        self.show(lines, heading, keep_place=keep_place)

    def _lay_out(self, diff: Diff) -> _Layout:
        """As many whole columns as there is room for; without room for two, the first run does not stay."""
        keys = [cell_len(row.key) + len(_aggregate(row)) for section in diff.sections for row in section.rows]
        key_width = max(12, min(max(keys, default=12), max(16, self.size.width // 4), 40)) + 5
        runs = len(diff.names)
        room = self.size.width - key_width - 1 + _GAP  # the last cell is the thumb's
        fitting = max(1, min(runs, room // (_LEAST + _GAP)))
        self._skipped = min(self._skipped, runs - fitting)
        staying = (0,) if fitting > 1 else ()
        first = len(staying) + self._skipped
        shown = (*staying, *range(first, first + fitting - len(staying)))
        width = max(1, min(max(_LEAST, self._widest_value(diff)), _MOST, room // fitting - _GAP))
        return _Layout(key_width, width, shown)

    def _widest_value(self, diff: Diff) -> int:
        rows = [row for section in diff.sections for row in section.rows]
        values = [
            cell_len(_text(value)) + cell_len(change) + 1
            for row in rows
            for value, change in zip(row.values, row.changes, strict=True)
        ]
        return max([*values, *(cell_len(name) + 2 for name in diff.names)], default=_LEAST)

    def _names(self, diff: Diff, layout: _Layout) -> Line:
        what = "differences" if self.only_differences else "everything"
        spans: list[Span] = [(fit(f" {what}", layout.keys - _GAP, self.glyphs.cut), "dim")]
        for index in layout.shown:
            spans += [
                (" " * _GAP, "plain"),
                (self.glyphs.on + " ", curve_look(index)),
                (fit(diff.names[index], layout.width - 2, self.glyphs.cut, where="middle"), "strong"),
            ]
        return spans

    def _states(self, layout: _Layout) -> Line:
        spans: list[Span] = [(" " * (layout.keys - _GAP), "dim")]
        for index in layout.shown:
            state = f"  {self._runs[index]['state']}"
            spans += [(" " * _GAP, "plain"), (fit(state, layout.width, self.glyphs.cut), "dim")]
        return spans

    def _hidden(self, diff: Diff, layout: _Layout) -> Line:
        """How many runs stand outside, and how to get there."""
        right = len(diff.names) - 1 - layout.shown[-1] if layout.shown else 0
        sides = [
            f"{key}: {count} more to the {side}"
            for count, side, key in ((self._skipped, "left", "h"), (right, "right", "l"))
            if count
        ]
        if self._left_out:
            sides.append(f"{self._left_out:,} more marked runs are not compared")
        return [("   " + "   ".join(sides), "accent")] if sides else ()

    def _title(self, section: Section) -> Line:
        counts = [
            f"{section.same:,} the same" if section.same else "",
            f"{section.ignored:,} ignored" if section.ignored else "",
        ]
        said = ", ".join(count for count in counts if count)
        if not section.rows and not section.note and not said:
            said = "none recorded"
        spans: list[Span] = [(f" {section.title}", "title"), (f"   {said}" if said else "", "dim")]
        if section.note:
            spans.append((f"   {section.note}", "dim" if section.note == "not recorded" else "warn"))
        return spans

    def _row(self, row: Row, layout: _Layout) -> Line:
        aggregate = _aggregate(row)
        name = fit(shown_name(row.key), layout.keys - 5 - len(aggregate), self.glyphs.cut, where="middle")
        spans: list[Span] = [("   " + name, "plain" if row.differs else "dim"), (aggregate, "faint")]
        for index in layout.shown:
            spans += [(" " * _GAP, "plain"), *self._value(row, index, row.values[index], layout.width)]
        return spans

    def _value(self, row: Row, index: int, value: Any, width: int) -> list[Span]:
        if not row.present[index]:
            return [(fit(self.glyphs.none, width), "faint")]
        change = plain(row.changes[index], self.glyphs)
        text = _text(value)
        room = width - (cell_len(change) + 1 if change else 0)
        if room < 6:
            change, room = "", width
        shown = cut(text, room, self.glyphs.cut, "middle")
        look = self._look(row, index)
        spans: list[Span] = [(shown, look)]
        if change:
            spans.append((" " + change, "dim"))
        used = sum(cell_len(piece) for piece, _ in spans)
        return [*spans, (" " * (width - used), "plain")]

    def _look(self, row: Row, index: int) -> str:
        if index in row.best:
            return "good"
        if not row.differs:
            return "dim"
        if len(row.values) > 2 and index and row.present[0] and same_value(row.values[0], row.values[index]):
            return "dim"
        return "plain"


def _aggregate(row: Row) -> str:
    """Which value of a metric is compared, unless it is the last."""
    return f" {row.aggregate}" if row.aggregate and row.aggregate != "last" else ""


def _text(value: Any) -> str:
    return number_text(value) if isinstance(value, float) else value_text(value)
