"""Records, cycle and graveyard on the screen, over a real engine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runspect.tui.glyphs import ASCII, UNICODE
from runspect.tui.widgets.board_history import outline
from tests.tui.conftest import OpenApp, ScreenText, Until, main_screen

WIDE, NARROW = (160, 45), (80, 24)
START = datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()
DAY = 86400.0


def record(root: Path, name: str, day: float, loss: float, config: dict[str, Any], **more: Any) -> None:
    run, began = root / name, START + day * DAY
    run.mkdir(parents=True)
    iso = [datetime.fromtimestamp(began + at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (0, 3600)]
    head = {
        "format": "runspect-record",
        "version": 1,
        "id": name,
        "name": name,
        "status": "finished",
        "started": iso[0],
        "ended": iso[1],
    }
    (run / "run.json").write_text(json.dumps({**head, "config": {"dataset": "c10", **config}, **more}))
    (run / "metrics.jsonl").write_text(json.dumps({"step": 1, "time": began + 60, "val/loss": loss}) + "\n")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Three records among nine runs of four weeks whose queue got longer; two ended badly; a param value led nowhere."""
    root = tmp_path / "exp"
    for at, (name, day, loss, lr) in enumerate(
        [("ada", 0, 0.9, 0.1), ("s1", 1, 1.5, 9.0), ("s2", 7, 1.49, 9.0), ("s3", 8, 1.48, 9.0), ("bob", 14, 0.6, 0.01),
         ("mid", 15, 0.7, 0.01), ("cyd", 21, 0.5, 0.001), ("end", 22, 0.8, 0.001)]
    ):  # fmt: skip
        submitted = datetime.fromtimestamp(START + day * DAY - 3600 * 2**at, UTC).isoformat()
        record(root, name, day, loss, {"lr": lr}, submitted=submitted)
    record(root, "oom", 23, 2.0, {"lr": 1.0}, status="crashed", reason="CUDA out of memory: 20 MiB")
    record(root, "err", 23.5, 2.0, {"lr": 1.0}, status="failed", reason="ValueError: bad")
    return root


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_board_tells_the_records_and_enter_leads_to_their_runs(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(history)
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = main_screen(app)
        await until(pilot, lambda: len(screen.table.order) == 10 and screen.following.synced)
        await pilot.press("6")
        await until(pilot, lambda: screen.board_pane.team is not None)
        text = screen_text(app)
        assert "cycle submitted → started longer: " in text
        if size == WIDE:
            assert "records" in text and "3 records in 10 runs; 3 runs since the last one" in text
            assert "lr 0.01 → 0.001" in text
            assert "led nowhere: lr 9: never near the record of its time in 3 runs" in text
        await pilot.press("l")
        await until(pilot, lambda: "Records on c10" in screen_text(app))
        assert "cyd" in screen_text(app) and "-33 %" in screen_text(app)
        await pilot.press("down", "enter")
        await until(
            pilot, lambda: screen.view == "runs" and screen.table.row is not None and screen.table.row.name == "bob"
        )


async def test_hypotheses_that_wait_stand_on_the_board(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(history)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = main_screen(app)
        await until(pilot, lambda: len(screen.table.order) == 10 and screen.following.synced)
        await pilot.press("W", *"calmer", "enter")
        await pilot.press("6")
        await until(pilot, lambda: "hypotheses: 1 open" in screen_text(app))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_graveyard_leads_to_the_runs_of_a_cause(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(history)
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = main_screen(app)
        await until(pilot, lambda: len(screen.table.order) == 10 and screen.following.synced)
        await pilot.press("g", "x")
        await until(pilot, lambda: "2 of 10 runs ended badly" in screen_text(app))
        assert "out of memory" in screen_text(app) and "ValueError" in screen_text(app)
        await pilot.press(*"memory", "enter")
        await until(
            pilot,
            lambda: len(screen.table.order) == 1 and screen.table.row is not None and screen.table.row.name == "oom",
        )
        assert 'cause = "out of memory"' in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: len(screen.table.order) == 10)
        await pilot.press("slash", *"name:ada", "enter", "g", "x")
        await until(pilot, lambda: "none of 1 run ended badly" in screen_text(app))


def test_the_outline_is_the_record_in_force() -> None:
    def step(day: int, value: float) -> dict[str, Any]:
        return {"when": f"2026-03-{day:02}T00:00:00.000000Z", "value": value}

    assert outline([step(1, 0.0), step(6, 1.0), step(11, 2.0)], 11, UNICODE) == "▁▁▁▁▁▅▅▅▅▅█"
    assert outline([step(1, 2.0), step(11, 1.0)], 3, ASCII) == "^^_"
    assert outline([step(1, 2.0)], 9, UNICODE) == ""
    assert outline([step(1, 2.0), step(1, 1.0)], 3, UNICODE)[-1] == "▁"
