"""Runs of stores that a recorded program wrote are its record's, and what others wrote into the same store never is."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runspect.recorder.layout import MARK
from tests.engine.syncing import Bench, bench
from tests.readers import make_wandb
from tests.readers.make_mlflow import Database

BEGUN = 1_764_115_200.0
PID = 2**22
"""Of no process: the kernel gives numbers below."""
Row = tuple[str, tuple[str, ...], str | None]


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _record(root: Path, name: str = "resnet", *, at: float = 0, store: str = "mlflow.db", **more: Any) -> None:
    """A run of 100 s that began `at` seconds after `BEGUN` and had the store open from its 10th second on."""
    directory = root / "runs" / name
    directory.mkdir(parents=True, exist_ok=True)
    begun = BEGUN + at
    log = {"path": str(root / store), "from": _iso(begun + 10), "to": _iso(begun + 90)}
    head = {
        "format": "runspect-record", "version": 1, "name": name, "id": f"id-{name}", "status": "finished", "host": "here",
        "pid": PID, "started": _iso(begun), "ended": _iso(begun + 100), "cwd": str(root), "config": {},
        "argv": ["python", "train.py"], "logs": [log], **more,
    }  # fmt: skip
    (directory / "run.json").write_text(json.dumps(head))


@contextmanager
def _store(root: Path, *runs: str, program: str = "train.py", **began: float) -> Iterator[Database]:
    """A store with these runs, which began so many seconds after `BEGUN`, 11 where it is not said."""
    with closing(Database(root / "mlflow.db")) as made:
        for run in runs:
            _run(made, run, began.get(run, 11), program)
        yield made


def _run(made: Database, run: str, began: float, program: str = "train.py") -> None:
    made.run(run, "FINISHED")
    made.sql("UPDATE runs SET start_time = ?, source_name = ? WHERE run_uuid = ?", (BEGUN + began) * 1000, program, run)
    made.log(run, range(3))


@contextmanager
def _bench(root: Path) -> Iterator[Bench]:
    """A bench with its index outside of the tree."""
    with bench(root.parent / f"{root.name}.duckdb") as found:
        yield found


def _told(found: Bench, root: Path) -> set[Row]:
    names = {run["uid"]: run["name"] for run in found.runs(root)}
    return {(run["name"], tuple(run["tools"]), names.get(run["parent"])) for run in found.runs(root)}


ALONE: Row = ("resnet", ("runspect",), None)
FOLDED: Row = ("resnet", ("mlflow", "runspect"), None)


def test_the_only_run_that_the_program_wrote_is_the_record_s(tmp_path: Path) -> None:
    with _store(tmp_path, "aaaa", before=5), _bench(tmp_path) as found:
        _record(tmp_path)
        found.syncer.sync([str(tmp_path)])
        assert _told(found, tmp_path) == {FOLDED}
        found.syncer.sync([str(tmp_path)])
        assert _told(found, tmp_path) == {FOLDED}
        (run,) = found.runs(tmp_path)
        assert (run["uid"], run["metrics"]["loss"]["n"]) == ("runspect:id-resnet", 3)


def test_of_several_it_is_the_parent_and_keeps_what_was_said_of_it(tmp_path: Path) -> None:
    with _store(tmp_path, "aaaa") as made, _bench(tmp_path) as found:
        _record(tmp_path)
        found.syncer.sync([str(tmp_path)])
        found.annotate("runspect:id-resnet", "tag:mine", True)
        _run(made, "bbbb", 20)
        found.syncer.sync([str(tmp_path)])
        children = {("name-aaaa", ("mlflow",), "resnet"), ("name-bbbb", ("mlflow",), "resnet")}
        assert _told(found, tmp_path) == {ALONE, *children}
        assert [run["name"] for run in found.runs(tmp_path) if "mine" in run["tags"]] == ["resnet"]


def test_a_run_within_a_run_stays_its_child(tmp_path: Path) -> None:
    with _store(tmp_path, "aaaa", "bbbb") as made, _bench(tmp_path) as found:
        made.sql("INSERT INTO tags VALUES ('mlflow.parentRunId', 'aaaa', 'bbbb')")
        _record(tmp_path)
        found.syncer.sync([str(tmp_path)])
        assert _told(found, tmp_path) == {FOLDED, ("name-bbbb", ("mlflow",), "resnet")}


@pytest.mark.parametrize(
    ("began", "program"),
    [(-3.0, "train.py"), (3.0, "train.py"), (101.0, "train.py"), (20.0, "other.py")],
    ids=["before the record", "before it had the store open", "behind the record", "another program"],
)
def test_what_others_wrote_is_none_of_it(began: float, program: str, tmp_path: Path) -> None:
    with _store(tmp_path, "cccc", cccc=began, program=program), _bench(tmp_path) as found:
        _record(tmp_path)
        found.syncer.sync([str(tmp_path)])
        assert _told(found, tmp_path) == {ALONE, ("name-cccc", ("mlflow",), None)}


def test_where_others_had_the_store_open_time_tells_nothing(tmp_path: Path) -> None:
    log = {"path": str(tmp_path / "mlflow.db"), "from": _iso(BEGUN), "to": _iso(BEGUN + 90), "shared": True}
    with _store(tmp_path, "aaaa", "bbbb") as made, _bench(tmp_path) as found:
        _record(tmp_path, logs=[log])
        # but the mark that MLflow takes from the environment does
        made.sql("INSERT INTO tags VALUES (?, 'id-resnet', 'bbbb')", MARK)
        found.syncer.sync([str(tmp_path)])
        assert _told(found, tmp_path) == {FOLDED, ("name-aaaa", ("mlflow",), None)}
        assert [run["tags"] for run in found.runs(tmp_path)] == [[], []]


def test_of_two_records_at_once_it_is_nobody_s_unless_it_is_marked(tmp_path: Path) -> None:
    with _store(tmp_path, "aaaa", "bbbb", aaaa=70, bbbb=70) as made, _bench(tmp_path) as found:
        _record(tmp_path)
        _record(tmp_path, "other", at=50)
        made.sql("INSERT INTO tags VALUES (?, 'id-other', 'bbbb')", MARK)
        found.syncer.sync([str(tmp_path)])
        told = {ALONE, ("name-aaaa", ("mlflow",), None), ("other", ("mlflow", "runspect"), None)}
        assert _told(found, tmp_path) == told


def test_a_record_that_was_killed_tells_no_more_than_it_saw(tmp_path: Path) -> None:
    with _store(tmp_path, "aaaa", "bbbb", aaaa=20, bbbb=400), _bench(tmp_path) as found:
        _record(tmp_path, status="running", ended=None)
        found.syncer.sync([str(tmp_path)])
        assert _told(found, tmp_path) == {FOLDED, ("name-bbbb", ("mlflow",), None)}


def test_a_run_that_begins_while_its_record_lives(tmp_path: Path) -> None:
    with _store(tmp_path) as made, _bench(tmp_path) as found:
        _record(tmp_path)
        found.syncer.sync([str(tmp_path)])
        found.syncer.watch([str(tmp_path)])
        _run(made, "aaaa", 30)
        found.until(lambda: _told(found, tmp_path) == {FOLDED}, "the new run")


def test_a_killed_record_that_had_told_nothing_has_the_log_of_its_process(tmp_path: Path) -> None:
    """W&B's debug.log names the process."""
    _record(tmp_path, status="running", ended=None, logs=[])
    _wandb(tmp_path, "20251126_000010-x1", pid=PID)
    _wandb(tmp_path, "20251126_000011-x2", pid=PID + 1)
    with _bench(tmp_path) as found:
        found.syncer.sync([str(tmp_path)])
        told = _told(found, tmp_path)
        assert {tools for _, tools, _ in told} == {("runspect", "wandb"), ("wandb",)}


