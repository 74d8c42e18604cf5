"""Columns, order and filter from the keyboard, over a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from runspect.columns import Names, parse_column, resolve
from runspect.model import SortKey
from runspect.tui import clipboard
from runspect.tui.screens.arranging import aggregates_after
from runspect.tui.screens.shown_columns import differing, sort_keys
from runspect.workspace import Choices

from .conftest import OpenApp, ScreenText, Until, main_screen, write_run
from .test_screen import NARROW, WIDE, names, ready


async def go_to(pilot: Pilot[None], spec: str) -> None:
    """Put the column cursor on a column, by keys."""
    table = main_screen(pilot.app).table
    specs = [head.spec for head in table.heads]
    by = specs.index(spec) - table.column
    await pilot.press(*(["l"] * by if by > 0 else ["h"] * -by))
    assert table.spec == spec


async def test_columns_are_moved_hidden_cycled_and_come_back(
    tree: Path, tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree, memory=tmp_path / "state")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        runs = main_screen(app).runs
        await until(pilot, lambda: "loss:best" in runs.specs)
        usual = runs.specs
        await go_to(pilot, "loss:best")
        for aggregate in ("min", "max", "mean", "first", "n"):  # the last value is a column of its own already
            await pilot.press("plus")
            await until(pilot, lambda wanted=f"loss:{aggregate}": main_screen(app).table.spec == wanted)  # type: ignore[misc]
        assert "loss:n: how many points there are" in screen_text(app).split("\n")[-1]
        await pilot.press("less_than_sign")
        await until(pilot, lambda: runs.specs.index("loss:n") == runs.specs.index("loss") - 1)
        assert main_screen(app).table.spec == "loss:n"
        await pilot.press("greater_than_sign", "greater_than_sign")
        await until(pilot, lambda: runs.specs.index("loss:n") == runs.specs.index("loss") + 2)
        await pilot.press("backslash")
        await until(pilot, lambda: "loss:n" not in runs.specs)
        left = runs.specs
    again = open_app(tree, memory=tmp_path / "state")
    async with again.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        runs = main_screen(again).runs
        await until(pilot, lambda: runs.specs == left)
        await pilot.press("C")
        await until(pilot, lambda: runs.specs == usual)


async def test_the_name_stays_and_any_number_of_columns_scrolls_beside_it(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    many = ("loss", *(f"{name}:{word}" for name in ("loss", "acc") for word in ("min", "max", "first", "mean", "n")))
    app = open_app(tree, columns=(*many, "lr", "opt"))
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 4)
        table = main_screen(app).table
        await until(pilot, lambda: len(table.heads) == 14)
        assert "opt" not in screen_text(app).split("\n")[2]
        await pilot.press(*["l"] * 13)
        head, first = screen_text(app).split("\n")[2:4]
        assert table.spec == "opt" and "name" in head and head.rstrip().endswith("opt") and "…" in head
        assert "delta" in first
        before = table._layout
        await pilot.press("h")
        assert table._layout == before  # the column cursor moves, the table does not
        await pilot.press(*["h"] * 12)
        assert table.column == 0 and not table._layout.hidden_left


async def test_several_keys_of_an_order(tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        runs = main_screen(app).runs
        await until(pilot, lambda: "opt" in runs.specs)
        await go_to(pilot, "opt")
        await pilot.press("right_square_bracket")
        await go_to(pilot, "lr")
        await pilot.press("right_curly_bracket")
        await until(pilot, lambda: names(app) == ["alpha", "beta", "gamma", "delta"])
        head = screen_text(app).split("\n")[2]
        assert "opt▼¹" in head and "lr▼²" in head
        await pilot.press("left_curly_bracket")
        await until(pilot, lambda: names(app) == ["beta", "alpha", "delta", "gamma"])
        await pilot.press("colon", *"sort opt,-lr", "enter")
        await until(pilot, lambda: names(app) == ["gamma", "delta", "alpha", "beta"])
        await pilot.press("colon", *"sort opt,nosuch", "enter")
        await until(pilot, lambda: "nosuch" in screen_text(app).split("\n")[-1])
        assert runs.wanted.sort == (SortKey("opt", False), SortKey("lr", True))


async def test_a_cell_filters_and_is_copied(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []

    def copy(app: object, terminal: object, text: str) -> str:
        copied.append(text)
        return "to the clipboard"

    monkeypatch.setattr(clipboard, "copy", copy)
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await until(pilot, lambda: "opt" in screen.runs.specs)
        await go_to(pilot, "opt")
        await pilot.press("f")
        await until(pilot, lambda: sorted(names(app)) == ["delta", "gamma"])
        assert "opt = adamw" in screen_text(app).split("\n")[1]
        await until(pilot, lambda: "lr" in screen.runs.specs)
        await go_to(pilot, "lr")
        screen.table.go_to(next(rid for rid in screen.table.order if screen.table.rows[rid].name == "gamma"))
        await pilot.press("y", "v")
        assert copied == ["0.001"]
        await pilot.press("g", "f")
        await until(pilot, lambda: names(app) == ["delta"])
        assert "opt = adamw not lr = 0.001" in screen_text(app).split("\n")[1]
        await pilot.press("escape", "escape")  # one for each cell
        await until(pilot, lambda: len(screen.table.order) == 4)
        await go_to(pilot, "age")
        await pilot.press("f")
        await until(pilot, lambda: screen.runs.wanted.query.startswith(("started:2023-11-", "updated:2023-11-")))
        await until(pilot, lambda: len(screen.table.order) == 4)


async def test_the_best_of_all_listed_runs_is_marked_and_bars_are_drawn(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    write_run(tree / "broken", lr=1.0, losses=[2.0, float("nan")])
    app = open_app(tree, columns=("loss", "acc:max"))
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until, 5)

        def lines() -> dict[str, str]:
            """The rows by the names of their runs."""
            return {line[5:].split()[0]: line for line in screen_text(app).split("\n")[3:8] if line}

        await until(pilot, lambda: lines()["delta"].count("⋆") == 2)
        assert sum(line.count("⋆") for line in lines().values()) == 2
        assert "loss↘" in screen_text(app).split("\n")[2] and "max↗" in screen_text(app).split("\n")[2]
        await pilot.press("slash", *"-name:delta", "enter")
        await until(pilot, lambda: "gamma" in lines() and lines()["gamma"].count("⋆") == 2)
        await pilot.press("escape", "percent_sign")
        await until(pilot, lambda: "█" in lines()["alpha"] and "█" not in lines()["broken"][:40])
        await pilot.press("percent_sign")
        await until(pilot, lambda: "█" not in lines()["alpha"])


async def test_only_what_varies_among_the_marked_runs(tree: Path, open_app: OpenApp, until: Until) -> None:
    app = open_app(tree, columns=("loss", "depth"))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        runs = main_screen(app).runs
        await pilot.press("space", "space", "x")  # delta and gamma share all but lr
        await until(pilot, lambda: runs.specs == ("name", "loss", "lr"))
        await pilot.press("x")
        await until(pilot, lambda: runs.specs == ("name", "loss", "depth"))
        await pilot.press("escape", "x")
        await until(pilot, lambda: set(runs.specs) == {"name", "loss", "lr", "opt"})


async def test_any_spec_can_be_typed_in_the_picker_of_columns(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        runs = main_screen(app).runs
        await pilot.press("c")
        await until(pilot, lambda: "2 values in 4 runs" in screen_text(app))
        await pilot.press(*"acc@min(loss)", "space", *["backspace"] * 14)
        assert "acc@min(loss)" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: runs.specs[-1] == "acc@min(loss)")


def test_aggregates_follow_each_other() -> None:
    known = Names(metrics=("val/loss", "grad_scale"), params=("lr",))
    after = {spec: aggregates_after(resolve(parse_column(spec), known)) for spec in
             ("val/loss", "val/loss:last.step", "grad_scale", "lr", "grad_scale@min(val/loss)")}  # fmt: skip
    assert after["val/loss"][:2] == ["val/loss:min", "val/loss:max"]
    assert after["val/loss:last.step"][0] == "val/loss:best"
    assert "grad_scale:best" not in after["grad_scale"]
    assert after["lr"] == []
    assert after["grad_scale@min(val/loss)"][0] == "grad_scale@max(val/loss)"


def test_an_order_is_typed_with_commas() -> None:
    assert sort_keys("a, -b,+c") == (SortKey("a", False), SortKey("b", True), SortKey("c", False))
    assert sort_keys(" , ") == ()


def test_what_some_marked_runs_lack_differs() -> None:
    choices = Choices((("lr", 2, 2), ("depth", 2, 1), ("drop", 1, 1)), (), (), ())
    assert differing(choices, 2, marked=True) == ("lr", "drop")
    assert differing(choices, 2, marked=False) == ("lr",)


async def test_which_way_is_better_is_what_the_policy_says(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    (tree / "runspect.toml").write_text('[directions]\nloss = "up"\n')
    app = open_app(tree, columns=("loss", "loss:best"))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        await until(pilot, lambda: "loss↗" in screen_text(app).split("\n")[2])
        assert "highest" in screen_text(app).split("\n")[2]
        assert main_screen(app).runs.directions == {"loss": "up"}


async def test_the_order_follows_a_column_that_shows_another_aggregate(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        runs = main_screen(app).runs
        await pilot.press(*":columns ~loss loss:max lr", "enter")
        await until(pilot, lambda: runs.specs == ("name", "~loss", "loss:max", "lr"))
        await go_to(pilot, "loss:max")
        await pilot.press("right_square_bracket", "plus")
        await until(pilot, lambda: runs.specs == ("name", "~loss", "loss:mean", "lr"))
        await until(pilot, lambda: names(app) == ["alpha", "beta", "gamma", "delta"])
        assert runs.wanted.sort == (SortKey("loss:mean", True),)
        lines = screen_text(app).split("\n")
        assert "loss mean↘▼" in lines[2] and lines[2].count("▼") == 1
        assert "sorted by it" in lines[-1]
        await pilot.press("backslash")
        await until(pilot, lambda: "still what the runs are sorted by" in screen_text(app))
        await pilot.press(*":columns lr", "enter", *":sort -started,lr", "enter")
        await until(pilot, lambda: "4 runs · by -started" in screen_text(app).split("\n")[1])


async def test_escape_takes_back_what_the_filter_was_narrowed_by_one_step_at_a_time(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 4)
        screen = main_screen(app)
        await pilot.press(*":columns opt lr", "enter", "slash", *"lr<0.05", "enter", *":sort name", "enter")
        await until(pilot, lambda: names(app) == ["beta", "delta", "gamma"])
        await pilot.press("g", "g")
        screen.runs.go_to(screen.table.order[1])
        await go_to(pilot, "opt")
        await pilot.press("f")
        await until(pilot, lambda: names(app) == ["delta", "gamma"])
        await go_to(pilot, "lr")
        await pilot.press("f")
        await until(pilot, lambda: names(app) == ["delta"])
        await pilot.press("escape")
        await until(pilot, lambda: names(app) == ["delta", "gamma"])
        await pilot.press("escape")
        await until(pilot, lambda: names(app) == ["beta", "delta", "gamma"] and screen.runs.wanted.query == "lr<0.05")
        await pilot.press("escape")
        await until(pilot, lambda: len(names(app)) == 4)
