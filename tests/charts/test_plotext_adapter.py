from __future__ import annotations

import numpy as np
import pytest

from runspect.charts.line_chart import Series
from runspect.charts.plotext_adapter import plot

T = np.arange(200.0)
FALLING = Series("resnet", T, np.exp(-T / 40), 0)
RISING = Series("vit", T, 1 - T / 400, 1)


def test_one_curve() -> None:
    assert (
        f"\n{plot([FALLING], 50, 10, title='val/loss')}\n"
        == """
                      val/loss
1.0┤⢠
   │⠈⠳⣄
   │  ⠈⠳⢄
0.5┤     ⠑⠢⣄
   │        ⠉⠒⠤⣄⡀
   │            ⠈⠉⠑⠒⠢⠤⠤⣀⣀⣀⡀
  0┤                      ⠈⠉⠉⠉⠉⠉⠙⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠂
   └┬──────────┬───────────┬──────────┬───────────
    0          50         100        150
"""
    )


def test_several_curves_have_their_own_marks_and_a_line_that_names_them() -> None:
    text = plot([FALLING, RISING], 60, 12, ascii_only=True)
    assert text.isascii()
    assert text.split("\n")[-1] == "* resnet  o vit"
    assert len(text.split("\n")) == 12


def test_colours_only_when_asked_for() -> None:
    assert "\x1b" not in plot([FALLING, RISING], 60, 12)
    assert "\x1b[38;5;12m" in plot([FALLING, RISING], 60, 12, color=True)
    assert "\x1b[4" not in plot([FALLING, RISING], 60, 12, color=True), "no background is painted"


def test_the_figure_is_empty_again_after_each_plot() -> None:
    first = plot([FALLING], 50, 10, title="one")
    plot([RISING, FALLING], 70, 20, title="other", log_y=True, x="relative", color=True)
    assert plot([FALLING], 50, 10, title="one") == first


def test_log_axis_has_decades() -> None:
    text = plot([Series("r", T, np.exp(-T / 10))], 60, 14, log_y=True)
    assert "0.01" in text and "0.1" not in text


@pytest.mark.parametrize("values", [T * np.nan, np.full(200, np.inf), -T])
def test_nothing_to_draw_is_said(values: np.ndarray) -> None:
    assert plot([Series("r", T, values)], 50, 10, title="loss", log_y=True) == "loss\nno finite points"


def test_strange_numbers_and_names_do_not_raise() -> None:
    odd = np.array([1e308, -1e308, np.nan, np.inf, 5e-324, 0.0])
    for x in (np.arange(6.0), np.array([3.0, 1, 2, np.nan, 1e300, -1e300])):
        for log_y in (False, True):
            assert plot([Series("\x1b[1m[/x]", x, odd)], 40, 8, title="[red]\x07", log_y=log_y, smoothing=0.5)
    assert plot([], 40, 8) == "no finite points"
