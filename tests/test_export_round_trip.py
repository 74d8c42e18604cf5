"""Every run of the corpus, whatever tool logged it, exported and read back: the same runs, point for point."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from runspect.cli.main import main
from runspect.workspace import Workspace
from runspect.workspace.exporting import Exported, exported

CORPUS = Path(os.environ.get("RUNSPECT_CORPUS") or "/nonexistent")
FORMATS = sorted(entry.name for entry in CORPUS.iterdir() if entry.is_dir()) if CORPUS.is_dir() else []
SAME = (
    "name", "project", "group", "state", "reason", "started", "ended", "updated", "steps", "host", "parent", "params", "tags",
    "note", "metrics",
)  # fmt: skip
OTHER_FACTS = {
    "end_state": "the state that was decided from all evidence stands in the record; a tool's own `running` was only a part of it",
    "end_reason": "likewise the reason; an empty one is left out",
}
"""Facts that an export tells otherwise, and why."""


@dataclass(frozen=True, slots=True)
class Both:
    """The runs of the corpus and what was read back of each, by the uid of the first; points as `series` gives them."""

    before: Mapping[str, dict[str, Any]]
    after: Mapping[str, dict[str, Any]]
    points_before: Mapping[str, dict[str, Any]]
    points_after: Mapping[str, dict[str, Any]]
    parquet: Mapping[str, dict[str, Any]]
    rows: Mapping[str, dict[str, Any]]
    """Of runs.parquet."""
    archived: Mapping[str, dict[str, Any]]
    """Read from an archive of the export, as a build artefact is."""
    points_archived: Mapping[str, dict[str, Any]]
    report: dict[str, Any]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """One export of the whole corpus, with one engine."""
    if not FORMATS:
        pytest.skip("$RUNSPECT_CORPUS names no directory")
    place = tmp_path_factory.mktemp("export")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNSPECT_HOME", str(place / "home"))
        taken = place / "taken"
        assert main(["export", "-C", str(CORPUS), "--to", str(taken), "--show-secrets", "-a"]) == 0
        before, points_before = _read(CORPUS)
        read, points = _read(taken)
        heads = {path.parent.name: json.loads(path.read_bytes()) for path in taken.glob("*/run.json")}
        sources = {run["uid"]: heads[run["path"]]["exported"]["uid"] for run in read.values()}
        report = {"heads": heads, "parquet": sorted(path.name for path in taken.glob("*.parquet"))}
        packed = place / "artefacts"
        packed.mkdir()
        with tarfile.open(packed / "taken.tar.gz", "w:gz") as archive:
            archive.add(taken, "taken", filter=lambda info: None if info.name.endswith(".parquet") else info)
        unpacked, points_packed = _read(packed)
        keys = {f"taken/{name}": head["exported"]["uid"] for name, head in heads.items()}
        places = {uid: keys[run["key"]] for uid, run in unpacked.items()}
        yield Both(
            before,
            {sources[uid]: run for uid, run in read.items()},
            points_before,
            {sources[uid]: series for uid, series in points.items()},
            _series_of(pq.read_table(taken / "points.parquet")),
            {row["uid"]: row for row in pq.read_table(taken / "runs.parquet").to_pylist()},
            {places[uid]: run for uid, run in unpacked.items()},
            {places[uid]: series for uid, series in points_packed.items()},
            report,
        )
        workspace = Workspace.open((), start=False)
        workspace.stop_engine()
        workspace.close()


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_read_back_is_the_same(name: str, both: Both) -> None:
    runs = {uid: run for uid, run in both.before.items() if run["path"].split("/")[0] == name}
    assert runs, "nothing was found there"
    for uid, run in runs.items():
        back = both.after[uid]
        assert {key: back[key] for key in SAME} == {key: run[key] for key in SAME}, run["path"]
        assert set(back["tools"]) == {*run["tools"], "runspect"}
        kinds = {key: type(value) for key, value in run["params"].items()}
        assert {key: type(value) for key, value in back["params"].items()} == kinds
        facts = {key: fact for key, fact in run["facts"].items() if key not in OTHER_FACTS}
        facts["tags"] = sorted(map(str, facts.get("tags", [])))
        assert {key: _plain(back["facts"].get(key, [])) for key in facts} == {k: _plain(v) for k, v in facts.items()}
        _assert_equal(both.points_before[uid], both.points_after[uid], run["path"])


@pytest.mark.parametrize("name", FORMATS)
def test_the_tables_hold_the_same(name: str, both: Both) -> None:
    for uid, run in both.before.items():
        if run["path"].split("/")[0] != name:
            continue
        _assert_equal(both.points_before[uid], both.parquet.get(uid, {}), run["path"])
        row = both.rows[uid]
        assert (row["name"], row["state"], row["reason"]) == (run["name"], run["state"], run["reason"])
        assert json.loads(row["params"]) == run["params"] and row["tags"] == run["tags"]
        typed = {key.removeprefix("params."): value for key, value in row.items() if key.startswith("params.")}
        for key, value in run["params"].items():
            assert typed.get(key) == (value if type(value) is type(typed.get(key)) else typed.get(key))
            assert value is None or typed[key] is not None
        told = {metric["name"]: (metric["n"], metric["last_step"]) for metric in row["metrics"]}
        assert told == {key: (metric["n"], metric["last_step"]) for key, metric in run["metrics"].items()}


@pytest.mark.parametrize("name", FORMATS)
def test_an_archive_of_it_holds_the_same(name: str, both: Both) -> None:
    for uid, run in both.after.items():
        if both.before[uid]["path"].split("/")[0] != name:
            continue
        back = both.archived[uid]
        same = [key for key in SAME if key != "updated"]  # of a file of many runs, the newest record of each
        assert {key: back[key] for key in same} == {key: run[key] for key in same}
        _assert_equal(both.points_after[uid], both.points_archived[uid], run["path"])


def test_no_run_is_lost_and_none_made(both: Both) -> None:
    assert both.before.keys() == both.after.keys() == both.rows.keys() == both.archived.keys()
    assert both.report["parquet"] == ["points.parquet", "runs.parquet"]


def _read(directory: Path) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Runs by uid; their points by uid."""
    workspace = Workspace.open((directory,))
    try:
        workspace.sync()
        rids = workspace.order(archived=True).rids
        runs, points = {}, {}
        for each in exported(workspace, rids, show_secrets=True):
            runs[each.run["uid"]] = dict(each.run)
            points[each.run["uid"]] = _series(each)
        return runs, points
    finally:
        workspace.close()


