"""The SQL prompt, and what the filter is made into."""

from __future__ import annotations

from pathlib import Path

from .conftest import OpenApp, ScreenText, Until, main_screen
from .test_screen import WIDE, ready


async def test_a_statement_is_answered_with_a_table(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("semicolon")
        await until(pilot, lambda: main_screen(app).prompting.is_open)
        main_screen(app).prompt_line.set_text("select 7 as seven, 'x[/x]' as word")
        await pilot.press("enter")
        await until(pilot, lambda: "x[/x]" in screen_text(app) and main_screen(app).view == "sql")
        assert "1 row" in screen_text(app) and "seven" in screen_text(app) and "SQL" in screen_text(app).split("\n")[0]
        await pilot.press("semicolon")
        await until(pilot, lambda: main_screen(app).prompting.is_open)
        main_screen(app).prompt_line.set_text("drop table runs")
        await pilot.press("enter")
        await until(pilot, lambda: "only reading is allowed" in screen_text(app))
        assert "x[/x]" in screen_text(app)


async def test_the_filter_is_explained(tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        main_screen(app).runs.set_query("lr < 0.5")
        main_screen(app).perform("explain")
        await until(pilot, lambda: "lr is less than 0.5" in screen_text(app))
        assert "SELECT r.rid FROM runs_now" in screen_text(app)


async def test_another_query_is_explained(tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        main_screen(app).runs.set_query("lr < 0.5")
        await pilot.press("colon", *"explain lr > 7", "enter")
        await until(pilot, lambda: "lr is more than 7" in screen_text(app))
        assert "lr is less than" not in screen_text(app)
