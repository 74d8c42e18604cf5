"""How a team looks at its runs: what its policy says that a column's value or a comparison depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runspect.objective import Direction


@dataclass(frozen=True, slots=True)
class Lens:
    """What is not to be guessed from names, and the time by which ages count."""

    directions: Mapping[str, Direction] = field(default_factory=dict)
    """Of metrics whose name does not tell, or tells another one."""
    now: float | None = None
    """Seconds since 1970; None for the present."""


PLAIN = Lens()
"""Nothing but guesses."""