def _series(each: Exported) -> dict[str, Any]:
    """(step, time, value) arrays by metric."""
    found: dict[str, list[list[Any]]] = {}
    for stretch in each.stretches():
        for code, metric in enumerate(stretch.metrics):
            mask = stretch.arrays["code"] == code
            if mask.any():
                own = found.setdefault(metric, [[], [], []])
                for part, key in zip(own, ("step", "time", "value"), strict=True):
                    part.append(stretch.arrays[key][mask])
    return {metric: [np.concatenate(part) for part in parts] for metric, parts in found.items()}


def _series_of(table: Any) -> dict[str, dict[str, Any]]:
    frame: dict[str, dict[str, list[list[float]]]] = {}
    micro = table.column("time").cast("int64").to_pylist()
    columns = [table.column(key).to_pylist() for key in ("uid", "metric", "step", "value")]
    for uid, metric, step, value, time in zip(*columns, micro, strict=True):
        own = frame.setdefault(uid, {}).setdefault(metric, [[], [], []])
        for part, each in zip(own, (step, np.nan if time is None else time / 1e6, value), strict=True):
            part.append(each)
    return {uid: {m: [np.array(part) for part in parts] for m, parts in own.items()} for uid, own in frame.items()}


def _assert_equal(one: Mapping[str, Any], other: Mapping[str, Any], path: str) -> None:
    assert one.keys() == other.keys(), path
    for metric, (steps, times, values) in one.items():
        assert np.array_equal(steps, other[metric][0]), (path, metric, "steps")
        assert np.array_equal(times, other[metric][1], equal_nan=True), (path, metric, "times")
        assert np.array_equal(values, other[metric][2], equal_nan=True), (path, metric, "values")


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, list) else value
