"""What a program records is one run in the table, live and afterwards."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from runspect.workspace import Workspace
from tests.conftest import FIXTURES
from tests.recorder.programs import run, started


def listed(directory: Path) -> list[dict[str, Any]]:
    """The runs below a directory."""
    workspace = Workspace.open((directory,))
    try:
        workspace.sync()
        runs: list[dict[str, Any]] = json.loads(workspace.runs_json())
        return runs
    finally:
        workspace.close()


def shown(directory: Path, name: str) -> dict[str, Any]:
    """All that is known of a run."""
    workspace = Workspace.open((directory,))
    try:
        workspace.sync()
        found: dict[str, Any] = json.loads(workspace.run_json(name))
        return found
    finally:
        workspace.close()


def test_a_program_is_running_while_it_lives_and_killed_after_kill_9(tmp_path: Path) -> None:
    code = "run = runspect.start(name='x')\nrun.log({'a': 1}, step=1)\ntime.sleep(0.6)\nprint(1, flush=True)\ntime.sleep(60)"
    process = started(tmp_path, code)
    assert process.stdout is not None
    process.stdout.readline()
    (row,) = listed(tmp_path / "runs")
    assert (row["state"], row["reason"]) == ("running", f"pid {process.pid} is alive")
    assert row["metrics"]["a"]["last"] == 1
    process.kill()
    process.communicate()
    (row,) = listed(tmp_path / "runs")
    assert row["state"] == "killed" and f"pid {process.pid} is not alive" in row["reason"]


@pytest.mark.parametrize(
    ("end", "state", "reason"),
    [
        ("run.finish()", "finished", "the tool recorded finished"),
        ("raise ValueError('bad')", "failed", "ValueError: bad"),
        ("raise KeyboardInterrupt", "killed", "interrupted from the keyboard"),
    ],
)
def test_the_end_is_told_with_its_reason(tmp_path: Path, end: str, state: str, reason: str) -> None:
    run(tmp_path, f"run = runspect.start(name='x')\nrun.log({{'a': 1}})\n{end}")
    (row,) = listed(tmp_path / "runs")
    assert (row["state"], row["reason"]) == (state, reason)


@pytest.mark.parametrize("ranks", ["first", "all"])
def test_other_tools_logs_inside_fold_into_the_run(tmp_path: Path, ranks: str) -> None:
    run(tmp_path, f"run = runspect.start(name='x', ranks='{ranks}')\nrun.log({{'own': 1}}, step=1)\nrun.finish()")
    record = tmp_path / "runs" / "x"
    if ranks == "all":
        shutil.copy(record / "metrics.jsonl", record / "metrics-rank3.jsonl")
    wandb = FIXTURES / "wandb/wandb/offline-run-20261123_134658-idfinished01"
    shutil.copytree(wandb, record / "wandb" / wandb.name)
    events = next((FIXTURES / "tensorboard_torch").rglob("events.out.*"))
    (record / "tb").mkdir()
    shutil.copy(events, record / "tb")
    (record / "metrics.csv").write_text("step,val_loss\n1,2.0\n2,1.0\n")
    (record / "console.log").write_text("epoch 1 loss 3\n")
    (row,) = listed(tmp_path / "runs")
    assert {"runspect", "wandb", "tensorboard"} <= set(row["tools"])
    assert {"own", "val_loss"} <= row["metrics"].keys() and len(row["metrics"]) > 4
    assert ("rank3/own" in row["metrics"]) == (ranks == "all")


def test_every_fact_has_its_usual_name(tmp_path: Path) -> None:
    record = tmp_path / "runs" / "x"
    record.mkdir(parents=True)
    head = {
        "format": "runspect-record", "version": 1, "name": "x", "id": "abc", "status": "killed", "reason": "preempted",
        "signal": "SIGTERM", "started": "2026-01-01T00:00:00+00:00", "ended": "2026-01-01T01:00:00+00:00",
        "note": "n", "hypothesis": "h", "tags": ["t"], "argv": ["a"], "executable": "/usr/bin/python3",
        "git": {"root": "/r", "commit": "c", "branch": "b", "remote": "m", "dirty": True, "patch": "patch.diff",
                "patch_sha256": "d", "untracked": ["new.py"]},
        "environment": {"CUDA_VISIBLE_DEVICES": "0"}, "python": "3.12.1", "packages": {"file": "requirements.txt", "sha256": "e"},
        "hardware": {"cpu": "C", "cpus": 8, "memory_bytes": 64, "os": "Linux",
                     "gpus": [{"name": "H100", "memory_bytes": 80, "driver": "550"}, {"name": "H100"}]},
        "scheduler": {"kind": "slurm", "job": "77"},
        "ci": {"kind": "github", "job_url": "https://x/1", "branch": "f", "pull_request": "12", "pipeline": "9"},
        "data": [{"path": "/data/cifar10", "size": 5, "files": 1, "sha256": "f" * 64, "how": "whole"}],
        "seed": 3, "seeds": {"--seed": 3}, "peak": {"memory_bytes": 10, "gpu_memory_bytes": 20}, "config": {"lr": 1},
    }  # fmt: skip
    (record / "run.json").write_text(json.dumps(head))
    found = {name: fact["value"] for name, fact in shown(tmp_path / "runs", "x")["facts"].items()}
    expected = {
        "end_state": "killed", "end_reason": "preempted", "signal": "SIGTERM", "notes": "n", "hypothesis": "h",
        "executable": "/usr/bin/python3", "git_commit": "c", "git_branch": "b", "git_remote": "m", "git_dirty": True,
        "git_root": "/r", "git_patch": "patch.diff", "git_patch_sha256": "d", "git_untracked": ["new.py"],
        "environment": {"CUDA_VISIBLE_DEVICES": "0"}, "python": "3.12.1", "packages": "requirements.txt",
        "packages_sha256": "e", "cpu": "C", "cpu_count": 8, "memory": 64, "os": "Linux", "gpu": "H100", "gpu_count": 2,
        "gpu_memory": 80, "gpu_driver": "550", "scheduler": "slurm", "slurm_job_id": "77", "ci": "github",
        "ci_job_url": "https://x/1", "ci_branch": "f", "ci_pull_request": "12", "ci_pipeline": "9",
        "dataset": "cifar10", "dataset_version": "sha256:ffffffffffffffff", "data": head["data"], "seed": 3,
        "seeds": {"--seed": 3}, "memory_peak": 10, "gpu_memory_peak": 20,
    }  # fmt: skip
    assert {name: found.get(name) for name in expected} == expected
