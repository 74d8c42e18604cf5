"""The first values of a series as a hint, so that `resolve` can tell two records of one run from two runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite

import numpy as np

from runspect.readers.contract import Points

HINT = "values"
MOST = 96
"""Values in a hint at most."""
OF_EACH = 3
"""Values of each series, where all series are at hand."""


def values_hint(points: Iterable[tuple[str, int, float]]) -> tuple[tuple[str, str], ...]:
    """The hint that tells values of (name, step, value), each rounded to float32 as event files keep them."""
    told = [
        f"{step} {np.float32(value):.9g} {name}"
        for name, step, value in points
        if isfinite(value) and abs(value) < np.finfo(np.float32).max and "\n" not in name
    ]
    return ((HINT, "\n".join(told[:MOST])),) if told else ()


def first_of(series: Mapping[str, Points]) -> Iterator[tuple[str, int, float]]:
    """The first values of each series."""
    for name, points in series.items():
        for step, value in zip(points.steps[:OF_EACH].tolist(), points.values[:OF_EACH].tolist(), strict=True):
            yield name, step, value
