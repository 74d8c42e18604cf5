"""A pane of prepared lines: frozen heading, scrolling, nothing cut without an ellipsis."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.geometry import Region
from textual.strip import Strip

from runspect.tui.commands import Where, bindings_of
from runspect.tui.fit import cut
from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.painted import Line, Painted, Span

_SIDEWAYS = 12
"""Cells of one step to the right or left."""


class LinePane(Painted, can_focus=True):
    """Holds lines and shows a window of them; its subclasses say what the lines are."""

    view: Where = "lines"
    BINDINGS = bindings_of(("lines",))

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.heading: tuple[Line, ...] = ()
        self.lines: Sequence[Line] = ((), [("   reading", "dim")])  # until there is an answer
        self.top = 0
        self.left = 0

    # what is shown

    def show(self, lines: Sequence[Line], heading: Sequence[Line] = (), *, keep_place: bool = False) -> None:
        """Replace the lines; without `keep_place` the first one is on top again. Unchanged lines are not repainted."""
        before = (self.top, self.left, self.lines, self.heading)
        if not keep_place:
            self.top = self.left = 0
        self.lines, self.heading = lines, tuple(heading)
        self.top = min(self.top, self.last_top)
        if before[:2] != (self.top, self.left) or before[3] != self.heading or not self.is_mounted:
            self.refresh()
            return
        if len(before[2]) != len(lines):  # the mark at the edge is another one
            self.refresh(Region(self.size.width - 1, len(self.heading), 1, self.page))
        for y in range(self.page):
            at = self.top + y
            old = before[2][at] if at < len(before[2]) else None
            new = lines[at] if at < len(lines) else None
            if old != new:
                self.refresh(Region(0, y + len(self.heading), self.size.width, 1))

    def say(self, text: str) -> None:
        """Show a sentence in place of lines."""
        self.show(((), [("   " + text, "dim")]))

    @property
    def page(self) -> int:
        """Lines that fit below the heading."""
        return max(1, self.size.height - len(self.heading))

    @property
    def last_top(self) -> int:
        """The largest meaningful `top`."""
        return max(0, len(self.lines) - self.page)

    @property
    def widest(self) -> int:
        """Cells of the widest line in the window."""
        window = (*self.heading, *self.lines[self.top : self.top + self.page])
        return max((sum(cell_len(text) for text, _ in line) for line in window), default=0)

    # drawing

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        if y < len(self.heading):
            return self.paint(self._window(self.heading[y]))
        at = self.top + y - len(self.heading)
        if at >= len(self.lines):
            return self.blank()
        return self.paint((*self._window(self.lines[at], self.size.width - 1), *self._thumb(y)))

    def _thumb(self, y: int) -> tuple[Span, ...]:
        """The mark at the right edge that shows where the window is."""
        if len(self.lines) <= self.page:
            return ()
        first = self.top * self.page // max(1, len(self.lines))
        length = max(1, self.page * self.page // len(self.lines))
        inside = first <= y - len(self.heading) < first + length
        return ((self.glyphs.thumb if inside else " ", "faint"),)

    def _window(self, line: Line, width: int | None = None) -> list[Span]:
        """The part of a line that is in the window, exactly as wide as it; cuts show an ellipsis."""
        width = self.size.width if width is None else width
        spans, room = [], width
        for text, look in _behind(line, self.left, self.glyphs.cut) if self.left else line:
            size = cell_len(text)
            if size > room:
                spans.append((cut(text, room, self.glyphs.cut) if room else "", look))
                if room == 0 and spans:
                    spans = _end_with_cut(spans, self.glyphs.cut)
                return _filled(spans, width)
            spans.append((text, look))
            room -= size
        return _filled(spans, width)

    # moving

    def move_to(self, top: int) -> None:
        """Put line `top` first, as far as there are lines."""
        top = max(0, min(top, self.last_top))
        if top != self.top:
            self.top = top
            self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Stay inside."""
        self.top = min(self.top, self.last_top)

    def do_line_down(self) -> None:
        self.move_to(self.top + 1)

    def do_line_up(self) -> None:
        self.move_to(self.top - 1)

    def do_line_top(self) -> None:
        self.move_to(0)

    def do_line_bottom(self) -> None:
        self.move_to(self.last_top)

    def do_line_half_down(self) -> None:
        self.move_to(self.top + self.page // 2)

    def do_line_half_up(self) -> None:
        self.move_to(self.top - self.page // 2)

    def do_line_page_down(self) -> None:
        self.move_to(self.top + max(1, self.page - 1))

    def do_line_page_up(self) -> None:
        self.move_to(self.top - max(1, self.page - 1))

    def do_line_right(self) -> None:
        if self.widest - self.left > self.size.width:
            self.left += _SIDEWAYS
            self.refresh()

    def do_line_left(self) -> None:
        if self.left:
            self.left = max(0, self.left - _SIDEWAYS)
            self.refresh()


def _behind(spans: Line, cells: int, mark: str) -> list[Span]:
    """What is left of `spans` without the first `cells` cells."""
    rest: list[Span] = []
    for text, look in spans:
        size = cell_len(text)
        if cells >= size:
            cells -= size
            continue
        rest.append((mark + text[cells + 1 :] if cells else text, look))
        cells = 0
    return rest


def _end_with_cut(spans: list[Span], mark: str) -> list[Span]:
    """Put the ellipsis over the last cell: what follows does not fit any more."""
    while spans and not spans[-1][0]:
        spans.pop()
    if spans:
        text, look = spans[-1]
        spans[-1] = (cut(text + "  ", cell_len(text), mark), look)
    return spans


def _filled(spans: list[Span], width: int) -> list[Span]:
    used = sum(cell_len(text) for text, _ in spans)
    return [*spans, (" " * (width - used), "plain")] if used < width else spans
