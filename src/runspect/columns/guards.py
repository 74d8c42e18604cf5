"""Metrics that must not get worse while the objective gets better."""

from __future__ import annotations

from collections.abc import Mapping

from runspect.dataclass import dataclass
from runspect.objective import Direction, direction

SPENT = ("took", "cost")
"""Built-in columns that may be guards; both are better when they are smaller."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One of them, and by how much it may get worse."""

    spec: str
    """A column spec; the newest value where no aggregate is named."""
    direction: Direction | None = None
    """None where the name of the metric, or the policy's `[directions]`, tells."""
    tolerance: float = 0.0
    """In the metric's own unit, or in percent of the reference's size."""
    relative: bool = False
    """Whether the tolerance is in percent."""

    @property
    def tolerance_text(self) -> str:
        """`2 %`, `0.01`; "" for none."""
        return f"{self.tolerance:g}{' %' * self.relative}" if self.tolerance else ""


def way_of(guard: Guard, name: str, directions: Mapping[str, Direction]) -> Direction | None:
    """Which way a guard is better: as it says itself, else as the policy or the name of its metric tells."""
    if guard.direction is not None:
        return guard.direction
    return "down" if name in SPENT else direction(name, directions)
