"""Curves for charts: of each series at most a few points a pixel column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Literal

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.index.reads.outline import Asked, Outline
from runspect.index.reads.outlines import Outlines, drawn
from runspect.index.reads.points import TOGETHER, load
from runspect.index.reads.scope import Cursor
from runspect.index.reads.thinning import thinned
from runspect.index.reads.told import PLAIN, Head, Runs, Series
from runspect.index.rows import seconds
from runspect.index.summary import Winning

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]
Axis = Literal["step", "time", "relative"]
Span = tuple[float, float]

AT_ONCE = 500_000
"""Points that are read at once at most, as long as no single series has more: 28 MB."""


@dataclass(frozen=True, slots=True)
class CurvePoints:
    """One thinned curve, x ascending; the three arrays have equal length."""

    rid: int
    metric: str
    x: Floats
    y: Floats
    step: Steps


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked of every curve."""

    x: Axis
    width: int
    span: Span | None
    begun: Mapping[int, float]


def curves(
    cursor: Cursor,
    rids: Sequence[int],
    metrics: Sequence[str],
    x: Axis = "step",
    width: int = 200,
    span: Span | None = None,
    runs: Runs = PLAIN,
    outlines: Outlines | None = None,
) -> tuple[CurvePoints, ...]:
    """The curves of `metrics` of `rids`, at most four points for each of `width` pixel columns.

    A column keeps its first, lowest, highest and last point; where a series is so long that it has an outline, its borders
    may lie up to a quarter of a column to the side. `span` is the visible part of the x axis; without it all is visible. x is
    the step, seconds since 1970, or seconds since the run began.

    Args:
        runs: Says what is told of single runs; one that remembers it saves most of the time.
        outlines: Remembers the outlines of long series; without it all points are read.
    """
    told = runs.series(cursor, rids)
    picked = {rid: [told[rid][name] for name in metrics if name in told[rid]] for rid in told}
    named = {series.mid: name for rid in told for name in metrics if (series := told[rid].get(name)) is not None}
    if not named:
        return ()
    begun = _starts(runs.heads(cursor, list(told))) if x == "relative" else {}
    wanted = _Wanted(x, width, span, begun)
    places = {name: place for place, name in reversed(list(enumerate(metrics)))}
    made: dict[tuple[int, str], CurvePoints] = {}
    short: dict[int, list[Series]] = {}
    long: dict[Asked, Series] = {}
    for rid, listed in picked.items():
        for series in listed:
            if outlines is not None and series.n >= outlines.sizes.long:
                long[Asked(rid, series.mid, "step" if x == "step" else "time")] = series
            else:
                short.setdefault(rid, []).append(series)
    if outlines is not None and long:
        with closing(outlines.each(cursor, list(long))) as each:
            for one, found in each:
                if found is None:
                    short.setdefault(one.rid, []).append(long[one])
                else:
                    made[one.rid, named[one.mid]] = _outlined(cursor, one, named[one.mid], wanted, found)
    asked = {(rid, series.mid) for rid, listed in short.items() for series in listed}
    for some, mids in _portions(short):
        for (rid, mid), points in load(cursor, some, mids).items():
            if (rid, mid) in asked:
                made[rid, named[mid]] = _curve(rid, named[mid], points, wanted)
    order = {rid: place for place, rid in reversed(list(enumerate(rids)))}
    return tuple(made[key] for key in sorted(made, key=lambda key: (order[key[0]], places[key[1]])))


def _portions(wanted: Mapping[int, Sequence[Series]]) -> Iterator[tuple[list[int], list[int]]]:
    """Runs and metrics to read together."""
    rids: list[int] = []
    mids: dict[int, None] = {}
    count = 0
    for rid, listed in wanted.items():
        more = sum(series.n for series in listed)
        if rids and (count + more > AT_ONCE or len(rids) == TOGETHER):
            yield rids, list(mids)
            rids, mids, count = [], {}, 0
        rids.append(rid)
        mids |= dict.fromkeys(series.mid for series in listed)
        count += more
    if rids:
        yield rids, list(mids)


def _outlined(cursor: Cursor, asked: Asked, metric: str, wanted: _Wanted, found: Outline) -> CurvePoints:
    """From the outline of a long series."""
    zero = min(wanted.begun.get(asked.rid, np.inf), found.first()) if wanted.x == "relative" else 0.0
    span = None if wanted.span is None else (wanted.span[0] + zero, wanted.span[1] + zero)
    x, y, step = drawn(cursor, asked, found, wanted.width, span)
    return CurvePoints(asked.rid, metric, x - zero if zero else x, y, step)


def _starts(heads: Mapping[int, Head]) -> dict[int, float]:
    known = {rid: seconds(head.started) for rid, head in heads.items()}
    return {rid: began for rid, began in known.items() if began is not None}


def _curve(rid: int, metric: str, points: Winning, wanted: _Wanted) -> CurvePoints:
    xs, ys, steps = _placed(points, wanted.x)
    if wanted.x == "relative":
        first = float(np.nanmin(xs)) if len(xs) else 0.0
        xs = xs - min(wanted.begun.get(rid, np.inf), first)
    chosen = thinned(xs, ys, wanted.width, wanted.span)
    return CurvePoints(rid, metric, xs[chosen], ys[chosen], steps[chosen])


def _placed(points: Winning, x: Axis) -> tuple[Floats, Floats, Steps]:
    """x, y and step of the points that have an x, x ascending."""
    xs, ys, steps = points.steps.astype(np.float64) if x == "step" else points.times, points.values, points.steps
    if x != "step" and not np.isfinite(xs).all():
        known = np.isfinite(xs)
        xs, ys, steps = xs[known], ys[known], steps[known]
    if bool((xs[1:] < xs[:-1]).any()):
        order = np.argsort(xs, kind="stable")
        xs, ys, steps = xs[order], ys[order], steps[order]
    return xs, ys, steps
