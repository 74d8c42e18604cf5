"""What runs break of the rules, and what is untidy, from the table and the run card."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.tui.glyphs import UNICODE
from runspect.tui.screens.linting import Linting
from runspect.tui.widgets.card_findings import finding_lines

from .conftest import OpenApp, ScreenText, Until, main_screen
from .test_screen import NARROW, WIDE, names, ready

POLICY = '[naming]\npattern = "{model}-{number}"\n[params]\nrequired = ["width"]\n[lint]\nprocess = false\n'


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_rule_leads_to_its_runs_which_are_changed_in_bulk(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    (tree / "runspect.toml").write_text(POLICY)
    app = open_app(tree)
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("g", "l")
        await until(pilot, lambda: "Lint   16 findings in 4 runs" in screen_text(app))
        assert "naming     the name does not follow the policy's pattern" in screen_text(app)
        assert "4 of 4" in screen_text(app) and "process" not in screen_text(app)
        await pilot.press(*"untag", "enter")
        await until(pilot, lambda: main_screen(app).runs.wanted.query == "tidy:untagged")
        await until(pilot, lambda: len(names(app)) == 4)
        await pilot.press("a", "t")
        await until(pilot, lambda: "tags of 4 runs" in screen_text(app))
        await pilot.press(*"+seen", "enter")
        await until(pilot, lambda: len(names(app)) == 0)
        await pilot.press("escape")
        await until(pilot, lambda: len(names(app)) == 4)
        await pilot.press("u")
        await until(pilot, lambda: bool(main_screen(app).desk.workspace.order("tidy:untagged").rids))


async def test_the_card_lists_what_its_run_breaks(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    (tree / "runspect.toml").write_text(POLICY)
    app = open_app(tree)
    async with app.run_test(size=(160, 120), notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("5")
        await until(pilot, lambda: "the config does not tell width" in screen_text(app))
        assert " Lint  4" in screen_text(app)


async def test_weeks_and_what_is_typed_behind_the_command(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press(*":lint weeks", "enter")
        await until(pilot, lambda: "week       runs" in screen_text(app) and "trend" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "started >= " in main_screen(app).runs.wanted.query)
        await pilot.press("escape")
        await pilot.press(*":lint seed", "enter")
        await until(pilot, lambda: main_screen(app).runs.wanted.query == "lint:seed")
        await pilot.press(*":lint sead", "enter")
        await until(pilot, lambda: "no rule is called sead" in screen_text(app))
        assert isinstance(main_screen(app).linting, Linting)


def test_no_findings_no_lines() -> None:
    assert finding_lines((), 40, UNICODE) == []
    found = [{"rule": "seed", "what": "no seed is recorded", "closes": "seed it \x1b[2J and say so", "missing": []}]
    lines = ["".join(text for text, _ in line) for line in finding_lines(found, 60, UNICODE)]
    assert lines == ["", " Lint  1", "   seed           no seed is recorded", "                  seed it  and say so"]
