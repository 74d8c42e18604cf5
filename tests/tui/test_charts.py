"""The views of charts, over a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from .conftest import OpenApp, ScreenText, Until, main_screen, write_run
from .test_groups import write_sweep

WIDE, NARROW = (160, 45), (80, 24)


async def ready(pilot: Pilot[None], until: Until, runs: int) -> None:
    screen = main_screen(pilot.app)
    await until(
        pilot, lambda: screen.following.synced and len(screen.table.order) == runs and screen.table.row is not None
    )


async def test_the_best_of_many_is_the_best_as_the_policy_says(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    for number in range(10):
        write_run(tmp_path / f"run-{number}", lr=0.1, losses=[float(number), number + 1.0])
    (tmp_path / "runspect.toml").write_text('[directions]\nloss = "up"\n')
    app = open_app(tmp_path)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 10)
        await pilot.press("G", "a", "2")
        await until(pilot, lambda: "run-9 best" in screen_text(app) or "run-9 cursor, best" in screen_text(app))
        roles = {subject.name: subject.role for subject in main_screen(app).charts.subjects}
    assert "worst" in roles["run-0"]


async def test_groups_are_drawn_as_mean_and_band_or_run_by_run(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(write_sweep(tmp_path / "sweep"))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 12)
        screen = main_screen(app)
        screen.perform("group", "opt")
        await until(pilot, lambda: len(screen.runs.groups.outline.nodes) == 2)
        await pilot.press("g", "g", "a", "2")
        await until(pilot, lambda: "opt=adam best" in screen_text(app) and max(screen_text(app)) >= "⠀")
        assert {subject.name: subject.is_best for subject in screen.charts.subjects} == {
            "opt=adam": True,
            "opt=sgd": False,
        }
        assert "mean of 6 ± std" in screen_text(app) and "opt=sgd" in screen_text(app)
        await pilot.press("b")
        await until(pilot, lambda: "opt=adam 6 runs best" in screen_text(app) and "± std" not in screen_text(app))
        assert len(screen.charts._curves) == 12, "each run has a curve, in the colour of its group"
        await pilot.press("c")
        await until(pilot, lambda: " to 0." in screen_text(app) and " to 1." in screen_text(app))
        await pilot.press("c", "b")
        await until(pilot, lambda: "± std" in screen_text(app))
        await pilot.press("x", "x")  # over the time of day no two runs need meet
        await until(pilot, lambda: all(subject.singly for subject in screen.charts.subjects))
        await pilot.press("x")
        await until(pilot, lambda: "± std" in screen_text(app))
        await pilot.press("1", "escape")
        await until(pilot, lambda: "n 6" in screen_text(app))  # of the group under the cursor, below the table
        screen.perform("ungroup")
        await pilot.press("2", "b")
        await until(pilot, lambda: "no groups" in screen_text(app))


async def test_of_many_runs_only_the_curve_that_grew_is_asked_for_again(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    for number in range(4):
        write_run(tmp_path / f"run-{number}", lr=0.1, losses=[float(number + 1)] * 3)
    app = open_app(tmp_path)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("a", "2")
        await until(pilot, lambda: len(screen.charts._curves) == 8 and screen.following.synced)
        kept: list[int] = []
        for points in range(4, 9):  # the first times the whole list may be new
            before = dict(screen.charts._curves)
            with (tmp_path / "run-0" / "metrics.jsonl").open("a") as log:
                log.write(f'{{"step": {points - 1}, "loss": 0.5, "acc": 0.9}}\n')
            await until(
                pilot,
                lambda: sum(len(curve.x) == points for curve in screen.charts._curves.values()) == 2,  # noqa: B023
            )
            kept.append(sum(curve is before[key] for key, curve in screen.charts._curves.items()))
        assert kept[-1] == 6, kept
        before = dict(screen.charts._curves)
        await pilot.press("plus")  # other curves of all runs
        await until(pilot, lambda: screen.charts.options.span is not None and "x step" in screen_text(app))
        await until(pilot, lambda: not any(curve is before[key] for key, curve in screen.charts._curves.items()))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_data_cursor_shows_one_x_in_all_charts(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(tree)
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("space", "space", "2")
        await until(pilot, lambda: max(screen_text(app)) >= "⠀" and len(screen.charts.subjects) == 2)
        await pilot.press("c")
        await until(pilot, lambda: "at step 10" in screen_text(app) or "at step 9" in screen_text(app))
        assert "loss  a 0." in screen_text(app) and "acc  a 0." in screen_text(app)
        await pilot.press("right_curly_bracket")
        await until(pilot, lambda: "at step 1" in screen_text(app) and "at step 10" not in screen_text(app))
        await pilot.press("enter", "escape")
        await until(pilot, lambda: screen.charts.options.cursor is None and screen.charts.options.zoomed)
        await pilot.press("greater_than_sign")
        assert screen.charts.options.cursor is not None
        await pilot.press("x")
        await until(pilot, lambda: screen.charts.options.cursor is None and "at step" not in screen_text(app))
