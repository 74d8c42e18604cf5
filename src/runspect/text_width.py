"""How many terminal cells text takes, and text cut or padded to a number of cells."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from runspect.roles import Align

ELLIPSIS = "…"


def width(text: str) -> int:
    """Terminal cells that `text` takes: East Asian wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def cut(text: str, cells: int, ellipsis: str = ELLIPSIS) -> str:
    """`text` in at most `cells` cells; what is left out is shown by an ellipsis, never silently."""
    if width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    room = cells - width(ellipsis)
    if room < 0:
        return ellipsis[:cells]
    kept = 0
    for index, char in enumerate(text):
        room -= _cells(char)
        if room < 0:
            kept = index
            break
    return text[:kept] + ellipsis


def pad(text: str, cells: int, align: Align = "left") -> str:
    """`text` cut to `cells` cells and filled with blanks to exactly that many."""
    text = cut(text, cells)
    blanks = " " * (cells - width(text))
    return blanks + text if align == "right" else text + blanks


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    # zero width: combining marks, joiners, variation selectors
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 1
