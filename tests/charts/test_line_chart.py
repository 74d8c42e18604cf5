"""Charts as pictures, and charts of anything at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runspect.charts.labels import cells
from runspect.charts.line_chart import LineChart, Series, XKind

T = np.arange(200.0)
FALLING = Series("resnet", T, np.exp(-T / 40), 0)
RISING = Series("vit", T, 1 - T / 400, 1)


def picture(chart: LineChart) -> str:
    """The chart's text, framed by newlines so that it reads as a picture in the source."""
    drawn = chart.draw()
    assert len(drawn.rows) == chart.height
    assert all(sum(cells(text) for text, _ in row) == chart.width for row in drawn.rows)
    return f"\n{drawn.text}\n"


def test_one_curve() -> None:
    assert (
        picture(LineChart((FALLING,), 50, 10, title="val/loss"))
        == """
val/loss  0.006909
1.0 ┤⢦⡀
    │ ⠹⣄
    │  ⠈⠳⣄
0.5 ┤    ⠈⠓⢦⣀
    │       ⠈⠓⠦⣄⡀
    │           ⠉⠙⠒⠦⢤⣀⣀⡀
  0 ┤                  ⠉⠉⠉⠓⠒⠒⠒⠲⠤⠤⠤⠤⠤⠤⠤⠤⠤⢤⣀⣀⣀⣀⣀⣀⣀⣀⣀
    └┬──────────┬──────────┬──────────┬───────────
     0         50         100        150
"""
    )


def test_nan_leaves_a_gap_a_rug_and_a_note() -> None:
    values = np.exp(-T / 40)
    values[120:130] = np.nan
    assert (
        picture(LineChart((Series("r", T, values),), 50, 10, title="val/loss"))
        == """
val/loss  0.006909  NaN@120
1.0 ┤⢲⡀
    │ ⠙⢦⡀
    │   ⠉⠳⣄⡀
0.5 ┤      ⠙⠲⢤⣀
    │         ⠈⠉⠓⠲⠤⣄⣀⣀
  0 ┤                ⠈⠉⠉⠙⠒⠒⠒⠒⠦⠤⠤  ⠤⠤⠤⠤⠤⣄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀
NaN │                           ×××
    └┬──────────┬──────────┬──────────┬───────────
     0         50         100        150
"""
    )


def test_far_outliers_are_cut_and_counted() -> None:
    values = np.exp(-T / 40)
    values[[50, 90]] = 1e5
    assert (
        picture(LineChart((Series("r", T, values),), 50, 8, title="val/loss"))
        == """
val/loss  0.006909  2 above
1.0 ┤⠲⣄         ⣿        ⣷
    │ ⠈⠳⢤⡀      ⣿        ⣿
0.5 ┤    ⠉⠓⠦⣄⡀  ⣿        ⣿
    │        ⠉⠓⠲⠿⢤⣀⣀⡀    ⣿
  0 ┤               ⠉⠉⠉⠓⠒⠛⠒⠲⠤⠤⠤⠤⠤⠤⠤⠤⠤⣄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀
    └┬──────────┬──────────┬──────────┬───────────
     0         50         100        150
"""
    )


def test_names_below_the_title_when_narrow() -> None:
    assert (
        picture(LineChart((FALLING, RISING), 50, 10, title="acc"))
        == """
acc
━ resnet  ━ vit
1.0 ┤⠒⠒⠲⠤⠤⠤⢤⣀⣀⣀⣀
    │ ⠙⢦⡀      ⠈⠉⠉⠉⠙⠒⠒⠒⠲⠤⠤⠤⢤⣀⣀⣀⣀⡀
    │   ⠉⠳⣄⡀                    ⠉⠉⠉⠉⠓⠒⠒⠒⠦⠤⠤⠤⣄⣀⣀⣀⡀
0.5 ┤      ⠙⠲⢤⣀                                 ⠉⠉
    │         ⠈⠉⠓⠲⠤⣄⣀⣀
  0 ┤                ⠈⠉⠉⠙⠒⠒⠒⠒⠦⠤⠤⠤⠤⠤⠤⠤⠤⠤⣄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀
    └┬──────────┬──────────┬──────────┬───────────
     0         50         100        150
"""
    )


