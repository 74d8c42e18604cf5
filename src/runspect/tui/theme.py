"""Colours: what each role looks like in the dark, the light and the terminal's own theme.

Widgets and the style sheet name variables only. One accent; everything else is a shade of grey or says good, bad or
doubtful. Meaning is never in the colour alone: glyphs and words carry it too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from textual.theme import Theme

from runspect.tui.environment import Terminal

ThemeName = Literal["dark", "light", "ansi"]

SERIES = 8
"""Number of curve colours; after that they repeat."""

DARK = Theme(
    name="runspect-dark",
    primary="#7fb4e6",
    secondary="#7fb4e6",
    accent="#7fb4e6",
    warning="#d7ab6a",
    error="#e0787e",
    success="#8fbc8a",
    foreground="#c9ced6",
    background="#15181d",
    surface="#1b1f26",
    panel="#1b1f26",
    boost="#1b1f26",
    dark=True,
    variables={
        "look-strong": "#eceff4",
        "look-dim": "#717a87",
        "look-faint": "#3a414c",
        "look-quiet": "#59616e",
        "look-live": "#7ad0b4",
        "look-tag": "#b7a3d9",
        "look-spark": "#8ba6c4",
        "look-best": "#eceff4",
        "look-cursor": "#27303c",
        "look-inactive": "#20252d",
        "curve-1": "#7fb4e6",
        "curve-2": "#e6b673",
        "curve-3": "#8fbc8a",
        "curve-4": "#d98a9b",
        "curve-5": "#b7a3d9",
        "curve-6": "#79c7c5",
        "curve-7": "#cfd08a",
        "curve-8": "#a9b2bf",
    },
)

LIGHT = Theme(
    name="runspect-light",
    primary="#1f6fb2",
    secondary="#1f6fb2",
    accent="#1f6fb2",
    warning="#9a6700",
    error="#b3363e",
    success="#3d7a3a",
    foreground="#2b3038",
    background="#fafaf8",
    surface="#f0f0ec",
    panel="#f0f0ec",
    boost="#f0f0ec",
    dark=False,
    variables={
        "look-strong": "#101418",
        "look-dim": "#7a808a",
        "look-faint": "#d0d2d4",
        "look-quiet": "#a4a8ae",
        "look-live": "#13795b",
        "look-tag": "#6f4fa8",
        "look-spark": "#4a6f94",
        "look-best": "#101418",
        "look-cursor": "#dfe9f3",
        "look-inactive": "#ebebe7",
        "curve-1": "#1f6fb2",
        "curve-2": "#b35c00",
        "curve-3": "#3d7a3a",
        "curve-4": "#b0355a",
        "curve-5": "#6f4fa8",
        "curve-6": "#0f7b7b",
        "curve-7": "#7a6a00",
        "curve-8": "#555b64",
    },
)

ANSI = Theme(
    name="runspect-ansi",
    primary="ansi_blue",
    secondary="ansi_blue",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    ansi=True,
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "look-strong": "ansi_default",
        "look-dim": "ansi_bright_black",
        "look-faint": "ansi_bright_black",
        "look-quiet": "ansi_bright_black",
        "look-live": "ansi_green",
        "look-tag": "ansi_magenta",
        "look-spark": "ansi_default",
        "look-best": "ansi_default",
        "look-cursor": "ansi_default",
        "look-inactive": "ansi_default",
        "curve-1": "ansi_cyan",
        "curve-2": "ansi_yellow",
        "curve-3": "ansi_green",
        "curve-4": "ansi_red",
        "curve-5": "ansi_magenta",
        "curve-6": "ansi_blue",
        "curve-7": "ansi_default",
        "curve-8": "ansi_bright_black",
    },
)

THEMES = (DARK, LIGHT, ANSI)


_FIELDS = {
    # a colour of the settings: the colours of the theme that follow it
    "good": ("success",),
    "bad": ("error",),
    "warn": ("warning",),
    "accent": ("accent", "primary", "secondary"),
    "foreground": ("foreground",),
    "background": ("background",),
    "panel": ("surface", "panel", "boost"),
}


def coloured(theme: Theme, colours: Iterable[tuple[str, str]]) -> Theme:
    """The theme with the user's colours; the terminal's own sixteen stay as they are."""
    if theme.ansi:
        return theme
    changes: dict[str, str] = {}
    variables = dict(theme.variables)
    for name, value in colours:
        changes |= dict.fromkeys(_FIELDS.get(name, ()), value)
        if name not in _FIELDS:
            variables[name if name.startswith("curve-") else f"look-{name}"] = value
    return replace(theme, variables=variables, **changes)  # type: ignore[arg-type]  # fields of colours are text


def choose(wanted: str, terminal: Terminal) -> Theme:
    """The theme for a terminal: the wanted one where it has the colours for it, else its own sixteen."""
    if wanted == "ansi" or terminal.colours in ("16", "none"):
        return ANSI
    return LIGHT if wanted == "light" else DARK
