from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runspect.charts.scale import fit


def test_pads_but_not_below_zero() -> None:
    scale = fit([np.array([0.01, 1.0])])
    assert scale is not None
    assert scale.low == 0
    assert 1.0 < scale.high < 1.1


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0, 1e-300, 1e300])
def test_a_constant_gets_a_range_around_it(value: float) -> None:
    scale = fit([np.full(100, value)])
    assert scale is not None
    assert scale.low < value < scale.high


def test_far_outliers_are_cut_off_and_said() -> None:
    values = np.linspace(0, 1, 500)
    values[[100, 200, 300]] = 1e6
    scale = fit([values])
    assert scale is not None
    assert scale.clipped_high and not scale.clipped_low
    assert scale.high < 2
    whole = fit([values], robust=False)
    assert whole is not None and whole.high > 1e6 and not whole.clipped_high


def test_a_loss_that_starts_high_is_no_outlier() -> None:
    scale = fit([10 * np.exp(-np.linspace(0, 8, 1000))])
    assert scale is not None and not scale.clipped_high and scale.high > 10


def test_nothing_to_show() -> None:
    assert fit([]) is None
    assert fit([np.array([np.nan, np.inf])]) is None
    assert fit([np.array([0.0, -1.0])], log=True) is None


@given(arrays(np.float64, st.integers(0, 200), elements=st.floats(allow_nan=True)), st.booleans(), st.booleans())
def test_every_kept_value_is_on_the_axis(values: np.ndarray, log: bool, robust: bool) -> None:
    scale = fit([values], log=log, robust=robust)
    if scale is None:
        return
    assert np.isfinite([scale.low, scale.high]).all() and scale.low < scale.high
    shares = scale.share(values[np.isfinite(values) & (np.abs(values) < 1e299)])
    known = shares[np.isfinite(shares)]
    if not (scale.clipped_low or scale.clipped_high or log):
        assert ((known >= 0) & (known <= 1)).all()
