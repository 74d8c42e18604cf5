"""The lines above the charts."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from runspect.tui.glyphs import UNICODE
from runspect.tui.widgets.chart_drawing import ChartOptions, Subject
from runspect.tui.widgets.chart_heading import facts, heading, left_out, legend
from runspect.tui.widgets.chart_page import Page
from runspect.tui.widgets.painted import Line

EIGHT = [f"vit-small-{number:04d}" for number in range(8)]


def text(line: Line) -> str:
    return "".join(piece for piece, _ in line)


def marks(line: Line) -> list[str]:
    """The letters of the curves that are named."""
    return [piece.strip() for piece, look in line if look.startswith("curve-")]


def runs(names: list[str]) -> list[Subject]:
    return [Subject(rid, name) for rid, name in enumerate(names)]


def crowd(count: int) -> list[Subject]:
    named = [Subject(rid, f"run-{rid:04d}", role) for rid, role in enumerate(("cursor", "best", "worst", ""))]
    return [*named, *(Subject(rid, f"run-{rid:04d}", quiet=True) for rid in range(4, count))]


@pytest.mark.parametrize("width", range(20, 170, 7))
@pytest.mark.parametrize("names", [EIGHT, ["実験-画像分類-学習率スイープ", "한국어-실험-07"], ["a" * 120]])
def test_a_heading_fits_every_width(names: list[str], width: int) -> None:
    assert cell_len(text(heading(runs(names), ["x step"], width, UNICODE))) <= width


def test_a_legend_names_all_where_each_has_its_room() -> None:
    assert "…" not in text(legend(runs(["one", "two", "three"]), 26, UNICODE))
    assert marks(legend(runs(EIGHT), 130, UNICODE)) == list("abcdefgh")
    assert text(legend(runs(EIGHT), 60, UNICODE)).endswith("+4 more")


@pytest.mark.parametrize("width", range(12, 170, 7))
def test_a_legend_counts_those_whom_it_does_not_name(width: int) -> None:
    line = legend(crowd(500), width, UNICODE)
    assert cell_len(text(line)) <= width and f"+{500 - len(marks(line))} more" in text(line)


def test_a_legend_says_what_the_named_ones_are() -> None:
    shown = text(legend(crowd(500), 120, UNICODE))
    assert "run-0000 cursor" in shown and "run-0001 best" in shown and "run-0002 worst" in shown
    assert shown.endswith("+496 more")


def test_a_group_is_told_to_be_a_mean_and_the_best_one_stands_out() -> None:
    group = Subject(-1, "opt=adam", "best", members=(1, 2, 3), size=3)
    cut_group = Subject(-2, "opt=sgd", "", members=(4, 5), size=900)
    line = legend([group, cut_group], 120, UNICODE)
    assert text(line).split("  ")[:2] == ["a opt=adam mean of 3 best", "b opt=sgd mean of 2 of 900"]
    assert [piece for piece, look in line if look == "strong"] == ["opt=adam"]
    assert text(heading([group], [], 60, UNICODE)).strip() == "opt=adam mean of 3 best"


def test_the_axis_says_which_part_of_it_is_seen() -> None:
    page = Page(80, 20)
    assert facts(ChartOptions(), page, 1, (1, 0)) == []
    assert facts(ChartOptions(span=(100.0, 25_000.0)), page, 1, (1, 0)) == ["x step 100 to 25k"]
    assert facts(ChartOptions("relative", span=(60.0, 5400.0)), page, 1, (1, 0)) == ["x 1m to 1h30 since the start"]
    assert facts(ChartOptions("time", span=(1.7e9, 1.7e9 + 600)), page, 1, (1, 0)) == ["x time, 10m of it"]


def test_runs_without_times_are_named_until_the_line_ends() -> None:
    assert text(left_out(["a"], 80, UNICODE)) == " 1 run has no times: a"
    assert text(left_out(["a", "b"], 80, UNICODE)) == " 2 runs have no times: a, b"
    cut = text(left_out(EIGHT, 40, UNICODE))
    assert cut.startswith(" 8 runs have no times: vit-small-0000") and cut.endswith("…") and cell_len(cut) <= 40
