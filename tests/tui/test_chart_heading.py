"""The lines above the charts."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from runspect.tui.glyphs import UNICODE
from runspect.tui.widgets.chart_heading import heading, left_out, legend
from runspect.tui.widgets.painted import Line

EIGHT = [f"vit-small-{number:04d}" for number in range(8)]


def text(line: Line) -> str:
    return "".join(piece for piece, _ in line)


@pytest.mark.parametrize("width", range(20, 170, 7))
@pytest.mark.parametrize("names", [EIGHT, ["実験-画像分類-学習率スイープ", "한국어-실험-07"], ["a" * 120]])
def test_a_heading_fits_every_width(names: list[str], width: int) -> None:
    assert cell_len(text(heading(names, ["x step"], width, UNICODE))) <= width


def test_a_legend_names_all_where_each_has_its_room() -> None:
    assert "…" not in text(legend(["one", "two", "three"], 26, UNICODE))
    assert text(legend(EIGHT, 130, UNICODE)).count("●") == 8
    assert text(legend(EIGHT, 60, UNICODE)).endswith("…")


def test_runs_without_times_are_named_until_the_line_ends() -> None:
    assert text(left_out(["a"], 80, UNICODE)) == " 1 run has no times: a"
    assert text(left_out(["a", "b"], 80, UNICODE)) == " 2 runs have no times: a, b"
    cut = text(left_out(EIGHT, 40, UNICODE))
    assert cut.startswith(" 8 runs have no times: vit-small-0000") and cut.endswith("…") and cell_len(cut) <= 40
