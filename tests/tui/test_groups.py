"""Groups, pivots and importance on the screen, over a real engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from runspect.tui.screens.pivoting import equals

from .conftest import OpenApp, ScreenText, Until, main_screen

WIDE, NARROW = (160, 45), (80, 24)


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Two optimizers by two learning rates, three seeds of each; adam is better, and so is the smaller rate."""
    return write_sweep(tmp_path / "sweep")


def write_sweep(root: Path) -> Path:
    """Write the runs."""
    for at, opt in enumerate(("adam", "sgd")):
        for lr in (0.01, 0.1):
            for seed in range(3):
                run = root / f"{opt}-{lr}-s{seed}"
                run.mkdir(parents=True)
                (run / "config.json").write_text(json.dumps({"opt": opt, "lr": lr, "seed": seed}))
                loss = 0.5 + at + lr + seed / 100
                rows = [{"step": step, "loss": loss + 2 / (1 + step)} for step in range(20)]
                (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return root


async def ready(pilot: Pilot[None], until: Until, runs: int = 12) -> None:
    screen = main_screen(pilot.app)
    await until(
        pilot, lambda: screen.following.synced and len(screen.table.order) == runs and screen.table.row is not None
    )


def labels(pilot: Pilot[None]) -> list[str]:
    """The first cells of the lines that are known."""
    table = main_screen(pilot.app).table
    return [table.rows[entry].cells[0].text for entry in table.order if entry in table.rows]


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_seeds_are_grouped_folded_and_opened(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(sweep)
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        await pilot.press("b", *"seeds", "enter")
        await until(pilot, lambda: len(screen.runs.groups.outline.nodes) == 4)
        await pilot.press("right_parenthesis")
        await until(pilot, lambda: len(screen.table.order) == 4)
        await until(pilot, lambda: "+ sgd-0.1 (3)" in screen_text(app) and "±0.01" in screen_text(app))
        assert "4 groups by seeds" in screen_text(app)
        await pilot.press("g", "g", "enter")
        await until(pilot, lambda: len(screen.table.order) == 7)
        assert labels(pilot)[0].startswith("−")
        await pilot.press("j", "left_parenthesis")  # from a member: its group is folded, and the cursor is on it
        await until(pilot, lambda: len(screen.table.order) == 4)
        assert screen.table.cursor == 0
        await pilot.press("b", "enter")
        await until(pilot, lambda: len(screen.table.order) == 12)


async def test_groups_are_sorted_by_their_means_and_marked_whole(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(sweep)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        screen.perform("group", "opt,lr")
        screen.perform("sort", "-loss:best")
        await until(pilot, lambda: len(screen.runs.groups.outline.nodes) == 4)
        screen.perform("fold-all")
        wanted = [
            "+ opt=sgd  lr=0.1 (3)",
            "+ opt=sgd  lr=0.01 (3)",
            "+ opt=adam  lr=0.1 (3)",
            "+ opt=adam  lr=0.01 (3)",
        ]
        await until(pilot, lambda: labels(pilot)[:4] == wanted)
        await pilot.press("g", "g", "space")
        assert len(screen.runs.marks.uids) == 3
        assert screen.table.order[0] in screen.table.marks
        assert screen.table.cursor == 1
        await pilot.press("escape")
        assert not screen.runs.marks.uids
        assert len(screen.runs.marks.targets()) == 3  # of the header under the cursor
        await pilot.press("2")
        await until(pilot, lambda: [len(subject.members) for subject in screen.charts.subjects] == [3])
        await pilot.press("b")
        await until(pilot, lambda: [subject.singly for subject in screen.charts.subjects] == [True])
        await pilot.press("d")
        await until(pilot, lambda: len(screen.diff.rids) == 3)


async def test_a_filter_and_new_runs_change_the_groups(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(sweep)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        screen.perform("group", "opt")
        await until(pilot, lambda: len(screen.runs.groups.outline.nodes) == 2)
        screen.perform("fold-all")
        await until(pilot, lambda: sorted(labels(pilot)[:2]) == ["+ opt=adam (6)", "+ opt=sgd (6)"])
        await pilot.press("slash", *"lr<0.05", "enter")
        await until(pilot, lambda: "+ opt=adam (3)" in screen_text(app))
        write_sweep(sweep / "more")
        await pilot.press("R")
        await until(pilot, lambda: "+ opt=adam (6)" in screen_text(app))


async def test_what_cannot_be_grouped_by_leaves_the_list(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(sweep)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        screen.perform("group", "nosuch")
        await until(pilot, lambda: "nosuch" in screen_text(app).split("\n")[-1])
        assert len(screen.table.order) == 12
        assert screen.runs.wanted.group == ()


async def test_groups_come_back_with_the_screen(sweep: Path, open_app: OpenApp, until: Until, tmp_path: Path) -> None:
    app = open_app(sweep, memory=tmp_path / "state")
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        screen.perform("group", "opt")
        await until(pilot, lambda: len(screen.runs.groups.outline.nodes) == 2)
        screen.perform("fold-all")
        await until(pilot, lambda: len(screen.table.order) == 2)
        await pilot.press("g", "g", "enter")
        await until(pilot, lambda: len(screen.table.order) == 8)
    again = open_app(sweep, memory=tmp_path / "state")
    async with again.run_test(size=NARROW, notifications=True) as pilot:
        await until(pilot, lambda: len(main_screen(again).table.order) == 8)
        assert main_screen(again).runs.wanted.group == ("opt",)


async def test_headers_out_of_view_are_not_summed_up(sweep: Path, open_app: OpenApp, until: Until) -> None:
    app = open_app(sweep)
    async with app.run_test(size=(80, 9), notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        screen.perform("group", "name")
        await until(pilot, lambda: len(screen.table.order) == 12)
        await until(pilot, lambda: screen.runs.groups.summed(screen.table.order[0]) is not None)
        page = screen.table.page
        assert all(screen.runs.groups.summed(entry) is None for entry in screen.table.order[2 * page :])


async def test_a_pivot_marks_the_best_and_lists_the_runs_of_a_cell(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(sweep)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        await pilot.press("colon", *"pivot opt lr", "enter")
        await until(pilot, lambda: screen.pivot.found is not None)
        text = screen_text(app)
        assert "loss:best" in text and "opt \\ lr" in text
        assert [line for line in text.split("\n") if "⋆" in line and "adam" in line]
        await pilot.press("j", "l", "enter")
        await until(pilot, lambda: screen.view == "runs" and len(screen.table.order) == 3)
        assert screen.runs.wanted.query == "opt=sgd lr=0.1"
        await pilot.press("escape")
        await until(pilot, lambda: screen.view == "pivot" and screen.runs.wanted.query == "")
        assert (screen.pivot.row, screen.pivot.column) == (1, 1)
        await pilot.press("escape")
        await until(pilot, lambda: screen.view == "runs" and len(screen.table.order) == 12)
        screen.perform("pivot", "opt nosuch")
        await until(pilot, lambda: "nosuch" in screen_text(app))


async def test_a_pivot_and_its_completions_follow_the_policy(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    (sweep / "runspect.toml").write_text('objective = "loss:last"\n[directions]\nloss = "up"\n')
    app = open_app(sweep)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        await until(pilot, lambda: screen.runs.measure == "loss:last")
        await pilot.press(*":pivot opt lr", "enter")
        await until(pilot, lambda: screen.pivot.found is not None)
        assert "loss:last   higher is better" in screen_text(app)


async def test_importance_lists_params_and_draws_the_one_under_the_cursor(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(sweep)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        await pilot.press("I")
        await until(pilot, lambda: bool(screen.params.effects))
        assert screen.params.param == "opt"
        await until(pilot, lambda: "loss:best against opt, 12 of 12 runs" in screen_text(app))
        await pilot.press("j")
        await until(pilot, lambda: f"against {screen.params.effects[1]['param']}" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: screen.importance.is_zoomed and screen.scatter.size.width > 150)
        await pilot.press("escape")
        await until(pilot, lambda: not screen.importance.is_zoomed)
        await pilot.press("slash", *"seed:0", "enter")
        await until(pilot, lambda: "few runs" in screen_text(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: screen.view == "runs")


@pytest.mark.parametrize(
    ("name", "value", "query"),
    [("lr", 0.1, "lr=0.1"), ("my key", "a b", '"my key"="a b"'), ("on", True, "on=true"), ("n", 3, "n=3")],
)
def test_a_cell_as_a_query(name: str, value: object, query: str) -> None:
    assert equals(name, value) == query


async def test_a_mistake_leaves_the_groups_as_they_are(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(sweep)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        await pilot.press(*":group opt", "enter")
        await until(pilot, lambda: "2 groups by opt" in screen_text(app))
        await pilot.press(*":group opt,learnrate", "enter")
        await until(pilot, lambda: "learnrate" in screen_text(app).split("\n")[-1])
        await until(pilot, lambda: screen.runs.groups.by == ("opt",) and not screen.desk.errands.busy)
        assert screen.runs.wanted.group == ("opt",)
        assert "learnrate" in screen_text(app).split("\n")[-1]
        await pilot.press("j")
        await until(pilot, lambda: "learnrate" not in screen_text(app))  # read, and gone on


async def test_a_pivot_of_no_runs_says_what_it_lacks(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(sweep)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        await pilot.press(*":pivot opt learnrate loss", "enter")
        await until(pilot, lambda: "no param, metric or fact is called 'learnrate'" in screen_text(app))
        await pilot.press("escape", "/", *"opt=none", "enter")
        await until(pilot, lambda: not screen.table.order and not screen.desk.errands.busy)
        await pilot.press(*":pivot opt lr", "enter")
        await until(pilot, lambda: "no metric is shown" in screen_text(app) or screen.view == "pivot")
        assert "a pivot is of" not in screen_text(app)


async def test_groups_and_a_pivot_in_ascii(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(sweep, ascii_only=True)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until)
        await pilot.press(*":group opt,lr", "enter")
        await until(pilot, lambda: "+-std" in screen_text(app) and " +-0.01" in screen_text(app))
        assert screen_text(app).isascii()
        await pilot.press(*":pivot opt lr", "enter")
        await until(pilot, lambda: "mean +- standard deviation" in screen_text(app))
        assert screen_text(app).isascii()


async def test_a_header_tells_that_some_of_its_runs_are_marked(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(sweep)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until)
        await pilot.press(*":group lr", "enter")
        await until(pilot, lambda: "2 groups by lr" in screen_text(app))
        await pilot.press(*":mark opt=adam lr=0.1", "enter")
        await until(pilot, lambda: "◇" in screen_text(app))
        (header,) = [line for line in screen_text(app).split("\n") if "◇" in line]
        assert "lr=0.1 (6)" in header
        await pilot.press(*":mark lr=0.1", "enter")
        await until(pilot, lambda: "◇" not in screen_text(app) and "6 marked" in screen_text(app))
        await pilot.press(*":unmark", "enter")
        await until(pilot, lambda: "◆" not in screen_text(app))


async def test_the_best_mean_of_all_groups_is_marked_and_tags_are_told(
    sweep: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(sweep)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until)
        screen = main_screen(app)
        await pilot.press(*":mark opt=adam lr=0.01", "enter")
        await until(pilot, lambda: len(screen.runs.marks.uids) == 3)
        await pilot.press(*":tag base", "enter")
        await until(pilot, lambda: "base on 3 runs" in screen_text(app))
        await pilot.press(*":unmark seed=0", "enter")
        await until(pilot, lambda: len(screen.runs.marks.uids) == 2)
        await pilot.press(*":tag good", "enter")
        await until(pilot, lambda: "good on 2 runs" in screen_text(app))
        await pilot.press(*":group opt,lr", "enter", *":columns loss tags", "enter")
        await until(pilot, lambda: "⋆" in screen_text(app))
        lines = [line for line in screen_text(app).split("\n") if "opt=" in line]
        assert [("⋆" in line) for line in lines] == ["opt=adam  lr=0.01" in line for line in lines]
        assert "base  good 2/3" in next(line for line in lines if "⋆" in line)
