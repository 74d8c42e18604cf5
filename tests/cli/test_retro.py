"""`runspect retro` on a terminal and without one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment, runspect
from tests.pty_terminal import PtyTerminal


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Three runs, in time: c, a, b."""
    root = tmp_path / "exp"
    for at, (name, lr) in enumerate((("c", 0.1), ("a", 0.01), ("b", 0.01))):
        directory = root / name
        directory.mkdir(parents=True)
        (directory / "config.json").write_text(json.dumps({"lr": lr}))
        row = {"step": 1, "time": 1.7e9 + 1000 * at, "val/loss": 1.0 - at / 4}
        (directory / "metrics.jsonl").write_text(json.dumps(row) + "\n")
        for file in directory.iterdir():
            os.utime(file, (1.7e9 + at, 1.7e9 + at))
    return root


def walk(runs: Path, *words: str) -> PtyTerminal:
    command = [sys.executable, "-m", "runspect", "retro", "-C", str(runs), *words]
    return PtyTerminal(command, columns=120, lines=40, env=environment())


def told(runs: Path) -> dict[str, tuple[str | None, str | None]]:
    listed = runspect("ls", "-C", runs, "--json").json()
    return {run["name"]: (run["hypothesis"], run["verdict"]) for run in listed}


def test_without_a_terminal_it_tells_what_it_would_ask(runs: Path) -> None:
    done = runspect("retro", "-C", runs)
    assert done.code == 1 and "of 3 runs 3 wait for an answer" in done.err
    assert [line.split()[0] for line in done.out.splitlines()] == ["c", "a", "b"]
    assert all(line.endswith("asks: hypothesis verdict note") for line in done.out.splitlines())
    runspect("verdict", "-C", runs, "a", "refuted")
    waiting = runspect("retro", "-C", runs, "lr = 0.01", "--json")
    assert waiting.code == 1
    assert [(run["name"], run["ask"]) for run in waiting.json()] == [
        ("a", ["hypothesis"]), ("b", ["hypothesis", "verdict", "note"]),
    ]  # fmt: skip
    assert runspect("retro", "-C", runs, "lr > 7").code == 1
    assert runspect("retro", "-C", runs, "nope > 7").code == 2


def test_each_answer_is_kept_before_the_next_question_and_the_walk_goes_on(runs: Path) -> None:
    with walk(runs) as terminal:
        terminal.wait_for("hypothesis?")
        assert "val/loss 1" in terminal.text and "c  20" in terminal.text
        terminal.press(*"a low rate is slow", "enter")
        terminal.wait_for("inconclusive)?")
        assert told(runs)["c"] == ("a low rate is slow", None)
        terminal.press(*"no idea", "enter")
        terminal.wait_for("no idea is none")
        terminal.press("s", "enter")
        terminal.wait_for("note?")
        assert told(runs)["c"] == ("a low rate is slow", "supported")
        os.kill(terminal.pid, 9)
        terminal.wait_exit()
    assert runspect("retro", "-C", runs, "--json").json()[0]["ask"] == ["note"]
    with walk(runs) as terminal:
        terminal.wait_for("note?")
        terminal.press(*"took all night", "enter")
        terminal.wait_for("lr 0.1 → 0.01")
        terminal.press("=", "enter")
        terminal.wait_for(lambda text: text.count("inconclusive)?") == 1)
        terminal.press("enter")
        terminal.wait_for(lambda text: text.count("note?") == 2)
        terminal.press(*"lost", "enter")
        terminal.wait_for(lambda text: text.count("hypothesis?") == 2)
        terminal.press("ctrl+d")
        assert terminal.wait_exit() == 1
        assert "of 3 runs 1 waits for an answer" in terminal.text
    assert told(runs) == {
        "c": ("a low rate is slow", "supported"),
        "a": ("a low rate is slow", None),
        "b": (None, None),
    }
    shown = runspect("show", "-C", runs, "c", "--json").json()
    assert shown["verdict_about"]["note"] == "took all night" and shown["verdict_about"]["retrospective"]
    assert shown["hypothesis_about"]["retrospective"] and "in retrospect" in runspect("show", "-C", runs, "c").out
    assert runspect("show", "-C", runs, "a", "--json").json()["note"] == "lost"
    assert [run["name"] for run in runspect("retro", "-C", runs, "--json").json()] == ["b"]
    assert [run["name"] for run in runspect("retro", "-C", runs, "--json", "--again").json()] == ["a", "b"]
    found = runspect("hypothesis", "-C", runs, "--json").json()
    assert found["summary"]["retrospective"] == 1 and found["summary"]["answered"] == 0


def test_nothing_is_left_at_the_end(runs: Path) -> None:
    with walk(runs, "name:b") as terminal:
        for question in ("hypothesis?", "inconclusive)?", "note?"):
            terminal.wait_for(question)
            terminal.press("enter")
        assert terminal.wait_exit() == 0
        assert "nothing is left to ask" in terminal.text
    assert runspect("retro", "-C", runs, "name:b").code == 0
