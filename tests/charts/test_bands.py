"""Means of groups with their bands, as pictures; and bands of anything at all."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runspect.charts.labels import cells
from runspect.charts.line_chart import Band, LineChart, Series

X = np.arange(0.0, 100.0, 2.0)
THREE = np.full(len(X), 3)
NONE_LOST = np.zeros(len(X), np.int64)


def falling(index: int, above: float, n: np.typing.NDArray[np.int64] = THREE) -> Series:
    """A group of three runs; where only one counts there is no deviation."""
    std = np.where(n > 1, 0.15, np.nan)
    return Series(f"group-{index}", X, above + np.exp(-X / 30), index, mark="ab"[index], band=Band(std, n, NONE_LOST))


def picture(chart: LineChart) -> str:
    drawn = chart.draw()
    assert all(sum(cells(text) for text, _ in row) == chart.width for row in drawn.rows)
    return f"\n{drawn.text}\n"


def test_a_band_of_its_own_pattern_and_a_letter_on_each_mean() -> None:
    few = np.where(X > 60, 1, 3)
    assert (
        picture(LineChart((falling(0, 0), falling(1, 1, few)), 70, 14, title="loss"))
        == """
loss
    │⢄
2.0 ┤⠙⠲⢤⣀⢄ ⢀
    │ ⠁ ⠈⠙⠒⠦⢤⣀⡀⢄ ⢀
1.5 ┤       ⠑⠄⠉⠙⠒⠲⠤⢤⣀⣀⡀⢄ ⢄ ⢄ ⢀
    │             ⠑ ⠑⠄⠉⠉⠉⠓⠒⠒⠲⠤⠤⠤⠤⣄⣀⣀⣀⣀⣀
1.0 ┤⢤⣀⢀⠄⢀                  ⠁ ⠑ ⠑ ⠑⠄⠑⠄⠁⠉ b ⠉ ⠉ ⠉ ⠒ ⠒ ⠒ ⠒ ⠒ ⠒ b group-1
    │⠁⠈⠙⠒⠦⣄⣀⠄⢀ ⢀
0.5 ┤    ⠁⠐⠈⠉⠓⠲⠤⢤⣀⣀⢀⠄⢀⠄⢀
    │          ⠁⠐⠁⠈⠉⠙⠒⠒a⠤⠤⣄⣀⣀⣀⡀⢀⠔⢀⠄⢀⠄⢀⠄⢀ ⢀ ⢀ ⢀ ⢀
  0 ┤                  ⠁⠐⠁⠐⠁⠔⠁⠉⠉⠉⠉⠉⠓⠒⠒⠒⠒⠒⠒⠦⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⣄⣀⣀⣀⣀⣀ a group-0
    │                                  ⠁ ⠁ ⠁ ⠁⠐⠁⠐⠁⠐⠁⠐⠁⠐⠁⠐⠁⠐⠁
    └┬──────────┬──────────┬──────────┬──────────┬──────────
     0         20         40         60         80
"""
    )


def test_in_ascii_lines_and_bands_have_characters_of_their_own() -> None:
    assert (
        picture(LineChart((falling(0, 0), falling(1, 1)), 50, 10, title="loss", ascii_only=True))
        == """
loss
a group-0  b group-1
2 +:.. ,
  | ,..:.:.:..., , ,
  |'        , ....:.....:.......:.b...............
1 +.:.:.:..' '                , , , , , , , , , ,
  |      '...:..:.a..:.......''''' ' ' ' ' ' ' ' '
0 +                  ' ' '''..............:.......
  ++-----------+----------+-----------+-----------
   0          25         50          75
"""
    )


def test_a_lone_mean_tells_its_deviation_and_its_runs() -> None:
    assert "0.03813 ±0.15 n 3\n" in picture(LineChart((falling(0, 0),), 60, 10, title="loss"))
    few = np.where(X > 60, 1, 3)
    assert "0.03813 n 1 of 3\n" in picture(LineChart((falling(0, 0, few),), 60, 10, title="loss"))
    assert "+-0.15" in picture(LineChart((falling(0, 0),), 60, 10, title="loss", ascii_only=True))


def test_lost_runs_are_marked_below_by_the_letter_of_their_group() -> None:
    lost = np.where((X > 40) & (X < 50), 1, 0)
    group = Series("g", X, np.exp(-X / 30), 1, mark="b", band=Band(np.full(len(X), 0.1), THREE, lost))
    text = picture(LineChart((falling(0, 0), group), 70, 12, title="loss"))
    assert "NaN@42" in text and "NaN │" in text and "bb" in text


def test_a_band_that_reaches_zero_fills_a_log_axis_to_its_bottom() -> None:
    band = Band(np.full(len(X), 2.0), THREE, NONE_LOST)
    chart = LineChart((Series("g", X, np.ones(len(X)), band=band),), 50, 12, title="loss", log_y=True)
    rows = picture(chart).split("\n")
    assert "not above 0" not in rows[1]
    assert all(max(row) >= "⠁" for row in rows[2:10])


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 90).flatmap(
        lambda n: st.tuples(*(arrays(np.float64, n) for _ in range(2)), *(arrays(np.int64, n) for _ in range(2)))
    ),
    st.sampled_from([(0, 0), (9, 3), (40, 9), (80, 20)]),
    st.booleans(),
    st.sampled_from([0.0, 0.9]),
    st.one_of(st.none(), st.tuples(st.floats(-50, 50), st.floats(50, 99))),
)
def test_never_raises_and_always_fits(
    numbers: tuple[np.typing.NDArray[np.float64], ...],
    size: tuple[int, int],
    log_y: bool,
    smoothing: float,
    span: tuple[float, float] | None,
) -> None:
    mean, std, n, lost = numbers
    band = Band(std, n.astype(np.int64), lost.astype(np.int64))
    series = Series("x", np.arange(len(mean), dtype=np.float64), mean, 0, mark="a", band=band)
    chart = LineChart((series, series), *size, log_y=log_y, smoothing=smoothing, span=span)
    drawn = chart.draw()
    assert len(drawn.rows) == size[1] or not size[0]
    assert all(sum(cells(text) for text, _ in row) == size[0] for row in drawn.rows)
