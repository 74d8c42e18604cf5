"""What is said where nothing matches, and where something is named that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import runspect


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for name, opt in (("a", "adam"), ("b", "sgd"), ("c", "adamw")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps({"opt": opt, "name len": 1}))
        (tmp_path / name / "metrics.jsonl").write_text(json.dumps({"step": 1, "loss": ord(name)}) + "\n")
    return tmp_path


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("opt = adma", "no run matches opt = adma; did you mean adam or adamw?\n"),
        ('opt=sgdd "name len":1', "no run matches opt = sgdd; did you mean sgd?\n"),
        ("opt=sgd zzz loss > 1e9", "no run matches zzz\nno run matches loss > 1e9\n"),
        ("opt=sgd name:a", "each condition matches some run, but no run matches all of them\n"),
        ("-opt:*", " live\n"),
        ("star", "no run matches star; did you mean star:yes?\n"),
        ("starr", " live\n"),
        ("state:failed", " live\n"),
    ],
)
def test_an_empty_list_says_which_condition_no_run_fulfils(runs: Path, query: str, said: str) -> None:
    done = runspect("ls", "-C", runs, query)
    assert done.code == 0 and done.err.endswith(said)
    assert runspect("ls", "-C", runs, query, "--json").err == ""


def test_archived_runs_that_would_match_are_told(runs: Path) -> None:
    assert runspect("archive", "-C", runs, "a").code == 0
    assert runspect("ls", "-C", runs, "opt=adam").err.endswith(
        "1 run that would match is archived, and left out here\n"
    )
    assert runspect("ls", "-C", runs, "archived:yes", "-a", "--cols", "name", "--csv").out == "name\na\n"


def test_near_names_of_views_and_what_was_replaced(runs: Path) -> None:
    assert "saved as" in runspect("view", "save", "ablation", "opt:adam", "-C", runs).err
    assert "replaced" in runspect("view", "save", "ablation", "opt:sgd", "-C", runs).err
    assert "did you mean @ablation?" in runspect("ls", "@ablatoin", "-C", runs).err


def test_words_that_may_be_left_out_and_options_that_do_not_go_together(runs: Path) -> None:
    assert runspect("query", "opt:adam", "-C", runs).out == runspect("query", "explain", "opt:adam", "-C", runs).out
    assert "goes with --json" in runspect("ls", "-C", runs, "--fields", "name").err


def test_groups_and_pivots_as_markdown(runs: Path) -> None:
    table = runspect("groups", "-C", runs, "--by", "opt", "--cols", "loss:min", "--md").out.splitlines()
    assert table[:2] == ["| opt | runs | loss:min |", "| --- | --- | --- |"] and len(table) == 5
    matrix = runspect("pivot", "-C", runs, "opt", "name len", "loss:min", "--md").out.splitlines()
    assert matrix[0] == "| opt \\ name len | 1 |" and "| adam | 97.00 * |" in matrix


@pytest.mark.parametrize("query", ["name:run*", "name = run2", "name in [run2, x]", "name:r?n2", "-name:nobody*"])
def test_a_run_is_found_by_the_name_that_is_shown_below_a_watched_directory(tmp_path: Path, query: str) -> None:
    for place in ("a/run1", "a/run2", "b/run2"):
        (tmp_path / "exp" / place).mkdir(parents=True)
        (tmp_path / "exp" / place / "metrics.jsonl").write_text(
            json.dumps({"step": 1, "loss": len(place) + ord(place[0])}) + "\n"
        )
    assert len(runspect("ls", "-C", tmp_path / "exp", "--json").json()) == 3
    found = runspect("ls", "-C", tmp_path / "exp" / "a", query, "--json", "--fields", "name").json()
    assert {"name": "run2"} in found
    other = runspect("ls", "-C", tmp_path / "exp" / "a", "name != run2", "--json", "--fields", "name").json()
    assert other == [{"name": "run1"}]
