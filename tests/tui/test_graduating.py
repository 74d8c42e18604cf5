"""Stages and gates on the screen: the cell that comes by itself, promoting with a reason, the card, the board."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import runspect as recorder
from runspect.tui.glyphs import ASCII, UNICODE
from runspect.tui.screens.graduating import hint_of, parsed, preview_of
from runspect.tui.widgets.board_pane import BoardPane
from runspect.tui.widgets.card_lines import Page, left_lines

from .conftest import OpenApp, ScreenText, Until, main_screen
from .test_screen import NARROW, WIDE, ready

POLICY = """
objective = "acc:max"
[gates.candidate]
metrics = ["acc:max >= 0.5"]
state = "finished"
[gates.production]
change = "1%"
report = "required"
"""


def begin(root: Path, name: str, acc: float) -> recorder.Run:
    run = recorder.start({"lr": acc}, name=name, dir=root, dataset="cifar10", capture=False)
    run.log({"acc": acc}, step=1)
    return run


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    root = tmp_path / "exp"
    root.mkdir()
    (root / "runspect.toml").write_text(POLICY)
    begin(root, "good", 0.9).finish()
    begin(root, "poor", 0.4).finish()
    return root


def stages(app: object) -> dict[str, tuple[str, str | None]]:
    workspace = main_screen(app).desk.workspace  # type: ignore[arg-type]
    return {run["name"]: (run["stage"], run["gate"]) for run in json.loads(workspace.runs_json("", archived=True))}


async def test_the_cell_of_a_run_that_ends_comes_by_itself(
    graded: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    live = begin(graded, "later", 0.8)
    app = open_app(graded, columns=("name", "gate"))
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, until, 3)
        await until(pilot, lambda: "candidate ✗1/2" in screen_text(app))
        assert screen_text(app).count("candidate ✓2/2") == 1
        live.finish()
        await until(pilot, lambda: screen_text(app).count("candidate ✓2/2") == 2)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_promoted_with_a_reason_and_taken_back(
    graded: Path, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    app = open_app(graded, query="name:good")
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot, until, 1)
        await pilot.press("g", "p")
        await until(pilot, lambda: "why exploration to candidate" in screen_text(app))
        assert "gate 2/2, passes" in screen_text(app)
        await pilot.press(*"it is better", "enter")
        await until(pilot, lambda: stages(app)["good"] == ("candidate", "production passes 1/2"))
        await until(pilot, lambda: "good: exploration to candidate" in screen_text(app))
        await pilot.press("5")
        await until(pilot, lambda: "Stage  candidate" in screen_text(app))
        assert "it is better (" in screen_text(app)
        await until(pilot, lambda: "1 of 2 criteria met" in screen_text(app))
        await pilot.press("u")
        await until(pilot, lambda: stages(app)["good"] == ("exploration", "candidate passes 2/2"))
        await until(pilot, lambda: "taken back" in screen_text(app))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: stages(app)["good"][0] == "candidate")
        await pilot.press("g", "d")
        await until(pilot, lambda: "why candidate to exploration" in screen_text(app))
        await pilot.press(*"a slip", "enter")
        await until(pilot, lambda: stages(app)["good"][0] == "exploration")


async def test_a_gate_that_is_not_passed_refuses_until_it_is_forced(
    graded: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    app = open_app(graded, query="name:poor")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 1)
        await pilot.press(*":promote hope", "enter")
        await until(pilot, lambda: "refused: gate 1/2" in screen_text(app))
        assert stages(app)["poor"][0] == "exploration"
        await pilot.press(*":promote ! a test of the pipeline", "enter")
        await until(pilot, lambda: stages(app)["poor"][0] == "candidate")
        await pilot.press(*":demote", "enter")
        await until(pilot, lambda: "why candidate to exploration" in screen_text(app))
        await pilot.press("escape")
        await pilot.press(*":demote --to exploration over", "enter")
        await until(pilot, lambda: stages(app)["poor"][0] == "exploration")
        await pilot.press("g", "d")
        await until(pilot, lambda: "is in the first stage" in screen_text(app))


async def test_the_champion_is_marked_on_the_board(
    graded: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    report = graded / "review.md"
    report.write_text("fine")
    app = open_app(graded, query="name:good")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot, until, 1)
        await pilot.press(*f":promote --to production --report {report} reviewed", "enter")
        await until(pilot, lambda: stages(app)["good"] == ("production", None))
        await pilot.press("6")
        await until(pilot, lambda: "good" in screen_text(app) and "champion: good, 0.9000" in screen_text(app))
        board = app.screen.query_one(BoardPane)
        assert board.sets[0]["best"][0]["champion"] is True
        assert " champion" in screen_text(app).split("champion: good")[0]


def test_what_is_typed_before_a_reason() -> None:
    typed = parsed('! --report "a b.md" --to production --no-model because --force is fun')
    assert (typed.why, typed.told, typed.forced, typed.without_model) == (
        "because --force is fun", {"report": "a b.md", "to": "production"}, True, True,
    )  # fmt: skip
    assert parsed("just better").forced is False and parsed("--force").why == ""


def test_what_the_prompt_says_of_a_gate() -> None:
    met, unmet = {"criterion": "loss < 1", "status": "pass", "evidence": "0.5"}, {
        "criterion": "3 seeds", "status": "fail", "evidence": "1 seed",
    }  # fmt: skip
    gate = {"passed": 1, "of": 2, "passes": False, "word": "fails", "criteria": [met, unmet]}
    assert preview_of(gate) == "gate 1/2, not met: 3 seeds (1 seed)"
    assert hint_of(gate).startswith("! for even so") and hint_of({**gate, "word": "passes"}).startswith("--report")
    assert preview_of(None) == "no gate leads there" and hint_of(None) == "the reason, kept with it"


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_the_card_is_plain_where_the_terminal_is(glyphs: object) -> None:
    run = {
        "name": "a", "stage": "candidate", "state": "finished", "reason": "", "started": None, "ended": None,
        "updated": None, "note": None, "steps": None, "project": None, "group": None, "parent": None, "tools": [],
        "root": "/", "path": "a", "uid": "u", "facts": {}, "tags": [],
        "stage_history": [
            {
                "stage": "candidate", "why": "[b]ad markup", "who": "ann", "when": "2026-11-20T10:00:00Z", "gate": None,
                "forced": True, "version": 2, "model": {"name": "m"}, "taken_back": False,
            }
        ],
        "gate_about": {
            "to": "production", "passed": 0, "of": 1,
            "criteria": [{"criterion": "3 seeds", "status": "fail", "evidence": "1 seed"}],
        },
    }  # fmt: skip
    text = "\n".join("".join(span[0] for span in line) for line in left_lines(run, Page(100, glyphs, 0.0)))  # type: ignore[arg-type]
    assert "[b]ad markup (ann, 2026-11-20" in text and "m v2, forced" in text
    assert ("x 3 seeds: 1 seed" if glyphs is ASCII else "✗ 3 seeds: 1 seed") in text
