"""The views of charts, over a real engine."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from .conftest import OpenApp, ScreenText, Until, main_screen, write_run

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
