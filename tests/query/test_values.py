"""Numbers, durations and dates as typed."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.query.values import Clock, Duration, Moment, duration, moment, number

CLOCK = Clock(datetime(2026, 11, 20, 12, 0, tzinfo=UTC).timestamp(), UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0), ("0.001", 0.001), ("1e-3", 0.001), (".5", 0.5), ("5.", 5.0), ("-2", -2.0), ("+3", 3.0),
        ("12k", 12e3),
        ("3M", 3e6), ("2G", 2e9), ("7B", 7e9), ("5%", 0.05), ("1_000", 1000.0), ("inf", math.inf), ("-inf", -math.inf),
        ("", None), ("k", None), ("1m", None), ("1e", None), ("0x10", None), ("١", None), ("1 2", None),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


def test_nan_is_a_number() -> None:
    found = number("NaN")
    assert found is not None and math.isnan(found)


@given(st.floats(allow_nan=False))
def test_a_number_as_python_prints_it_is_that_number(value: float) -> None:
    assert number(repr(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2d", Duration(172800, 86400)), ("30m", Duration(1800, 60)), ("1h30m", Duration(5400, 60)),
        ("1h12", Duration(4320, 60)), ("90", Duration(90, 1)), ("1.5h", Duration(5400, 3600)),
        ("250ms", Duration(0.25, 1e-3)),
        ("1w", Duration(604800, 604800)), ("2mo", Duration(5259600, 2629800)), ("1d12", None), ("h", None),
        ("2d!", None),
        ("nan", None), ("", None),
    ],
)  # fmt: skip
def test_durations(text: str, value: Duration | None) -> None:
    assert duration(text) == value


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026-11-01", "2026-11-01", "2026-11-02"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2025", "2025-01-01", "2026-01-01"),
        ("2026-11-01T10", "2026-11-01T10:00", "2026-11-01T11:00"),
        ("2026-11-01T10:30", "2026-11-01T10:30", "2026-11-01T10:31"),
        ("2026-11-01T10:30:15Z", "2026-11-01T10:30:15", "2026-11-01T10:30:16"),
        ("today", "2026-11-20", "2026-11-21"),
        ("Yesterday", "2026-11-19", "2026-11-20"),
        ("friday", "2026-11-20", "2026-11-21"),
        ("monday", "2026-11-16", "2026-11-17"),
        ("saturday", "2026-11-14", "2026-11-15"),
    ],
)
def test_dates(text: str, low: str, high: str) -> None:
    assert moment(text, CLOCK) == Moment(datetime.fromisoformat(low), datetime.fromisoformat(high))


def test_a_duration_is_an_instant_in_the_past() -> None:
    found = moment("2d", CLOCK)
    assert found is not None
    assert found.low == datetime(2026, 11, 18, 12)
    assert found.high - found.low == timedelta(microseconds=1)


@pytest.mark.parametrize("text", ["", "soon", "2026-13", "2026-02-30", "9999", "0000", "9999999y", "26-1-1", "12"])
def test_what_is_no_date(text: str) -> None:
    assert moment(text, CLOCK) is None


def test_days_are_those_of_the_zone() -> None:
    berlin = Clock(datetime(2026, 11, 20, 23, 30, tzinfo=UTC).timestamp(), ZoneInfo("Europe/Berlin"))
    assert moment("today", berlin) == Moment(datetime(2026, 11, 20, 23), datetime(2026, 11, 21, 23))
    # the zone's offset on that day, not today's
    assert moment("2026-07-01", berlin) == Moment(datetime(2026, 6, 30, 22), datetime(2026, 7, 1, 22))


def test_without_a_zone_days_are_those_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "XYZ-5")
    time.tzset()
    try:
        here = Clock(CLOCK.now)
        assert here.local().tzinfo == timezone(timedelta(hours=5))
        assert moment("today", here) == Moment(datetime(2026, 11, 19, 19), datetime(2026, 11, 20, 19))
    finally:
        monkeypatch.undo()
        time.tzset()
