"""Runs side by side: sections of keys, what differs standing out, what is the same counted or shown faintly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from textual import events

from runspect.columns import number_text
from runspect.columns.cells import value_text
from runspect.diff import Diff, Row, Section
from runspect.diff import same as same_value
from runspect.tui.commands import Where, bindings_of
from runspect.tui.fit import cut, fit
from runspect.tui.glyphs import UNICODE, Glyphs, plain
from runspect.tui.widgets.line_pane import LinePane
from runspect.tui.widgets.painted import Line, Span, curve_look

_LEAST, _MOST = 15, 40
"""Cells of a run's column."""


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

    def say(self, text: str) -> None:
        """Say why there is nothing to compare."""
        self._diff, self.rids = None, ()
        super().say(text)

    def show_diff(self, runs: Sequence[Mapping[str, Any]], diff: Diff) -> None:
        """Show a comparison of these run objects."""
        rids = tuple(int(run["rid"]) for run in runs)
        keep = rids == self.rids
        self.rids, self._runs, self._diff = rids, runs, diff
        self._fill(keep_place=keep)

    def do_next_difference(self) -> None:
        """Go to the next section, from the last one to the first."""
        following = [start for start in self._starts if start > self.top]
        self.move_to(following[0] if following and self.top < self.last_top else 0)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new width."""
        self._fill(keep_place=True)

    def _fill(self, *, keep_place: bool) -> None:
        diff = self._diff
        if diff is None:
            return
        keys = [cell_len(row.key) + len(_aggregate(row)) for section in diff.sections for row in section.rows]
        self.frozen = key_width = max(12, min(max(keys, default=12), max(16, self.size.width // 4), 40)) + 5
        count = max(1, len(diff.names))
        width = max(_LEAST, min(self._widest_value(diff), _MOST, (self.size.width - key_width - 2) // count - 2))
        lines: list[Line] = []
        self._starts = []
        for section in diff.sections:
            self._starts.append(len(lines))
            lines += [self._title(section), *(self._row(row, key_width, width) for row in section.rows), ()]
        self.show(
            lines, (self._names(diff, key_width, width), self._states(key_width, width), ()), keep_place=keep_place
        )

    def _widest_value(self, diff: Diff) -> int:
        rows = [row for section in diff.sections for row in section.rows]
        values = [
            cell_len(_text(value)) + cell_len(change) + 1
            for row in rows
            for value, change in zip(row.values, row.changes, strict=True)
        ]
        return max([*values, *(cell_len(name) + 2 for name in diff.names)], default=_LEAST)

    def _names(self, diff: Diff, key_width: int, width: int) -> Line:
        what = "differences" if self.only_differences else "everything"
        spans: list[Span] = [(fit(f" {what}", key_width, self.glyphs.cut), "dim")]
        for number, name in enumerate(diff.names):
            spans += [
                (self.glyphs.on + " ", curve_look(number)),
                (fit(name, width - 2, self.glyphs.cut, where="middle"), "strong"),
                ("  ", "plain"),
            ]
        return spans

    def _states(self, key_width: int, width: int) -> Line:
        spans: list[Span] = [(" " * key_width, "dim")]
        for run in self._runs:
            spans += [(fit(f"  {run['state']}", width, self.glyphs.cut), "dim"), ("  ", "plain")]
        return spans

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

    def _row(self, row: Row, key_width: int, width: int) -> Line:
        aggregate = _aggregate(row)
        name = fit(row.key, key_width - 5 - len(aggregate), self.glyphs.cut, where="middle")
        spans: list[Span] = [("   " + name, "plain" if row.differs else "dim"), (aggregate + "  ", "faint")]
        for index, value in enumerate(row.values):
            spans += self._value(row, index, value, width)
            spans.append(("  ", "plain"))
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
