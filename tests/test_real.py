"""Logs that real people left: for the formats that are read, the runs hold what independent readers found in the files."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runspect.workspace import Workspace

FORMATS = (
    "tfevents",
    "wandb-run",
    "hf-trainer_state",
    "metrics.csv",
    "progress.csv",
    "results.csv",
    "hydra-run",
    "mlflow-run",
    "sacred",
    "jsonl:scalars.json",
    "jsonl:log.json",
    "jsonl:metrics.json",
)
FLOAT32 = 1e-6
COUNTED = ("n", "min", "max")


@pytest.fixture(scope="module")
def truths(real_logs: Path) -> dict[str, dict[str, Any]]:
    """Repository directory → what independent readers found in it."""
    place = os.environ.get("RUNSPECT_REAL_TRUTH", "")
    if not Path(place).is_dir() or not place:
        pytest.skip("$RUNSPECT_REAL_TRUTH names no directory")
    return {path.stem: json.loads(path.read_text()) for path in Path(place).glob("*.json")}


def test_holds_what_independent_readers_found(real_logs: Path, truths: dict[str, dict[str, Any]]) -> None:
    workspace = Workspace.open((real_logs,))
    try:
        workspace.sync()
        listed = json.loads(workspace.runs_json())
        runs = [json.loads(workspace.run_json(run["uid"])) for run in listed]
    finally:
        workspace.close()
    owner = {file["path"]: run for run in runs for file in run["files"]}
    owner |= {path: run for run in runs for path in run["also_in"]}
    owner |= {run["path"]: run for run in runs}
    wrong = [line for repository, truth in truths.items() for line in _departures(repository, truth, owner)]
    assert wrong == []


def _departures(repository: str, truth: dict[str, Any], owner: dict[str, dict[str, Any]]) -> Iterator[str]:
    for entry in truth["runs"]:
        if entry["format"] not in FORMATS:
            continue
        path = f"{repository}/{entry['path']}" if entry["path"] != "." else repository
        run = owner.get(path) or next((owner[file] for file in owner if file.startswith(f"{path}/")), None)
        if run is None:
            if entry["n_metrics"] if "n_metrics" in entry else entry.get("config"):
                yield f"{path} ({entry['format']}): in no run"
            continue
        if path in run["also_in"]:
            continue
        for name, series in entry.get("metrics", {}).items():
            yield from (f"{path}: {line}" for line in _series(name, series, run, entry))


def _series(name: str, wanted: dict[str, Any], run: dict[str, Any], entry: dict[str, Any]) -> Iterator[str]:
    if name == entry.get("step_column") or not wanted.get("n"):
        return
    got = run["metrics"].get(name) or run["metrics"].get(name.strip())
    if got is None:
        return
    if wanted.get("duplicate_steps") or wanted.get("steps_go_back"):
        return
    # The same metric in a text log of the run is shown from there, as its tool rounded it.
    told_twice = entry["format"] == "tfevents" and any(file["reader"] in ("jsonl", "csv") for file in run["files"])
    for key in COUNTED[:1] if told_twice else COUNTED:
        if not _equal(wanted[key], got[key]):
            yield f"{name}: {key} is {got[key]!r}, not {wanted[key]!r}"


def _equal(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, (int, float)) and isinstance(got, (int, float)):
        return math.isclose(wanted, got, rel_tol=FLOAT32, abs_tol=1e-12)
    return bool(wanted == got)
