"""A small list over the screen: completions of a line, one of them chosen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.strip import Strip

from runspect.tui.fit import cut, fit
from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.painted import Painted, Span

MOST = 8
"""Lines at most."""

_WIDEST = 84


class Popup(Painted):
    """Lines of (text, what it is); nothing is chosen until the user moves."""

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.items: tuple[tuple[str, str], ...] = ()
        self.message: tuple[Span, ...] = ()
        self.chosen: int | None = None
        self._corner = (0, 0)
        self._extent = (0, 0)
        self.display = False

    def offer(self, items: Sequence[tuple[str, str]], x: int, y: int) -> None:
        """Show completions with their left edge at cell `x` of the screen and their top at line `y`."""
        self.items, self.message, self.chosen = tuple(items[:MOST]), (), None
        self._place(x, y)

    def say(self, spans: Sequence[Span], x: int, y: int) -> None:
        """Show one line of explanation instead."""
        self.items, self.message, self.chosen = (), tuple(spans), None
        self._place(x, y)

    def hide(self) -> None:
        """Take it away."""
        self.items, self.message, self.chosen = (), (), None
        self.display = False

    def move(self, by: int) -> None:
        """Choose another item."""
        if self.items:
            start = -1 if self.chosen is None and by > 0 else (self.chosen or 0)
            self.chosen = (start + by) % len(self.items)
            self.refresh()

    @property
    def choice(self) -> str | None:
        """The chosen text; the first one while none was chosen."""
        return self.items[self.chosen or 0][0] if self.items else None

    def render_line(self, y: int) -> Strip:
        """One item."""
        if self.message:
            return self.paint(self._said() if y == 0 else ())
        if y >= len(self.items):
            return self.blank()
        text, what = self.items[y]
        room = self.size.width - 2
        right = fit(what, min(cell_len(what), max(room // 2, room - cell_len(text) - 1)), self.glyphs.cut)
        left = fit(text, room - cell_len(right) - 1, self.glyphs.cut)
        chosen = y == self.chosen
        spans: list[Span] = [
            (self.glyphs.cursor if chosen else " ", "accent"),
            (left, "strong" if chosen else "plain"),
            (" ", "plain"),
            (right, "dim"),
        ]
        return self.paint(spans, on="cursor" if chosen else "")

    def _said(self) -> list[Span]:
        """The explanation; where it is too long, its end is cut."""
        *first, (text, look) = self.message
        used = sum(cell_len(piece) for piece, _ in first)
        return [*first, (cut(text, max(1, self.size.width - used), self.glyphs.cut), look)]

    def _place(self, x: int, y: int) -> None:
        """Take a place; while it is the same one the size only grows, since every other size repaints the whole screen."""
        screen = self.screen.size
        width = sum(cell_len(text) for text, _ in self.message) if self.message else self._widest() if self.items else 0
        height = max(1, len(self.items))
        if self.display and (x, y) == self._corner:
            width, height = max(width, self._extent[0]), max(height, self._extent[1])
        width, height = min(width, screen.width), min(height, screen.height)
        if not self.display or (x, y) != self._corner or (width, height) != self._extent:
            self.styles.width, self.styles.height = width, height
            top = y if y >= 0 else screen.height + y - height + 1
            self.styles.offset = (max(0, min(x, screen.width - width)), max(0, min(top, screen.height - height)))
            self._corner, self._extent = (x, y), (width, height)
            self.display = True
        self.refresh()

    def _widest(self) -> int:
        return min(_WIDEST, 4 + max(cell_len(text) + cell_len(what) + 2 for text, what in self.items))
