"""Changes of many runs at once: marks, tags, notes, names, projects, and taking them back."""

from __future__ import annotations

import json
from pathlib import Path

from textual import events
from textual.pilot import Pilot

from .conftest import OpenApp, ScreenText, Until, main_screen
from .test_screen import NARROW, WIDE, names, ready


def _told(app: object, key: str) -> dict[str, object]:
    workspace = main_screen(app).desk.workspace  # type: ignore[arg-type]
    return {run["name"]: run[key] for run in json.loads(workspace.runs_json("", archived=True))}


async def _sorted(pilot: Pilot[None], until: Until) -> None:
    """Alpha, beta, delta, gamma from the top."""
    await ready(pilot, until, 4)
    await pilot.press(*":sort name", "enter")
    await until(pilot, lambda: names(pilot.app) == ["alpha", "beta", "delta", "gamma"])
    await pilot.press("g", "g")


async def test_a_range_is_marked_while_the_cursor_moves(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await _sorted(pilot, until)
        runs = main_screen(app).runs
        await pilot.press("v", "j", "j")
        await until(pilot, lambda: len(runs.marks.uids) == 3)
        assert "3 in the range" in screen_text(app)
        await pilot.press("k")
        await until(pilot, lambda: len(runs.marks.uids) == 2)
        await pilot.press("v")
        assert len(runs.marks.uids) == 2
        await pilot.press("G", "v", "k", "escape")
        assert len(runs.marks.uids) == 2 and main_screen(app).table.order
        await pilot.press("escape")
        assert not runs.marks.uids


async def test_marks_by_query(tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        runs = main_screen(app).runs
        await pilot.press(*":mark lr<0.005", "enter")
        await until(pilot, lambda: len(runs.marks.uids) == 2 and "2 more marked" in screen_text(app))
        await pilot.press(*":mark name:alpha", "enter")
        await until(pilot, lambda: len(runs.marks.uids) == 3)
        await pilot.press(*":unmark name:gamma", "enter")
        await until(pilot, lambda: len(runs.marks.uids) == 2)
        await pilot.press(*":mark nosuch<3", "enter")
        await until(pilot, lambda: "nosuch" in screen_text(app).split("\n")[-1])
        assert len(runs.marks.uids) == 2
        await pilot.press(*":unmark", "enter")
        assert not runs.marks.uids


async def test_names_by_a_pattern_with_a_preview_and_one_undo(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await _sorted(pilot, until)
        await pilot.press("space", "space", "N", *"-v2")
        await until(pilot, lambda: "alpha → alpha-v2   beta → beta-v2" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: sorted(names(app)) == ["alpha-v2", "beta-v2", "delta", "gamma"])
        assert "on 2 runs" in screen_text(app)
        await pilot.press("u")
        await until(pilot, lambda: names(app) == ["alpha", "beta", "delta", "gamma"])
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "beta-v2" in names(app))
        await pilot.press("N", "ctrl+u", *"same")
        await until(pilot, lambda: "several runs the same name" in screen_text(app))


async def test_a_note_on_several_runs_asks_what_becomes_of_those_there(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await _sorted(pilot, until)
        await pilot.press("e")
        await until(pilot, lambda: main_screen(app).prompting.is_open)
        await pilot.press(*"first", "enter")
        await until(pilot, lambda: _told(app, "note")["alpha"] == "first")
        await pilot.press("space", "space", "e", *"second", "enter")
        await until(pilot, lambda: "append or replace?" in screen_text(app))
        await pilot.press("a", "enter")
        await until(pilot, lambda: _told(app, "note")["beta"] == "second")
        assert _told(app, "note") == {"alpha": "first\nsecond", "beta": "second", "delta": None, "gamma": None}
        await pilot.press("u")
        await until(pilot, lambda: _told(app, "note")["beta"] is None)
        assert _told(app, "note")["alpha"] == "first"


async def test_a_project_is_set_and_taken_back(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("a", *":project resnets", "enter")
        await until(pilot, lambda: set(_told(app, "project").values()) == {"resnets"})
        await until(pilot, lambda: "project resnets on 4 runs" in screen_text(app))
        await pilot.press(*":project r")
        await until(pilot, lambda: "resnets" in screen_text(app).split("\n")[-2])
        await pilot.press("escape", "u")
        await until(pilot, lambda: set(_told(app, "project").values()) == {None})


async def test_the_tag_manager_renames_merges_and_deletes(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await _sorted(pilot, until)
        await pilot.press("space", "space", *":tag good", "enter")
        await until(pilot, lambda: "2 runs   u takes it back" in screen_text(app))
        await pilot.press(*":unmark", "enter", "G", *":tag fine", "enter")
        await until(pilot, lambda: _told(app, "tags")["gamma"] == ["fine"])
        await pilot.press("T")
        await until(pilot, lambda: "r rename" in screen_text(app))
        await pilot.press("m")
        await until(pilot, lambda: [item[0] for item in main_screen(app).popup.items] == ["fine"])  # not itself
        await pilot.press("escape", "T")
        await until(pilot, lambda: "r rename" in screen_text(app))
        assert "good" in screen_text(app) and "2 runs" in screen_text(app)
        await pilot.press("r", *"great", "enter")
        await until(pilot, lambda: _told(app, "tags")["beta"] == ["great"])
        await pilot.press("T")
        await until(pilot, lambda: "r rename" in screen_text(app))
        await pilot.press("m", *"fine", "enter")
        await until(pilot, lambda: _told(app, "tags")["beta"] == ["fine"])
        await pilot.press("u")
        await until(pilot, lambda: _told(app, "tags")["beta"] == ["great"])
        await pilot.press("T")
        await until(pilot, lambda: "r rename" in screen_text(app))
        await pilot.press("d")
        await until(pilot, lambda: _told(app, "tags")["beta"] == [])
        await pilot.press("T")
        await until(pilot, lambda: "r rename" in screen_text(app))
        await pilot.press("slash", *"fi", "enter")
        await until(pilot, lambda: names(app) == ["gamma"])


async def test_a_tag_that_the_policy_does_not_allow(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    (tree / "runspect.toml").write_text('[tags]\nallowed = ["baseline", "ablation"]\n')
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await _sorted(pilot, until)
        await pilot.press("t")
        await until(pilot, lambda: "allowed" in screen_text(app))
        await pilot.press(*"basline", "enter")
        await until(pilot, lambda: "did you mean baseline?" in screen_text(app))
        assert _told(app, "tags")["alpha"] == []
        await pilot.press(*":tag! basline", "enter")
        await until(pilot, lambda: _told(app, "tags")["alpha"] == ["basline"])


async def test_words_typed_before_the_prompt_opens_are_no_commands(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    """Prompts that look something up first: the note there is, the names of the marked runs."""
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await _sorted(pilot, until)
        screen = main_screen(app)
        for command, words in (("note", "Xa*"), ("name", "-X*a")):
            screen.perform(command)
            for key in (*words, "enter"):  # before the answer is back
                assert not screen.prompting.is_open
                assert screen.take_key(events.Key(key, key if len(key) == 1 else None))
            await until(pilot, lambda: not screen.desk.errands.busy and not screen.prompting.is_open)
            if command == "note":
                await pilot.press("space", "space")
        assert _told(app, "note") == {"alpha-X*a": "Xa*", "beta-X*a": None, "delta": None, "gamma": None}
        assert not any(_told(app, "archived").values()) and not any(_told(app, "star").values())


async def test_undo_and_redo_say_what_they_did_once(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await _sorted(pilot, until)
        await pilot.press("a", "*")
        await until(pilot, lambda: "starred 4 runs   u takes it back" in screen_text(app))
        await pilot.press("u")
        await until(pilot, lambda: " undid star on 4 runs   ctrl+r makes it again" in screen_text(app))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: " redid star on 4 runs   u takes it back" in screen_text(app))
