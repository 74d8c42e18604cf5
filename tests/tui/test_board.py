"""The board on the screen, over a real engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tui.conftest import OpenApp, ScreenText, Until, main_screen

WIDE, NARROW = (160, 45), (80, 24)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Two data sets, one run without."""
    root = tmp_path / "exp"
    for name, config, losses in (
        ("ada", {"dataset": "cifar10", "lr": 0.1}, [0.9, 0.5]),
        ("bob", {"dataset": "cifar10", "lr": 0.2}, [0.9, 0.4]),
        ("cyd", {"dataset": "cifar10", "lr": 0.3}, [0.9, 0.6]),
        ("[dot]", {"dataset": "svhn [x]"}, [0.3]),
        ("eve", {"lr": 0.2}, [0.2]),
    ):
        (root / name).mkdir(parents=True)
        (root / name / "config.json").write_text(json.dumps(config))
        rows = [{"step": at, "time": 1.7e9 + at, "val/loss": loss} for at, loss in enumerate(losses)]
        (root / name / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return root


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_each_data_set_has_its_best_run_and_enter_goes_there(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(history)
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = main_screen(app)
        await until(pilot, lambda: len(screen.table.order) == 5)
        await pilot.press("6")
        await until(pilot, lambda: len(screen.board_pane.sets) == 3)
        text = screen_text(app)
        assert "Best ever on 2 data sets" in text
        (row,) = [line for line in text.split("\n") if "▸" in line]
        assert row.split()[:2] == ["▸", "cifar10"]
        assert "0.4000" in row and "bob" in row and row.rstrip().endswith("3")
        assert "second: 0.5000 (+25 %)  ada" in text
        assert "unlike the second: lr 0.2, not 0.1" in text
        assert ("val/loss:best?" in row) == ("25 %" in row) == (size == WIDE)
        assert "6 Board" in text and "7 Health" in text
        await pilot.press("j")
        await until(pilot, lambda: any(line.strip() == "svhn [x]" for line in screen_text(app).split("\n")))
        await pilot.press("enter")
        await until(pilot, lambda: screen.view == "runs")
        row_of = screen.table.row
        assert row_of is not None and row_of.name == "[dot]"
        await pilot.press("6", "G", "j", "k", "g", "g", "enter")
        await until(
            pilot, lambda: screen.view == "runs" and screen.table.row is not None and screen.table.row.name == "bob"
        )


async def test_the_board_is_about_the_listed_runs_and_follows_what_is_logged(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(history)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = main_screen(app)
        await until(pilot, lambda: len(screen.table.order) == 5 and screen.following.synced)
        await pilot.press("6", "slash", *"-bob", "enter")
        await until(
            pilot, lambda: bool(screen.board_pane.sets) and screen.board_pane.sets[0]["best"][0]["name"] == "ada"
        )
        with (history / "cyd" / "metrics.jsonl").open("a") as file:
            file.write('{"step": 2, "time": 1.7e9, "val/loss": 0.1}\n')
        await until(pilot, lambda: screen.board_pane.sets[0]["best"][0]["name"] == "cyd")
        await pilot.press("escape")
        assert screen.view == "runs"
        await pilot.press("slash", *"name:nobody", "enter", "6")
        await until(pilot, lambda: "no run is listed" in screen_text(app))


async def test_a_short_screen_keeps_the_rows(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(history, ascii_only=True)
    async with app.run_test(size=(40, 9), notifications=True) as pilot:
        screen = main_screen(app)
        await until(pilot, lambda: len(screen.table.order) == 5)
        await pilot.press("6")
        await until(pilot, lambda: len(screen.board_pane.sets) == 3)
        text = screen_text(app)
        assert text.isascii() and "cifar10" in text and "0.4000" in text


async def test_keys_for_a_run_are_for_the_best_one_under_the_cursor(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    (history / "fay").mkdir()
    (history / "fay" / "config.json").write_text('{"dataset": "unjudged"}')
    (history / "fay" / "metrics.jsonl").write_text('{"step": 1, "time": 1.7e9, "gauge": 1}\n')
    app = open_app(history)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = main_screen(app)
        await until(pilot, lambda: len(screen.table.order) == 6 and screen.following.synced)

        def told(name: str) -> dict[str, Any]:
            runs: list[dict[str, Any]] = json.loads(screen.desk.workspace.runs_json())
            return next(run for run in runs if run["name"] == name)

        await until(pilot, lambda: screen.table.row is not None)
        while screen.table.row is None or screen.table.row.name in ("bob", "[dot]", "eve"):
            await pilot.press("j")
        hidden = screen.table.row.name
        await pilot.press("space")  # a mark that the board does not show, either
        assert len(screen.runs.marks.uids) == 1
        await pilot.press("6")
        await until(pilot, lambda: len(screen.board_pane.sets) == 4)
        await pilot.press("asterisk")
        await until(pilot, lambda: bool(told("bob")["star"]))
        await pilot.press("t")
        await until(pilot, lambda: "tags of bob" in screen_text(app))
        await pilot.press(*"+seen", "enter")
        await until(pilot, lambda: told("bob")["tags"] == ["seen"])
        await pilot.press("B")
        await until(pilot, lambda: "bob is the baseline" in screen_text(app))
        await pilot.press("V")
        await until(pilot, lambda: "verdict on bob" in screen_text(app))
        await pilot.press("escape", "g", "p")
        await until(pilot, lambda: "why exploration to candidate, bob" in screen_text(app))
        await pilot.press("escape", "N")
        await until(pilot, lambda: screen.prompt_line.text == "bob")
        await pilot.press("escape")
        assert not told(hidden)["star"] and told(hidden)["tags"] == []
        at = [each["title"] for each in screen.board_pane.sets].index("unjudged")
        await pilot.press(*"j" * at, "asterisk")
        await until(pilot, lambda: "no best run is known here" in screen_text(app))
        await pilot.press("g", "g", "5")
        await until(pilot, lambda: screen.view == "card" and "bob" in screen_text(app))
        assert screen.table.row is not None and screen.table.row.name == "bob"
