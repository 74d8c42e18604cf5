"""`runspect import`: results without logs, in the journal, beside the runs that have them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.program import runspect

TABLE = """name,lr,acc,state,tags
old-a,1e-3,0.81,finished,base
old-b,3e-4,0.84,failed,base sweep
"""


@pytest.fixture
def exp(tmp_path: Path) -> Path:
    """A directory with a run that has a log, and a table of runs that have none."""
    run = tmp_path / "exp/new"
    run.mkdir(parents=True)
    (run / "metrics.jsonl").write_text("".join(json.dumps({"step": step, "acc": 0.5}) + "\n" for step in range(3)))
    (tmp_path / "exp/results.csv").write_text(TABLE)
    return tmp_path / "exp"


def names(exp: Path, query: str = "") -> list[str]:
    """Names of the runs that match."""
    return sorted(run["name"] for run in runspect("ls", "-C", exp, query, "--json").json())


def test_rows_stand_beside_runs_with_logs(exp: Path) -> None:
    assert names(exp) == ["new"]
    done = runspect("import", exp / "results.csv")
    assert done.code == 0
    assert "took in 2 runs" in done.err
    assert "metric: acc" in done.err
    assert names(exp) == ["new", "old-a", "old-b"]
    assert names(exp, "acc:max > 0.8 tag:sweep lr < 1e-3 state:failed") == ["old-b"]
    shown = runspect("show", "-C", exp, "old-a", "--json").json()
    assert (shown["path"], shown["tools"], shown["params"]) == ("results.csv", ["import"], {"lr": 0.001})
    assert shown["reason"] == "imported from results.csv, row 1"
    assert shown["metrics"]["acc"]["last"] == 0.81
    assert (exp / "results.csv").read_text() == TABLE


def test_again_changes_the_same_runs_and_undo_takes_them_back(exp: Path) -> None:
    runspect("import", exp / "results.csv")
    uids = {run["name"]: run["uid"] for run in runspect("ls", "-C", exp, "--json").json()}
    (exp / "results.csv").write_text(TABLE.replace("0.81", "0.99").replace("old-b,3e-4,0.84,failed,base sweep\n", ""))
    done = runspect("import", exp / "results.csv")
    assert "1 run of an earlier import is a row of it no more, and kept" in done.err
    again = {run["name"]: run for run in runspect("ls", "-C", exp, "--json").json()}
    assert again["old-a"]["uid"] == uids["old-a"]
    assert again["old-a"]["metrics"]["acc"]["last"] == 0.99
    assert runspect("undo", "-C", exp).code == 0
    assert names(exp, "acc:last = 0.81") == ["old-a"]
    assert runspect("undo", "-C", exp).code == 0
    assert names(exp) == ["new"]


def test_runs_outlive_the_index_and_the_table(exp: Path, home: Path) -> None:
    runspect("import", exp / "results.csv")
    runspect("tag", "-C", exp, "old-a", "kept")
    runspect("cache", "--clear")
    (exp / "results.csv").unlink()
    assert names(exp) == ["new", "old-a", "old-b"]
    assert names(exp, "tag:kept state:finished") == ["old-a"]
    shutil.rmtree(exp / "new")
    assert names(exp, "tools:import") == ["old-a", "old-b"]


def test_remove_takes_them_back(exp: Path) -> None:
    runspect("import", exp / "results.csv")
    assert "took back 2 runs" in runspect("import", exp / "results.csv", "--remove").err
    assert names(exp) == ["new"]


def test_a_dry_run_changes_nothing(exp: Path) -> None:
    done = runspect("import", exp / "results.csv", "--dry-run", "--metric", "lr", "--json")
    assert [run["metrics"].keys() for run in done.json()] == [{"lr", "acc"}, {"lr", "acc"}]
    assert names(exp) == ["new"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["missing.csv"], "no such file"),
        (["-"], "needs -C DIR"),
        (["results.csv", "--name", "nane"], "no column is called nane"),
        (["empty.csv"], "no table"),
    ],
)
def test_what_cannot_be_taken_in_is_one_line(exp: Path, words: list[str], complaint: str) -> None:
    (exp / "empty.csv").write_text("name,acc\n")
    done = runspect("import", *words, cwd=exp)
    assert done.code == 2
    assert complaint in done.err
    assert done.err.count("\n") == 1


def test_a_table_comes_from_stdin(exp: Path) -> None:
    done = runspect("import", "-", "-C", exp, stdin=TABLE)
    assert done.code == 0, done.err
    assert names(exp) == ["new", "old-a", "old-b"]
