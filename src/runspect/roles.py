"""What a cell means. Themes decide how it looks; layers below the screen never see a colour."""

from __future__ import annotations

from typing import Literal

from runspect.dataclass import dataclass

Role = Literal[
    "plain",  # ordinary text
    "dim",  # secondary: units, absent values, old times
    "strong",  # names, headings
    "accent",  # cursor, marks, what the eye should find first
    "good",  # finished, better
    "bad",  # failed, crashed, worse
    "warn",  # quiet, killed, doubtful
    "live",  # running
    "spark",  # sparklines and curves of the cursor run
    "tag",
    "best",  # best value of a column
]

Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Text of one table cell plus what it means."""

    text: str
    role: Role = "plain"


STATE_GLYPH: dict[str, tuple[str, str, Role]] = {
    # state: (UTF-8 glyph, ASCII glyph, role); meaning is carried by the glyph, colour only repeats it
    "running": ("●", "*", "live"),
    "quiet": ("◐", "~", "warn"),
    "finished": ("✓", "+", "good"),
    "failed": ("✗", "x", "bad"),
    "killed": ("■", "#", "warn"),
    "crashed": ("✗", "X", "bad"),
    "gone": ("○", "o", "dim"),
    "unknown": ("·", "?", "dim"),
}
