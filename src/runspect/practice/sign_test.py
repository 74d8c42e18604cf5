"""Many differences of a result as one line: how many helped, by how much in the middle, and whether that may be chance.

Pure. The sign test asks how often a coin would fall to one side at least so often: it takes for granted that each difference
is as likely to be one way as the other where the change does nothing, and nothing of their size or spread. Ties say nothing.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from runspect.dataclass import dataclass
from runspect.objective import Direction

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tally:
    """Over n differences."""

    n: int
    better: int
    worse: int
    change: float
    """The median of after - before."""
    share: float | None
    """The median of the same as a part of before (0.01 is one percent); None where each of these is 0."""
    p: float | None
    """Of the two-sided sign test; None where all are ties."""
    hinders: bool
    """More are worse than better, or as many and the middle one is worse."""


def tally(before: Floats, after: Floats, way: Direction) -> Tally:
    """The differences of pairs, in the same order."""
    changes = after - before
    with np.errstate(all="ignore"):
        shares = np.where(before == 0, np.nan, changes / np.abs(before))
    return tally_of(changes, shares, way)


def tally_of(changes: Floats, shares: Floats, way: Direction) -> Tally:
    """Args: the differences, at least one, and what part of the value before each is, NaN where that is 0."""
    gains = -changes if way == "down" else changes
    better, worse = int((gains > 0).sum()), int((gains < 0).sum())
    known = shares[np.isfinite(shares)]
    middle = float(np.median(changes))
    is_worse = (middle > 0) == (way == "down") and middle != 0
    return Tally(
        len(changes),
        better,
        worse,
        middle,
        float(np.median(known)) if len(known) else None,
        sign_test(better, worse),
        worse > better or (worse == better and is_worse),
    )


def sign_test(better: int, worse: int) -> float | None:
    """How likely a fair coin is at least so uneven in so many throws, 0 to 1 (Arbuthnott 1710); None of no throw."""
    n, fewer = better + worse, min(better, worse)
    if not n:
        return None
    if 2 * fewer == n:
        return 1.0
    whole = math.lgamma(n + 1) - n * math.log(2)
    tail = math.fsum(math.exp(whole - math.lgamma(k + 1) - math.lgamma(n - k + 1)) for k in range(fewer + 1))
    return min(1.0, 2 * tail)
