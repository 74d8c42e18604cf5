"""Lines of a widget as it drew them: Textual's way from a line to the terminal, without what our widgets do not have."""

from __future__ import annotations

from typing import Any

from textual._styles_cache import StylesCache
from textual.geometry import Size, Spacing
from textual.strip import Strip


class OwnLines(StylesCache):
    """Where a widget has no border and no padding, its strips stay the objects that they are.

    Textual would put a copy around each, and with it would be lost what a strip keeps about itself: its pieces, its
    colours for this terminal and its text as it is sent. A list that scrolls draws mostly lines that were there before.
    """

    def render_line(
        self,
        styles: Any,
        y: int,
        size: Size,
        content_size: Size,
        padding: Spacing,
        base_background: Any,
        background: Any,
        render_content_line: Any,
        border_title: Any,
        border_subtitle: Any,
        opacity: float,
        ansi_theme: Any,
        native_ansi: bool,
    ) -> Strip:
        """As Textual's; see there for the arguments."""
        if content_size == size and opacity == 1.0:
            strip: Strip = render_content_line(y)
            if strip.cell_length == size.width:
                return strip
        return super().render_line(
            styles,
            y,
            size,
            content_size,
            padding,
            base_background,
            background,
            render_content_line,
            border_title,
            border_subtitle,
            opacity,
            ansi_theme,
            native_ansi,
        )
