from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.charts.smooth import smooth


def one_by_one(values: np.ndarray, weight: float) -> np.ndarray:
    """The definition: a debiased average, a value at a time."""
    total, count, answer = 0.0, 0, []
    for value in values:
        if not np.isfinite(value):
            answer.append(value)
            continue
        count += 1
        total = weight * total + (1 - weight) * value
        answer.append(total / (1 - weight**count))
    return np.array(answer)


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=2, max_size=500),
    st.sampled_from([0.01, 0.3, 0.6, 0.9, 0.99]),
)
def test_equals_its_definition(values: list[float], weight: float) -> None:
    series = np.array(values)
    np.testing.assert_allclose(smooth(series, weight), one_by_one(series, weight), rtol=1e-8, atol=1e-6)


@pytest.mark.parametrize("weight", [0.05, 0.6, 0.99])
def test_long_series_do_not_overflow(weight: float) -> None:
    series = np.random.default_rng(1).normal(1e300, 1e299, 20_000)
    answer = smooth(series, weight)
    assert np.isfinite(answer).all()
    np.testing.assert_allclose(answer / 1e300, one_by_one(series / 1e300, weight), rtol=1e-9)


def test_weight_zero_changes_nothing_and_too_much_is_capped() -> None:
    series = np.array([1.0, 5.0, 2.0])
    assert smooth(series, 0).tolist() == [1, 5, 2]
    assert smooth(series, 5.0).tolist() == smooth(series, 0.99).tolist()


def test_nan_stays_where_it_is() -> None:
    answer = smooth(np.array([1.0, np.nan, 1.0, np.inf]), 0.5)
    assert np.isnan(answer[1])
    assert answer[[0, 2]].tolist() == [1, 1]
