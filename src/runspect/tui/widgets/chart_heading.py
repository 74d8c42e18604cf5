"""The lines above the charts: whose curves they are, how they are drawn, and who is left out."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from runspect.charts.timeless import told
from runspect.tui.fit import cut
from runspect.tui.glyphs import Glyphs
from runspect.tui.widgets.painted import Line, Span, curve_look

_LEAST_NAME = 8
"""Cells of a name in the legend, at least."""


def heading(names: Sequence[str], facts: Sequence[str], width: int, glyphs: Glyphs) -> Line:
    """The names of the runs at the left, what is to be known of the drawing at the right."""
    aside = "   ".join(facts)
    room = width - cell_len(aside) - 4
    spans: list[Span] = [(" ", "plain")]
    if len(names) == 1:
        spans.append((cut(names[0], max(1, room), glyphs.cut, "middle"), "strong"))
    elif names:
        spans += legend(names, room, glyphs)
    used = sum(cell_len(text) for text, _ in spans)
    return [*spans, (" " * max(1, width - used - cell_len(aside) - 1), "plain"), (aside, "dim")]


def legend(names: Sequence[str], room: int, glyphs: Glyphs) -> list[Span]:
    """Each name behind a mark in the colour of its curves; an ellipsis where the room for the others ends."""
    each = max(_LEAST_NAME, (room + 2) // len(names) - 4)
    spans: list[Span] = []
    for number, name in enumerate(names):
        text = cut(name, each, glyphs.cut, "middle")
        needed = cell_len(text) + 2 + (0 if number == len(names) - 1 else 3)
        if room < needed:
            return [*spans, (glyphs.cut, "dim")]
        spans += [(glyphs.on + " ", curve_look(number)), (text, "plain"), ("  ", "plain")]
        room -= cell_len(text) + 4
    return spans


def left_out(names: Sequence[str], width: int, glyphs: Glyphs) -> Line:
    """Which runs a time axis cannot show."""
    return [(" " + cut(told(names), max(1, width - 2), glyphs.cut), "warn")]
