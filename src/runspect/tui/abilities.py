"""What a terminal can show, read from the environment; light enough to be asked before the first frame."""

from __future__ import annotations

import codecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    Colours = Literal["truecolor", "256", "16", "none"]

_MANY = ("alacritty", "foot", "xterm-kitty", "xterm-ghostty")
"""Terminals of 256 colours whose names do not say so."""


def colours(environ: Mapping[str, str]) -> Colours:
    """The colours that a terminal has, or that the user wants."""
    if environ.get("NO_COLOR"):
        return "none"
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "truecolor"
    term = environ.get("TERM", "")
    return "256" if "256" in term or "direct" in term or term in _MANY else "16"


def is_utf8(environ: Mapping[str, str], encoding: str) -> bool:
    """Whether characters beyond ASCII arrive: `encoding` is that of the locale, and the Linux console has few of them."""
    try:
        return codecs.lookup(encoding).name == "utf-8" and environ.get("TERM") != "linux"
    except LookupError:
        return False
