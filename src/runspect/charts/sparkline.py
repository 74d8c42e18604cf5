"""A curve in one line of text: kept as digits in the index, shown as blocks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

WIDTH = 24
"""Digits that the index keeps of a series."""

FLAT = "4"
"""The outline of a single finite value."""

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII = " __..--=^"
"""One glyph a digit, from no finite value to the highest."""


def digits(values: npt.ArrayLike, width: int = WIDTH) -> str:
    """At most `width` digits that outline a series: 1 its lowest value, 8 its highest, 0 a stretch without any.

    Each digit is the mean of an equal share of the points; a flat series is all 4s, an empty one "".
    """
    points = np.asarray(values, dtype=np.float64).ravel()
    if not len(points) or width < 1:
        return ""
    finite = np.isfinite(points)
    if len(points) <= width and finite.all():
        return _each(points.tolist())
    scale = float(np.abs(points[finite]).max()) if finite.any() else 1.0
    # scaled first, so that sums of numbers near 1e308 stay finite
    scaled = np.where(finite, points, 0.0) / (scale or 1.0)
    count = min(width, len(points))
    begin = np.arange(count) * len(points) // count
    known = np.add.reduceat(finite.astype(np.float64), begin)
    means = np.add.reduceat(scaled, begin) / np.maximum(known, 1)
    some = known > 0
    if not some.any():
        return "0" * count
    low, high = float(means[some].min()), float(means[some].max())
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        levels = np.full(count, 4)
    else:
        levels = np.clip(np.rint((means - low) / (high - low) * 7) + 1, 1, 8).astype(int)
    return "".join(map(str, np.where(some, levels, 0)))


def outlines(values: npt.NDArray[np.float64], width: int = WIDTH) -> list[str]:
    """`digits` of each row of a table of finite values, all at the price of a few calls of NumPy."""
    rows, length = values.shape
    if not length or width < 1:
        return [""] * rows
    scale = np.abs(values).max(axis=1, keepdims=True)
    scale[scale == 0] = 1.0
    count = min(width, length)
    begin = np.arange(count) * length // count
    means = np.add.reduceat(values / scale, begin, axis=1) / np.diff(begin, append=length)
    low, high = means.min(axis=1, keepdims=True), means.max(axis=1, keepdims=True)
    span = high - low
    flat = span <= 1e-12 * np.maximum(np.abs(low), np.abs(high))
    levels = np.clip(np.rint((means - low) / np.where(flat, 1.0, span) * 7) + 1, 1, 8)
    text = (np.where(flat, 4, levels) + ord("0")).astype(np.uint8).tobytes().decode()
    return [text[at : at + count] for at in range(0, rows * count, count)]


def _each(values: list[float]) -> str:
    """A digit for each of a few finite values: what the sums of many come to, without NumPy's price of a call."""
    scale = max(map(abs, values)) or 1.0
    scaled = [value / scale for value in values]
    low, high = min(scaled), max(scaled)
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        return FLAT * len(values)
    return "".join([str(round((value - low) / (high - low) * 7) + 1) for value in scaled])


def glyphs(outline: str, width: int, *, ascii_only: bool = False) -> str:
    """`outline` (digits 0 to 8) drawn in exactly `width` cells: shrunk by picking, never stretched, padded."""
    ladder = ASCII if ascii_only else BLOCKS
    levels = [int(char) for char in outline if char in "012345678"]
    if width < 1:
        return ""
    if len(levels) > width:
        last = len(levels) - 1
        levels = [levels[round(i * last / max(1, width - 1))] for i in range(width)]
    return "".join(ladder[level] for level in levels).ljust(width)
