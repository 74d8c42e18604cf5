"""Numbers over weeks: which ISO week a moment lies in, the median and the 90th percentile of each, and whether there is a trend.

Pure: values in, values out. The trend is Theil and Sen's slope (Sen 1968, as `scipy.stats.theilslopes`) over one number a
week, with its interval by Kendall's normal approximation: one odd week does not turn it, and it is only called one where
the whole interval lies on one side of zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from runspect.dataclass import dataclass

WEEK_S = 604_800.0
_MONDAY_S = 345_600.0
"""1970-01-05 was the first Monday."""
SURE = 1.959963984540054
"""The normal quantile of 97.5 %: an interval that holds the slope 19 times of 20."""
FEWEST_WEEKS = 4
"""Weeks with a number below which no trend is told: of three, one order in three looks like one."""

Way = Literal["up", "down", "none", "few"]


@dataclass(frozen=True, slots=True)
class Slope:
    """A line through numbers, and how sure it is."""

    slope: float
    """By one of x."""
    intercept: float
    low: float
    high: float
    """The slope lies between them 19 times of 20."""

    @property
    def way(self) -> Way:
        """Where the whole interval points."""
        return "up" if self.low > 0 else "down" if self.high < 0 else "none"

    def at(self, x: float) -> float:
        """The line there."""
        return self.intercept + self.slope * x


@dataclass(frozen=True, slots=True)
class Week:
    """What the numbers of one ISO week are."""

    start: float
    """Its Monday, 0:00 UTC, in seconds since 1970."""
    n: int
    median: float | None
    """None of an empty week."""
    p90: float | None

    @property
    def name(self) -> str:
        """`2026-W47`."""
        return week_name(self.start)


def week_of(moment: float) -> float:
    """The Monday, 0:00 UTC, of the ISO week that a moment lies in, both in seconds since 1970."""
    return math.floor((moment - _MONDAY_S) / WEEK_S) * WEEK_S + _MONDAY_S


def week_name(start: float) -> str:
    """`2026-W47`, of its Monday."""
    # by seconds since 1970: `fromtimestamp` knows no moment far out
    year, week, _ = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=start)).isocalendar()
    return f"{year}-W{week:02}"


def last_weeks(moments: Iterable[float], most: int) -> tuple[float, ...]:
    """The `most` weeks that end with the newest moment, from the first one with a moment on; () of none."""
    starts = {week_of(moment) for moment in moments}
    if not starts:
        return ()
    newest = max(starts)
    first = min(start for start in starts if start > newest - most * WEEK_S)
    return tuple(first + at * WEEK_S for at in range(round((newest - first) / WEEK_S) + 1))


def by_week(told: Iterable[tuple[float, float]], weeks: Sequence[float]) -> tuple[Week, ...]:
    """Of each week its numbers; (moment, number) outside the weeks are left out."""
    found: dict[float, list[float]] = {start: [] for start in weeks}
    for moment, number in told:
        if (start := week_of(moment)) in found:
            found[start].append(number)
    return tuple(
        Week(start, len(numbers), percentile(numbers, 50), percentile(numbers, 90)) for start, numbers in found.items()
    )


def percentile(numbers: Sequence[float], percent: float) -> float | None:
    """Between the closest two, as NumPy does by default; None of none."""
    return float(np.percentile(numbers, percent)) if numbers else None


def counts_by_week(moments: Iterable[float], weeks: Sequence[float]) -> tuple[int, ...]:
    """How many moments each week has."""
    counted = dict.fromkeys(weeks, 0)
    for moment in moments:
        if (start := week_of(moment)) in counted:
            counted[start] += 1
    return tuple(counted.values())


def theil_sen(xs: Sequence[float], ys: Sequence[float]) -> Slope | None:
    """The median of all slopes between two points, the line through the medians, and the slope's 95 % interval.

    None of fewer than two different x. The same numbers as `scipy.stats.theilslopes(ys, xs)`.
    """
    x, y = np.asarray(xs, float), np.asarray(ys, float)
    across = x[:, None] - x
    ahead = across > 0
    slopes = np.sort((y[:, None] - y)[ahead] / across[ahead])
    if not slopes.size:
        return None
    middle = float(np.median(slopes))
    low, high = _interval(slopes.size, len(x), _ties(x), _ties(y))
    return Slope(middle, float(np.median(y)) - middle * float(np.median(x)), float(slopes[low]), float(slopes[high]))


def _interval(slopes: int, n: int, *ties: Sequence[int]) -> tuple[int, int]:
    """Which of the sorted slopes bound the interval (Sen 1968, (2.6))."""
    spread = n * (n - 1) * (2 * n + 5) - sum(k * (k - 1) * (2 * k + 5) for each in ties for k in each)
    reach = SURE * math.sqrt(max(0.0, spread / 18))
    return max(round((slopes - reach) / 2) - 1, 0), min(round((slopes + reach) / 2), slopes - 1)


def _ties(values: NDArray[np.float64]) -> list[int]:
    _, counts = np.unique(values, return_counts=True)
    return [int(count) for count in counts if count > 1]
