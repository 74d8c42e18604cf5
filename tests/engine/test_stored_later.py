"""Runs of a new tree that are stored when their files were read are known before that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runspect.engine import commits, pool
from runspect.engine.crew import Crew
from runspect.engine.intake import Intake
from runspect.engine.pool import Pool
from runspect.model import Progress
from tests.engine.syncing import Bench, bench, log
from tests.engine.test_early import everything
from tests.test_resolve_replay import logs

RUNS = 170


@pytest.fixture(autouse=True)
def ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is as far as it is where walking takes longer."""
    monkeypatch.setattr(Pool, "is_ahead", lambda pool: pool._crew is not None)


def tree(root: Path) -> Path:
    for number in range(RUNS):
        log(root / f"run-{number:03}", range(20))
    return root


def when_some_are_read(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen behind the twentieth piece, and the pieces behind it wait until it was heard."""
    taken: list[int] = []
    commit_some = Intake._commit_some

    def slowly(self: Intake, reading: object, progress: Callable[[Progress], None] | None) -> None:
        taken.append(len(taken))
        if len(taken) == 20:
            happens()
        if 20 <= len(taken) < 40:
            threading.Event().wait(0.06)
        commit_some(self, reading, progress)  # type: ignore[arg-type]

    monkeypatch.setattr(Intake, "_commit_some", slowly)


def paths(one: Bench, root: Path) -> list[str]:
    return [run["path"] for run in one.runs(root)]


def test_they_are_not_counted_twice_when_a_run_appears_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(tmp_path / "new")
    when_some_are_read(monkeypatch, lambda: log(root / "run-late", range(4)))
    with bench(tmp_path / "index.duckdb") as one:
        one.syncer.watch([root])
        one.syncer.sync([root])
        one.until(lambda: "run-late" in paths(one, root))
        one.syncer.sync([root])
        assert paths(one, root) == [*(f"run-{number:03}" for number in range(RUNS)), "run-late"]
        assert one.sql("SELECT count(*) FROM points_now") == [(RUNS * 20 + 4,)]
        assert one.sql("SELECT count(*) FROM runs_now") == [(RUNS + 1,)]


def test_they_are_shown_before_that_where_it_takes_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(tmp_path / "new")
    for number in range(RUNS):
        log(root / f"run-{number:03}", range(20), "valid.jsonl")
    monkeypatch.setattr(commits, "EVERY_S", 0.0)
    monkeypatch.setattr(commits, "SHARE", 0)
    shown: list[int] = []
    commit_some = Intake._commit_some

    with bench(tmp_path / "index.duckdb") as one:

        def noted(self: Intake, reading: object, progress: Callable[[Progress], None] | None) -> None:
            commit_some(self, reading, progress)  # type: ignore[arg-type]
            shown.append(len(paths(one, root)) if not shown else 0)

        monkeypatch.setattr(Intake, "_commit_some", noted)
        one.syncer.sync([root])
        assert shown[0] == RUNS  # when the first of the two files of a run was read
        assert one.sql("SELECT count(*) FROM points_now") == [(RUNS * 40,)]


@pytest.mark.parametrize("what", ["worker", "reading"])
def test_nothing_is_lost_or_doubled_where_it_ends_early(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cancel, begun = tree(tmp_path / "new"), threading.Event(), list[Crew]()
    begin = Crew.__init__

    def noted(self: Crew, *arguments: Any) -> None:
        begin(self, *arguments)
        begun.append(self)

    def end() -> None:
        if what == "reading":
            cancel.set()
        else:
            begun[0]._workers[0].process.kill()

    monkeypatch.setattr(Crew, "__init__", noted)
    when_some_are_read(monkeypatch, end)
    with bench(tmp_path / "index.duckdb") as one:
        one.syncer.sync([root], None, cancel)
        assert len(paths(one, root)) == RUNS
        one.syncer.sync([root])
        assert one.sql("SELECT count(*) FROM points") == [(RUNS * 20,)]
        assert one.sql("SELECT DISTINCT n FROM series_now") == [(20,)]


@pytest.mark.parametrize("name", ["hydra", "ray_tune", "wandb", "mlflow"])
def test_the_end_is_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = logs(name)
    monkeypatch.setattr(pool, "INLINE_FILES", 0)
    with bench(tmp_path / "later.duckdb") as one:
        one.syncer.sync([root])
        found = everything(one, root)
        assert not one.sql("SELECT path FROM runs_now WHERE hidden")
    monkeypatch.setattr(Pool, "is_ahead", lambda _: False)
    with bench(tmp_path / "at_once.duckdb") as one:
        one.syncer.sync([root])
        assert everything(one, root) == found
