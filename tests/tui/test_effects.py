"""Which changes helped, and what was tried before, on the screen."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from runspect.model import Op
from runspect.query import parse, render
from runspect.tui.cell_query import has_one_of, narrowed

from .conftest import OpenApp, ScreenText, Until, main_screen, write_run
from .test_screen import NARROW, WIDE, names, ready


def write(root: Path, name: str, warmup: int | None, width: int, loss: float, seed: int = 0) -> None:
    write_run(root / name, lr=0.001, losses=[loss + 1, loss])
    config = {"lr": 0.001, "width": width, "seed": seed, **({} if warmup is None else {"warmup": warmup})}
    (root / name / "config.json").write_text(json.dumps(config))


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Three widths with a short and a long warmup; one of them twice; one run that differs in both."""
    root = tmp_path / "exp"
    for width in (1, 2, 3):
        write(root, f"short-{width}", 500, width, 1.0 * width)
        write(root, f"long-{width}", 2000, width, 0.9 * width)
    write(root, "again", 500, 1, 1.1, seed=7)
    write(root, "other", 9000, 9, 0.1)
    for file in root.rglob("*.json*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))  # they are over
    return root


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_from_a_change_to_its_runs_and_back(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(history)
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until, 8)
        await pilot.press("g", "e")
        await until(pilot, lambda: "raising warmup 500 → 2000" in screen_text(app))
        assert "3 pairs" in screen_text(app) and "3/3" in screen_text(app) and "confounded" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "raising warmup 500 → 2000" not in screen_text(app).split("\n")[10])
        await until(pilot, lambda: "other" not in names(app) and len(names(app)) == 7)
        assert len(main_screen(app).runs.marks.uids) == 7
        assert "warmup in [500, 2000]" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: len(names(app)) == 8)
        await pilot.press(*":effects width", "enter")
        await until(pilot, lambda: "lowering width 2 → 1" in screen_text(app))
        await pilot.press("d")
        await until(pilot, lambda: main_screen(app).view == "diff")
        assert len(main_screen(app).runs.marks.uids) == 2


async def test_what_was_said_of_the_runs(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(history)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 8)
        workspace = main_screen(app).desk.workspace
        await pilot.press(*":effects warmup", "enter")
        await until(pilot, lambda: "raising warmup" in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: "nobody wrote" in screen_text(app))
        uid = json.loads(workspace.runs_json("name:long-2"))[0]["uid"]
        workspace.annotate([Op(f"run:{uid}", "note", "calmer [at] first")])
        await pilot.press(*":effects warmup", "enter")
        await until(pilot, lambda: "raising warmup" in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: "calmer [at] first" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: main_screen(app).runs.table.current is not None and "long-2" in screen_text(app))


async def test_where_nothing_pairs_it_says_how_much_is_confounded(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(history, query="name:other or name:long-1")
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 2)
        await pilot.press("g", "e")
        await until(pilot, lambda: "1 pair is confounded" in screen_text(app))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_was_tried_before(
    history: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(history, query="name:short-1")
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until, 1)
        await pilot.press("g", "t")
        await until(pilot, lambda: "with an equal config" in screen_text(app))
        lines = [line for line in screen_text(app).split("\n") if "= again" in line or "warmup 2000" in line]
        assert "= again" in lines[0] and "loss" in lines[0]
        assert len(lines) >= 2, "the nearest follow"
        await pilot.press("enter")  # it lies outside the filter
        await until(pilot, lambda: len(names(app)) == 8)
        table = main_screen(app).runs.table
        await until(pilot, lambda: table.current is not None and table.rows[table.current].name == "again")
        await pilot.press("escape")
        await until(pilot, lambda: names(app) == ["short-1"])
        await pilot.press("g", "t")
        await until(pilot, lambda: "with an equal config" in screen_text(app))
        await pilot.press("d")
        await until(pilot, lambda: main_screen(app).view == "diff")


def test_values_of_a_change_as_a_query() -> None:
    assert render(has_one_of("warmup", (500, 2000))) == "warmup in [500, 2000]"
    assert render(has_one_of("opt", ("sgd", "adam w"))) == 'opt in [sgd, "adam w"]'
    both = has_one_of("ema", (None, True))
    assert render(both) == "ema = true or not has:ema"
    assert narrowed("lr < 1", both) == "lr < 1 (ema = true or not has:ema)"
    assert parse(narrowed("a or b", both)) == parse("(a or b) (ema = true or not has:ema)")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_repeats_a_finished_run_wears_a_sign(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    root = tmp_path / "exp"
    for at, (name, lr) in enumerate((("first", 0.1), ("second", 0.1), ("third", 0.2))):
        record(root / name, name, {"lr": lr, "depth": 18}, f"2026-01-0{at + 1}T03:04:05Z")
    app = open_app(root)
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until, 3)
        await until(pilot, lambda: "second ≡" in screen_text(app))
        assert screen_text(app).count("≡") == 1
        record(root / "fourth", "fourth", {"lr": 0.2, "depth": 18}, "2026-01-04T03:04:05Z")
        await pilot.press("R")
        await until(pilot, lambda: "fourth ≡" in screen_text(app))
        await pilot.press(*"/lr = 0.1", "enter")
        await until(pilot, lambda: len(names(app)) == 2)
        assert screen_text(app).count("≡") == 1


def record(directory: Path, name: str, config: dict[str, float], started: str) -> None:
    """A run that says that it finished."""
    directory.mkdir(parents=True)
    told = {"format": "runspect-record", "version": 1, "id": name, "name": name, "config": config, "started": started}
    (directory / "run.json").write_text(json.dumps({**told, "status": "finished"}))
    (directory / "metrics.jsonl").write_text(json.dumps({"step": 1, "time": 1.7e9, "val/loss": 0.5}) + "\n")
