"""The card of one run: in two columns where there is room."""

from __future__ import annotations

from textual import events

from runspect.tui.commands import Where, bindings_of
from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.card_lines import Page, Run, beside, heading, left_lines, right_lines
from runspect.tui.widgets.line_pane import LinePane

_TWO_COLUMNS = 120


class CardPane(LinePane):
    """Shows the object of `runspect show --json`; laid out anew when the size changes."""

    view: Where = "card"
    BINDINGS = bindings_of(("card",))

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.shown: Run | None = None
        self.now = 0.0

    def say(self, text: str) -> None:
        """Say why there is no card."""
        self.shown = None
        super().say(text)

    def show_run(self, run: Run, now: float) -> None:
        """Show a run; the place is kept when it is the one that is shown already."""
        same = self.shown is not None and run["uid"] == self.shown["uid"]
        self.shown, self.now = run, now
        self._fill(keep_place=same)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new width."""
        self._fill(keep_place=True)

    def _fill(self, *, keep_place: bool) -> None:
        run, width = self.shown, self.size.width
        if run is None:
            return
        if width < _TWO_COLUMNS:
            page = Page(width - 1, self.glyphs, self.now)
            lines = [*left_lines(run, page), (), *right_lines(run, page)]
        else:
            left_width = width * 45 // 100
            right = right_lines(run, Page(width - left_width - 3, self.glyphs, self.now))
            lines = beside(
                left_lines(run, Page(left_width - 1, self.glyphs, self.now)), right, left_width, self.glyphs.bar
            )
        self.show(lines, (heading(run, width, self.glyphs), ()), keep_place=keep_place)
