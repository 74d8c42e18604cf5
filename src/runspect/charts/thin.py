"""Fewer points, same picture: a chart needs no more than four values a pixel column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PER_COLUMN = 4
"""Values that a pixel column keeps: first, lowest, highest, last."""


def as_series(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """`x` and `y` as float arrays of one length, without points whose x is no number, in drawing order.

    Where x goes back (a resumed run logs steps again), what it goes back over is superseded and left out.
    """
    xs, ys = np.asarray(x, dtype=np.float64).ravel(), np.asarray(y, dtype=np.float64).ravel()
    n = min(len(xs), len(ys))
    xs, ys = xs[:n], ys[:n]
    if n < 2 or bool((xs[1:] > xs[:-1]).all()):
        placed = np.isfinite(xs[:1]) & np.isfinite(xs[-1:]) if n else np.ones(0, dtype=bool)
        if placed.all():
            return xs, ys
    known = np.isfinite(xs)
    xs, ys = xs[known], ys[known]
    keep = current(xs)
    xs, ys = xs[keep], ys[keep]
    order = np.argsort(xs, kind="stable")
    return xs[order], ys[order]


def current(x: Floats) -> npt.NDArray[np.bool_]:
    """Which points still count: a later stretch of x replaces all earlier points from its first x on.

    A single point that goes back (a summary logged at step 0 at the very end) replaces only the point at its own x.
    """
    n = len(x)
    keep = np.ones(n, dtype=bool)
    if n < 2:
        return keep
    stray = np.zeros(n, dtype=bool)
    back = np.flatnonzero(x[1:] < x[:-1]) + 1
    ends = np.append(back[1:], n)
    stray[back[(ends - back == 1)]] = True
    main = np.flatnonzero(~stray)
    lowest_later = np.append(np.minimum.accumulate(x[main][::-1])[::-1][1:], np.inf)
    keep[main] = x[main] < lowest_later
    # among equal x the last one written wins, strays included
    kept = np.flatnonzero(keep)
    newest_first = kept[::-1]
    _, first_seen = np.unique(x[newest_first], return_index=True)
    only = np.zeros(n, dtype=bool)
    only[newest_first[first_seen]] = True
    return only


def thin(x: Floats, y: Floats, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
    """At most four points for each of `columns` pixel columns between x = `low` and `high`.

    `x` ascends. Column k is centred on `low + k * (high - low) / (columns - 1)`. A column's first, lowest, highest and
    last value come out at its centre; a column without a finite value gives NaN, so the gap stays. The neighbours just
    outside the span are kept, so that a line enters and leaves at the right angle. Few points come back unchanged.
    """
    start = max(0, int(np.searchsorted(x, low, "left")) - 1)
    stop = min(len(x), int(np.searchsorted(x, high, "right")) + 1)
    x, y = x[start:stop], y[start:stop]
    if len(x) <= PER_COLUMN * columns or columns < 2 or not high > low:
        return x, y
    width = (high - low) / (columns - 1)
    edges = np.searchsorted(x, low + (np.arange(columns + 1) - 0.5) * width)
    begin, end = edges[:-1], edges[1:]
    some = np.flatnonzero(end > begin)
    begin, end = begin[some], end[some]
    inside = y[: end[-1]] if len(end) else y
    if not len(begin):
        return x, y
    lowest, highest = np.fmin.reduceat(inside, begin), np.fmax.reduceat(inside, begin)
    values = np.stack((inside[begin], lowest, highest, inside[end - 1]), axis=1).ravel()
    return np.repeat(low + some * width, PER_COLUMN), values
