"""The table first: runs are shown while their tree is still walked, and what is known at the end is the same."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from runspect.engine import discovery, early
from runspect.engine.tree import Tree
from runspect.model import Progress
from tests.engine.syncing import Bench, bench, log
from tests.test_resolve_replay import FORMATS, logs


@pytest.fixture
def at_each_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is counted after each directory."""
    monkeypatch.setattr(early, "FIRST_S", 0.0)
    monkeypatch.setattr(early, "SHARE", 0.0)


def shown_early(one: Bench) -> set[int]:
    """Runs that were told of."""
    return set().union(*(rids for _, rids in one.notified if rids))


def everything(one: Bench, root: Path) -> tuple[list[dict[str, Any]], list[Any]]:
    """All runs with all that they answer to, and the problems; without the numbers of rows."""
    runs = sorted(one.runs(root), key=lambda run: (run["path"], run["uid"]))
    ids = "SELECT runs_now.uid, ids_now.uid FROM ids_now JOIN runs_now USING (rid) WHERE NOT hidden"
    return runs, sorted([*one.sql(ids), *one.sql("SELECT path, what FROM problems_now")], key=str)


@pytest.mark.usefixtures("at_each_directory")
@pytest.mark.parametrize("name", FORMATS)
def test_the_end_is_the_same_and_no_run_that_was_shown_is_gone_again(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logs(name)
    order = random.Random(name)
    monkeypatch.setattr(discovery, "_by_age", lambda _: order.random())
    with bench(tmp_path / "early.duckdb") as one:
        one.syncer.sync([root])
        found = everything(one, root)
        assert not one.sql("SELECT path FROM runs_now WHERE hidden")
    monkeypatch.setattr(early, "FIRST_S", float("inf"))
    with bench(tmp_path / "late.duckdb") as one:
        one.syncer.sync([root])
        assert everything(one, root) == found


@pytest.mark.usefixtures("at_each_directory")
def test_runs_are_shown_before_the_walk_ends_the_newest_first(tmp_path: Path) -> None:
    root = tmp_path / "sweep"
    for number in range(30):
        log(root / f"run-{number:02}", range(3))
        os.utime(root / f"run-{number:02}", (1e9 + number % 10, 1e9 + number % 10))
    with bench(tmp_path / "index.duckdb") as one:
        one.syncer.sync([root])
        first = next(rids for _, rids in one.notified if rids)
        newest = one.sql(f"SELECT path FROM runs_now WHERE rid IN ({', '.join(map(str, first))})")
        assert {str(path)[-1] for (path,) in newest} == {"9"}
        assert len(shown_early(one)) == 30


@pytest.mark.usefixtures("at_each_directory")
def test_parts_of_one_run_are_not_shown_as_runs(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    for name in ("one", "two"):
        log(root / name / "rank_0", range(3))
        log(root / name / "rank_1", range(3))
    with bench(tmp_path / "index.duckdb") as one:
        one.syncer.sync([root])
        assert [run["path"] for run in one.runs(root)] == ["one", "two"]
        assert not one.sql("SELECT path FROM runs_now WHERE hidden")


def test_what_appears_behind_the_walk_is_found_by_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "RACY_S", 0.0)  # as where the walk takes longer
    for number in range(30):
        log(tmp_path / f"run-{number:02}", range(2))
    tree = Tree(str(tmp_path), ())

    def progress(news: Progress) -> None:
        if news.done > 1:
            log(tmp_path / "run-00", range(2), "valid.jsonl")

    tree.scan(".", None, progress)
    assert tree.stale_directories() == {"run-00"}
    assert "run-00/valid.jsonl" not in tree.files
    tree.check(".", None, None)
    assert "run-00/valid.jsonl" in tree.files
