from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runspect.charts.sparkline import digits, glyphs


def test_a_falling_curve() -> None:
    assert digits(np.linspace(1, 0, 800), 8) == "87654321"
    assert glyphs("87654321", 8) == "█▇▆▅▄▃▂▁"
    assert glyphs("87654321", 8, ascii_only=True) == "^=--..__"


def test_nan_is_a_gap_and_flat_is_in_the_middle() -> None:
    assert digits([1, float("nan"), 3], 3) == "108"
    assert digits([2, 2, 2], 3) == "444"
    assert digits([float("nan")] * 3, 3) == "000"
    assert digits([], 3) == ""


def test_fits_the_cell() -> None:
    assert glyphs("12345678", 4) == "▁▃▆█"
    assert glyphs("18", 5) == "▁█   "
    assert glyphs("", 3) == "   "


@given(st.lists(st.floats(), max_size=100), st.integers(0, 40))
def test_any_values(values: list[float], width: int) -> None:
    outline = digits(values, width)
    assert len(outline) == min(width, len(values))
    assert set(outline) <= set("012345678")
    assert len(glyphs(outline, width)) == width
