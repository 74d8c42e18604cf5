from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runspect.charts.thin import PER_COLUMN, as_series, current, thin

ANY_FLOATS = arrays(np.float64, st.integers(0, 300), elements=st.floats(allow_nan=True, allow_infinity=True))


def test_few_points_come_back_unchanged() -> None:
    x, y = np.arange(5.0), np.array([3.0, 1.0, np.nan, 2.0, 5.0])
    xs, ys = thin(x, y, 0, 4, 100)
    assert xs.tolist() == x.tolist()
    np.testing.assert_array_equal(ys, y)


def test_keeps_spikes_first_and_last_of_every_column() -> None:
    x = np.arange(100_000.0)
    y = np.zeros(100_000)
    y[12_345], y[54_321], y[0], y[-1] = 7, -7, 1, 2
    xs, ys = thin(x, y, 0, 99_999, 100)
    assert len(xs) == PER_COLUMN * 100
    assert (ys.max(), ys.min(), ys[0], ys[-1]) == (7, -7, 1, 2)


def test_a_column_of_nothing_but_nan_stays_a_gap() -> None:
    y = np.ones(10_000)
    y[4000:6000] = np.nan
    xs, ys = thin(np.arange(10_000.0), y, 0, 9999, 50)
    assert np.isnan(ys[(xs > 4300) & (xs < 5700)]).all()
    assert np.isfinite(ys[(xs < 3700) | (xs > 6300)]).all()


@given(ANY_FLOATS, st.integers(2, 30))
def test_extremes_survive(y: np.ndarray, columns: int) -> None:
    x = np.arange(float(len(y)))
    _, ys = thin(x, y, 0, max(1, len(y) - 1), columns)
    assert len(ys) <= max(PER_COLUMN * columns, len(y))
    known = y[~np.isnan(y)]
    if len(known):
        assert (np.nanmax(ys), np.nanmin(ys)) == (known.max(), known.min())


def test_a_resumed_run_replaces_what_it_logs_again() -> None:
    x = np.array([0, 10, 20, 30, 40, 20, 30, 35], dtype=float)
    assert x[current(x)].tolist() == [0, 10, 20, 30, 35]
    assert np.flatnonzero(current(x)).tolist() == [0, 1, 5, 6, 7]


def test_of_equal_steps_the_last_counts() -> None:
    assert np.flatnonzero(current(np.array([1.0, 1, 2, 2, 2]))).tolist() == [1, 4]


def test_a_single_point_that_goes_back_does_not_void_the_run() -> None:
    x, y = as_series([0, 1, 2, 3, 0], [5, 4, 3, 2, 9])
    assert x.tolist() == [0, 1, 2, 3]
    assert y.tolist() == [9, 4, 3, 2]


@given(ANY_FLOATS, ANY_FLOATS)
def test_series_always_ascend(x: np.ndarray, y: np.ndarray) -> None:
    xs, ys = as_series(x, y)
    assert len(xs) == len(ys)
    assert np.isfinite(xs).all()
    assert (np.diff(xs) > 0).all()
