"""`runspect baseline`, and what is asked against it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import runspect


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Three runs; `other` differs from `base` in one param, `far` in two, and all in the seed and the directory."""
    root = tmp_path / "exp"
    for seed, (name, lr, opt, loss) in enumerate(
        (("base", 0.1, "adam", 1.0), ("other", 0.2, "adam", 0.9), ("far", 0.3, "sgd", 2.0))
    ):
        run = root / name
        run.mkdir(parents=True)
        (run / "config.json").write_text(json.dumps({"lr": lr, "opt": opt, "seed": seed, "out_dir": str(run)}))
        (run / "metrics.jsonl").write_text(json.dumps({"step": 1, "val/loss": loss}) + "\n")
    return root


def names(runs: Path, query: str) -> set[str]:
    return {run["name"] for run in runspect("ls", "-C", runs, query, "--json", "--fields", "name").json()}


def test_runs_are_asked_for_by_what_sets_them_apart(runs: Path) -> None:
    none = runspect("baseline", "-C", runs)
    assert none.code == 1 and "no baseline is set" in none.err
    assert names(runs, "has:differs") == set()
    done = runspect("baseline", "-C", runs, "base")
    assert done.code == 0 and "base is now the baseline of" in done.err
    assert names(runs, "differs = 1") == {"other"}
    assert names(runs, "differs > 1") == {"far"}
    listed = runspect("baseline", "-C", runs, "--json").json()
    assert [(each["place"], each["name"]) for each in listed] == [(str(runs), "base")]
    table = runspect("ls", "-C", runs, "--cols", "name,differs,Δval/loss,Δ%val/loss", "--sort", "name", "--md").out
    assert table.splitlines() == [
        "| name | differs | Δval/loss | Δ%val/loss |",
        "| --- | --- | --- | --- |",
        "| base | 0 | +0.0000 | +0.0% |",
        "| far | 2 | +1.000 | +100.0% |",
        "| other | 1 | -0.1000 | -10.0% |",
    ]
    runspect("name", "-C", runs, "other", "second")
    assert runspect("baseline", "-C", runs, "far").code == 0
    assert names(runs, "differs = 0") == {"far"}
    runspect("undo", "-C", runs)
    assert names(runs, "differs = 0") == {"base"}
    assert "no longer" in runspect("baseline", "-C", runs, "base", "--off").err
    assert names(runs, "has:differs") == set()


def test_a_project_has_its_own_baseline(runs: Path) -> None:
    (runs / "runspect.toml").write_text('ignore = ["opt"]\n')
    runspect("baseline", "-C", runs, "base", "--root")
    assert names(runs, "differs = 1") == {"other", "far"}
    assert runspect("baseline", "--off").code == 2
