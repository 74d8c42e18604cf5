"""Charts are well-formed, bounded, and say in words what they show."""

from __future__ import annotations

import math
import re
import time
from xml.etree import ElementTree

import pytest

from runspect.practice.report.document import Chart, Line
from runspect.rendering.svg_chart import COLUMNS, svg
from tests.rendering.documents import HOSTILE

SPACE = "{http://www.w3.org/2000/svg}"


def parsed(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(svg(chart))


def texts(root: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SPACE}text")]


def paths(root: ElementTree.Element, kind: str) -> list[str]:
    return [each.get("d", "") for each in root.iter(f"{SPACE}path") if kind in each.get("class", "").split()]


def test_a_chart_has_a_title_a_description_axes_and_a_legend() -> None:
    line = Line("mine", (0.0, 100.0), (0.25, 0.75), says="mine, from 0.25 to 0.75")
    root = parsed(Chart("val/acc", (line,), y_label="val/acc, higher is better"))
    assert [root.findtext(f"{SPACE}{tag}") for tag in ("title", "desc")] == [
        "val/acc",
        "val/acc. mine, from 0.25 to 0.75.",
    ]
    assert {"0", "100", "0.3", "0.5", "0.7", "step", "val/acc, higher is better", "mine"} <= set(texts(root))


def test_many_points_become_few_and_keep_their_peaks() -> None:
    x = tuple(map(float, range(200_000)))
    y = tuple(9.0 if at == 123_456 else 0.5 + 0.4 * math.sin(at / 999) for at in range(200_000))
    root = parsed(Chart("m", (Line("a", x, y),)))
    d = paths(root, "line")[0]
    assert 400 < len(re.findall("[ML]", d)) <= 4 * COLUMNS + 2
    heights = [float(pair.split()[1]) for pair in re.split("[ML]", d)[1:]]
    assert min(heights) < 0  # the peak lies beyond the axis
    assert "more above" in texts(root)


def test_a_gap_is_a_gap_and_its_places_are_marked() -> None:
    y = (1.0, 2.0, math.nan, 2.0, math.inf, 3.0, 2.5)
    root = parsed(Chart("m", (Line("a", tuple(map(float, range(7))), y),)))
    assert paths(root, "line")[0].count("M") == 3
    assert texts(root).count("×") == 2
    assert "× not finite" in texts(root)


def test_a_logarithmic_axis_and_what_it_cannot_show() -> None:
    root = parsed(Chart("m", (Line("a", (0.0, 1.0, 2.0, 3.0), (1e-3, 0.0, 1e1, 1e4)),), y_label="loss", log_y=True))
    assert "loss (log axis)" in texts(root)
    assert paths(root, "line")[0].count("M") == 2
    assert "values not above 0" in texts(root)


def test_curves_that_settle_are_shown_where_they_do() -> None:
    line = Line("a", tuple(map(float, range(100))), tuple(math.exp(-x / 4) for x in range(100)))
    whole, late = (parsed(Chart("m", (line,), settles=settles)) for settles in (False, True))
    assert "0.8" in texts(whole)
    assert "0.8" not in texts(late)
    assert "more above" in texts(late)


def test_a_band_stands_around_its_mean_with_gaps() -> None:
    nan = math.nan
    x, y = (0.0, 1.0, 2.0, 3.0, 4.0), (1.0, 2.0, 3.0, 4.0, 5.0)
    root = parsed(Chart("m", (Line("a", x, y, (0.5, 1.5, nan, 3.5, 4.5), (1.5, 2.5, nan, 4.5, 5.5), (3,) * 5),)))
    assert len(paths(root, "band")) == 2


def test_steps_hold_until_the_end_and_dots_are_not_joined() -> None:
    stairs = Line("record", (0.0, 10.0), (1.0, 2.0), steps=True)
    dots = Line("runs", (0.0, 5.0, 10.0), (1.0, 0.5, 2.0), index=1, dots=True)
    root = parsed(Chart("m", (stairs, dots)))
    d = paths(root, "line")[0]
    assert "L" not in d
    assert d.count("H") == 2
    assert len([each for each in root.iter(f"{SPACE}circle") if each.get("r") == "2.5"]) == 3


@pytest.mark.parametrize(
    "line",
    [
        Line("none", (), ()),
        Line("one", (3.0,), (0.5,)),
        Line("same", (0.0, 1.0), (2.0, 2.0)),
        Line("nan", (0.0, 1.0), (math.nan, math.nan)),
        Line("huge", (0.0, 1e300), (-1e308, 1e308)),
        Line("back", (5.0, 3.0, 4.0), (1.0, 2.0, 3.0)),
        Line("tiny", (0.0, 1e-300), (1e-300, 2e-300)),
    ],
)
@pytest.mark.parametrize("log", [False, True])
def test_odd_numbers_make_a_picture_all_the_same(line: Line, log: bool) -> None:
    root = parsed(Chart("m", (line,), log_y=log))
    numbers = [value for each in root.iter() for key, value in each.items() if key in ("d", "cx", "cy", "x", "y")]
    assert not [text for text in numbers if re.search("nan|inf", text)]


def test_times_are_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = Chart("m", (Line("a", (1.79e9, 1.79e9 + 40_000), (1.0, 2.0)),), x="time")
    found = set()
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        found.add(svg(chart))
    monkeypatch.undo()
    time.tzset()
    assert len(found) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text(text: str) -> None:
    root = parsed(Chart(text, (Line(text, (0.0, 1.0), (0.0, 1.0), says=text),), x_label=text, y_label=text))
    assert {each.tag.removeprefix(SPACE) for each in root.iter()} <= {
        "svg", "title", "desc", "style", "path", "text", "circle",
    }  # fmt: skip
    assert "\x1b" not in svg(Chart(text, (Line(text, (0.0,), (0.0,)),)))
