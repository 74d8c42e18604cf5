"""A report as sections of blocks: what it says, before anything is known of Markdown or HTML.

All text is data: renderers escape it. Secrets are masked before it comes here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from runspect.dataclass import dataclass

Tone = Literal["plain", "dim", "strong", "good", "bad", "warn"]
"""What a text means; it never says more than its words do."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """Short statements."""

    items: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values."""

    rows: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that compare; every row is as long as `titles`."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: frozenset[int] = frozenset()
    """Columns of numbers."""
    note: str = ""
    """What it leaves out, or how it is to be read."""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve; `x` and `y` have equal length, `low` and `high` that of `x` or none."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    """Of a band around it: mean ± standard deviation."""
    n: tuple[int, ...] = ()
    """With a band: how many runs count at each x."""
    index: int = 0
    """Picks colour and dashes."""
    steps: bool = False
    """The value holds until the next x."""
    dots: bool = False
    """Each point is a result of its own; no line joins them."""
    says: str = ""
    """What there is to be seen, for those who do not see it; begins with the label."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves over one x."""

    title: str
    lines: tuple[Line, ...]
    x: Literal["step", "time", "relative"] = "step"
    """`time` is seconds since 1970, `relative` seconds since a start."""
    x_label: str = ""
    y_label: str = ""
    log_y: bool = False
    settles: bool = False
    """What matters is where the curves settle: how they came there may leave the picture."""
    note: str = ""

    @property
    def says(self) -> str:
        """What there is to be seen, curve by curve."""
        return f"{self.title}. {'. '.join(line.says or line.label for line in self.lines)}."


Block = Words | Bullets | Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report; but for `head` it is the same whenever it is made of the same index."""

    title: str
    summary: tuple[Words, ...]
    sections: tuple[Section, ...]
    head: tuple[tuple[str, str], ...] = ()
    """When, by what and of what it was made."""


def cells(texts: Sequence[str], tone: Tone = "plain") -> tuple[Cell, ...]:
    """A row of one tone."""
    return tuple(Cell(text, tone) for text in texts)
