"""The user's colours in the themes."""

from __future__ import annotations

from runspect.settings import COLOURS, CURVES
from runspect.tui import theme


def test_every_colour_that_can_be_set_changes_something() -> None:
    for colour in COLOURS:
        changed = theme.coloured(theme.DARK, [(colour, "#010203")])
        assert "#010203" in str(changed), colour
        if colour not in theme._FIELDS:
            assert changed.variables.keys() == theme.DARK.variables.keys(), colour
    assert CURVES == theme.SERIES


def test_the_terminals_own_colours_stay() -> None:
    assert theme.coloured(theme.ANSI, [("good", "#010203")]) == theme.ANSI
