"""One value as a series."""

from __future__ import annotations

import numpy as np

from runspect.readers.contract import Points


def single(step: int, value: float, time: float | None = None) -> Points:
    """A series of one point; `time` in seconds since 1970."""
    when = np.nan if time is None else time
    return Points(np.array([step], dtype=np.int64), np.array([when]), np.array([value], dtype=np.float64))
