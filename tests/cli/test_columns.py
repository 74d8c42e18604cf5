"""Columns on the command line: names of any kind, in `--cols`, `--sort`, `--by` and in saved views."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.program import runspect


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for at, name in enumerate("abc"):
        (tmp_path / name).mkdir()
        params = {"lr": at, "my key": -at, "size, px": 10 * (at // 2)}
        (tmp_path / name / "config.json").write_text(json.dumps(params))
        (tmp_path / name / "metrics.jsonl").write_text(json.dumps({"step": 1, "loss (a, b)": at / 2}) + "\n")
    return tmp_path


def test_quoted_names_survive_in_lists_of_columns(runs: Path) -> None:
    def rows(*words: str) -> list[str]:
        return runspect("ls", "-C", runs, "--csv", *words, "--sort", "name").out.splitlines()

    assert rows("--cols", 'name,"size, px",my key')[1:] == ["a,0,0", "b,0,-1", "c,10,-2"]
    assert rows("--cols", "name lr")[0] == "name,lr"
    assert rows("--cols", '"loss (a, b)":min')[1:] == ["0.0", "0.5", "1.0"]
    assert rows("--cols", "name,loss (a, b):min,lr")[-1] == "c,1.0,2"
    assert rows("--cols", "name", "--sort", '"size, px",my key')[1:] == ["b", "a", "c"]
    assert rows("--cols", "name", "--sort", '-"size, px",my key')[1:] == ["c", "b", "a"]
    assert rows("--cols", 'name,lr - "size, px" * 2')[1:] == ["a,0.0", "b,1.0", "c,-18.0"]


def test_a_time_up_to_the_last_write_has_a_mark(tmp_path: Path) -> None:
    for name, ended in (("open", {}), ("done", {"ended": "2026-01-01T00:10:00+00:00"})):
        (tmp_path / name).mkdir()
        record = {
            "format": "runspect-record",
            "version": 1,
            "status": "unknown",
            "started": "2026-01-01T00:00:00+00:00",
        }
        (tmp_path / name / "run.json").write_text(json.dumps(record | ended))
        os.utime(tmp_path / name / "run.json", (1767226200, 1767226200))  # ten minutes later
    rows = runspect("ls", "-C", tmp_path, "--cols", "name,took", "--sort", "name", "--md").out.splitlines()[2:]
    assert rows == ["| done | 10m |", "| open | ~10m |"]
    assert runspect("ls", "-C", tmp_path, "--cols", "took", "--csv").out.splitlines() == ["took", "600.0", "600.0"]


def test_groups_and_views_take_the_same_lists(runs: Path) -> None:
    (one, other) = runspect("groups", "-C", runs, "--by", '"size, px"', "--cols", "my key,lr", "--json").json()
    assert {one["keys"]["size, px"], other["keys"]["size, px"]} == {0, 10}
    assert set(one["values"]) == {"my key", "lr"}
    saved = runspect("view", "save", "v", "-C", runs, "--cols", 'name,"size, px"', "--sort", '-"my key"')
    assert saved.code == 0
    shown = runspect("view", "show", "v", "-C", runs, "--json").json()
    assert (shown["columns"], shown["sort"]) == (["name", "size, px"], ["-my key"])
    assert runspect("ls", "@v", "-C", runs, "--csv").out.splitlines() == ['name,"size, px"', "a,0", "b,0", "c,10"]
