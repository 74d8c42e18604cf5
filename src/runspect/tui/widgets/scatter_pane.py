"""A metric against one param, a point a run, with what one has to know before one believes it."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.tui.fit import cut
from runspect.tui.widgets.line_pane import LinePane
from runspect.tui.widgets.painted import Line, Span

POINTS = "●*"


class ScatterPane(LinePane, can_focus=False):
    """Shows a prepared picture."""

    def show_picture(self, title: str, warnings: Sequence[str], picture: str) -> None:
        """Title, warnings, and the lines of the picture."""
        room = max(8, self.size.width - 2)
        heading: list[Line] = [[(f" {cut(title, room, self.glyphs.cut)}", "title")]]
        heading += [[(f" {cut(text, room, self.glyphs.cut)}", "warn")] for text in warnings]
        self.show([_looks(line) for line in picture.split("\n")], heading)


def _looks(line: str) -> list[Span]:
    """Points in the colour of the first curve, axes and their numbers quietly."""
    spans: list[Span] = []
    for char in line:
        look = "curve-1" if char in POINTS else "dim"
        if spans and spans[-1][1] == look:
            spans[-1] = (spans[-1][0] + char, look)
        else:
            spans.append((char, look))
    return spans
