"""Pictures of charts as lines of the screen, side by side, and where two such lines differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from runspect.charts.picture import Picture, Style
from runspect.tui.widgets.painted import Line, Span, band_look, curve_look

_LOOKS: Mapping[Style, str] = {
    "blank": "plain",
    "axis": "faint",
    "title": "plain",
    "value": "strong",
    "label": "dim",
    "grid": "faint",
    "dim": "faint",
    "warn": "warn",
}


def painted(picture: Picture, title: str) -> list[Line]:
    """A picture as lines; its title in the look `title`."""
    return [[(text, _look(style, title)) for text, style in row] for row in picture.rows]


def _look(style: Style, title: str) -> str:
    if isinstance(style, int):
        return band_look(~style) if style < 0 else curve_look(style)
    return title if style == "title" else _LOOKS[style]


def shifted(lines: Sequence[Line]) -> list[Line]:
    """Lines one cell further to the right."""
    return [[(" ", "plain"), *line] for line in lines]


def across(pieces: Sequence[tuple[int, Line]]) -> Line:
    """One line of pieces that begin at given cells."""
    spans: list[Span] = []
    used = 0
    for x, line in pieces:
        spans.append((" " * (x - used), "plain"))
        spans += line
        used = x + sum(cell_len(text) for text, _ in line)
    return spans


def different(old: Line, new: Line) -> tuple[int, int]:
    """The first cell and the cell behind the last one in which two lines differ."""
    one, two = _cells(old), _cells(new)
    length = max(len(one), len(two))
    one += [(" ", "plain")] * (length - len(one))
    two += [(" ", "plain")] * (length - len(two))
    differing = [at for at in range(length) if one[at] != two[at]]
    return (differing[0], differing[-1] + 1) if differing else (0, 0)


def _cells(line: Line) -> list[Span]:
    """One entry a cell; a wide character takes two."""
    cells: list[Span] = []
    for text, look in line:
        for char in text:
            cells += [(char, look)] * cell_len(char)
    return cells
