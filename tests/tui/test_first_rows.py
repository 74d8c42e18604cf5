"""What the first rows of a second start are asked with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from runspect.tui.screens.group_rows import Together
from runspect.tui.screens.list_question import ListAnswer, ListQuestion, ask
from runspect.tui.screens.wanted import Wanted

from .conftest import OpenApp, Until, main_screen
from .test_screen import WIDE, ready


async def test_they_come_in_the_columns_of_the_last_time(
    tree: Path, tmp_path: Path, open_app: OpenApp, until: Until
) -> None:
    app = open_app(tree, memory=tmp_path / "memory")
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, until, 4)
        await until(pilot, lambda: "lr" in main_screen(app).runs.specs)
        specs = main_screen(app).runs.specs
        await pilot.press("j", "q")
    again = open_app(tree, memory=tmp_path / "memory")
    async with again.run_test(size=WIDE) as pilot:
        screen = main_screen(again)
        runs = screen.runs
        quick = ask(
            ListQuestion(Wanted(), "", (), 0, 20, with_choices=False, expected=runs.usual, at_hand=frozenset()),
            screen.desk,
            runs.groups,
            runs.rows,
        )
        assert quick.choices is None
        assert (quick.specs, len(quick.rows)) == (specs, 4)
        await until(pilot, lambda: runs.choices is not None and bool(runs.choices.facts or runs.choices.params))
        assert runs.specs == specs
        await until(pilot, lambda: screen.table.cursor == 1)  # where it was left


async def test_other_columns_are_shown_once_they_are_known(
    tree: Path, tmp_path: Path, open_app: OpenApp, until: Until
) -> None:
    app = open_app(tree, memory=tmp_path / "memory")
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, until, 4)
        await until(pilot, lambda: "opt" in main_screen(app).runs.specs)
        await pilot.press("q")
    for directory in tree.iterdir():
        (directory / "config.json").write_text(json.dumps({"width": len(directory.name)}))
    again = open_app(tree, memory=tmp_path / "memory")
    async with again.run_test(size=WIDE) as pilot:
        runs = main_screen(again).runs
        await until(pilot, lambda: "width" in runs.specs and "opt" not in runs.specs)


async def test_the_cursor_stays_on_top_while_the_first_runs_are_found(
    tree: Path, open_app: OpenApp, until: Until
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, until, 4)
        runs, table = main_screen(app).runs, main_screen(app).table
        assert runs.order is not None
        runs._settles, table.stays_on_top = False, True
        turned = tuple(reversed(runs.order.rids))
        order, together = replace(runs.order, rids=turned), Together(listed=turned)
        runs._arrived(runs.rows.news, ListAnswer("", order, None, None, (), runs.specs, together, 0.0))
        assert (table.cursor, table.entry, table.stays_on_top) == (0, turned[0], True)
