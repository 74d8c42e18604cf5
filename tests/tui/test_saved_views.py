"""Saved views on the screen, and the command line with its history and completions."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

from runspect.tui.screens.commanding import MOST

from .conftest import OpenApp, ScreenText, Until, main_screen
from .test_screen import NARROW, WIDE, names, ready


async def test_a_view_is_saved_opened_and_changed(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, home: Path
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press(*":filter lr<0.005", "enter", *":sort -lr", "enter", *":columns lr depth", "enter")
        await until(pilot, lambda: names(app) == ["gamma", "delta"] and screen.runs.specs == ("name", "lr", "depth"))
        await pilot.press(*":view save small shared", "enter")
        path = tree / ".runspect" / "views" / "small.toml"
        await until(pilot, lambda: path.exists() and "@small " in screen_text(app).split("\n")[0])
        assert path.read_text() == 'query = "lr<0.005"\ncolumns = ["lr", "depth"]\nsort = ["-lr"]\n'
        await pilot.press(*":group opt", "enter")
        await until(pilot, lambda: "@small*" in screen_text(app))
        await pilot.press(*":view save small shared", "enter")
        await until(pilot, lambda: path.read_text().endswith('sort = ["-lr"]\ngroup = ["opt"]\n'))
        await pilot.press(*":ungroup", "enter")
        await until(pilot, lambda: names(app) == ["gamma", "delta"])
        await pilot.press("escape")
        await until(pilot, lambda: len(names(app)) == 4 and "@small*" in screen_text(app))
        await pilot.press("at")
        await until(pilot, lambda: "Views" in screen_text(app) and "shared" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: screen.runs.groups.by == ("opt",) and "@small*" not in screen_text(app))
        await pilot.press(*":view save small", "enter")
        await until(pilot, lambda: "views/small.toml" in screen_text(app).split("\n")[-1])
        own = home / "views" / "small.toml"
        await pilot.press(*":view nosuch", "enter")
        await until(pilot, lambda: "no view is called 'nosuch'; there are @small" in screen_text(app))
        await pilot.press(*":view delete small", "enter")
        await until(pilot, lambda: "@small" not in screen_text(app).split("\n")[0])
        assert not own.exists() and path.exists()


async def test_the_default_view_opens_where_nothing_is_remembered(
    tree: Path, tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    folder = tree / ".runspect" / "views"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('query = "opt:adamw"\nsort = ["name"]\ndefault_for = ["."]\n')
    memory = tmp_path / "memory"
    app = open_app(tree, memory=memory)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 2)
        assert names(app) == ["delta", "gamma"]
        assert "@mine" in screen_text(app).split("\n")[0]
        assert "opened with @mine" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: len(names(app)) == 4)
        await pilot.press("space", "q")
    again = open_app(tree, memory=memory)
    async with again.run_test(size=WIDE, notifications=True) as pilot:
        assert "as you left it: sorted by name, 1 mark" in screen_text(again)
        await ready(pilot, until, 4)
        await until(pilot, lambda: "@mine*" in screen_text(again))
    asked = open_app(tree, query="lr:0.1")
    async with asked.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 1)


async def test_a_view_in_error_changes_nothing(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    folder = tree / ".runspect" / "views"
    folder.mkdir(parents=True)
    (folder / "bad.toml").write_text('query = "nosuch < 3"\n')
    (folder / "worse.toml").write_text("query = 3\n")
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await until(pilot, lambda: "worse.toml: line 1" in screen_text(app).split("\n")[-1])
        await pilot.press(*":view bad", "enter")
        await until(pilot, lambda: "@bad: " in screen_text(app).split("\n")[-1])
        assert len(names(app)) == 4 and "@bad" not in screen_text(app).split("\n")[0]


async def test_the_command_line_remembers_and_completes(
    tree: Path, tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    memory = tmp_path / "memory"
    app = open_app(tree, memory=memory)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        line = main_screen(app).prompt_line
        await pilot.press(*":sort name", "enter", *":3", "enter", *":tag token=abcdef0123456789", "enter")
        await until(pilot, lambda: names(app) == ["alpha", "beta", "delta", "gamma"])
        assert main_screen(app).table.cursor == 2
        await pilot.press("colon", *"x", "up")
        assert line.text == "3"
        await pilot.press("up", "up")
        assert line.text == "sort name"
        await pilot.press("down", "down")
        assert line.text == "x"
        await pilot.press("ctrl+u", *"sort -dep")
        await until(pilot, lambda: "-depth" in screen_text(app))
        await pilot.press("tab")
        assert line.text.strip() == "sort -depth"
        await pilot.press("escape", "q")
    again = open_app(tree, memory=memory)
    async with again.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("colon", "up")
        assert main_screen(again).prompt_line.text == "3"
        for number in range(MOST + 5):
            main_screen(again).commanding.carry_out(str(number))
        assert len(main_screen(again).commanding.history) == MOST


async def test_the_table_is_written_and_never_over_a_file(
    tree: Path, tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press(*":columns ~loss,lr", "enter", *":sort lr", "enter")
        await until(pilot, lambda: "~loss" in main_screen(app).runs.specs and names(app)[0] == "delta")
        main_screen(app).commanding.carry_out(f"w {tmp_path}/t.csv")
        await until(pilot, lambda: "4 runs written to" in screen_text(app))
        with (tmp_path / "t.csv").open() as file:
            assert list(csv.reader(file)) == [
                ["name", "lr"], ["delta", "0.0001"], ["gamma", "0.001"], ["beta", "0.01"], ["alpha", "0.1"]
            ]  # fmt: skip
        main_screen(app).commanding.carry_out(f"w {tmp_path}/t.csv")
        await until(pilot, lambda: "is there already" in screen_text(app))
        main_screen(app).commanding.carry_out(f"w! {tmp_path}/t.csv")
        await until(pilot, lambda: "4 runs written to" in screen_text(app))
        main_screen(app).commanding.carry_out(f"w {tmp_path}/t.json")
        await until(pilot, lambda: (tmp_path / "t.json").exists())
        await pilot.pause(0.05)
        assert [row["lr"] for row in json.loads((tmp_path / "t.json").read_text())] == [0.0001, 0.001, 0.01, 0.1]
        main_screen(app).commanding.carry_out(f"w {tree}/t.md")
        await until(pilot, lambda: "would be read as a log" in screen_text(app))
        assert not (tree / "t.md").exists()


async def test_a_purge_is_a_script_in_a_file_that_the_user_names(
    tree: Path, tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press(*":mark name:alpha or name:beta", "enter")
        await until(pilot, lambda: len(main_screen(app).runs.marks.uids) == 2)
        main_screen(app).commanding.carry_out("purge")
        await until(pilot, lambda: "write a script that would delete 2 runs to ./purge-" in screen_text(app))
        await pilot.press("escape")
        main_screen(app).commanding.carry_out("purge state:unknown")  # no query, but a file
        assert "name a file that ends in .sh" in screen_text(app)
        main_screen(app).commanding.carry_out(f"purge {tmp_path}/p.sh")
        await until(pilot, lambda: "would delete 2 runs; nothing was deleted" in screen_text(app))
        text = (tmp_path / "p.sh").read_text()
        assert f"rm -r -- {tree}/alpha" in text and f"rm -r -- {tree}/beta" in text and f"{tree}/gamma" not in text
        main_screen(app).commanding.carry_out(f"purge {tmp_path}/p.sh")
        await until(pilot, lambda: "is there already" in screen_text(app))
    assert (tree / "alpha" / "metrics.jsonl").exists()


async def test_a_purge_of_nothing_but_a_living_run_writes_nothing(
    tree: Path, tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    record = {"format": "runspect-record", "version": 1, "status": "running"}
    for name in ("gamma", "delta"):
        (tree / name / "run.json").write_text(json.dumps(record))
        with (tree / name / "metrics.jsonl").open("a") as file:
            file.write(json.dumps({"step": 20, "time": time.time(), "loss": 0.1}) + "\n")
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        main_screen(app).commanding.carry_out("mark state:live")
        await until(pilot, lambda: len(main_screen(app).runs.marks.uids) == 2)
        main_screen(app).commanding.carry_out(f"purge {tmp_path}/p.sh")
        await until(pilot, lambda: "nothing was written: " in screen_text(app))
        assert "it is running; 1 more for such reasons" in screen_text(app)
        assert not (tmp_path / "p.sh").exists()
        main_screen(app).commanding.carry_out("mark name:alpha")
        await until(pilot, lambda: len(main_screen(app).runs.marks.uids) == 3)
        main_screen(app).commanding.carry_out(f"purge {tmp_path}/p.sh")
        await until(pilot, lambda: "would delete 1 run, 2 runs left out: it is running" in screen_text(app))


async def test_the_palette_lists_every_command_and_goes_where_it_works(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("ctrl+p", *"log scale")
        await until(pilot, lambda: "Charts: Log scale" in screen_text(app))
        await pilot.press("enter")
        assert main_screen(app).view == "charts" and main_screen(app).charts.options.log_y


async def test_a_command_of_another_view_goes_there(tree: Path, open_app: OpenApp, until: Until) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("5")
        await until(pilot, lambda: screen.view == "card")
        await pilot.press(*":group opt", "enter")
        await until(pilot, lambda: screen.view == "runs" and screen.runs.groups.by == ("opt",))
        await pilot.press(*":axis", "enter")
        await until(pilot, lambda: screen.view == "charts")


async def test_columns_that_are_none_are_told(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await until(pilot, lambda: "loss:best" in screen.runs.specs)
        before = screen.runs.specs
        for typed, said in (("loss:foo", "foo"), ("los lr", "loss"), ("lr*", "lr*")):
            screen.commanding.carry_out(f"columns {typed}")
            assert said in screen_text(app).split("\n")[-1]
        assert screen.runs.specs == before
        screen.commanding.carry_out('columns lr, "acc - loss"')
        await until(pilot, lambda: screen.runs.specs == ("name", "lr", "acc - loss"))
        assert "acc - loss" in screen_text(app)


async def test_a_remembered_query_that_cannot_be_answered_any_more_does_not_keep_the_list_empty(
    tree: Path, tmp_path: Path, home: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    views, memory = home / "views", tmp_path / "memory"
    views.mkdir(parents=True, exist_ok=True)
    (views / "mine.toml").write_text('query = "opt:adamw"\n')
    app = open_app(tree, memory=memory)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press(*"/@mine lr<1", "enter")
        await until(pilot, lambda: set(names(app)) == {"delta", "gamma"})
        await pilot.press(*":view! save mine", "enter")
        await until(pilot, lambda: "@mine would name itself; instead of @mine write" in screen_text(app))
        await pilot.press("q")
    (views / "mine.toml").unlink()
    again = open_app(tree, memory=memory)
    async with again.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await until(pilot, lambda: "@mine lr<1: no view is called 'mine'; every run is listed" in screen_text(again))
        assert main_screen(again).runs.wanted.query == ""
