"""Views of lines, given plain values: pictures of what they show."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widget import Widget

from runspect.diff import diff_runs
from runspect.model import LogPage
from runspect.tui import theme
from runspect.tui.glyphs import UNICODE
from runspect.tui.widgets.card_lines import Page, left_lines, right_lines
from runspect.tui.widgets.card_pane import CardPane
from runspect.tui.widgets.diff_pane import DiffPane
from runspect.tui.widgets.footer_line import FooterLine
from runspect.tui.widgets.health_pane import HealthPane
from runspect.tui.widgets.log_pane import LogPane
from runspect.tui.widgets.picker import Choice, Picker
from runspect.tui.widgets.title_line import Status, TitleLine

from .conftest import ScreenText

NOW = 1_800_000_000.0

DIFF = """\
 differences     ● alpha          ● beta
                   finished         finished

 Params   1 the same
   [x]           –                true
   lr            0.1              0.01 ×0.1

 Metrics   1 the same

 Environment   not recorded

 Code   not recorded

 Data   1 the same"""

HEALTH = """\
 1 problem   the rest of each file is shown as far as it co…
   file, and below it what is wrong and its effect
   a/[/x]/metrics.jsonl at byte 1,234
     not JSON: the line is skipped"""

WIDE_HEALTH = """\
 1 problem   the rest of each file is shown as far as it could be read
   file                         at byte  what              effect
   a/[/x]/metrics.jsonl           1,234  not JSON          the line is skipped"""

CARD = """\
 ✓ alpha   finished: exit code 0   good

 Run                                                       ▐
   note           [b]lower[/b] lr                          ▐
   started        not recorded                             ▐
   last write     not recorded                             ▐
   took           not recorded                             ▐
   steps          19                                       ▐
   project        not recorded                             ▐
   group          not recorded                             ▐
   parent         not recorded
   tools          jsonl
   root           /exp
   path           alpha
   id             path:1

 Data
   dataset        not recorded
   version        not recorded
   seed           3  config.json

 Code
   commit         not recorded
   branch         not recorded"""


class PaneApp(App[None]):
    CSS_PATH = "../../src/runspect/tui/app.tcss"

    def __init__(self, *panes: Widget) -> None:
        super().__init__()
        for known in theme.THEMES:
            self.register_theme(known)
        self.theme = "runspect-dark"
        self.panes = panes

    def compose(self) -> ComposeResult:
        yield from self.panes


def run(rid: int, name: str, **changes: Any) -> dict[str, Any]:
    """The object of `runspect show --json`."""
    loss = {"n": 20, "nonfinite": 0, "first": 2.0, "last": 0.5, "min": 0.4, "max": 2.0, "last_step": 19}
    return {
        "rid": rid, "uid": f"path:{rid}", "name": name, "state": "finished", "reason": "exit code 0", "project": None, "group": None,
        "root": "/exp", "path": name, "tools": ["jsonl"], "started": None, "ended": None, "updated": None, "steps": 19, "host": None,
        "params": {"lr": 0.1, "opt": "sgd"}, "tags": ["good"], "note": None, "parent": None, "problems": 0, "metrics": {"loss": loss},
        "facts": {"seed": {"value": 3, "source": "config.json"}}, "sources": {"lr": "config.json", "opt": "config.json"},
        "files": [{"path": f"{name}/metrics.jsonl", "reader": "jsonl", "size": 1234}], "also_in": [], "artifacts": [],
        "problems_list": [], "star": False, "archived": False, **changes,
    }  # fmt: skip


async def test_a_diff_of_two_runs(screen_text: ScreenText) -> None:
    pane = DiffPane()
    app = PaneApp(pane)
    runs = [run(1, "alpha"), run(2, "beta", params={"lr": 0.01, "opt": "sgd", "[x]": True})]
    async with app.run_test(size=(70, 18), notifications=True) as pilot:
        pane.show_diff(runs, diff_runs(runs))
        await pilot.pause()
        assert screen_text(app).rstrip() == DIFF


@pytest.mark.parametrize("width", range(53, 170, 9))
async def test_a_diff_of_many_runs_has_whole_columns_and_says_where_the_others_are(
    screen_text: ScreenText, width: int
) -> None:
    pane = DiffPane()
    app = PaneApp(pane)
    runs = [run(number, f"run-{number}", params={"lr": 0.1 * number}) for number in range(1, 9)]
    async with app.run_test(size=(width, 18), notifications=True) as pilot:
        pane.show_diff(runs, diff_runs(runs))
        await pilot.pause()
        seen: list[str] = []
        for _ in runs:
            text = screen_text(app)
            heads = re.findall(r"● (run-\d)", text)
            assert "…" not in text and heads[0] == "run-1" and len(re.findall("×", text)) == len(heads) - 1
            right = re.search(r"l: (\d) more to the right", text)
            left = re.search(r"h: (\d) more to the left", text)
            assert len(heads) + sum(int(found[1]) for found in (left, right) if found) == 8
            seen += [name for name in heads if name not in seen]
            pane.do_line_right()
            await pilot.pause()
        assert seen == [f"run-{number}" for number in range(1, 9)]
        for _ in runs:
            pane.do_line_left()
        await pilot.pause()
        assert re.findall(r"● (run-\d)", screen_text(app))[:2] == ["run-1", "run-2"]


async def test_health_on_a_narrow_and_on_a_wide_screen(screen_text: ScreenText) -> None:
    problem = {
        "path": "a/[/x]/metrics.jsonl",
        "offset": 1234,
        "reader": "jsonl",
        "what": "not JSON",
        "effect": "the line is skipped",
    }
    pane = HealthPane()
    async with PaneApp(pane).run_test(size=(60, 6), notifications=True) as pilot:
        pane.show_problems([problem])
        await pilot.pause()
        assert screen_text(pilot.app).rstrip() == HEALTH
    pane = HealthPane()
    async with PaneApp(pane).run_test(size=(110, 4), notifications=True) as pilot:
        pane.show_problems([problem])
        await pilot.pause()
        assert screen_text(pilot.app).rstrip() == WIDE_HEALTH


def test_a_card_parts_its_columns_and_names_what_has_no_name() -> None:
    files = [{"reader": "swanlab-files", "path": "K" * 90 + "/metrics.json", "size": 12_345_678}]
    told = run(1, "a", params={"": 1}, metrics={"": {"n": 1, "last": 0.5}}, files=files)
    facts = {"command": {"value": "x" * (80 - 14 - 5 - 4), "source": "somewhere.json"}}
    lines = right_lines(told, Page(80, UNICODE, 0.0)) + left_lines({**told, "facts": facts}, Page(80, UNICODE, 0.0))
    texts = ["".join(text for text, _ in line) for line in lines]
    assert any(text.startswith("   swanlab-files  KK") and text.endswith("  12.3 MB") for text in texts)
    assert sum(text.startswith('   ""') for text in texts) == 2
    assert any("command" in text and text.endswith("x  …") for text in texts)
    assert all(cell_len(text) <= 80 for text in texts)


def test_what_a_recorder_adds_stands_in_its_section_in_words() -> None:
    recorded = {
        "memory_peak": 12165120, "process_started": 1795657890.2, "environment": {"OMP_NUM_THREADS": "4"},
        "git_untracked": ["net.py"], "signal": "SIGINT", "gpu_driver": "550",
    }  # fmt: skip
    facts = {name: {"value": value, "source": "a/run.json"} for name, value in recorded.items()}
    lines = left_lines({**run(1, "a"), "facts": facts}, Page(80, UNICODE, 0.0))
    texts = ["".join(text for text, _ in line).split("  a/run.json")[0].strip() for line in lines]
    code, execution, surroundings = (texts.index(title) for title in ("Code", "Execution", "Environment"))
    assert "Also recorded" not in texts
    assert "untracked      net.py" in texts[code:execution]
    assert {"signal         SIGINT", "peak memory    11.6 MiB"} <= set(texts[execution:surroundings])
    assert any(text.startswith("process began  2026-11-2") for text in texts[execution:surroundings])
    assert {"GPU driver     550", "variables      OMP_NUM_THREADS=4"} <= set(texts[surroundings:])


async def test_a_card_in_one_column(screen_text: ScreenText) -> None:
    pane = CardPane()
    async with PaneApp(pane).run_test(size=(60, 24), notifications=True) as pilot:
        pane.show_run(run(1, "alpha", note="[b]lower[/b] lr"), NOW)
        await pilot.pause()
        assert screen_text(pilot.app).rstrip() == CARD


async def test_a_log_follows_its_end_until_one_scrolls_up(screen_text: ScreenText) -> None:
    pane = LogPane()
    async with PaneApp(pane).run_test(size=(60, 5), notifications=True) as pilot:
        pane.show_log("alpha", LogPage("train.log", tuple(f"line {n}" for n in range(20)), 0, 200, 200, ("train.log",)))
        await pilot.pause()
        assert pane.follows and "line 19" in screen_text(pilot.app)
        pane.add(LogPage("train.log", ("line 20",), 200, 210, 210, ("train.log",), pending="50%"))
        await pilot.pause()
        assert [line.split()[0] for line in screen_text(pilot.app).split("\n")[-2:]] == ["line", "50%"]
        pane.do_line_up()
        pane.add(LogPage("train.log", ("line 21",), 210, 220, 220, ("train.log",)))
        await pilot.pause()
        assert not pane.follows and "line 21" not in screen_text(pilot.app)
        pane.do_line_bottom()
        await pilot.pause()
        assert pane.follows and "line 21" in screen_text(pilot.app)


async def test_the_first_and_the_last_line_fit_every_width(screen_text: ScreenText) -> None:
    for width in (160, 100, 80, 60, 40, 20):
        title, footer = TitleLine(), FooterLine()
        async with PaneApp(title, footer).run_test(size=(width, 2), notifications=True) as pilot:
            title.set_status(Status("/home/me/exp", "/home/me", "runs", "polling 2 s"))
            await pilot.pause()
            first, last = screen_text(pilot.app).split("\n")
            assert len(first) <= width and len(last) <= width
            assert "1" in first and last.strip()


async def test_what_stands_aside_in_a_list_leaves_the_text_its_room(screen_text: ScreenText) -> None:
    app = PaneApp(Picker("Records", [Choice("1", "12:00   0.5  -33 %  resnet50-cosine", "much that was changed " * 5)]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "resnet50-cosine much that was changed" in screen_text(app)
