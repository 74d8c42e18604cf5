"""A thin line between two panes, with a word on it."""

from __future__ import annotations

from textual.strip import Strip

from runspect.tui.fit import cut
from runspect.tui.widgets.painted import Painted


class RuleLine(Painted):
    """One line; its title is repainted when it changes."""

    title = ""

    def set_title(self, title: str) -> None:
        """Write another word on it."""
        if title != self.title:
            self.title = title
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        dash, width = self.glyphs.rule, self.size.width
        title = cut(self.title, max(4, width - 8), self.glyphs.cut, "middle") if self.title else ""
        head = (dash * 2 + " ", title, " ") if title else ("", "", "")
        used = sum(len(piece) for piece in head)
        return self.paint(
            ((head[0], "faint"), (head[1], "dim"), (head[2], "faint"), (dash * max(0, width - used), "faint"))
        )