def test_names_at_the_ends_of_the_curves_when_wide() -> None:
    assert (
        picture(LineChart((FALLING, RISING), 70, 10, title="acc"))
        == """
acc
1.0 ┤⠒⠒⠦⠤⠤⠤⢤⣀⣀⣀⣀⡀
    │ ⠙⢦⣀       ⠉⠉⠉⠉⠙⠒⠒⠒⠒⠦⠤⠤⠤⢤⣀⣀⣀⣀⡀
    │   ⠈⠳⣄⡀                      ⠉⠉⠉⠉⠓⠒⠒⠒⠲⠤⠤⠤⠤⣄⣀⣀⣀⣀
0.5 ┤      ⠙⠲⢤⣀                                    ⠈⠉⠉⠉⠉⠓⠒⠒⠒⠲⠤⠤ vit
    │         ⠈⠙⠲⠤⣄⣀
    │              ⠈⠉⠓⠒⠦⠤⢤⣀⣀⡀
  0 ┤                       ⠉⠉⠉⠉⠓⠒⠒⠒⠒⠒⠦⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⢤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀ resnet
    └┬─────────────┬──────────────┬─────────────┬──────────────
     0            50             100           150
"""
    )


def test_ascii() -> None:
    chart = LineChart((FALLING, RISING), 50, 10, title="acc", ascii_only=True)
    assert (
        picture(chart)
        == """
acc
- resnet  - vit
1.0 +..:...:....
    | ::.      ....:...:...:.....
    |   .::.                    ....:...:...:....
0.5 +      :::.                                 ..
    |         ..::.:..
  0 +                ...:....:.........:..........
    ++----------+----------+----------+-----------
     0         50         100        150
"""
    )
    assert chart.draw().text.isascii()


def test_log_axis_over_time() -> None:
    chart = LineChart((Series("r", T * 36, np.exp(-T / 10)),), 50, 8, title="lr", log_y=True, x="relative")
    assert (
        picture(chart)
        == """
lr  2.278e-9
     │⠒⠒⠦⠤⢤⣀⣀⡀
0.01 ┤       ⠉⠉⠙⠒⠒⠦⠤⢤⣀⣀⡀
1e-5 ┤                 ⠉⠉⠙⠒⠒⠤⠤⣄⣀⣀
     │                          ⠈⠉⠉⠓⠒⠲⠤⠤⣄⣀⣀
1e-8 ┤                                    ⠈⠉⠉⠓⠒⠲⠤⠤
     └┬──────────┬──────────┬─────────┬───────────
     0s         30m        1h       1h30
"""
    )


def test_a_single_point() -> None:
    one = Series("r", np.array([7.0]), np.array([0.5]))
    assert (
        picture(LineChart((one,), 40, 7, title="val/loss"))
        == """
val/loss  0.5
0.55 ┤
     │
0.50 ┤                 ⠁
0.45 ┤
     └────────────────┬─────────────────
                      7
"""
    )


@pytest.mark.parametrize(
    ("chart", "message"),
    [
        (LineChart((), 40, 5, title="loss"), "no points yet"),
        (LineChart((), 40, 5, x="relative"), "no times recorded"),
        (LineChart((Series("r", T, T * np.nan),), 40, 5), "no finite points"),
        (LineChart((Series("r", T, -T - 1),), 60, 5, log_y=True), "no values above 0: log axis shows nothing"),
        (LineChart((FALLING,), 40, 5, span=(1000.0, 2000.0)), "no points in this span"),
        (LineChart((FALLING,), 22, 1), "too small for a chart"),
    ],
)
def test_says_why_there_is_nothing(chart: LineChart, message: str) -> None:
    assert message in picture(chart)


def test_smoothing_keeps_the_curve_as_logged_behind() -> None:
    noisy = Series("r", T, np.exp(-T / 60) + np.random.default_rng(3).normal(0, 0.1, 200), 2)
    styles = {style for row in LineChart((noisy,), 50, 9, smoothing=0.9).draw().rows for _, style in row}
    assert {2, "dim"} <= styles
    plain = {style for row in LineChart((noisy,), 50, 9).draw().rows for _, style in row}
    assert 2 in plain and "dim" not in plain


