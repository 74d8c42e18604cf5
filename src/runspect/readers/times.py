"""Columns of absolute times: seconds, milliseconds or ISO text as seconds since 1970."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from runspect.readers.contract import Floats
from runspect.readers.numbers import floats

_EARLIEST, _LATEST = 946_684_800.0, 4_102_444_800.0
"""2000 and 2100: a number outside, in no unit, is an elapsed time and so a metric."""
_FORMATS = ("%Y-%m-%d_%H-%M-%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d_%H%M%S", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S")


def moments(cells: Sequence[object]) -> Floats | None:
    """The column as UTC seconds (NaN where a cell says nothing), or None when it holds no absolute times.

    Text without a zone is local time: it was most likely written on this machine.
    """
    values, _ = floats(cells)
    known = values[~np.isnan(values)]
    if len(known):
        unit = _unit(known)
        return None if unit is None else values / unit
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    if not texts or moment(texts[0]) is None:
        return None
    parsed = [moment(cell) if isinstance(cell, str) else None for cell in cells]
    return np.array([np.nan if value is None else value for value in parsed], dtype=np.float64)


def moment(text: str) -> float | None:
    """One time stamp as UTC seconds, or None."""
    cell = text.strip()
    if not (8 <= len(cell) <= 40 and cell[0].isdigit()):
        return None
    try:
        return datetime.fromisoformat(cell).timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    for form in _FORMATS:
        try:
            return datetime.strptime(cell, form).timestamp()
        except (ValueError, OverflowError, OSError):
            continue
    return None


def utc(told: object) -> float | None:
    """An ISO time as UTC seconds, or None; for tools that write UTC without saying so."""
    if not isinstance(told, str):
        return None
    try:
        when = datetime.fromisoformat(told)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _unit(values: Floats) -> float | None:
    low, high = float(values.min()), float(values.max())
    for unit in (1.0, 1e3, 1e6, 1e9):
        if low / unit >= _EARLIEST and high / unit <= _LATEST:
            return unit
    return None
