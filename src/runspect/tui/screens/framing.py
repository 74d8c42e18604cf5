"""Keeps what the table of runs looks like, for the frame that the next start paints first."""

from __future__ import annotations

import time
from dataclasses import replace

from rich.color import Color, ColorSystem, ColorType
from rich.style import Style
from textual.strip import Strip

from runspect.tui import kept_frame
from runspect.tui.desk import Desk
from runspect.tui.kept_frame import KeptFrame
from runspect.tui.screens.view_screen import ViewScreen

PAUSE_S = 60.0
MOST_ROWS = 120
"""Rows that are kept at most: more than a tall terminal shows."""
_FLAGS = (("b", "bold"), ("d", "dim"), ("i", "italic"), ("u", "underline"), ("r", "reverse"))


class Framing:
    """Writes the frame of the directories that were named; nothing where none is to be kept."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._kept_at = -PAUSE_S

    def keep_rarely(self, screen: ViewScreen) -> None:
        """Write it unless it was written a short while ago: a screen that is killed leaves that."""
        if time.monotonic() - self._kept_at >= PAUSE_S:
            self.keep(screen)

    def keep(self, screen: ViewScreen) -> None:
        """Write the frame, if there are runs to be seen and none of their secrets is."""
        options = self.desk.options
        if options.frame and not options.show_secrets and screen.table.order:
            self._kept_at = time.monotonic()
            kept_frame.save(options.frame, options.directories, self._frame(screen))

    def _frame(self, screen: ViewScreen) -> KeptFrame:
        table, title = screen.table, screen.title_line
        styles = _Styles()
        frame = KeptFrame()
        frame.at, frame.columns = int(time.time()), table.size.width
        frame.theme, frame.ascii = screen.app.theme, self.desk.glyphs.ascii
        frame.has_charts = not self.desk.options.low_bandwidth
        styles.segments(table.blank())
        frame.title = styles.segments(title.line(replace(title.status, view="runs", mode="", trouble="")))
        frame.filter = styles.segments(screen.filter_line.render_line(0))
        known = table.order[table.top : table.top + MOST_ROWS]
        rows = next((at for at, rid in enumerate(known) if rid not in table.rows), len(known))
        frame.table = [styles.segments(table.render_line(y)) for y in range(rows + 1)]
        frame.footer = styles.segments(screen.footer.line_of("runs"))
        frame.styles = styles.known()
        return frame


class _Styles:
    """Numbers the styles of a frame in the order in which they are met."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, str], int] = {}

    def segments(self, strip: Strip) -> list[tuple[int, str]]:
        """A strip as (style's number, text)."""
        return [(self._number(segment.style or Style()), segment.text) for segment in strip]

    def known(self) -> list[tuple[str, str, str]]:
        """The styles so far."""
        return list(self._numbers)

    def _number(self, style: Style) -> int:
        attributes = "".join(letter for letter, name in _FLAGS if getattr(style, name))
        key = (attributes, _colour(style.color), _colour(style.bgcolor))
        return self._numbers.setdefault(key, len(self._numbers))


def _colour(colour: Color | None) -> str:
    if colour is None or colour.type == ColorType.DEFAULT:
        return "-"
    if colour.triplet is None:
        return f"n{colour.number}"
    red, green, blue = colour.triplet
    return f"{red:02x}{green:02x}{blue:02x}/{colour.downgrade(ColorSystem.EIGHT_BIT).number}"
