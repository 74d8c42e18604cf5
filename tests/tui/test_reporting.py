"""`:report FILE` on the screen, over a real engine."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.tui.conftest import OpenApp, ScreenText, Until, main_screen

WIDE = (160, 45)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Two data sets."""
    root = tmp_path / "exp"
    for name, config, loss in (
        ("ada", {"dataset": "cifar10", "lr": 0.1}, 0.5),
        ("bob", {"dataset": "cifar10", "lr": 0.2}, 0.4),
        ("[dot]", {"dataset": "svhn [x]"}, 0.3),
    ):
        (root / name).mkdir(parents=True)
        (root / name / "config.json").write_text(json.dumps(config))
        rows = [{"step": at, "time": 1.7e9 + at, "val/loss": loss + 1 - at} for at in range(2)]
        (root / name / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return root


async def test_a_report_on_the_listed_runs_and_never_over_a_file(
    history: Path, tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app, page = open_app(history), tmp_path / "r.html"
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = main_screen(app)
        await until(pilot, lambda: len(screen.table.order) == 3 and screen.following.synced)
        screen.commanding.carry_out(f"report {page}")
        await until(pilot, lambda: "r.html: Model review: bob on cifar10" in screen_text(app))
        ElementTree.fromstring(page.read_text().removeprefix("<!DOCTYPE html>"))
        screen.commanding.carry_out(f"report {page}")
        await until(pilot, lambda: "is there already" in screen_text(app))
        screen.commanding.carry_out("mark name:ada")
        await until(pilot, lambda: list(screen.runs.marks.uids.values()) != [] and all(screen.runs.marks.uids.values()))
        screen.commanding.carry_out(f"report! {page}")
        await until(pilot, lambda: "Model review: ada on cifar10" in screen_text(app))
        screen.commanding.carry_out("report name:bob")
        assert "name a file that ends in .html, .htm, .md" in screen_text(app)


async def test_a_report_on_the_data_set_under_the_cursor_of_the_board(
    history: Path, tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(history)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = main_screen(app)
        await until(pilot, lambda: len(screen.table.order) == 3 and screen.following.synced)
        await pilot.press("6")
        await until(pilot, lambda: len(screen.board_pane.sets) == 2)
        await pilot.press("j")
        screen.commanding.carry_out("report")
        await until(pilot, lambda: "write a report on svhn [x] to" in screen_text(app))
        await pilot.press(*f"{tmp_path}/svhn.md", "enter")
        await until(pilot, lambda: "Model review: [dot] on svhn [x]" in screen_text(app))
        assert (tmp_path / "svhn.md").read_text().startswith("# Model review: \\[dot\\] on svhn \\[x\\]\n")