def test_a_dim_series_is_behind_and_not_named() -> None:
    drawn = LineChart((FALLING, Series("before", T, np.exp(-T / 39), 5, dim=True)), 60, 10, title="loss").draw()
    styles = {style for row in drawn.rows for _, style in row}
    assert 0 in styles and 5 not in styles
    assert "before" not in drawn.text


def test_later_series_lie_on_top() -> None:
    below, above = Series("a", T, T, 3), Series("b", T, T, 4)
    drawn = LineChart((below, above), 50, 8).draw()
    assert drawn.frame is not None
    plot = drawn.rows[drawn.frame.y : drawn.frame.y + drawn.frame.height]
    assert {style for row in plot for _, style in row if isinstance(style, int)} == {4}


def test_the_frame_says_where_the_curves_are() -> None:
    drawn = LineChart((FALLING,), 50, 10, title="val/loss").draw()
    assert drawn.frame is not None
    frame = drawn.frame
    assert (frame.low, frame.high) == (0, 199)
    assert drawn.text.split("\n")[frame.y][frame.x] == "⢦"
    assert frame.x + frame.width == 50


def test_hostile_names_are_data() -> None:
    drawn = LineChart((Series("\x1b[31mred\n[/x]", T, T), RISING), 80, 10, title="a\x07b\x1b]0;t\x07[bold]").draw()
    assert "\x1b" not in drawn.text and "\x07" not in drawn.text
    assert "[bold]" in drawn.text and "[/x]" in drawn.text


def test_wide_names_take_two_cells_each() -> None:
    chart = LineChart((Series("学習率の実験その一", T, T), RISING), 70, 10, title="損失" * 40)
    assert "…" in picture(chart)


ANYTHING = arrays(np.float64, st.integers(0, 60), elements=st.floats(allow_nan=True, allow_infinity=True, width=64))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=30), ANYTHING, ANYTHING, st.booleans()), max_size=5),
    st.integers(-1, 130),
    st.integers(-1, 40),
    st.text(max_size=60),
    st.sampled_from(["step", "time", "relative"]),
    st.booleans(),
    st.floats(allow_nan=False),
    st.none() | st.tuples(st.floats(), st.floats()),
    st.booleans(),
)
def test_never_raises_and_always_fits(
    curves: list[tuple[str, np.ndarray, np.ndarray, bool]],
    width: int,
    height: int,
    title: str,
    x: XKind,
    log_y: bool,
    smoothing: float,
    span: tuple[float, float] | None,
    ascii_only: bool,
) -> None:
    series = tuple(Series(label, xs, ys, i, dim) for i, (label, xs, ys, dim) in enumerate(curves))
    chart = LineChart(series, width, height, title, x, log_y, smoothing, span, True, ascii_only)
    with np.errstate(all="ignore"):
        drawn = chart.draw()
    assert len(drawn.rows) == (max(0, height) if width > 0 else 0)
    assert all(sum(cells(text) for text, _ in row) == width for row in drawn.rows)
    if ascii_only:
        assert drawn.text.isascii()


def test_a_lost_value_is_not_put_down_to_another_curve() -> None:
    lost = np.where(T == 100, np.nan, np.exp(-T / 40))
    quiet = Series("", T, lost, 0, dim=True)
    loud = Series("vit", T, np.where(T == 20, np.nan, 1 - T / 400), 0, mark="a")
    rug = next(
        row for row in LineChart((quiet, loud), 60, 10, title="loss").draw().rows if "NaN │" in row[0][0] + row[1][0]
    )
    assert [(text, style) for text, style in rug[2:] if text.strip()] == [("a", 0), ("×", "warn")]
    both = Series("resnet", T, lost, 1, mark="b")
    rug = next(row for row in LineChart((quiet, both), 60, 10).draw().rows if "NaN │" in row[0][0] + row[1][0])
    assert [(text, style) for text, style in rug[2:] if text.strip()] == [("×", "warn")]
