"""`runspect hypothesis` and `runspect verdict`, from the outside."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runspect.workspace import Workspace
from tests.cli.program import Done, environment, runspect
from tests.recorder.capture.repository import git, repository

BEFORE, AFTER = 86400.0, -86400.0
"""Seconds from now to the first point of a run: into the future, as a clock that is ahead writes it, and the past."""


def write(directory: Path, *, ahead: float, metric: str = "loss") -> None:
    directory.mkdir(parents=True)
    (directory / "config.json").write_text('{"lr": 0.1}')
    rows = [{"step": step, "time": time.time() + ahead + step, metric: 1.0 / (step + 1 + ahead)} for step in range(3)]
    (directory / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """`new` begins a day from now, `old` began a day ago."""
    root = tmp_path / "exp"
    write(root / "new", ahead=BEFORE)
    write(root / "old", ahead=AFTER)
    return root


def said(runs: Path, *words: str) -> Done:
    return runspect(words[0], "-C", runs, *words[1:])


def listed(runs: Path) -> dict[str, object]:
    found: dict[str, object] = said(runs, "hypothesis", "--json").json()
    return found


def test_from_the_idea_to_the_verdict(runs: Path) -> None:
    empty = said(runs, "hypothesis")
    assert empty.code == 0 and "no hypothesis yet" in empty.err
    made = said(runs, "hypothesis", "new", "a lower rate", "is calmer", "--by", "2w", "--metric", "loss", "-t", "opt")
    id = made.out.strip()
    assert made.code == 0 and len(id) == 6 and f"RUNSPECT_HYPOTHESIS={id}" in made.err
    assert said(runs, "hypothesis", "new", "a lower rate is calmer").out.strip() == id
    assert said(runs, "hypothesis", "link", id[:4], "new").err == f"linked 1 run to {id}: a lower rate is calmer\n"
    found = said(runs, "hypothesis", "show", id, "--json").json()
    assert (found["status"], found["text"], found["metric"], found["tags"]) == (
        "open",
        "a lower rate is calmer",
        "loss",
        ["opt"],
    )
    assert found["runs"][0]["name"] == "new" and found["lead"] == "24 h before the first point"
    assert 0 < found["lead_s"] <= BEFORE + 2 and found["by"] > found["written"]
    assert "due in 14 d" in said(runs, "hypothesis").out and "24 h before" in said(runs, "show", "new").out
    assert said(runs, "verdict", "new").code == 1
    assert said(runs, "verdict", "new", "supp", "--note", "by 3 %").code == 0
    shown = said(runs, "show", "new", "--json").json()
    assert (shown["hypothesis"], shown["verdict"]) == ("a lower rate is calmer", "supported")
    assert shown["verdict_about"]["note"] == "by 3 %" and "@" in shown["verdict_about"]["who"]
    assert shown["hypothesis_about"]["id"] == id
    assert [run["name"] for run in said(runs, "ls", "verdict:supported hypothesis:calmer", "--json").json()] == ["new"]
    fields = said(runs, "ls", "--json", "--fields", "name,hypothesis,verdict", "--sort", "name").json()
    assert fields == [
        {"name": "new", "hypothesis": "a lower rate is calmer", "verdict": "supported"},
        {"name": "old", "hypothesis": None, "verdict": None},
    ]
    done = listed(runs)
    assert done["summary"]["share"] == 1.0 and done["summary"]["answered"] == 1  # type: ignore[index]
    assert said(runs, "undo").code == 0
    assert said(runs, "verdict", "new").code == 1 and listed(runs)["summary"]["open"] == 1  # type: ignore[index]


def test_after_the_fact_is_said(runs: Path) -> None:
    id = said(runs, "hypothesis", "new", "as I always said").out.strip()
    said(runs, "hypothesis", "link", id, "old", "new")
    found = said(runs, "hypothesis", "show", id, "--json").json()
    assert found["lead"] == "after the fact, 24 h behind the first point" and found["lead_s"] < 0
    assert {run["name"]: run["lead_s"] > 0 for run in found["runs"]} == {"old": False, "new": True}
    assert listed(runs)["summary"]["after"] == 1  # type: ignore[index]
    said(runs, "hypothesis", "link", "old", "--off")
    assert said(runs, "hypothesis", "show", id, "--json").json()["lead_s"] > 0


def test_links_by_query_verdicts_on_the_hypothesis_and_its_end(runs: Path) -> None:
    id = said(runs, "hypothesis", "new", "deeper").out.strip()
    assert said(runs, "hypothesis", "link", id, "--query", "lr = 0.1").code == 0
    said(runs, "verdict", id, "refuted", "--note", "no")
    said(runs, "verdict", "old", "inconclusive")
    told = {run["name"]: run["verdict"] for run in said(runs, "ls", "has:verdict", "--json").json()}
    assert told == {"new": "refuted", "old": "inconclusive"}
    assert said(runs, "verdict", id).out.startswith("refuted: no")
    assert said(runs, "verdict", "-q", "lr = 0.1", "s", "--json").json()[0]["verdict"] == "supported"
    said(runs, "hypothesis", "close", id, "--off")
    assert said(runs, "hypothesis", "show", id, "--json").json()["verdict"]["verdict"] == "supported"
    other = said(runs, "hypothesis", "new", "wider").out.strip()
    said(runs, "hypothesis", "close", other, "--note", "no machine")
    closed = said(runs, "hypothesis", "show", other, "--json").json()
    assert closed["status"] == "dropped" and closed["closed"]["note"] == "no machine"
    # what has an answer cannot be dropped
    done = said(runs, "hypothesis", "close", id)
    assert (done.code, done.out) == (2, "") and "is answered" in done.err
    assert said(runs, "hypothesis", "--open", "--json").json()["hypotheses"] == []


def test_mistakes_are_one_line(runs: Path) -> None:
    for words in (
        ("hypothesis", "new"), ("hypothesis", "new", "x", "--by", "soon"), ("hypothesis", "new", "x", "--by", "2020-01-01"),
        ("hypothesis", "show", "h9zzzz"), ("hypothesis", "show"), ("hypothesis", "link", "h9zzzz", "old"),
        ("hypothesis", "list", "what"), ("verdict",), ("verdict", "old", "perhaps"), ("verdict", "nobody", "supported"),
        ("hypothesis", "new", "x", "--branch", "."),
    ):  # fmt: skip
        done = runspect(words[0], "-C", runs, *words[1:], cwd=runs)
        assert done.code == 2 and done.out == "" and done.err.count("\n") == 1, (words, done.err)
    assert said(runs, "verdict", "-q", "lr > 9", "supported").code == 1
    assert listed(runs)["hypotheses"] == []


def test_runs_link_themselves(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="print('loss 0.5')\n")
    git(root, "checkout", "-q", "-b", "warmup")
    runs = root / "runs"
    runs.mkdir()
    by_id = runspect("hypothesis", "new", "-C", runs, "calmer").out.strip()
    by_branch = runspect("hypothesis", "new", "-C", runs, "warmer", "--branch", ".", cwd=root).out.strip()
    train = ["--", sys.executable, "train.py"]
    runspect("record", "-q", "-n", "one", "--hypothesis", by_id, *train, cwd=root)
    runspect("record", "-q", "-n", "two", "--hypothesis", "in its own words", *train, cwd=root)
    runspect("record", "-q", "-n", "three", *train, cwd=root)
    from_environment = {**environment(), "RUNSPECT_HYPOTHESIS": by_id}
    code = "import runspect\nwith runspect.start(name='four') as run: run.log({'loss': 1.0})\n"
    subprocess.run([sys.executable, "-c", code], cwd=root, env=from_environment, check=True, timeout=60)
    found = {run["name"]: run["hypothesis"] for run in runspect("ls", "-C", runs, "--json").json()}
    assert found == {"one": "calmer", "two": "in its own words", "three": "warmer", "four": "calmer"}
    known = {each["text"]: each for each in runspect("hypothesis", "-C", runs, "--json").json()["hypotheses"]}
    assert known["warmer"]["id"] == by_branch and known["warmer"]["runs"][0]["how"] == "branch"
    own = known["in its own words"]
    assert own["recorded"] and own["lead_s"] >= 0 and own["status"] == "open"
    assert runspect("hypothesis", "close", "-C", runs, own["id"], "supported").code == 0
    closed = runspect("hypothesis", "show", "-C", runs, own["id"], "--json").json()
    assert (closed["status"], closed["recorded"], closed["written"]) == ("answered", False, own["written"])


def test_an_acknowledged_hypothesis_survives_kill_9_and_the_loss_of_the_index(runs: Path) -> None:
    for number in range(3):
        id = said(runs, "hypothesis", "new", f"idea {number}", "--by", "1d").out.strip()
        said(runs, "hypothesis", "link", id, "old")
        said(runs, "verdict", "old", ("supported", "refuted", "inconclusive")[number])
        with contextlib.closing(Workspace.open((runs,))) as workspace:
            pid = int(workspace.status()["pid"])
        os.kill(pid, 9)
        shown = said(runs, "show", "old", "--json").json()
        assert (shown["hypothesis"], shown["verdict"]) == (
            f"idea {number}",
            ("supported", "refuted", "inconclusive")[number],
        )
    assert runspect("cache", "--clear").code == 0
    assert len(listed(runs)["hypotheses"]) == 3  # type: ignore[arg-type]
    assert said(runs, "show", "old", "--json").json()["verdict"] == "inconclusive"
