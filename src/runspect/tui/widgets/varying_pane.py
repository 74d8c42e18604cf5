"""Beside the charts of the cursor's run: its state with the reason, and its values of the params that vary."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rich.cells import cell_len

from runspect import columns
from runspect.columns import Column
from runspect.columns.cells import value_text
from runspect.counted import counted
from runspect.masking import printable
from runspect.model import RunRow
from runspect.roles import STATE_GLYPH
from runspect.tui.fit import cut, fit
from runspect.tui.glyphs import plain
from runspect.tui.group_row import MEASURED, mean_text, range_text, shared_text
from runspect.tui.widgets.line_pane import LinePane
from runspect.tui.widgets.painted import Line, Span
from runspect.workspace import Summed


class VaryingPane(LinePane, can_focus=False):
    """A few lines; what does not fit is said with an ellipsis."""

    def clear(self) -> None:
        """Say nothing."""
        self.show(())

    def show_params(self, row: RunRow | None, shown: Sequence[Column], params: Collection[str]) -> None:
        """Show a row's state and its values in these columns."""
        if row is None:
            self.clear()
            return
        width = self.size.width
        _, _, role = STATE_GLYPH.get(row.state, STATE_GLYPH["unknown"])
        reason = printable(row.reason)
        state: Line = [
            (" " + self.glyphs.state(row.state) + " ", role),
            (
                cut(
                    row.state if not reason or reason == row.state else f"{row.state}: {reason}",
                    max(4, width - 4),
                    self.glyphs.cut,
                ),
                role,
            ),
        ]
        values = [
            (column.name, value)
            for column, value in zip(shown, row.values, strict=False)
            if column.spec in params and value is not None
        ]
        label = min(max((cell_len(name) for name, _ in values), default=0), width // 2)
        self._show_all([state, *(self._value(name, value_text(value), label) for name, value in values)])

    def show_group(self, summed: Summed | None, shown: Sequence[Column], size: int) -> None:
        """Show what these columns are over a group of `size` runs: states, means with the range, shared params."""
        if summed is None:
            self.clear()
            return
        told: list[tuple[str, str]] = []
        for column, cell in zip(shown, summed.cells, strict=False):
            if cell.n and column.kind in MEASURED:
                told += [(columns.header(column), mean_text(cell)), ("", range_text(cell))]
            elif cell.n and column.kind in ("param", "fact"):
                told.append((columns.header(column), shared_text(cell, size)))
        told = [(name, text) for name, text in told if text]
        label = min(max((cell_len(name) for name, _ in told), default=0), self.size.width // 2)
        lines: list[Line] = [self._states(summed.states, size)]
        self._show_all([*lines, *(self._value(name, plain(text, self.glyphs), label) for name, text in told)])

    def _states(self, states: Mapping[str, int], size: int) -> Line:
        """How many runs, and how they stand."""
        told = [state if len(states) == 1 else f"{count:,} {state}" for state, count in states.items()]
        lead = f" {counted(size)}: "
        room = max(4, self.size.width - cell_len(lead) - 1)
        return [(lead, "dim"), (cut(", ".join(told), room, self.glyphs.cut), "plain")]

    def _show_all(self, lines: list[Line]) -> None:
        room = max(1, self.size.height)
        if len(lines) > room:
            lines = [*lines[: room - 1], [(f" {self.glyphs.cut} {len(lines) - room + 1} more", "dim")]]
        self.show(lines)

    def _value(self, name: str, value: str, label: int) -> Line:
        key: Span = ("   " + fit(name, label, self.glyphs.cut, where="middle") + "  ", "dim")
        return [key, (cut(value, max(4, self.size.width - label - 6), self.glyphs.cut, "middle"), "plain")]
