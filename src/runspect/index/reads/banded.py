"""Mean and spread of groups of runs over an x axis.

Runs log at steps of their own. A run counts only between its first and its last point, and there by the straight line
between the two points around: nothing is continued beyond what was logged, and how many runs count is told of every x.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.index.reads.charted import Axis, CurvePoints, Span, curves
from runspect.index.reads.outlines import Outlines
from runspect.index.reads.scope import Cursor
from runspect.index.reads.told import PLAIN, Runs

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

FINER = 2
"""Runs of more points than a chart has room for are read this many times finer than it is drawn."""
AT_ONCE = 1_500_000
"""Points that are held at once at most, as long as one metric of the runs has no more: 36 MB."""


@dataclass(frozen=True, slots=True)
class BandPoints:
    """One metric of one group; the arrays have equal length, x ascending."""

    group: int
    """Its place among the groups that were asked for."""
    metric: str
    x: Floats
    mean: Floats
    std: Floats
    """Sample standard deviation; NaN where fewer than two runs count."""
    n: Counts
    """Runs that count."""
    lost: Counts
    """Runs with a value here that is not finite; it counts for nothing."""


def bands(
    cursor: Cursor,
    groups: Sequence[Sequence[int]],
    metrics: Sequence[str],
    x: Axis = "step",
    width: int = 200,
    span: Span | None = None,
    runs: Runs = PLAIN,
    outlines: Outlines | None = None,
) -> tuple[BandPoints, ...]:
    """Mean and standard deviation of each metric over the runs of each group, group after group.

    They are told at every x at which a run of the group logged something where these are at most `2 * width`, else at
    `width` places. A run of more than `8 * width` points counts by real points of half a column around each place.
    """
    rids = list(dict.fromkeys(rid for group in groups for rid in group))
    found: dict[tuple[int, str], BandPoints] = {}
    for some in _portions(metrics, len(rids) * 4 * FINER * width):
        by_metric: dict[str, dict[int, CurvePoints]] = {name: {} for name in some}
        for curve in curves(cursor, rids, some, x, FINER * width, span, runs, outlines):
            by_metric[curve.metric][curve.rid] = curve
        for metric, read in by_metric.items():
            for place, group in enumerate(groups):
                band = _band(place, metric, group, read, width, span)
                if band is not None:
                    found[place, metric] = band
    return tuple(found[place, metric] for place in range(len(groups)) for metric in metrics if (place, metric) in found)


def _portions(metrics: Sequence[str], points_each: int) -> Iterator[Sequence[str]]:
    """Metrics to read together."""
    names = list(dict.fromkeys(metrics))
    size = max(1, AT_ONCE // max(1, points_each))
    return (names[start : start + size] for start in range(0, len(names), size))


def _band(
    place: int, metric: str, group: Sequence[int], read: Mapping[int, CurvePoints], width: int, span: Span | None
) -> BandPoints | None:
    logged = [(curve.x, curve.y) for rid in dict.fromkeys(group) if (curve := read.get(rid)) is not None]
    logged = [(x, y) for x, y in logged if len(x)]
    at = grid([x for x, _ in logged], width, span)
    if not len(at):
        return None
    values = np.stack([_between(at, x, y) for x, y in logged])
    n, mean, std = spread(values)
    return BandPoints(place, metric, at, mean, std, n, _lost(at, logged))


def grid(logged: Sequence[Floats], width: int, span: Span | None) -> Floats:
    """Where a group is looked at, ascending: every x that was logged where these are few, else `width` places."""
    if not logged:
        return np.empty(0)
    low, high = min(float(x[0]) for x in logged), max(float(x[-1]) for x in logged)
    if span is not None:
        low, high = max(low, span[0]), min(high, span[1])
    if not low <= high:
        return np.empty(0)
    longest = max(logged, key=len)
    if len(longest) <= 2 * width:
        # seeds mostly log at the very same steps
        same = all(x is longest or np.array_equal(x, longest) for x in logged)
        every = longest if same else np.unique(np.concatenate(logged))
        inside = every[(every >= low) & (every <= high)]
        if len(inside) <= 2 * width:
            return inside if span is None else np.unique(np.concatenate((inside, (low, high))))
    return np.linspace(low, high, width) if high > low else np.array([low])


def spread(values: Floats) -> tuple[Counts, Floats, Floats]:
    """How many finite values each column of a matrix has, their mean and their sample standard deviation."""
    known = np.isfinite(values)
    n = known.sum(axis=0)
    zeroed = np.where(known, values, 0.0)
    scale = np.abs(zeroed).max(axis=0)  # squares of huge numbers overflow
    scale = np.where(scale > 0, scale, 1.0)
    shares = zeroed / scale
    mean = shares.sum(axis=0) / np.maximum(n, 1)
    squares = (np.where(known, shares - mean, 0.0) ** 2).sum(axis=0)
    std = np.sqrt(squares / np.maximum(n - 1, 1)) * scale
    return n, np.where(n > 0, mean * scale, np.nan), np.where(n > 1, std, np.nan)


def _between(at: Floats, x: Floats, y: Floats) -> Floats:
    """The line through (x, y) at some places; NaN beyond its ends and beside what is not finite."""
    with np.errstate(all="ignore"):
        return np.interp(at, x, np.where(np.isfinite(y), y, np.nan), left=np.nan, right=np.nan)


def _lost(at: Floats, logged: Sequence[tuple[Floats, Floats]]) -> Counts:
    """How many runs have a value that is not finite nearest to each place."""
    lost = np.zeros(len(at), np.int64)
    for x, y in logged:
        bad = x[~np.isfinite(y)]
        bad = bad[(bad >= at[0]) & (bad <= at[-1])]
        if len(bad):
            right = np.clip(np.searchsorted(at, bad), 0, len(at) - 1)
            left = np.maximum(right - 1, 0)
            nearest = np.where(bad - at[left] < at[right] - bad, left, right)
            lost[np.unique(nearest)] += 1
    return lost
