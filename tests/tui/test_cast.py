"""Who of many runs is named, and what is drawn over what."""

from __future__ import annotations

import numpy as np

from runspect.tui.screens.charting import charted
from runspect.tui.theme import SERIES
from runspect.tui.widgets.cast import cast
from runspect.tui.widgets.chart_drawing import ChartOptions, Sheet
from runspect.tui.widgets.chart_page import Page
from runspect.workspace import Measured
from runspect.workspace.answers import Curve

WIDE, NARROW = 180, 80


def names(count: int) -> dict[int, str]:
    return {rid: f"run-{rid}" for rid in range(count)}


def measured(**by_rid: float) -> dict[int, Measured]:
    return {int(rid[1:]): Measured(3, value, value, value + 1) for rid, value in by_rid.items()}


def test_a_few_runs_have_a_colour_each() -> None:
    few = cast(names(SERIES), 3, "down", {}, WIDE)
    assert [subject.rid for subject in few] == list(range(SERIES)) and not any(subject.quiet for subject in few)
    assert few[3].role == "cursor"


def test_of_many_the_telling_ones_are_named_and_no_colour_stands_for_two() -> None:
    values = measured(r5=0.5, r7=0.1, r9=0.3, r11=4.0)
    many = cast(names(500), 2, "down", values, WIDE)
    assert [(subject.rid, subject.role) for subject in many[:6]] == [
        (2, "cursor"), (7, "best"), (11, "worst"), (9, ""), (5, ""), (0, ""),
    ]  # fmt: skip
    assert len(many) == 500 and all(subject.quiet for subject in many[6:])
    assert sum(not subject.quiet for subject in cast(names(500), 2, "down", values, NARROW)) == 3


def test_the_best_is_the_highest_where_up_is_better_and_nobody_is_best_where_that_is_unknown() -> None:
    values = measured(r5=0.5, r7=0.1)
    assert [subject.role for subject in cast(names(9), None, "up", values, NARROW)[:2]] == ["best", "worst"]
    assert cast(names(9), None, "up", values, NARROW)[0].rid == 5
    assert [subject.role for subject in cast(names(9), None, None, values, NARROW)[:2]] == ["highest", "lowest"]


def test_the_best_run_under_the_cursor_and_runs_that_measured_nothing() -> None:
    assert [subject.role for subject in cast(names(9), 7, "down", measured(r7=1.0), NARROW)[:3]] == [
        "cursor, best",
        "",
        "",
    ]
    nan = {1: Measured(1, "NaN", None, None)}
    assert not any(subject.role for subject in cast(names(9), None, "down", nan, NARROW))


def test_the_run_under_the_cursor_covers_the_others() -> None:
    x = np.arange(10.0)
    many = cast(names(40), 30, "down", {}, NARROW)
    curves = {(rid, "loss"): Curve(rid, "loss", x, np.full(10, 1.0)) for rid in range(40)}
    rows = Sheet(many, curves, ChartOptions()).picture("loss", 40, 10).rows
    assert {style for row in rows for text, style in row if max(text, default="") >= "⠀"} <= {0, "axis", "label"}


def test_only_the_charts_of_the_page_are_in_view() -> None:
    metrics = tuple(f"m{number}" for number in range(24))
    page = Page(160, 40)
    grid = page.grid(24)
    assert page.of(metrics) == metrics[: grid.per_page] and grid.pages > 1
    assert Page(160, 40, focus=grid.per_page).of(metrics) == metrics[grid.per_page : 2 * grid.per_page]
    assert Page(160, 40, focus=99, alone=True).of(metrics) == ("m23",)
    assert Page(160, 40).of(()) == () and Page(0, 0).of(metrics) == ()


def test_metrics_that_the_policy_judges_come_before_those_that_nobody_judges() -> None:
    longest = {"aux": 9, "mine": 9, "val/loss": 9}
    assert charted(longest, "") == ("val/loss", "aux", "mine")
    assert charted(longest, "", {"mine": "up"}) == ("mine", "val/loss", "aux")


def test_a_chart_of_unnamed_runs_alone_says_whose_it_is_and_is_seen() -> None:
    x = np.arange(10.0)
    many = cast(names(40), 30, "down", {}, NARROW)
    curve = {(39, "aux"): Curve(39, "aux", x, x)}
    rows = Sheet(many, curve, ChartOptions()).picture("aux", 40, 10).rows
    assert rows[0][0][0] == "aux  of run-39"
    assert {style for row in rows[1:-2] for text, style in row if max(text, default="") >= "⠀"} == {"label"}
    two = curve | {(38, "aux"): Curve(38, "aux", x, x)}
    assert Sheet(many, two, ChartOptions()).picture("aux", 40, 10).rows[0][0][0] == "aux  of 2 others"


def test_the_runs_of_groups_take_turns_and_only_the_first_of_each_is_named() -> None:
    x = np.arange(10.0)
    curves = {(rid, "loss"): Curve(rid, "loss", x, np.full(10, 1.0)) for rid in range(6)}
    groups = {-1: ((0, 1, 2), 3, True), -2: ((3, 4, 5), 3, True)}
    two = cast({-1: "adam", -2: "sgd"}, None, "down", {}, WIDE, groups)
    sheet = Sheet(two, curves, ChartOptions())
    assert sheet.lines("loss") == 6
    picture = sheet.picture("loss", 80, 12)
    assert picture.text.count("adam") == 1 and picture.text.count("sgd") == 1 and "more" not in picture.text
    spread = {(rid, "loss"): Curve(rid, "loss", x, np.full(10, 1.0 if rid % 3 else 2.0)) for rid in range(6)}
    rows = Sheet(two, spread, ChartOptions()).picture("loss", 60, 12).rows
    assert {
        style for row in rows for text, style in row if max(text, default="") >= "⠀" and isinstance(style, int)
    } == {1}
