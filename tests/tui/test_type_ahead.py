"""Keys that arrive all at once, as over a slow link: each goes to what is open when its turn comes."""

from __future__ import annotations

import json
from pathlib import Path

from textual import events
from textual.app import App

from .conftest import OpenApp, ScreenText, Until, main_screen
from .test_bulk import _sorted, _told
from .test_screen import WIDE, names

_NAMED = {" ": "space", ":": "colon", "*": "asterisk", "/": "slash", "-": "minus", "<": "less_than_sign", "@": "at"}


def _burst(app: App[None], *keys: str) -> None:
    """Put keys before the application without waiting for anything."""
    for key in keys:
        app.post_message(events.Key(_NAMED.get(key, key), key if len(key) == 1 else None))


async def test_what_follows_the_key_of_the_tag_manager_is_for_its_list(
    tree: Path, open_app: OpenApp, until: Until
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await _sorted(pilot, until)
        screen = main_screen(app)
        _burst(app, *":tag xa", "enter")
        await until(pilot, lambda: _told(app, "tags")["alpha"] == ["xa"])
        _burst(app, "T", "r", *"aX", "enter", "j", " ")
        await until(pilot, lambda: _told(app, "tags")["alpha"] == ["aX"])
        await until(pilot, lambda: len(screen.runs.marks.uids) == 1)
        assert not any(_told(app, "archived").values()) and screen.table.cursor == 2
        _burst(app, " ", "T", *"/ax", "enter")
        await until(pilot, lambda: names(app) == ["alpha"])


async def test_what_follows_the_key_of_the_views_is_for_their_list(tree: Path, open_app: OpenApp, until: Until) -> None:
    folder = tree / ".runspect" / "views"
    folder.mkdir(parents=True)
    (folder / "axe.toml").write_text('query = "opt:sgd"\n')
    (folder / "best.toml").write_text('query = "opt:adamw"\nsort = ["name"]\n')
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await _sorted(pilot, until)
        _burst(app, "@", *"axe", "enter", "j", " ")
        await until(pilot, lambda: names(app) == ["alpha", "beta"] or names(app) == ["beta", "alpha"])
        screen = main_screen(app)
        await until(pilot, lambda: len(screen.runs.marks.uids) == 1)
        assert screen.viewing.name == "axe" and not screen.picker


async def test_escape_gives_up_a_list_that_is_about_to_open(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await _sorted(pilot, until)
        screen = main_screen(app)
        _burst(app, *":tag good", "enter")
        await until(pilot, lambda: _told(app, "tags")["alpha"] == ["good"])
        _burst(app, "T", "X", "escape", "j")
        await until(pilot, lambda: screen.table.cursor == 1 and not screen.desk.errands.busy)
        assert screen.picker is None and not any(_told(app, "archived").values())


async def test_what_is_typed_for_a_list_that_has_nothing_is_no_command(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await _sorted(pilot, until)
        _burst(app, "T", "X", "*", "enter")
        await until(pilot, lambda: "no run has a tag" in screen_text(app))
        assert main_screen(app).view == "runs"
        assert not any(_told(app, "archived").values()) and not any(_told(app, "star").values())


async def test_keys_behind_the_end_of_a_line_or_a_list_are_commands_again(
    tree: Path, open_app: OpenApp, until: Until
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await _sorted(pilot, until)
        screen = main_screen(app)
        _burst(app, *":sort -lr", "enter", "G", " ", "s", *"name", "enter", "*")
        await until(pilot, lambda: any(_told(app, "star").values()))
        assert [key.column for key in screen.runs.wanted.sort] == ["name"]
        assert len(screen.runs.marks.uids) == 1
        _burst(app, *"/lr<0.05", "enter", "g", "g", " ")
        await until(pilot, lambda: len(names(app)) == 3 and not screen.desk.errands.busy)
        assert screen.runs.wanted.query == "lr<0.05" and json.dumps(_told(app, "note")).count("null") == 4
