"""Weeks, percentiles and slopes, against Python's calendar, NumPy and the formulas of SciPy."""

from __future__ import annotations

import importlib.util
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.practice.weeks import WEEK_S, by_week, counts_by_week, last_weeks, theil_sen, week_name, week_of


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)))
def test_a_moment_lies_in_its_iso_week(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    start = week_of((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1))
    year, week, _ = moment.isocalendar()
    assert week_name(start) == f"{year}-W{week:02}"
    assert 0 <= (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() - start < WEEK_S + 1e-3


def test_weeks_end_with_the_newest_moment_and_begin_with_one_that_has_any() -> None:
    moments = [week_of(1.7e9) + at * WEEK_S + 5 for at in (0, 3, 9, 10)]
    assert [round((start - moments[0] + 5) / WEEK_S) for start in last_weeks(moments, 8)] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert len(last_weeks(moments, 6)) == 2
    assert last_weeks((), 8) == ()
    weeks = last_weeks(moments, 2)
    assert counts_by_week([*moments, moments[-1] + 9], weeks) == (1, 2)


def test_the_percentiles_of_a_week_are_those_of_numpy() -> None:
    numbers = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]
    start = week_of(1.7e9)
    (first, second) = by_week([(start + at, number) for at, number in enumerate(numbers)], (start, start + WEEK_S))
    assert (first.n, first.median, first.p90) == (6, np.percentile(numbers, 50), np.percentile(numbers, 90))
    assert (second.n, second.median, second.p90) == (0, None, None)


THEIRS = importlib.import_module("scipy.stats") if importlib.util.find_spec("scipy") else None
"""Beside the formula itself, where it is installed."""


def variance(xs: list[float], ys: list[float]) -> int:
    """18 times that of Kendall's score, with its ties."""
    n = len(xs)
    ties = [values.count(value) for values in (xs, ys) for value in set(values)]
    return n * (n - 1) * (2 * n + 5) - sum(k * (k - 1) * (2 * k + 5) for k in ties)


def sen(xs: list[float], ys: list[float]) -> tuple[float, float, float, float]:
    """Sen (1968) once more, pair by pair, with the rounding of `scipy.stats.theilslopes`."""
    n = len(xs)
    slopes = sorted((ys[j] - ys[i]) / (xs[j] - xs[i]) for i in range(n) for j in range(n) if xs[j] > xs[i])
    middle = float(np.median(slopes))
    reach = 1.959963984540054 * math.sqrt(max(variance(xs, ys), 0) / 18)
    low, high = max(round((len(slopes) - reach) / 2) - 1, 0), min(round((len(slopes) + reach) / 2), len(slopes) - 1)
    return middle, float(np.median(ys) - middle * np.median(xs)), slopes[low], slopes[high]


POINTS = st.lists(st.tuples(st.integers(0, 12), st.integers(-20, 20)), min_size=2, max_size=25)


@given(POINTS)
def test_the_slope_is_that_of_sen(points: list[tuple[int, int]]) -> None:
    xs, ys = [float(x) for x, _ in points], [float(y) for _, y in points]
    found = theil_sen(xs, ys)
    if len(set(xs)) < 2:
        assert found is None
        return
    assert found is not None
    told = (found.slope, found.intercept, found.low, found.high)
    assert told == pytest.approx(sen(xs, ys))
    if THEIRS is not None and variance(xs, ys) > 0:
        theirs = THEIRS.theilslopes(ys, xs)
        assert told == pytest.approx((theirs.slope, theirs.intercept, theirs.low_slope, theirs.high_slope))


def test_one_odd_week_does_not_turn_a_trend() -> None:
    ys = [10.0, 9.0, 8.0, 90.0, 6.0, 5.0, 4.0, 3.0]
    found = theil_sen(range(8), ys)
    assert found is not None and found.way == "down" and found.slope == pytest.approx(-1, abs=0.1)
    flat = theil_sen(range(8), [5.0, 4.0, 5.0, 6.0, 5.0, 4.0, 6.0, 5.0])
    assert flat is not None and flat.way == "none"
