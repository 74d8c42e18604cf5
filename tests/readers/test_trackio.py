"""What is peculiar to Trackio: JSON in cells, runs that come, go and are renamed in one file, versions without ids."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from runspect.readers.contract import Cursor
from tests.conftest import FIXTURES
from tests.readers.entries import entry_of
from tests.readers.kept import Kept

READER = reader_named("trackio")
OK = "f0c0fe6d408d4053a9dccfc8565bf2b7"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of a project of four runs with 25 rows each."""
    return Path(shutil.copy(FIXTURES / "trackio/trackio/toy.db", tmp_path))


def _change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def _log(run: str, step: int, **metrics: object) -> str:
    told = json.dumps(metrics)
    return (
        "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) "
        f"VALUES ('{run}', '2026-11-24T00:00:00+00:00', 'x', {step}, '{told}')"
    )


def test_rows_that_come_are_added(project: Path) -> None:
    kept = Kept()
    assert len(kept.add(READER.read(project, kept.cursor))) == 4
    _change(project, _log(OK, 25, loss="NaN", eval={"acc": 1}, image={"_type": "trackio.image", "width": 3}))
    assert kept.add(READER.read(project, kept.cursor)) == [OK]
    assert repr(kept.values[OK]["loss"][-1]) == "nan" and kept.steps[OK]["loss"][-1] == 25
    assert kept.values[OK]["eval/acc"] == [1.0] and "image/width" not in kept.values[OK]
    assert kept.add(READER.read(project, kept.cursor)) == []
    assert kept.restarts == 1


def test_rows_in_the_wal_are_seen(project: Path) -> None:
    with closing(sqlite3.connect(project)) as live:
        live.execute(_log(OK, 25, loss=0.5))
        live.commit()
        assert project.with_name("toy.db-wal").stat().st_size
        kept = Kept()
        kept.add(READER.read(project, kept.cursor))
        assert len(kept.values[OK]["loss"]) == 26


def test_settings_are_params_and_trackios_own_are_facts(project: Path) -> None:
    config = {"lr": 1, "_Username": "me", "_Group": "g", "_Created": "2026-01-01T00:00:00+00:00", "_Other": 1}
    _change(project, f"UPDATE configs SET config = '{json.dumps(config)}' WHERE run_id = '{OK}'")
    kept = Kept()
    kept.add(READER.read(project, kept.cursor))
    assert kept.params[OK] == {"lr": 1}
    assert kept.facts[OK] == {
        "name": "run-ok", "project": "toy", "run_id": OK, "user": "me", "group": "g", "started": 1767225600.0,
    }  # fmt: skip


def test_a_run_that_is_renamed_stays_and_one_that_is_deleted_goes(project: Path) -> None:
    kept = Kept()
    kept.add(READER.read(project, kept.cursor))
    _change(project, f"UPDATE configs SET run_name = 'new' WHERE run_id = '{OK}'")
    kept.add(READER.read(project, kept.cursor))
    assert kept.facts[OK]["name"] == "new" and kept.restarts == 1
    _change(project, f"DELETE FROM metrics WHERE run_id = '{OK}'", f"DELETE FROM configs WHERE run_id = '{OK}'")
    assert len(kept.add(READER.read(project, kept.cursor))) == 3
    assert kept.restarts == 2


def test_a_version_without_ids_is_told_apart_by_names(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    _change(
        path,
        "CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT)",
        "CREATE TABLE configs (id INTEGER PRIMARY KEY, run_name TEXT, config TEXT, created_at TEXT)",
        "INSERT INTO metrics VALUES (1, '2025-01-01T00:00:00', '/a', 0, '{\"loss\": 1}'), (2, 'x', 'b', 0, 'noise')",
    )
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and (claim.reader, claim.kind) == ("trackio", "store")
    kept = Kept()
    assert sorted(kept.add(READER.read(path, Cursor()))) == ["./a", "b"]
    assert kept.facts["./a"] == {"name": "/a", "project": "old"} and kept.values == {"./a": {"loss": [1.0]}}
