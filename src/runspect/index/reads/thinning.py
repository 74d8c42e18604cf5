"""Fewer points, same picture: positions of the points that a chart can show."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

PER_COLUMN = 4
"""Points that a pixel column keeps: first, lowest, highest, last."""


def visible(x: Floats, span: tuple[float, float] | None) -> tuple[int, int]:
    """From and to of an ascending `x` within `span`, and the neighbours just outside.

    With these a line enters and leaves at the right angle.
    """
    if span is None:
        return 0, len(x)
    low, high = span
    begin = max(0, int(np.searchsorted(x, low, "left")) - 1)
    return begin, min(len(x), int(np.searchsorted(x, high, "right")) + 1)


def thinned(x: Floats, y: Floats, width: int, span: tuple[float, float] | None) -> Positions:
    """Positions to keep of an ascending `x`: first, lowest, highest, last of each of `width` columns, all where they are few."""
    begin, end = visible(x, span)
    if end - begin <= PER_COLUMN * width or width < 1:
        return np.arange(begin, end)
    low, high = x[begin], x[end - 1]
    edges = (
        np.searchsorted(x[begin:end], low + (high - low) * np.arange(width) / width)
        if high > low
        else np.zeros(1, np.intp)
    )
    return begin + _of_columns(y[begin:end], _distinct(edges, end - begin))


def of_stretches(y: Floats, size: int) -> Positions:
    """Positions of the first, lowest, highest and last of each `size` points; their number must be a multiple of `size`."""
    rows = y.reshape(-1, size)
    bad = np.isnan(rows)
    any_bad = bool(bad.any())
    kept = np.empty((len(rows), PER_COLUMN), np.intp)
    kept[:, 0], kept[:, 3] = 0, size - 1
    kept[:, 1] = (np.where(bad, np.inf, rows) if any_bad else rows).argmin(axis=1)
    kept[:, 2] = (np.where(bad, -np.inf, rows) if any_bad else rows).argmax(axis=1)
    kept.sort(axis=1)
    kept += (np.arange(len(rows)) * size)[:, None]
    flat: Positions = kept.ravel()
    return flat[np.append(True, flat[1:] != flat[:-1])] if len(flat) else flat


def _distinct(edges: Positions, count: int) -> Positions:
    inside = edges[edges < count]
    distinct: Positions = inside[np.append(True, inside[1:] != inside[:-1])]
    return distinct


def _of_columns(y: Floats, edges: Positions) -> Positions:
    """Positions of the first, lowest, highest and last point of each stretch that begins at `edges`."""
    sizes = np.diff(np.append(edges, len(y)))
    keep = np.zeros(len(y), dtype=bool)
    keep[edges] = True
    keep[edges + sizes - 1] = True
    with np.errstate(invalid="ignore"):
        extremes = np.fmin.reduceat(y, edges), np.fmax.reduceat(y, edges)
    for extreme in extremes:
        hits = np.flatnonzero(y == np.repeat(extreme, sizes))
        columns = np.searchsorted(edges, hits, "right")
        keep[hits[np.append(True, columns[1:] != columns[:-1])[: len(hits)]]] = True
    return np.flatnonzero(keep)
