"""Beside the charts of the cursor's run: its state with the reason, and its values of the params that vary."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.cells import cell_len

from runspect.columns import Column
from runspect.columns.cells import value_text
from runspect.masking import printable
from runspect.model import RunRow
from runspect.roles import STATE_GLYPH
from runspect.tui.fit import cut, fit
from runspect.tui.widgets.line_pane import LinePane
from runspect.tui.widgets.painted import Line, Span


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
        lines: list[Line] = [state, *(self._value(name, value, label) for name, value in values)]
        room = max(1, self.size.height)
        if len(lines) > room:
            lines = [*lines[: room - 1], [(f" {self.glyphs.cut} {len(lines) - room + 1} more", "dim")]]
        self.show(lines)

    def _value(self, name: str, value: object, label: int) -> Line:
        key: Span = ("   " + fit(name, label, self.glyphs.cut, where="middle") + "  ", "dim")
        return [key, (cut(value_text(value), max(4, self.size.width - label - 6), self.glyphs.cut, "middle"), "plain")]
