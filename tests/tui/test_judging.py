"""Hypotheses and verdicts from the table and the run card."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from runspect.model import Op
from runspect.tui.glyphs import UNICODE
from runspect.tui.screens.judging import hypothesis_items, parsed, verdict_items, verdict_preview
from runspect.tui.widgets.card_lines import Page, left_lines
from runspect.workspace.hypothesising import Statement, link, state

from .conftest import OpenApp, ScreenText, Until, main_screen
from .test_screen import NARROW, WIDE, names, ready


def told(app: object) -> dict[str, tuple[str | None, str | None]]:
    workspace = main_screen(app).desk.workspace  # type: ignore[arg-type]
    listed = json.loads(workspace.runs_json("", archived=True))
    return {run["name"]: (run["hypothesis"], run["verdict"]) for run in listed}


async def by_name(pilot: Pilot[None], until: Until) -> None:
    """Alpha, beta, delta, gamma from the top."""
    await ready(pilot, until, 4)
    await pilot.press(*":sort name", "enter")
    await until(pilot, lambda: names(pilot.app) == ["alpha", "beta", "delta", "gamma"])
    await pilot.press("g", "g")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_from_what_a_run_is_to_show_to_the_verdict_and_back(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(tree)
    async with app.run_test(size=size, notifications=True) as pilot:
        await by_name(pilot, until)
        await pilot.press("W")
        await until(pilot, lambda: "hypothesis of alpha" in screen_text(app))
        await pilot.press(*"sgd is calmer", "enter")
        await until(pilot, lambda: told(app)["alpha"] == ("sgd is calmer", None))
        await until(pilot, lambda: "alpha tests h" in screen_text(app))
        await pilot.press("V")
        await until(pilot, lambda: "hypothesis: sgd is calmer" in screen_text(app))
        await pilot.press(*"r")
        await until(pilot, lambda: [item[0] for item in main_screen(app).popup.items] == ["refuted"])
        await pilot.press(*" it diverged", "enter")
        await until(pilot, lambda: told(app)["alpha"] == ("sgd is calmer", "refuted"))
        await until(pilot, lambda: "refuted on alpha" in screen_text(app))
        await pilot.press("5")
        await until(pilot, lambda: "refuted: it diverged" in screen_text(app))
        assert "sgd is calmer" in screen_text(app)
        await pilot.press("V")
        await until(pilot, lambda: main_screen(app).prompting.is_open)
        assert main_screen(app).prompt_line.text == "refuted it diverged"
        await pilot.press("ctrl+u", *"perhaps", "enter")
        await until(pilot, lambda: "perhaps is no verdict" in screen_text(app))
        await pilot.press("u")
        await until(pilot, lambda: told(app)["alpha"] == ("sgd is calmer", None))
        await until(pilot, lambda: "refuted" not in screen_text(app).partition("\n")[2][:-400])
        # a hypothesis that was written for the run goes with its link
        await pilot.press("u")
        await until(pilot, lambda: told(app)["alpha"] == (None, None))
        assert main_screen(app).desk.workspace.hypotheses()["hypotheses"] == []


async def test_marked_runs_are_judged_together_and_the_columns_come_by_themselves(
    tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(tree)
    async with app.run_test(size=(220, 45), notifications=True) as pilot:
        await by_name(pilot, until)
        assert "verdict" not in screen_text(app).split("\n")[2]
        await pilot.press("space", "space", *":hypothesis wider is better", "enter")
        await until(pilot, lambda: [told(app)[name][0] for name in ("alpha", "beta")] == ["wider is better"] * 2)
        await pilot.press(*":verdict inc too few seeds", "enter")
        await until(pilot, lambda: told(app)["beta"][1] == "inconclusive")
        await until(pilot, lambda: "inconclusive on 2 runs" in screen_text(app))
        await until(pilot, lambda: "verdict" in screen_text(app).split("\n")[2])
        assert "hypothesis" in screen_text(app).split("\n")[2]
        assert screen_text(app).count("wider is better") >= 2
        await pilot.press(*":verdict -", "enter")
        await until(pilot, lambda: told(app)["beta"][1] is None)
        await pilot.press(*":hypothesis -", "enter")
        await until(pilot, lambda: told(app)["beta"][0] is None)


async def test_the_list_of_hypotheses(tree: Path, open_app: OpenApp, until: Until, screen_text: ScreenText) -> None:
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await by_name(pilot, until)
        await pilot.press("g", "w")
        await until(pilot, lambda: "no hypothesis yet" in screen_text(app))
        workspace = main_screen(app).desk.workspace
        tested = state(workspace, Statement("adam needs no warmup", due=time.time() + 9e5))
        late = state(workspace, Statement("deeper is better", due=1.0))
        uid = json.loads(workspace.runs_json("name:gamma"))[0]["uid"]
        workspace.annotate(link({"id": tested, "recorded": False}, [uid]))
        await pilot.press("g", "w")
        await until(pilot, lambda: "1 overdue, 1 open" in screen_text(app))
        listed = [line for line in screen_text(app).split("\n") if "is better" in line or "warmup" in line]
        assert "deeper is better" in listed[0] and "overdue, 0 runs" in listed[0] and "open, 1 run" in listed[1]
        await pilot.press("v")
        await until(pilot, lambda: f"verdict on {late}" in screen_text(app))
        await pilot.press(*"sup yes", "enter")
        await until(pilot, lambda: f"{late} is supported" in screen_text(app))
        await pilot.press("g", "w")
        await until(pilot, lambda: "0 overdue, 1 open" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: names(app) == ["gamma"])
        await pilot.press("escape", "g", "w")
        await until(pilot, lambda: "0 overdue, 1 open" in screen_text(app))
        await pilot.press("x")
        await until(pilot, lambda: f"{tested} is dropped" in screen_text(app))
        await pilot.press("W")
        await until(pilot, lambda: main_screen(app).prompting.is_open)
        await pilot.press("escape")
        statuses = {each["id"]: each["status"] for each in workspace.hypotheses()["hypotheses"]}
        assert statuses == {late: "answered", tested: "dropped"}
        workspace.annotate([Op(f"hyp:{tested}", "text", None), Op(f"hyp:{late}", "text", None)])


async def test_the_runs_of_what_only_a_record_holds_are_listed(tree: Path, open_app: OpenApp, until: Until) -> None:
    record = {
        "format": "runspect-record",
        "version": 1,
        "name": "alpha",
        "hypothesis": 'the "best" one',
        "status": "finished",
    }
    (tree / "alpha" / "run.json").write_text(json.dumps(record))
    app = open_app(tree)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await by_name(pilot, until)
        await until(pilot, lambda: told(app)["alpha"][0] == 'the "best" one')
        await pilot.press("g", "w")
        await until(pilot, lambda: bool(app.screen.query("#picker")))
        await pilot.press("enter")
        await until(pilot, lambda: names(app) == ["alpha"])


def test_words_are_taken_apart() -> None:
    assert parsed("s because") == ("supported", "because")
    assert parsed("Refuted: it diverged ") == ("refuted", "it diverged")
    assert parsed("x y") == ("", "y") and parsed("") == ("", "")
    assert verdict_items("in") == [("inconclusive", "")] and verdict_items("") == [] and verdict_items("s x") == []
    assert (
        verdict_preview("s why") == "supported: why"
        and verdict_preview("s") == "supported"
        and not verdict_preview("?")
    )


def test_hypotheses_that_wait_are_offered() -> None:
    known = [
        {"id": "h2aaaa", "text": "Wider is better", "status": "open"},
        {"id": "h3bbbb", "text": "deeper is better", "status": "overdue"},
        {"id": "h4cccc", "text": "wider still", "status": "answered"},
    ]
    assert hypothesis_items("wider", known) == [("h2aaaa", "Wider is better")]
    assert hypothesis_items("h3", known) == [("h3bbbb", "deeper is better")]
    assert len(hypothesis_items("", known)) == 2 and hypothesis_items("h2aaaa", known) == []


def test_the_card_tells_them_only_where_there_are_any() -> None:
    run: dict[str, Any] = {
        "note": None, "started": None, "ended": None, "updated": None, "state": "finished", "steps": 1, "project": None,
        "group": None, "parent": None, "tools": [], "root": "/x", "path": "a", "uid": "path:1", "facts": {},
    }  # fmt: skip
    said = {"verdict": "refuted", "note": "no", "who": "ann@box", "retrospective": True, "run": "path:1"}
    about = {"id": "h2aaaa", "text": "wider is better", "lead": "4 h before the first point", "retrospective": False}

    def lines(run: dict[str, Any]) -> str:
        return "\n".join("".join(text for text, _ in line) for line in left_lines(run, Page(90, UNICODE, 1e9)))

    text = lines({**run, "hypothesis_about": about, "verdict_about": said})
    assert "hypothesis     wider is better  h2aaaa\n   written        4 h before the first point\n" in text
    assert "verdict        refuted: no  ann@box, in retrospect" in text
    assert "hypothesis" not in lines({**run, "hypothesis_about": None, "verdict_about": None})
