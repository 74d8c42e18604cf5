"""The base of every widget that draws its own lines: roles become styles, spans become strips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widget import Widget

from runspect.tui.glyphs import ASCII, UNICODE, Glyphs
from runspect.tui.own_lines import OwnLines
from runspect.tui.theme import SERIES

Span = tuple[str, str]
"""Text and the look it has: a role of `roles.Role`, "faint", "error", "title" or "curve-1" and so on."""
Line = Sequence[Span]

COLOURS: dict[str, str] = {
    "plain": "foreground",
    "dim": "look-dim",
    "strong": "look-strong",
    "accent": "accent",
    "good": "success",
    "bad": "error",
    "warn": "warning",
    "live": "look-live",
    "spark": "look-spark",
    "tag": "look-tag",
    "best": "look-best",
    "faint": "look-faint",
    "quiet": "look-quiet",
    "title": "look-strong",
    "column": "look-strong",
    "error": "error",
    "input": "background",
    "cursor": "foreground",
    "inactive": "foreground",
    **{f"curve-{number}": f"curve-{number}" for number in range(1, SERIES + 1)},
    **{f"band-{number}": f"curve-{number}" for number in range(1, SERIES + 1)},
}
"""The theme's variable that colours the text of each look.

Looks are no component classes: Textual would match the style sheet against each of them for each widget, again at
every change of a class or of the focus above it, which was half of the work between the imports and the first rows.
"""
GROUNDS = {"input": "look-strong", "cursor": "look-cursor", "inactive": "look-inactive"}
"""The variable that colours the ground of a look, where it is not the widget's own."""
LOOKS = tuple(COLOURS)


BEHIND = 0.5
"""How far the colour of a band lies between that of its curve and the ground."""

_SOLID = ("input", "error", "column")
"""Looks that show on blanks too."""


def band_look(index: int) -> str:
    """The look of the area around the curve with this number: its colour, further back."""
    return f"band-{index % SERIES + 1}"


def curve_look(index: int) -> str:
    """The look of the curve with this number, counted from zero."""
    return f"curve-{index % SERIES + 1}"


class Painted(Widget, inherit_bindings=False):
    """A widget of whole lines. Subclasses write `render_line` and refresh only the regions that changed."""

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self.glyphs = glyphs
        self._styles_cache = OwnLines()
        self._looks: dict[tuple[str, str], Style] = {}

    @property
    def is_ascii(self) -> bool:
        """Whether only ASCII may be drawn."""
        return self.glyphs is ASCII

    def look(self, name: str, on: str = "") -> Style:
        """The style of a look, on the background of another one when `on` names it."""
        key = (name, on)
        if key not in self._looks:
            style = self._plain_look(name)
            if on:
                under = self._plain_look(on)
                style = Style(
                    color=style.color,
                    bgcolor=under.bgcolor,
                    bold=style.bold or under.bold or None,
                    underline=style.underline or None,
                    reverse=under.reverse or None,
                )
            self._looks[key] = style
        return self._looks[key]

    def _plain_look(self, name: str) -> Style:
        own, variables = self.rich_style, self.app.theme_variables
        ansi = self.app.native_ansi_color
        plain = Color.parse(variables[COLOURS[name]])
        behind = name.startswith("band-") and not ansi
        colour = (plain.blend(Color.parse(variables["background"]), BEHIND) if behind else plain).rich_color
        ground = Color.parse(variables[GROUNDS[name]]).rich_color if name in GROUNDS else own.bgcolor
        if ansi and name == "input":  # the terminal's own colours have no shades: reverse shows where we are
            return Style(color=RichColor.default(), bgcolor=RichColor.default(), reverse=True)
        return Style(
            color=colour,
            bgcolor=ground,
            bold=name in ("title", "column") or (ansi and name == "cursor") or None,
            underline=name in ("error", "column") or None,
        )

    def notify_style_update(self) -> None:
        """Forget the styles of the former theme."""
        self._looks.clear()
        super().notify_style_update()

    def paint(self, spans: Iterable[Span], width: int | None = None, on: str = "") -> Strip:
        """One strip of exactly `width` cells (the widget's own by default); neighbours of one look are joined."""
        width = self.size.width if width is None else width
        segments: list[Segment] = []
        text, last, used = "", "", 0
        for piece, name in spans:
            if not piece:
                continue
            used += cell_len(piece)
            if name == last or (last not in _SOLID and piece.isspace() and name not in _SOLID):
                text += piece
                continue
            if text and (last or name in _SOLID):
                segments.append(Segment(text, self.look(last or "plain", on)))
                text = ""
            text, last = text + piece, name
        text += " " * max(0, width - used)
        if text:
            segments.append(Segment(text, self.look(last or "plain", on)))
        strip = Strip(segments, max(used, width))
        return strip if used <= width else strip.crop(0, width)

    def blank(self) -> Strip:
        """An empty line."""
        return self.paint(())
