"""What a recorded run wrote elsewhere is its own, in whatever order files appear, and wherever the tree is moved to."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.engine.syncing import Bench, bench
from tests.readers.make_tfevents import event, record, simple, summary, version

BEGUN = 1_764_115_200.0


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _head(root: Path, *logs: Path, status: str = "finished", **more: Any) -> None:
    directory = root / "runs" / "resnet"
    directory.mkdir(parents=True, exist_ok=True)
    head = {
        "format": "runspect-record",
        "version": 1,
        "name": "resnet",
        "id": "r1",
        "status": status,
        "host": "box",
        "pid": 77,
        "started": _iso(BEGUN),
        "ended": _iso(BEGUN + 100) if status != "running" else None,
        "cwd": str(root),
        "config": {"lr": 0.1},
        "logs": [{"path": str(path), "from": _iso(BEGUN + 1), "to": _iso(BEGUN + 90)} for path in logs],
        **more,
    }
    (directory / "run.json").write_text(json.dumps(head))


def _csv(root: Path) -> Path:
    path = root / "lightning_logs" / "version_0" / "metrics.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("step,loss\n1,0.5\n2,0.25\n")
    (path.parent / "hparams.yaml").write_text("dropout: 0.3\n")
    return path


def _told(found: Bench, root: Path) -> list[tuple[Any, ...]]:
    return [(run["path"], run["name"], run["params"], sorted(run["metrics"])) for run in found.runs(root)]


ONE = [("runs/resnet", "resnet", {"lr": 0.1, "dropout": 0.3}, ["loss"])]


@pytest.mark.parametrize("first", ["logs", "record"])
def test_the_order_of_appearance_does_not_matter(tmp_path: Path, first: str) -> None:
    root = tmp_path / "proj"
    root.mkdir()
    path = root / "lightning_logs" / "version_0" / "metrics.csv"
    steps: list[Callable[[], object]] = [lambda: _csv(root), lambda: _head(root, path)]
    with bench(tmp_path / "index.duckdb") as found:
        for step in steps if first == "logs" else reversed(steps):
            step()
            found.syncer.sync([str(root)])
        assert _told(found, root) == ONE


def test_a_record_that_learns_of_a_log_while_it_runs(tmp_path: Path) -> None:
    root = tmp_path / "proj"
    path = _csv(root)
    _head(root, status="running")
    with bench(tmp_path / "index.duckdb") as found:
        found.syncer.sync([str(root)])
        assert len(found.runs(root)) == 2
        (apart,) = (run for run in found.runs(root) if run["name"] != "resnet")
        found.annotate(apart["uid"], "tag:mine", True)
        found.syncer.watch([str(root)])
        _head(root, path, status="running")
        found.until(lambda: _told(found, root) == ONE, "the log is the record's")
        # what was said of the log's run is said of the record's
        assert found.runs(root)[0]["tags"] == ["mine"]
        path.write_text(path.read_text() + "3,0.125\n")
        found.until(lambda: found.runs(root)[0]["metrics"]["loss"]["n"] == 3, "a new point")


def test_a_tree_that_was_moved(tmp_path: Path) -> None:
    root = tmp_path / "proj"
    path = _csv(root)
    _head(root, path, git={"root": str(root)})
    moved = tmp_path / "elsewhere" / "clone"
    shutil.copytree(root, moved)
    shutil.rmtree(root)
    with bench(tmp_path / "index.duckdb") as found:
        found.syncer.sync([str(tmp_path / "elsewhere")])
        ((place, *rest),) = _told(found, tmp_path / "elsewhere")
        assert (place, *rest) == ("clone/runs/resnet", *ONE[0][1:])


def test_a_record_that_was_killed_before_it_told_of_any_log(tmp_path: Path) -> None:
    root = tmp_path / "proj"
    _head(root, status="running")
    board = root / "tb" / "x"
    board.mkdir(parents=True)
    start = int(BEGUN) + 5
    events = [event(start + step, step, summary(simple("loss", 1 / (1 + step)))) for step in range(4)]
    content = b"".join(map(record, (version(start), *events)))
    (board / f"events.out.tfevents.{start}.box.77.0").write_bytes(content)
    with bench(tmp_path / "index.duckdb") as found:
        found.syncer.sync([str(root)])
        (run,) = found.runs(root)
        assert (run["path"], run["metrics"]["loss"]["n"]) == ("runs/resnet", 4)


@pytest.mark.parametrize("first", ["logs", "record"])
def test_a_log_below_another_watched_directory_is_its_child(first: str, tmp_path: Path) -> None:
    root, scratch = tmp_path / "proj", tmp_path / "scratch"
    path = _csv(scratch)
    _head(root, path)
    order = [str(scratch), str(root)] if first == "logs" else [str(root), str(scratch)]
    with bench(tmp_path / "index.duckdb") as found:
        found.syncer.sync(order)
        found.until(lambda: _parent(found, scratch) == "runspect:r1", "the log is the record's child")
        assert [run["uid"] for run in found.runs(root)] == ["runspect:r1"]
    with bench(tmp_path / "index.duckdb") as found:  # the record's tree is not looked at
        path.write_text(path.read_text() + "3,0.125\n")
        (scratch / "other").mkdir()
        found.syncer.sync([str(scratch)])
        assert _parent(found, scratch) == "runspect:r1"


def test_a_log_below_another_watched_directory_that_two_records_wrote_is_nobody_s(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    path = _csv(scratch)
    for name in ("one", "two"):
        _head(tmp_path / name, path)
        shutil.move(tmp_path / name / "runs" / "resnet", tmp_path / name / "runs" / name)
    with bench(tmp_path / "index.duckdb") as found:
        found.syncer.sync([str(tmp_path / "one"), str(tmp_path / "two"), str(scratch)])
        assert _parent(found, scratch) is None


def _parent(found: Bench, root: Path) -> Any:
    (run,) = found.runs(root)
    return run["parent"]