@pytest.mark.parametrize(("pid", "made", "mine"), [(PID, 10, True), (PID, -7200, False), (PID + 1, 10, False)])
def test_a_log_that_got_no_further_than_its_process(pid: int, made: int, mine: bool, tmp_path: Path) -> None:
    """W&B was killed before it wrote host and start: its directory tells when, its debug.log who."""
    _record(tmp_path, status="running", ended=None, logs=[])
    place = tmp_path / "wandb" / f"offline-run-{time.strftime('%Y%m%d_%H%M%S', time.gmtime(BEGUN + made))}-x1"
    (place / "logs").mkdir(parents=True)
    (place / "logs" / "debug.log").write_text(f"2025-11-26 INFO MainThread:{pid} Configure stats pid to {pid}\n")
    (place / "run-x1.wandb").write_bytes(b"")
    with _bench(tmp_path) as found:
        found.syncer.sync([str(tmp_path)])
        assert {run["name"] for run in found.runs(tmp_path)} == ({"resnet"} if mine else {"resnet", place.name})


@pytest.mark.parametrize("more", [1, 2])
def test_a_killed_record_that_had_told_nothing_has_the_one_log_of_its_time(more: int, tmp_path: Path) -> None:
    _record(tmp_path, status="running", ended=None, logs=[])
    for number in range(more):
        _wandb(tmp_path, f"20251126_00001{number}-x{number}", pid=PID + 1 + number)
    with _bench(tmp_path) as found:
        found.syncer.sync([str(tmp_path)])
        tools = {tools for _, tools, _ in _told(found, tmp_path)}
        assert tools == ({("runspect", "wandb")} if more == 1 else {("runspect",), ("wandb",)})


def test_nor_has_it_what_began_when_it_was_dead(tmp_path: Path) -> None:
    _record(tmp_path, status="running", ended=None, logs=[])
    os.utime(tmp_path / "runs" / "resnet" / "run.json", (BEGUN, BEGUN + 5))
    _wandb(tmp_path, "20251126_000010-x", pid=PID + 1)
    with _bench(tmp_path) as found:
        found.syncer.sync([str(tmp_path)])
        assert {tools for _, tools, _ in _told(found, tmp_path)} == {("runspect",), ("wandb",)}


def _wandb(root: Path, name: str, pid: int) -> None:
    place = root / "wandb" / f"offline-run-{name}"
    (place / "files").mkdir(parents=True)
    (place / "logs").mkdir()
    (place / "logs" / "debug.log").write_text(f"2025-11-26 INFO MainThread:{pid} Configure stats pid to {pid}\n")
    about = {"host": "here", "startedAt": _iso(BEGUN + 10), "program": str(root / "train.py")}
    (place / "files" / "wandb-metadata.json").write_text(json.dumps(about))
    key = name.rpartition("-")[2]
    (place / f"run-{key}.wandb").write_bytes(make_wandb.log([make_wandb.run(1, key, start=int(BEGUN) + 10)]))
