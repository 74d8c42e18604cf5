"""A finished drawing: rows of text pieces, each with what it means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from runspect.charts.labels import cells
from runspect.dataclass import dataclass

Style = Literal["blank", "axis", "title", "value", "label", "grid", "dim", "warn"] | int
"""What a piece of text means; a number is the index of the series that it belongs to (a theme's colour wheel).

`~index`, which is negative, is the band of that series: it stands back behind its curve.
"""

Segment = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where in a picture the curves are, so that a cursor can be laid over them."""

    x: int
    y: int
    width: int
    height: int
    low: float
    """x value at the centre of the first dot column; `high` at that of the last."""
    high: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows of segments; every row is exactly `width` cells wide."""

    rows: tuple[tuple[Segment, ...], ...]
    width: int
    frame: Frame | None = None
    """None when there is nothing to point at."""

    @property
    def text(self) -> str:
        """The picture without its styles and without spaces at the ends of lines."""
        return "\n".join("".join(piece for piece, _ in row).rstrip() for row in self.rows)


def row(pieces: Iterable[Segment], width: int) -> tuple[Segment, ...]:
    """One row: neighbours of a style joined, padded to `width` cells. Pieces that do not fit any more are left out."""
    joined: list[Segment] = []
    room = width
    for text, style in (*pieces, (" " * width, "blank")):
        size = cells(text)
        if size > room and style == "blank":
            text, size = text[:room], room
        if not size or size > room:
            continue
        room -= size
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    return tuple(joined)
