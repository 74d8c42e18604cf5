"""A record and an archive of it are one run; what an archive holds is there without it."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

from tests.engine.syncing import bench

HEAD = {
    "format": "runspect-record",
    "version": 1,
    "exported": {"uid": "demo:1"},
    "name": "resnet",
    "status": "finished",
    "started": "2026-01-02T03:04:05Z",
    "config": {"lr": 0.1},
    "ids": ["demo:1"],
}


def _record(directory: Path, steps: int = 3) -> Path:
    directory.mkdir(parents=True)
    (directory / "run.json").write_text(json.dumps(HEAD))
    rows = [{"step": step, "time": 1.7e9 + step, "loss": 1 / (1 + step)} for step in range(steps)]
    (directory / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return directory


def _pack(directory: Path, archive: Path) -> None:
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(directory, directory.name)


def test_a_record_and_its_archive(tmp_path: Path) -> None:
    root = tmp_path / "exp"
    record = _record(root / "resnet-1")
    with bench(tmp_path / "index.duckdb") as found:
        found.syncer.sync([str(root)])
        (before,) = found.runs(root)
        _pack(record, root / "artefact.tar.gz")
        found.syncer.sync([str(root)])
        (both,) = found.runs(root)
        assert {key: both[key] for key in before if key != "updated"} == {
            k: v for k, v in before.items() if k != "updated"
        }
        shutil.rmtree(record)
        found.syncer.sync([str(root)])
        (left,) = found.runs(root)
        same = ("uid", "name", "state", "reason", "params", "metrics", "started")
        assert {key: left[key] for key in same} == {key: before[key] for key in same}
        assert left["path"] == "artefact.tar.gz"


def test_an_archive_that_is_written_anew(tmp_path: Path) -> None:
    root = tmp_path / "exp"
    root.mkdir()
    _pack(_record(tmp_path / "a" / "resnet", 3), root / "artefact.tgz")
    with bench(tmp_path / "index.duckdb") as found:
        found.syncer.sync([str(root)])
        assert [run["metrics"]["loss"]["n"] for run in found.runs(root)] == [3]
        _pack(_record(tmp_path / "b" / "resnet", 5), root / "artefact.tgz")
        found.syncer.sync([str(root)])
        assert [run["metrics"]["loss"]["n"] for run in found.runs(root)] == [5]
        (root / "artefact.tgz").unlink()
        found.syncer.sync([str(root)])
        assert [run["state"] for run in found.runs(root)] == ["gone"]
