"""Times of a run that is told: how long it took."""

from __future__ import annotations

from datetime import datetime

from runspect.index.reads.told import Told
from runspect.index.rows import seconds


def took(told: Told) -> float | None:
    """Seconds from the start to the end, or to the newest record; a clock that went backwards gives none."""
    return between(told.head.started, told.head.ended or told.head.updated)


def between(began: datetime | None, end: datetime | None) -> float | None:
    """Seconds from one moment to the other, not less than 0."""
    if began is None or end is None:
        return None
    return _epoch(end) - _epoch(began) if end >= began else 0.0


def _epoch(stamp: datetime) -> float:
    return seconds(stamp) or 0.0
