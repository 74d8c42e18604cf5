"""`runspect view` and `@view` in the queries of other commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import runspect


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    root = tmp_path / "exp"
    for name, lr, loss in (("a", 0.1, 3.0), ("b", 0.2, 1.0), ("c", 0.3, 2.0)):
        (root / name).mkdir(parents=True)
        (root / name / "config.json").write_text(json.dumps({"lr": lr}))
        (root / name / "metrics.jsonl").write_text(json.dumps({"step": 1, "time": 1.7e9, "loss": loss}) + "\n")
    return root


def test_a_view_is_saved_shown_and_used(runs: Path) -> None:
    saved = runspect("view", "save", "high", "lr > 0.15", "--cols", "name,lr,loss", "--sort", "loss", "-C", runs)
    assert saved.code == 0, saved.err
    assert runspect("ls", "-C", runs, "@high", "--csv").out.splitlines() == ["name,lr,loss", "b,0.2,1.0", "c,0.3,2.0"]
    names = [run["name"] for run in runspect("ls", "-C", runs, "@high", "--sort", "-loss", "--json").json()]
    assert names == ["c", "b"]
    assert [run["name"] for run in runspect("ls", "-C", runs, "not @high", "--json").json()] == ["a"]
    assert [run["name"] for run in runspect("ls", "-C", runs, "@high", "name:c", "--json").json()] == ["c"]
    assert runspect("view", "show", "high", "-C", runs).out.startswith('query = "lr > 0.15"\n')
    assert [view["name"] for view in runspect("view", "--json", "-C", runs).json()] == ["high"]
    assert runspect("view", "delete", "@high", "-C", runs).code == 0
    missing = runspect("ls", "-C", runs, "@high")
    assert missing.code == 2
    assert "no view is called 'high'" in missing.err


def test_nothing_is_written_beside_the_runs_unless_asked(runs: Path) -> None:
    before = sorted(runs.rglob("*"))
    runspect("view", "save", "mine", "lr:0.1", "-C", runs)
    assert sorted(runs.rglob("*")) == before
    runspect("view", "save", "ours", "lr:0.1", "--shared", "--default", "-C", runs)
    path = runs / ".runspect" / "views" / "ours.toml"
    assert path.read_text() == 'query = "lr:0.1"\ndefault_for = ["."]\n'
    assert [view["shared"] for view in runspect("view", "--json", "-C", runs).json()] == [False, True]


def test_views_that_make_no_sense_are_not_saved(runs: Path) -> None:
    assert runspect("view", "save", "x", "lr >", "-C", runs).code == 2
    assert runspect("view", "save", "x", "--cols", "loss:n.step", "-C", runs).code == 2
    assert runspect("view", "save", "../x", "-C", runs).code == 2
    itself = runspect("view", "save", "x", "lr:0.1 -@x", "-C", runs)
    assert itself.code == 2
    assert "the view @x would name itself" in itself.err
    assert runspect("view", "--json", "-C", runs).json() == []
    bad = runspect("ls", "-C", runs, "lr >< 3")
    assert bad.code == 2
