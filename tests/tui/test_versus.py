"""How runs do against others, on the screen: the key for the baseline, the column, the card, what is said of arrivals."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from textual.pilot import Pilot

from runspect.model import Op
from runspect.tui.glyphs import ASCII, UNICODE
from runspect.tui.widgets.card_lines import Page, versus_lines

from .conftest import OpenApp, ScreenText, Until, main_screen, write_run
from .test_screen import NARROW, WIDE, names, ready


async def by_name(pilot: Pilot[None], until: Until) -> None:
    """Alpha, beta, delta, gamma from the top."""
    await ready(pilot, until, 4)
    await pilot.press(*":sort name", "enter")
    await until(pilot, lambda: names(pilot.app) == ["alpha", "beta", "delta", "gamma"])
    await pilot.press("g", "g")


async def test_one_key_makes_a_run_the_baseline_and_undo_takes_it_back(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await by_name(pilot, until)
        assert " vs " not in screen_text(app).split("\n")[2]
        await pilot.press("j", "B")
        await until(pilot, lambda: "beta is the baseline of" in screen_text(app))
        await until(pilot, lambda: " vs " in screen_text(app).split("\n")[2])
        # the loss of the nth run ends at 2 / (1 + 19 n / 4)
        await until(pilot, lambda: "+31.1%" in row(screen_text(app), "gamma"))
        await pilot.press("B")
        await until(pilot, lambda: "beta is no longer the baseline" in screen_text(app))
        await until(pilot, lambda: " vs " not in screen_text(app).split("\n")[2])
        await pilot.press("u")
        await until(pilot, lambda: "+31.1%" in row(screen_text(app), "gamma"))
        await pilot.press("u")
        await until(pilot, lambda: " vs " not in screen_text(app).split("\n")[2])


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_card_tells_each_reference(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(tree)
    async with app.run_test(size=size, notifications=True) as pilot:
        await by_name(pilot, until)
        workspace = main_screen(app).desk.workspace
        uid = json.loads(workspace.runs_json("name:beta"))[0]["uid"]
        workspace.annotate([Op(f"run:{uid}", "stage", {"stage": "production", "why": "a test"})])
        await pilot.press("G", "5")
        await until(pilot, lambda: main_screen(app).card.shown is not None)
        if size == NARROW:
            await pilot.press("ctrl+d")
        await until(pilot, lambda: "Versus" in screen_text(app))
        await until(pilot, lambda: "beta 0.1905: -31 %, better, noise unknown" in " ".join(screen_text(app).split()))
        assert "none is marked" in screen_text(app)


async def test_who_comes_is_told_with_how_it_does(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await by_name(pilot, until)
        following = main_screen(app).following
        await until(pilot, lambda: following.synced and following.arrivals.has_begun)
        run = write_run(tree / "epsilon", lr=0.5, losses=[2.0, 0.05])
        for file in run.iterdir():
            os.utime(file, (1_700_000_100, 1_700_000_100))
        await pilot.press("R")
        await until(pilot, lambda: "epsilon came: -50 % against the best before it, delta, better" in screen_text(app))


async def test_a_run_that_ends_is_told_of_once_more(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    run = tree / "live"
    run.mkdir()
    now = time.time()
    (run / "config.json").write_text('{"lr": 1}')
    (run / "metrics.jsonl").write_text(json.dumps({"step": 0, "time": now, "loss": 1.9}) + "\n")
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 5)
        following = main_screen(app).following
        await until(pilot, lambda: following.synced and following.arrivals.has_begun)
        with (run / "metrics.jsonl").open("a") as log:
            log.write(json.dumps({"step": 5, "time": now + 1, "loss": 0.01}) + "\n")
        (run / "train.log").write_text("Traceback (most recent call last):\n  File x\nValueError: no\n")
        await until(pilot, lambda: "live crashed: -90 % against the best before it" in screen_text(app))


def test_the_lines_of_a_card_need_no_more_than_ascii() -> None:
    told = {
        "verdict": "better, guard worse", "metric": "acc", "value": 0.9, "direction": "up", "judged_by": "policy", "step": 10,
        "dataset": "cifar10", "note": "",
        "comparisons": [
            {
                "against": "champion", "usable": True, "itself": False, "note": "", "run": {"rid": 1, "name": "old"},
                "reference": 0.8, "verdict": "better, guard worse", "text": "+12 %, better, 7.0 σ of 3 seeds", "bought": True,
                "guards": [{"text": "latency 1.000 → 2.000, +100 %, worse", "worse": True}],
            },
            {
                "against": "best", "usable": True, "itself": False, "note": "", "run": {"rid": 1, "name": "old"},
                "reference": 0.8, "verdict": "better", "text": "+12 %", "bought": False, "guards": [],
            },
        ],
    }  # fmt: skip
    text = ["".join(span for span, _ in line) for line in versus_lines({"versus": told}, Page(120, ASCII, 0))]
    assert "".join(text).isascii()
    assert "old 0.8000: +12 %, better, 7.0 sd of 3 seeds, but a guard is worse" in text[3]
    assert text[4].split() == ["guard", "latency", "1.000", ">", "2.000,", "+100", "%,", "worse"]
    assert "the same run as the champion" in text[5]
    assert versus_lines({}, Page(80, UNICODE, 0)) == []


def row(text: str, name: str) -> str:
    return next((line for line in text.split("\n") if f" {name} " in line), "")
