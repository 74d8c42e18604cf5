"""Dates and ages as people type them; numbers and durations come from `columns`."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from runspect.columns.quantities import Duration, duration, is_duration, number
from runspect.dataclass import dataclass

__all__ = ["DATE_WORDS", "Clock", "Duration", "Moment", "ago", "duration", "moment", "number"]

_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2})"
    r"(?:[T_](?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?)?(?P<utc>Z)?)?)?)?"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

SPANS = ("week", "month", "year")
DATE_WORDS = (
    "today",
    "yesterday",
    "now",
    *_WEEKDAYS,
    *(f"{which}-{span}" for span in SPANS for which in ("this", "last")),
)
"""Words that stand for an instant, a day (a weekday is the last one that has begun), or a week from Monday on."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What "now" and "today" are: seconds since 1970, and the zone of dates (None: this machine's)."""

    now: float
    zone: tzinfo | None = None

    def local(self) -> datetime:
        """Now, as the wall clock shows it."""
        return datetime.fromtimestamp(self.now, self.zone or _machine_zone(self.now))


@dataclass(frozen=True, slots=True)
class Moment:
    """From `low` to before `high`, UTC without a zone: a day, a month, or an instant of one microsecond."""

    low: datetime
    high: datetime


def moment(text: str, clock: Clock) -> Moment | None:
    """A date, a day's name, or how long ago; None when it is none of these or out of range."""
    word = "-".join(text.lower().split())
    try:
        if word == "now":
            return _instant(clock.now)
        if word.endswith(SPANS) and word in DATE_WORDS:
            begin, end = _named_span(word, clock)
            return _span(begin, end, clock)
        if word in DATE_WORDS:
            day = _named_day(word, clock)
            return _span(day, day + timedelta(days=1), clock)
        if found := _DATE.fullmatch(text):
            return _dated(found, clock)
        ago = duration(text) if is_duration(text) else None
        return _instant(clock.now - ago.seconds) if ago else None
    except (ValueError, OverflowError, OSError):
        return None


def ago(seconds: float, unit: float, clock: Clock) -> Moment | None:
    """The moments that are at least `seconds` and less than `seconds + unit` old; an instant when `unit` is 0."""
    try:
        found = _instant(clock.now - seconds)
        return Moment(found.high - timedelta(seconds=unit), found.high) if unit else found
    except (ValueError, OverflowError, OSError):
        return None


def _dated(found: re.Match[str], clock: Clock) -> Moment:
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    begin = datetime(year, month, day, int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0))
    if found["second"]:
        end = begin + timedelta(seconds=1)
    elif found["minute"]:
        end = begin + timedelta(minutes=1)
    elif found["hour"]:
        end = begin + timedelta(hours=1)
    elif found["day"]:
        end = begin + timedelta(days=1)
    elif found["month"]:
        end = datetime(year + month // 12, month % 12 + 1, 1)
    else:
        end = datetime(year + 1, 1, 1)
    if found["utc"]:
        return Moment(begin, end)
    return _span(begin, end, clock)


def _named_span(word: str, clock: Clock) -> tuple[datetime, datetime]:
    """This or the last week, month or year."""
    which, span = word.split("-")
    today = _today(clock)
    if span == "week":
        begin = today - timedelta(days=today.weekday())
        return (begin, begin + timedelta(days=7)) if which == "this" else (begin - timedelta(days=7), begin)
    months = 1 if span == "month" else 12
    first = today.year * 12 + (today.month - 1 if span == "month" else 0) - (0 if which == "this" else months)
    begin, end = (datetime(each // 12, each % 12 + 1, 1) for each in (first, first + months))
    return begin, end


def _today(clock: Clock) -> datetime:
    return clock.local().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)


def _named_day(word: str, clock: Clock) -> datetime:
    today = _today(clock)
    if word in _WEEKDAYS:
        return today - timedelta(days=(today.weekday() - _WEEKDAYS.index(word)) % 7)
    return today - timedelta(days=1 if word == "yesterday" else 0)


def _span(low: datetime, high: datetime, clock: Clock) -> Moment:
    return Moment(_as_utc(low, clock), _as_utc(high, clock))


def _as_utc(wall: datetime, clock: Clock) -> datetime:
    """Wall-clock time in the clock's zone → UTC; this machine's zone as it was on that day."""
    aware = wall.replace(tzinfo=clock.zone) if clock.zone else wall.astimezone()
    return aware.astimezone(UTC).replace(tzinfo=None)


def _instant(seconds: float) -> Moment:
    low = _utc(seconds)
    return Moment(low, low + timedelta(microseconds=1))


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _machine_zone(seconds: float) -> tzinfo:
    return timezone(timedelta(seconds=time.localtime(seconds).tm_gmtoff))
