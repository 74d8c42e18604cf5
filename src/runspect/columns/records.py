"""Raw values for other programs: times that say their zone, ages in seconds."""

from __future__ import annotations

from datetime import UTC, datetime

from runspect.columns.spec import Column
from runspect.columns.table import BY_NAME
from runspect.model import TIME_FACTS, Json


def record(column: Column, value: Json, now: float) -> Json:
    """A raw value as a file of data holds it.

    A moment becomes ISO 8601 in UTC ("2026-11-23T13:51:10.250000Z"), an age the seconds from the moment until `now`
    (seconds since 1970); durations stay seconds, everything else stays what it is.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    kind = BY_NAME[column.name].type if column.kind == "field" else ""
    if kind == "age":
        return round(max(0.0, now - value), 3)
    if kind == "moment" or (column.kind == "fact" and column.name in TIME_FACTS):
        return _iso(value)
    return value


def _iso(seconds: float) -> Json:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return seconds  # no date that a calendar has
