"""Databases that somebody writes to: what waits in the write-ahead log is followed, and a lock is waited for."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from runspect.engine.members import Stamp, extended
from runspect.model import Claim
from tests.conftest import FIXTURES
from tests.engine.syncing import Bench, bench
from tests.readers.make_aim import double, integer, key, log_of

AIM_RUN = "8610275e22b745fdbeea551a"
RUN = "f0c0fe6d408d4053a9dccfc8565bf2b7"


def _log(db: sqlite3.Connection, step: int) -> None:
    row = (RUN, "2026-11-24T00:00:00+00:00", "run-ok", step, json.dumps({"loss": 0.5}))
    db.execute("INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) VALUES (?, ?, ?, ?, ?)", row)
    db.commit()


def _count(made: Bench) -> int:
    found: int = next(run["metrics"]["loss"]["n"] for run in made.runs() if run["name"] == "run-ok")
    return found


def _reached(made: Bench, count: int) -> bool:
    return _count(made) == count


def test_rows_that_wait_in_the_log_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "tree/toy.db"
    path.parent.mkdir()
    shutil.copy(FIXTURES / "trackio/trackio/toy.db", path)
    with bench(tmp_path / "index.duckdb") as made, closing(sqlite3.connect(path)) as db:
        made.syncer.sync([tmp_path / "tree"])
        assert _count(made) == 25
        made.syncer.watch([tmp_path / "tree"])
        made.until(lambda: made.syncer.mode_of(tmp_path / "tree") != "", "armed")
        for step in (25, 26):
            before = path.stat()
            _log(db, step)
            made.until(partial(_reached, made, step + 1), f"step {step}")
            assert (path.stat().st_size, path.stat().st_mtime) == (before.st_size, before.st_mtime)
        assert len(made.runs()) == 4


def test_a_database_is_as_large_and_new_as_its_log(tmp_path: Path) -> None:
    path = Path(shutil.copy(FIXTURES / "trackio/trackio/toy.db", tmp_path))
    with closing(sqlite3.connect(path)) as db:
        _log(db, 25)
        before = _stamp(path)
        assert _stamp(path) == before
        assert before.size > path.stat().st_size
        _log(db, 26)
        assert _stamp(path) != before


def _stamp(path: Path) -> Stamp:
    claim = Claim("trackio", path.name, path.name, "tool", "store")
    return extended(str(path.parent), path.name, Stamp.of(path.stat()), claim)[0]


def test_a_database_that_is_locked_is_read_later(tmp_path: Path) -> None:
    path = tmp_path / "tree/study.db"
    path.parent.mkdir()
    shutil.copy(FIXTURES / "optuna/study.db", path)
    with bench(tmp_path / "index.duckdb") as made:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("BEGIN EXCLUSIVE")
            made.syncer.sync([tmp_path / "tree"])
            assert made.runs() == []
        made.syncer.sync([tmp_path / "tree"])
        assert len(made.runs()) == 9


def test_a_lock_takes_no_run_away(tmp_path: Path) -> None:
    path = tmp_path / "tree/study.db"
    path.parent.mkdir()
    shutil.copy(FIXTURES / "optuna/study.db", path)
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("BEGIN EXCLUSIVE")
            path.touch()
            (path.parent / "another").touch()
            made.syncer.sync([tmp_path / "tree"])
            assert [run["state"] for run in made.runs()].count("finished") == 7
            db.execute("UPDATE trials SET state = 'COMPLETE' WHERE state = 'RUNNING'")
            db.execute("COMMIT")
        made.until(partial(_all_ended, made), "read again by itself")


def _all_ended(made: Bench) -> bool:
    return not any(run["state"] == "unknown" for run in made.runs())


def test_a_live_run_of_aim_is_followed_though_the_list_of_runs_stands_still(tmp_path: Path) -> None:
    repository = Path(shutil.copytree(FIXTURES / "aim/.aim", tmp_path / "tree/.aim"))
    (repository / "meta/progress").mkdir(exist_ok=True)
    (repository / f"meta/progress/{AIM_RUN}").touch()
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        assert [run["metrics"]["loss"]["n"] for run in made.runs()] == [20]
        place = ("seqs", "v2", "chunks", AIM_RUN, 0x877498E10D416F95, "loss")
        writes = {key(*place, "val", 7): double(0.125), key(*place, "step", 7): integer(20)}
        log_of(repository / f"seqs/chunks/{AIM_RUN}/000012.log", (900, dict(writes)))
        made.syncer.sync([tmp_path / "tree"])
        assert [run["metrics"]["loss"]["n"] for run in made.runs()] == [21]


def test_a_store_that_is_damaged_keeps_what_it_told_and_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "tree/toy.db"
    path.parent.mkdir()
    shutil.copy(FIXTURES / "trackio/trackio/toy.db", path)
    whole = path.read_bytes()
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([path.parent])
        before = {run["name"]: run["metrics"] for run in made.runs()}
        assert before
        for torn in (whole[: len(whole) // 2 + 100], whole[:8192], whole[:4096] + bytes(len(whole) - 4096)):
            path.write_bytes(torn)
            made.syncer.sync([path.parent])
            assert {run["name"]: run["metrics"] for run in made.runs()} == before
            assert not {run["state"] for run in made.runs()} & {"gone"}
            assert len(made.sql("SELECT what FROM problems_now")) == 1
        path.write_bytes(whole)
        made.syncer.sync([path.parent])
        assert made.sql("SELECT what FROM problems_now") == []
        assert {run["name"]: run["metrics"] for run in made.runs()} == before


def test_a_damaged_database_that_nobody_knows_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "tree/toy.db"
    path.parent.mkdir()
    path.write_bytes((FIXTURES / "trackio/trackio/toy.db").read_bytes()[:8192])
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([path.parent])
        assert made.runs() == []
        assert len(made.sql("SELECT what FROM problems_now")) == 1
