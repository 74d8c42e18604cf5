"""The data cursor over pictures of charts."""

from __future__ import annotations

import numpy as np
import pytest

from runspect.charts.picture import Frame
from runspect.tui.glyphs import ASCII, UNICODE
from runspect.tui.widgets.chart_cursor import Looked, laid_over, stepped
from runspect.tui.widgets.chart_drawing import ChartOptions, Sheet, Subject
from runspect.tui.widgets.chart_lines import painted
from runspect.workspace import Band, Curve

FRAME = Frame(4, 1, 50, 8, 0.0, 990.0)
X = np.arange(0.0, 1000.0, 10)


def curve(rid: int, factor: float, x: np.typing.NDArray[np.float64] = X) -> Curve:
    return Curve(rid, "loss", x, factor * x)


def rows(at: float, *curves: Curve | Band, width: int = 60, ascii_only: bool = False) -> list[str]:
    """The chart of these curves with the cursor at an x."""
    subjects = tuple(Subject(each.rid, f"run-{each.rid}") for each in curves)
    known = {(each.rid, each.metric): each for each in curves}
    picture = Sheet(subjects, known, ChartOptions(), ascii_only).picture("loss", width, 12)
    looked, glyphs = Looked(at, "step", subjects, known), ASCII if ascii_only else UNICODE
    lines = laid_over(list(painted(picture, "plain")), picture, "loss", looked, glyphs, "plain")
    texts = ["".join(text for text, _ in line) for line in lines]
    assert all(len(text) == width for text in texts)
    return [text.rstrip() for text in texts]


def test_it_starts_in_the_middle_and_stays_in_view() -> None:
    assert stepped(None, FRAME, 0) == 500
    assert stepped(500, FRAME, 2) == 520
    assert stepped(10, FRAME, -20) == 0 and stepped(2000, FRAME, 1) == 990


def test_it_tells_the_logged_value_of_each_curve() -> None:
    assert rows(300, curve(1, 1.0))[0] == "loss  300"
    shown = rows(302, curve(1, 1.0), curve(2, 0.5))
    assert shown[0] == "loss  a 300  b 150"
    assert sum("│" in row[6:] for row in shown) >= 6
    assert "|" in rows(300, curve(1, 1.0), ascii_only=True)[5][6:]


def test_a_value_of_another_step_says_so_and_beside_a_curve_there_is_none() -> None:
    sparse = np.array([0.0, 400.0, 500.0])
    assert rows(380, curve(1, 1.0), curve(2, 1.0, sparse))[0] == "loss  a 380  b 400@400"
    assert rows(700, curve(1, 1.0), curve(2, 1.0, sparse))[0] == "loss  a 700  b –"


def test_a_value_that_is_not_finite_is_told() -> None:
    lost = Curve(1, "loss", X, np.where(X == 300, np.nan, X))
    assert rows(300, lost)[0] == "loss  NaN"


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (60, "loss  a 0.25 ±0.5 n 3  b 0.25 ±0.5 n 3"),
        (34, "loss  a 0.25 ±0.5  b 0.25 ±0.5"),
        (26, "loss  a 0.25  b 0.25"),
    ],
)
def test_of_means_as_much_is_told_as_there_is_room_for(width: int, told: str) -> None:
    flat, count = np.full(len(X), 0.25), np.full(len(X), 3)
    bands = [Band(-number, "loss", X, flat, flat * 2, count, count * 0) for number in (1, 2)]
    assert rows(300, *bands, width=width)[0] == told


def test_names_give_way_to_values() -> None:
    assert rows(300, *(curve(number, number) for number in range(8)), width=40)[0].startswith("loss  a 0  b 300")
