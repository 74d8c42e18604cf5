"""The whole screen over a real engine: every view, every change, both sizes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from runspect.model import STATES, Op
from runspect.tui.glyphs import UNICODE
from runspect.tui.widgets.title_line import Status

from .conftest import OpenApp, ScreenText, Until, main_screen, write_run

WIDE, NARROW = (160, 45), (80, 24)


async def ready(pilot: Pilot[None], until: Until, runs: int) -> None:
    """Wait for the first look at the disk."""
    screen = main_screen(pilot.app)
    await until(
        pilot, lambda: screen.following.synced and len(screen.table.order) == runs and screen.table.row is not None
    )


def names(app: App[None]) -> list[str]:
    """The names of the listed runs."""
    table = main_screen(app).table
    return [table.rows[rid].name for rid in table.order if rid in table.rows]


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_runs_are_listed_with_their_columns(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(tree)
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until, 4)
        titles = ("name", "age", "~loss", "loss", "lowest")
        await until(pilot, lambda: all(title in screen_text(app).split("\n")[2] for title in titles))
        text, listed = screen_text(app), names(app)
    assert sorted(listed) == ["alpha", "beta", "delta", "gamma"]
    assert "4 runs" in text.split("\n")[1]
    assert "1 Runs" in text.split("\n")[0]
    assert "? help" in text.split("\n")[-1]


async def test_the_filter_works_while_it_is_typed_and_escape_restores(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        table = main_screen(app).table
        await pilot.press("slash", *"lr<0.01")
        await until(pilot, lambda: sorted(names(app)) == ["delta", "gamma"])
        await pilot.press("escape")
        await until(pilot, lambda: len(table.order) == 4)
        await pilot.press("slash", *"alpha", "enter")
        await until(pilot, lambda: len(table.order) == 1)
        assert table.has_focus
        assert "1 of 4 runs" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: len(table.order) == 4)


async def test_a_query_in_error_keeps_the_last_good_result(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("slash", *"lr<0.01")
        await until(pilot, lambda: sorted(names(app)) == ["delta", "gamma"])
        await pilot.press(*" (")
        await until(pilot, lambda: screen.filtering.error is not None)
        assert len(screen.table.order) == 2
        assert screen.filter_line.wrong is not None


@pytest.mark.parametrize("query", ["opt:adamw nosuch<3", "acc:median<3", "started>foo", "lr<1 depth:18 state:bogus"])
async def test_an_error_stands_under_its_token(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, query: str
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("slash", *query, "space")

        def is_under_it() -> bool:
            # a piece of the query may have been tried, and refused, before
            error, (line, below) = screen.filtering.error, screen_text(app).split("\n")[1:3]
            return (
                error is not None
                and query in line
                and "╰" in below
                and line[below.index("╰") :].startswith(query[error.start : error.end])
            )

        await until(pilot, is_under_it)


async def test_an_error_that_is_scrolled_out_is_named(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("slash", *("nosuch<3 " + "opt:adamw " * 8))
        await until(pilot, lambda: "nosuch: no param" in screen_text(app))


async def test_sorting_by_picker_and_by_column(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("s", *"name", "enter")
        await until(pilot, lambda: names(app) == ["alpha", "beta", "delta", "gamma"])
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: names(app) == ["gamma", "delta", "beta", "alpha"])
        assert "name▼" in screen_text(app)


async def test_marks_and_their_count(tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("space", "space")
        assert len(screen.runs.marks.uids) == 2 and screen.table.cursor == 2
        await pilot.pause()
        assert "2 marked" in screen_text(app)
        await pilot.press("exclamation_mark")
        assert len(screen.runs.marks.uids) == 2
        await pilot.press("a")
        assert len(screen.runs.marks.uids) == 4
        await pilot.press("a")
        assert not screen.runs.marks.uids


async def test_tags_notes_stars_and_undo(tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("a", "t", *"+good paper", "enter")
        await until(pilot, lambda: screen_text(app).count("good paper") >= 4)
        await pilot.press("escape", "asterisk")
        await until(pilot, lambda: screen.table.row is not None and screen.table.row.star)
        await pilot.press("u")
        await until(pilot, lambda: screen.table.row is not None and not screen.table.row.star)
        await pilot.press("u")
        await until(pilot, lambda: "good paper" not in "".join(screen_text(app).split("\n")[:20]))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: screen_text(app).count("good paper") >= 4)
        await pilot.press("e")
        await until(pilot, lambda: screen.prompting.is_open)
        await pilot.press(*"it worked", "enter", "enter")
        await until(pilot, lambda: "it worked" in screen_text(app))


async def test_an_archived_run_leaves_the_list_and_comes_back(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        table = main_screen(app).table
        await pilot.press("X")
        await until(pilot, lambda: len(table.order) == 3)
        await pilot.press("A")
        await until(pilot, lambda: len(table.order) == 4)
        await pilot.press("u", "A")
        await until(pilot, lambda: len(table.order) == 4)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_charts_of_one_run_and_of_several(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(tree)
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("2")
        await until(pilot, lambda: len(screen.charts.subjects) == 1 and max(screen_text(app)) >= "⠀")
        await until(pilot, lambda: screen.charts.metrics == ("loss", "acc"))
        await pilot.press("1", "space", "space", "2")
        await until(pilot, lambda: len(screen.charts.subjects) == 2)
        await pilot.press("x", "s", "y")
        await until(pilot, lambda: ("x since start" if size == NARROW else "time since the start") in screen_text(app))
        assert "smoothing 0.3" in screen_text(app) and "log y" in screen_text(app)
        await pilot.press("enter")
        assert screen.charts.options.zoomed
        await pilot.press("escape")
        assert not screen.charts.options.zoomed and screen.view == "charts"


async def test_many_marked_runs_are_drawn_as_a_crowd(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    for number in range(30):
        write_run(
            tmp_path / "many" / f"run-{number:02d}", lr=0.1, losses=[5 - step * number / 100 for step in range(9)]
        )
    app = open_app(tmp_path / "many")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 30)
        screen = main_screen(app)
        await pilot.press("a", "2")
        await until(pilot, lambda: len(screen.charts.subjects) == 30 and "+25 more" in screen_text(app))
        assert "run-29 cursor, best" in screen_text(app) and "run-00 worst" in screen_text(app)
        await until(pilot, lambda: max(screen_text(app)) >= "⠀")
        await pilot.press("s", "l", "enter")  # what is drawn in a thread does not hold up the keys
        await until(pilot, lambda: "smoothing 0.3" in screen_text(app) and screen.charts.options.zoomed)
        await until(pilot, lambda: screen_text(app).count("reading the curves") == 0 and max(screen_text(app)) >= "⠀")


async def test_the_x_axis_is_zoomed_and_moved_by_keys_and_remembered(
    tree: Path, tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    write_run(tree / "long", lr=0.1, losses=[1 / (1 + step) for step in range(1001)])
    app = open_app(tree, memory=tmp_path / "memory")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 5)
        screen = main_screen(app)
        await pilot.press("2")
        await until(pilot, lambda: "x step" in screen_text(app) and max(screen_text(app)) >= "⠀")
        for keys, seen in (
            ("+", "x step 250 to 750"),
            ("+H", "x step 312.5 to 562.5"),
            ("-", "x step 187.5 to 687.5"),
            ("LLL", "x step 500 to 1k"),
        ):
            await pilot.press(*("plus" if key == "+" else "minus" if key == "-" else key for key in keys))
            await until(pilot, lambda seen=seen: seen in screen_text(app))  # type: ignore[misc]
        points = [curve.x for (rid, metric), curve in screen.charts._curves.items() if metric == "loss"]
        assert points[0].min() >= 499 and len(points[0]) > 100, "the engine was asked for the part that is seen"
        await pilot.press("0")
        await until(pilot, lambda: "x step" in screen_text(app) and screen.charts.options.span is None)
        await pilot.press("plus")
        await until(pilot, lambda: "x step 250 to 750" in screen_text(app))
        await pilot.press("x")
        await until(pilot, lambda: "time since the start" in screen_text(app))
        await pilot.press("x", "x", "plus")
        await until(pilot, lambda: "x step 250 to 750" in screen_text(app))
    again = open_app(tree, memory=tmp_path / "memory")
    async with again.run_test(size=WIDE, notifications=True) as pilot:
        await until(pilot, lambda: "x step 250 to 750" in screen_text(again))


async def test_a_time_axis_names_the_runs_that_have_no_times(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    timed = tree / "timed"
    timed.mkdir()
    rows = [f'{{"step": {step}, "time": {1_700_000_500 + step}, "loss": {step}}}\n' for step in range(9)]
    (timed / "metrics.jsonl").write_text("".join(rows))
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 5)
        await pilot.press("/", *"timed or alpha", "enter")
        await until(pilot, lambda: len(main_screen(app).table.order) == 2)
        await pilot.press("a", "2")
        await until(pilot, lambda: max(screen_text(app)) >= "⠀")
        assert "no times" not in screen_text(app)
        await pilot.press("x")
        await until(pilot, lambda: "1 run has no times: alpha" in screen_text(app))
        await pilot.press("x", "x")
        await until(pilot, lambda: "no times" not in screen_text(app))


@pytest.mark.parametrize("key", ["2", "3", "4", "5"])
async def test_a_view_of_no_run_says_so(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, key: str
) -> None:
    app = open_app(tmp_path)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await until(pilot, lambda: "0 runs" in screen_text(app))
        await pilot.press(key)
        await until(pilot, lambda: "no run is listed: press 1 to see why" in screen_text(app))
        await pilot.press("1", "t")
        await until(pilot, lambda: "no run is listed that this could be for" in screen_text(app))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_diff_shows_differences_and_on_demand_everything(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(tree)
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("s", *"name", "enter")
        await until(pilot, lambda: names(app)[:1] == ["alpha"])
        await pilot.press("g", "g", "space", "space", "d")
        await until(pilot, lambda: "Params" in screen_text(app))
        text = screen_text(app)
        assert "lr" in text and "×0.1" in text and "depth" not in text
        await pilot.press("x")
        await until(pilot, lambda: "depth" in screen_text(app))


async def test_a_diff_has_every_marked_run(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    root = tmp_path / "many"
    for number in range(12):
        write_run(root / f"run{number:02d}", lr=0.1 + number, losses=[1.0, 0.5])
    app = open_app(root)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 12)
        await pilot.press("s", *"name", "enter")
        await until(pilot, lambda: bool(names(app)) and names(app)[0] == "run00")
        await pilot.press("a", "d")
        await until(pilot, lambda: "9 more to the right" in screen_text(app))
        await pilot.press(*"lllllllll")
        await until(pilot, lambda: "run11" in screen_text(app) and "to the right" not in screen_text(app))


async def test_logs_jump_to_errors_and_search(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("s", *"name", "enter")
        await until(pilot, lambda: names(app)[:1] == ["alpha"])
        await pilot.press("g", "g", "4")
        await until(pilot, lambda: "Traceback" in screen_text(app))
        await pilot.press("e")
        assert "▸Traceback" in screen_text(app)
        await pilot.press("slash", *"epoch", "enter")
        await until(pilot, lambda: "▸epoch 1" in screen_text(app))
        await pilot.press("1", "j", "4")
        await until(pilot, lambda: "no console output" in screen_text(app))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_card_says_what_is_not_recorded(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(tree)
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until, 4)
        name = main_screen(app).table.row
        await pilot.press("enter")
        await until(pilot, lambda: "Execution" in screen_text(app) or "Versus" in screen_text(app))
        text = screen_text(app)
        assert "not recorded" in text and name is not None and name.name in text
        await pilot.press("J")
        await until(pilot, lambda: screen_text(app).split("\n")[2] != text.split("\n")[2])


async def test_health_lists_problems_or_says_that_all_is_well(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("7")
        await until(pilot, lambda: "Nothing is wrong." in screen_text(app))
        with (tree / "alpha" / "metrics.jsonl").open("a") as file:
            file.write('{"step": 20, "loss": 1}\nnot json at all [/x]\n{"step": 21, "loss": 1}\n')
        await pilot.press("R")
        await until(pilot, lambda: "1 problem" in screen_text(app))
        assert "metrics.jsonl" in screen_text(app)


async def test_new_points_and_new_runs_appear_by_themselves(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        with (tree / "beta" / "metrics.jsonl").open("a") as file:
            file.write('{"step": 20, "loss": 0.0625, "acc": 0.5}\n')
        await until(pilot, lambda: "0.0625" in screen_text(app))
        write_run(tree / "epsilon", lr=0.5, losses=[1.0, 0.9])
        await until(pilot, lambda: len(main_screen(app).table.order) == 5)


async def test_rows_outside_the_window_do_not_go_stale(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    root = tmp_path / "many"
    for number in range(30):
        write_run(root / f"run{number:02d}", lr=0.1, losses=[1.0, 0.5])
    app = open_app(root)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 30)
        screen = main_screen(app)
        await pilot.press("s", *"name", "enter")
        await until(pilot, lambda: bool(screen.runs.wanted.sort) and not screen.desk.errands.busy)
        await pilot.press("g", "g")
        await until(pilot, lambda: "run00" in screen_text(app))
        await pilot.press("G")
        await until(pilot, lambda: "run29" in screen_text(app))
        last = screen.table.order[-1]
        await pilot.press("g", "g")
        app.workspace.annotate([Op(f"run:{screen.runs.rows.uid_of(last)}", "name", "visited")])
        await until(pilot, lambda: not screen.table.knows(last))
        await pilot.press("G")
        await until(pilot, lambda: "visited" in screen_text(app))


async def test_no_runs_says_what_was_looked_for_and_seen(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("nothing")
    app = open_app(tmp_path / "empty")
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await until(pilot, lambda: "Saw instead" in screen_text(app))
        text = screen_text(app)
        assert "No runs here yet." in text and "TensorBoard event files" in text
        await pilot.press(*"234567d", "space", "enter", "t", "e", "s", "escape")
        await pilot.pause()


@pytest.mark.parametrize("runs", [0, 1])
async def test_a_deleted_directory_is_no_empty_one(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, runs: int
) -> None:
    root = tmp_path / "exp"
    root.mkdir()
    if runs:
        write_run(root / "alpha", lr=0.1, losses=[1.0, 0.5])
    app = open_app(root)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await until(pilot, lambda: main_screen(app).following.synced and len(main_screen(app).table.order) == runs)
        shutil.rmtree(root)
        await pilot.press("R")
        await until(pilot, lambda: "directory deleted" in screen_text(app) and "does not exist" in screen_text(app))
        assert "No runs here yet" not in screen_text(app)
        if runs:
            await until(pilot, lambda: main_screen(app).table.row is not None)
            await until(pilot, lambda: main_screen(app).table.row.state == "gone")  # type: ignore[union-attr]


async def test_hostile_long_and_wide_names_are_shown_as_they_are(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    hostile = ["[x] [bold]", "x" * 120, "実験-画像分類-第三回", "esc\x1b[31m", "two\nlines", "a'b\"c"]
    for name in hostile:
        write_run(tmp_path / "exp" / name, lr=0.1, losses=[1.0, 0.5])
    for size in (NARROW, WIDE, (40, 12)):
        app = open_app(tmp_path / "exp")
        async with app.run_test(size=size, notifications=True) as pilot:
            await ready(pilot, until, len(hostile))
            text = screen_text(app)
            assert "[x] [bold]" in text and "実験" in text and "\x1b" not in text
            for key in "2345671":
                await pilot.press(key)
                await pilot.pause()
            await pilot.press("t", *"[/tag]", "enter")
            await until(pilot, lambda app=app: "[/tag]" in screen_text(app))  # type: ignore[misc]
            await pilot.press("u")


async def test_help_is_made_from_the_commands_and_closes_with_escape(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("question_mark")
        await until(pilot, lambda: "Keys" in screen_text(app))
        assert "Mark this run" in screen_text(app)
        await pilot.press("slash", *"undo")
        await pilot.pause()
        assert "Take back the last change" in screen_text(app) and "Mark this run" not in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: "Keys" not in screen_text(app))
        assert main_screen(app).table.has_focus
        await pilot.press("question_mark", "G")
        await until(pilot, lambda: "Signs" in screen_text(app))
        legend = screen_text(app)
        assert all(f" {UNICODE.state(state)} " in legend and state in legend for state in STATES)
        assert "12m+" in legend and "▲ ▼" in legend and "lowest, highest" in legend
        await pilot.press("escape", "question_mark", "question_mark", "question_mark", "5")
        await until(pilot, lambda: "Keys" not in screen_text(app) and "not recorded" in screen_text(app))


async def test_every_command_can_be_typed(tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("colon", *"tag +typed", "enter")
        await until(
            pilot, lambda: any("typed" in cell.text for row in screen.table.rows.values() for cell in row.cells)
        )
        await pilot.press("colon", *"3", "enter")
        assert screen.table.cursor == 2
        for row, cursor in (("0", 0), ("$", 3), ("1", 0), ("99", 3), ("9" * 5000, 3)):
            screen.commanding.carry_out(row)
            assert screen.table.cursor == cursor
        assert "the list ends with row 4" in screen_text(app)
        await pilot.press("colon", *"healt", "enter")
        await pilot.press("escape", "colon", *"helth", "enter")
        assert ":helth is no command; did you mean :health" in screen_text(app)
        await pilot.press("colon", *"health", "enter")
        assert screen.view == "health"
        await pilot.press("colon", *"nonsense", "enter")
        await pilot.pause()
        assert ":nonsense is no command" in screen_text(app)


async def test_columns_are_chosen_and_the_usual_ones_come_back(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("colon", *"columns depth,loss:max", "enter")
        await until(pilot, lambda: screen.runs.specs == ("name", "depth", "loss:max"))
        assert "18" in screen_text(app)
        await pilot.press("c")
        await until(pilot, lambda: "Columns" in screen_text(app))
        await pilot.press("space", "space", "enter")
        await until(pilot, lambda: "~loss" in screen.runs.specs)


async def test_the_usual_columns_are_those_of_the_listed_runs(tree: Path, open_app: OpenApp, until: Until) -> None:
    for number in range(9):
        other = tree / f"other{number}"
        other.mkdir()
        (other / "config.json").write_text(f'{{"mass": {number % 3}}}')
        (other / "metrics.jsonl").write_text(f'{{"step": 0, "energy": {number}}}\n{{"step": 1, "energy": 0}}\n')
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 13)
        runs = main_screen(app).runs
        await until(pilot, lambda: {"energy", "loss", "mass", "lr"} <= set(runs.specs))
        await pilot.press("/", *"lr<1")
        await until(pilot, lambda: len(main_screen(app).table.order) == 4)
        assert "mass" in runs.specs  # it was only tried so far
        await pilot.press("enter")
        await until(pilot, lambda: "mass" not in runs.specs and "energy" not in runs.specs)
        assert runs.metric == "loss"
        await pilot.press("escape")
        await until(pilot, lambda: "mass" in runs.specs)
        main_screen(app).filtering.open("lr<")  # at once: of what is typed key by key, each piece may be tried
        await pilot.press("enter")
        await until(pilot, lambda: main_screen(app).filtering.error is not None)
        assert "mass" in runs.specs and len(main_screen(app).table.order) == 13


async def test_the_screen_comes_back_as_it_was_left(
    tree: Path, open_app: OpenApp, until: Until, tmp_path: Path
) -> None:
    memory = tmp_path / "memory"
    app = open_app(tree, memory=memory)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("slash", *"lr<0.1", "enter")
        await until(pilot, lambda: len(main_screen(app).table.order) == 3)
        await pilot.press("space", "e")
        await until(pilot, lambda: main_screen(app).prompting.is_open)
        await pilot.press(*"half a no")
        await pilot.pause()
    again = open_app(tree, memory=memory)
    async with again.run_test(size=WIDE, notifications=True) as pilot:
        screen = main_screen(again)
        await until(pilot, lambda: len(screen.table.order) == 3 and len(screen.runs.marks.uids) == 1)
        assert screen.filter_line.text == "lr<0.1"
        assert screen.asking.unfinished[1] == "half a no"


async def test_a_pane_beside_another_begins_by_itself(
    tree: Path, open_app: OpenApp, until: Until, tmp_path: Path
) -> None:
    app, beside = open_app(tree, memory=tmp_path), open_app(tree, memory=tmp_path)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press("slash", *"lr<0.1", "enter")
        await until(pilot, lambda: len(main_screen(app).table.order) == 3)
        main_screen(app).keeping.save(main_screen(app))
        async with beside.run_test(size=NARROW, notifications=True) as other:
            await ready(other, until, 4)
            assert main_screen(beside).filter_line.text == ""


async def test_a_killed_engine_is_replaced_and_everything_stays(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    import os
    import signal

    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        title, said = main_screen(app).title_line, set[str]()
        set_status = title.set_status

        def note(status: Status) -> None:
            said.add(status.trouble)
            set_status(status)

        title.set_status = note  # type: ignore[method-assign]
        os.kill(int(app.workspace.status()["pid"]), signal.SIGKILL)
        assert len(names(app)) == 4
        with (tree / "gamma" / "metrics.jsonl").open("a") as file:
            file.write('{"step": 20, "loss": 0.0421, "acc": 0.5}\n')
        await until(pilot, lambda: "0.0421" in screen_text(app))
        assert "reconnecting…" in said
        await until(pilot, lambda: "reconnecting" not in screen_text(app))


async def test_ascii_terminals_get_ascii(tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText) -> None:
    app = open_app(tree, ascii_only=True)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        for key in ("1", "2", "5", "7", "question_mark", "escape", "d"):
            await pilot.press(key)
            await pilot.pause(0.3)
            assert screen_text(app).isascii(), [char for char in screen_text(app) if ord(char) > 127]


async def test_keys_can_be_changed(tree: Path, open_app: OpenApp, until: Until) -> None:
    keys = {"star": "Z,z s", "yank-id": "Y", "zoom": "", "bottom": "comma b", "top": "home"}
    app = open_app(tree, keymap=keys)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press("Z")
        await until(pilot, lambda: screen.table.row is not None and screen.table.row.star)
        await pilot.press("u")
        await until(pilot, lambda: screen.table.row is not None and not screen.table.row.star)
        await pilot.press("Y")
        await until(pilot, lambda: app.clipboard.startswith("path:"))
        await pilot.press("y", "n")
        await until(pilot, lambda: app.clipboard in names(app))
        await pilot.press("z", "s")
        await until(pilot, lambda: screen.table.row is not None and screen.table.row.star)
        await pilot.press("comma", "b")
        await until(pilot, lambda: screen.table.cursor == 3)
        await pilot.press("g", "g", "G")
        await pilot.pause()
        assert screen.table.cursor == 3 and not screen.strokes.first
        await pilot.press("home")
        await until(pilot, lambda: screen.table.cursor == 0)


async def test_a_time_up_to_the_last_write_is_told_as_one(
    tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    """The tool told when the run began, in the name of its log, and nothing told when it ended."""
    root = tmp_path / "exp"
    root.mkdir()
    log = root / "log_1700000000.txt"
    log.write_text("".join(f"Step {step} | loss:{2 / (1 + step)} lr:0.001 \n" for step in range(5)))
    os.utime(log, (1_700_000_630, 1_700_000_630))
    app = open_app(tmp_path / "exp")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 1)
        await until(pilot, lambda: "~10m" in screen_text(app))
        await pilot.press("5")
        await until(pilot, lambda: "~10m  to the last write; no end was recorded" in screen_text(app))
        await pilot.press("1", *":group tools", "enter", ")")
        await until(pilot, lambda: "(1)" in screen_text(app) and "~10m" in screen_text(app))


async def test_an_objective_that_no_run_has_is_told_once_and_stays_in_health(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    (tree / "runspect.toml").write_text('objective = "los:min"\n')
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        said = "no run has the objective los; did you mean loss?"
        await until(pilot, lambda: said in screen_text(app).split("\n")[-1])
        await pilot.press("j", "R")
        await until(pilot, lambda: not main_screen(app).desk.errands.busy)
        assert said not in screen_text(app).split("\n")[-1]
        await pilot.press("7")
        await until(
            pilot,
            lambda: "no run has the objective los" in screen_text(app) and "another metric is" in screen_text(app),
        )


async def test_an_empty_list_says_which_value_was_meant(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await pilot.press(*"/opt=adamww lr:0.1", "enter")
        await until(pilot, lambda: "no run matches opt = adamww; did you mean adamw?" in screen_text(app))
        await pilot.press(*":filter opt=sgd lr<0.01", "enter")
        await until(pilot, lambda: "each condition matches some run, but no run matches all" in screen_text(app))
        assert "adamww" not in screen_text(app)
