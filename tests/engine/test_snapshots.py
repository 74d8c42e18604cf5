"""What is kept of a run that ended: of those that were seen to live, not of all that were just found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.engine.annotations import Annotations
from runspect.journal import Journal
from tests.engine.syncing import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(tmp_path / "index.duckdb")
    yield one
    one.close()


def write(root: Path, name: str, status: str) -> None:
    run = root / name
    run.mkdir(parents=True, exist_ok=True)
    about = {"format": "runspect-record", "version": 1, "id": name, "name": name, "status": status}
    (run / "run.json").write_text(json.dumps(about))
    (run / "metrics.jsonl").write_text('{"step": 1, "loss": 0.5}\n')


def test_runs_whose_end_was_only_read_later_are_not_kept(
    tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runspect.engine.annotations.ENDS_S", 0.0)
    root, busy = tmp_path / "exp", [True]
    journal = Journal([tmp_path / "journal"], "here", "ada")
    annotations = Annotations(bench.store, journal, lambda rids, progress: None, lambda: None, None, lambda: busy[0])

    def look(status: str, name: str) -> str:
        write(root, name, status)
        bench.syncer.sync([root])
        annotations.refresh()
        return "".join(path.read_text() for path in (tmp_path / "journal").glob("*.jsonl"))

    look("running", "copied")
    assert bench.runs(root)[0]["state"] == "running"
    look("finished", "copied")
    busy[0] = False
    look("running", "seen")
    told = look("finished", "seen")
    assert '"run:runspect:seen"' in told and "copied" not in told
    annotations.close()
