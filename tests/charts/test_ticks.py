from __future__ import annotations

import math
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runspect.charts.ticks import clock_ticks, duration, log_ticks, number_ticks, relative_ticks, short

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def texts(marks: tuple[tuple[float, str], ...]) -> list[str]:
    return [text for _, text in marks]


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 1, 5, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.1, 0.9, 4, ["0.2", "0.4", "0.6", "0.8"]),
        (0, 100_000, 5, ["0", "20k", "40k", "60k", "80k", "100k"]),
        (0, 9_000, 4, ["0", "2.5k", "5.0k", "7.5k"]),
        (0, 3e-4, 4, ["0", "1e-4", "2e-4", "3e-4"]),
        (-2.5e6, 2.5e6, 3, ["-2M", "0", "2M"]),
        (1_000_000, 1_000_400, 4, ["1000.0k", "1000.1k", "1000.2k", "1000.3k", "1000.4k"]),
        (3, 7, 10, ["3.0", "3.5", "4.0", "4.5", "5.0", "5.5", "6.0", "6.5", "7.0"]),
    ],
)
def test_numbers(low: float, high: float, most: int, expected: list[str]) -> None:
    assert texts(number_ticks(low, high, most)) == expected


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (1e-4, 10, 8, ["1e-4", "0.001", "0.01", "0.1", "1", "10"]),
        (1e-8, 1e8, 4, ["1e-8", "0.001", "100", "10M"]),
        (1, 9, 4, ["1", "2", "5"]),
        (100, 110, 3, ["100", "105", "110"]),
    ],
)
def test_decades(low: float, high: float, most: int, expected: list[str]) -> None:
    assert texts(log_ticks(low, high, most)) == expected


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 60, 4, ["0s", "15s", "30s", "45s", "1m"]),
        (0, 7200, 4, ["0s", "30m", "1h", "1h30", "2h"]),
        (0, 86400 * 3, 3, ["0s", "1d", "2d", "3d"]),
        (0, 1.5, 3, ["0", "0.5", "1.0", "1.5"]),
    ],
)
def test_relative_times(low: float, high: float, most: int, expected: list[str]) -> None:
    assert texts(relative_ticks(low, high, most)) == expected


def test_clock_times_are_local_and_round(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Kolkata")  # half an hour off: a multiple of 3600 is not a full hour there
    time.tzset()
    try:
        assert texts(clock_ticks(1.7e9, 1.7e9 + 4 * 3600, 4)) == ["04:00", "05:00", "06:00", "07:00"]
        assert texts(clock_ticks(1.7e9, 1.7e9 + 4 * 86400, 4)) == ["Nov 16", "Nov 17", "Nov 18", "Nov 19"]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_clock_times_of_moments_and_of_years(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    try:
        assert texts(clock_ticks(1_795_442_020.05, 1_795_442_020.43, 4)) == [
            "13:53:40.1", "13:53:40.2", "13:53:40.3", "13:53:40.4",
        ]  # fmt: skip
        assert texts(clock_ticks(0, 1.79e9, 6)) == ["1970", "1980", "1990", "2000", "2010", "2020"]
        assert texts(clock_ticks(1.7e9, 1.7e9 + 86_400 * 800, 5)) == [
            "Jan 2024",
            "Jul 2024",
            "Jan 2025",
            "Jul 2025",
            "Jan 2026",
        ]
        assert len(texts(clock_ticks(0, 1.79e9, 3))) > 1
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"), (1, "1"), (0.25, "0.25"), (0.1176, "0.118"), (1000, "1k"), (12_500, "12.5k"), (999_999, "1000k"),
        (3e-4, "3e-4"), (-2.5e-7, "-2.5e-7"), (1.5e6, "1.5M"), (1e20, "1e20"), (float("nan"), "NaN"),
        (float("-inf"), "-inf"), (0.001, "0.001"),
    ],
)  # fmt: skip
def test_short(value: float, expected: str) -> None:
    assert short(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0s"), (0.25, "0.25s"), (45, "45s"), (600, "10m"), (615, "10m15"), (5400, "1h30"), (7200, "2h"),
     (86400 * 2 + 6 * 3600, "2d6h"), (-90, "-1m30")],
)  # fmt: skip
def test_duration(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@given(FINITE, FINITE, st.integers(1, 12))
@example(0.0, 5e-324, 12)
@example(-1e-320, 2e-310, 3)
def test_ticks_lie_within_and_are_few(a: float, b: float, most: int) -> None:
    low, high = min(a, b), max(a, b)
    for kind in (number_ticks, log_ticks, relative_ticks, clock_ticks):
        marks = kind(low, high, most)
        values = [value for value, _ in marks]
        assert values == sorted(values)
        assert len(marks) <= 4 * most + 2
        room = 1e-6 * max(abs(low), abs(high), 1e-300)
        assert all(low - room <= value <= high + room for value in values)
        assert all(math.isfinite(value) and text for value, text in marks)


@given(st.floats(-1e300, 1e300))
def test_short_is_short_and_right(value: float) -> None:
    text = short(value)
    assert len(text) <= 10
    factor = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(text[-1], 1.0)
    number = float(text.rstrip("kMGT")) * factor
    assert math.isclose(number, value, rel_tol=6e-3)
