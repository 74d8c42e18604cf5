"""Text fitted to terminal cells: every cut shows an ellipsis, wide characters count as two."""

from __future__ import annotations

from typing import Literal

from rich.cells import cell_len, set_cell_size

from runspect.masking import printable
from runspect.roles import Align

Where = Literal["start", "end", "middle"]


def cut(text: str, width: int, mark: str = "…", where: Where = "end") -> str:
    """`text` in at most `width` cells, with `mark` standing for what was left out."""
    text = printable(text)
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return mark[:width]
    if where == "start":
        return mark + _tail(text, width - 1)
    if where == "middle" and width >= 8:
        tail_width = (width - 1) * 2 // 5
        return _head(text, width - 1 - tail_width) + mark + _tail(text, tail_width)
    return _head(text, width - 1) + mark


def pad(text: str, width: int, align: Align = "left") -> str:
    """`text`, which is no wider than `width`, filled with blanks to exactly `width` cells."""
    blank = " " * max(0, width - cell_len(text))
    return blank + text if align == "right" else text + blank


def fit(text: str, width: int, mark: str = "…", align: Align = "left", where: Where = "end") -> str:
    """`text` cut and padded to exactly `width` cells."""
    return pad(cut(text, width, mark, where), width, align)


def shorten_path(path: str, home: str, width: int, mark: str = "…") -> str:
    """A path for a narrow place: the home directory as `~`, then the end of the path."""
    if home and (path == home or path.startswith(home.rstrip("/") + "/")):
        path = "~" + path[len(home.rstrip("/")) :]
    path = printable(path)
    return path if cell_len(path) <= width else mark + _tail(path, width - 1)


def _head(text: str, width: int) -> str:
    return set_cell_size(text, width).rstrip() if width > 0 else ""


def _tail(text: str, width: int) -> str:
    kept, used = 0, 0
    for char in reversed(text):
        used += cell_len(char)
        if used > width:
            break
        kept += 1
    return text[len(text) - kept :] if kept else ""


def shown_name(name: str) -> str:
    """A name, an empty one as two quotes: a blank says nothing."""
    return name or '""'
