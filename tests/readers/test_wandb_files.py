"""The files beside a W&B log, and the paths that they are known by."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from runspect.readers.contract import Batch, read_all
from runspect.readers.wandb_files import READER
from runspect.readers.wandb_paths import wandb_run_id, wandb_run_root
from tests.readers.entries import entry_of, found_in

RUN = "wandb/run-20240101_000000-abc"


@pytest.mark.parametrize(
    ("path", "root"),
    [
        (f"{RUN}/files/config.yaml", RUN),
        (f"exp/{RUN}/files/media/images/x.png", f"exp/{RUN}"),
        ("wandb/offline-run-20240101_000000-abc/run-abc.wandb", "wandb/offline-run-20240101_000000-abc"),
        ("run-20240101_000000-abc/x", "run-20240101_000000-abc"),
        ("wandb/latest-run/files/config.yaml", "wandb/latest-run"),
        ("wandb/latest-run", None),
        ("wandb/debug.log", None),
        ("latest-run/config.yaml", None),
        ("run-20240101_000000-abc", None),
        ("runs/run-1/config.yaml", None),
    ],
)
def test_the_run_directory_is_found_in_a_path(path: str, root: str | None) -> None:
    assert wandb_run_root(path) == root


def test_the_id_is_in_the_directory_or_in_the_name_of_the_log() -> None:
    assert wandb_run_id(RUN) == "abc"
    assert wandb_run_id("wandb/latest-run", ["files", "run-x1-y.wandb"]) == "x1-y"
    assert wandb_run_id("wandb/latest-run", ["files"]) == ""
    assert wandb_run_id(f"{RUN}-1", ["run-abc.wandb", "files"]) == "abc"
    assert wandb_run_id(f"{RUN}-1", ["run-abc-1.wandb", "files"]) == "abc-1"
    assert wandb_run_id(f"{RUN}-1") == "abc-1"


def read(tmp_path: Path, name: str, text: str) -> Batch:
    path = tmp_path / RUN / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    claim = READER.claim(entry_of(tmp_path, path))
    assert claim is not None
    assert (claim.root, claim.rank, claim.hint("id")) == (RUN, "tool", "wandb-id:abc")
    (batch,) = read_all(READER, path)
    return batch


def test_config_values_are_unwrapped(tmp_path: Path) -> None:
    text = "wandb_version: 1\n_wandb:\n  value: {t: 1}\nlr:\n  desc: null\n  value: 1e-3\nmodel:\n  value: {depth: 2}\n"
    assert read(tmp_path, "files/config.yaml", text).params == {"lr": 0.001, "model.depth": 2}


def test_metadata_gives_facts_and_its_times_are_utc(tmp_path: Path) -> None:
    text = """{"os": "Linux", "startedAt": "2023-02-21T22:26:10.5", "heartbeatAt": "2023-02-21T22:26:11Z", "cuda": null,
    "args": ["--lr", "1"], "program": "train.py", "root": "/w", "username": "me", "gpu": "H100", "gpu_count": 2,
    "git": {"remote": "r", "commit": "c"}, "slurm": {"job_id": "7"}, "memory": {"total": 2.0}, "cpu_count": 4}"""
    assert read(tmp_path, "files/wandb-metadata.json", text).facts == {
        "os": "Linux", "started": 1677018370.5, "heartbeat": 1677018371.0, "args": ["--lr", "1"], "program": "train.py",
        "command": "train.py --lr 1", "cwd": "/w", "user": "me", "gpu": "H100", "gpu_count": 2, "git_remote": "r",
        "git_commit": "c", "slurm_job_id": "7", "memory": 2 << 30, "cpu_count": 4,
    }  # fmt: skip


def test_the_summary_tells_when_the_run_was_last_heard_of_and_what_may_stand_in_no_row(tmp_path: Path) -> None:
    derived = '"acc": {"max": 0.9}, "sample": {"_type": "image-file", "size": 3}'
    text = f'{{"test": {{"acc": 0.5}}, "best": "a", {derived}, "_step": 7, "_timestamp": 1700000000.5}}'
    batch = read(tmp_path, "files/wandb-summary.json", text)
    assert batch.facts == {"heartbeat": 1700000000.5}
    ((name, points),) = batch.points.items()
    assert (name, *points.steps, *points.times, *points.values) == ("test.acc", 7, 1700000000.5, 0.5)


def test_the_process_id_is_in_the_debug_log(tmp_path: Path) -> None:
    text = "2024-01-01 INFO Current SDK version is 0.15\n2024-01-01 INFO Configure stats pid to 4242\n"
    assert read(tmp_path, "logs/debug.log", text).facts == {"pid": 4242}


def test_requirements_are_named_not_read(tmp_path: Path) -> None:
    assert read(tmp_path, "files/requirements.txt", "torch==2\n").facts == {"packages": "files/requirements.txt"}


def test_a_patch_tells_that_something_was_uncommitted(tmp_path: Path) -> None:
    assert read(tmp_path, "files/diff.patch", "diff --git a/x b/x\n").facts == {
        "git_patch": "files/diff.patch",
        "git_dirty": True,
    }


def test_half_a_file_is_a_problem(tmp_path: Path) -> None:
    batch = read(tmp_path, "files/wandb-summary.json", '{"loss": ')
    assert [problem.what for problem in batch.problems] == ["JSON that ends in the middle"]


@pytest.mark.parametrize(
    "name", ["files/sub/config.yaml", "files/wandb-history.jsonl", "logs/config.yaml", "code/debug.log"]
)
def test_other_files_are_left_to_others(tmp_path: Path, name: str) -> None:
    path = tmp_path / RUN / name
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    assert READER.claim(entry_of(tmp_path, path)) is None


def test_before_0_10_the_rows_lie_beside_the_config(tmp_path: Path) -> None:
    root = tmp_path / RUN
    root.mkdir(parents=True)
    (root / "wandb-history.jsonl").write_text(
        '{"loss": 1.0, "a": {"b": 2}, "hist": {"_type": "histogram", "values": [1]}, "_step": 0, "_runtime": 1}\n'
        '{"loss": NaN, "_step": 5, "_runtime": 2}\n{"loss": 0.5, "_step": 9, "_timestamp": 1558347011.5}\n'
    )
    entry = entry_of(tmp_path, root / "wandb-history.jsonl")
    claim = claim_file(entry)
    assert claim is not None and (claim.reader, claim.root) == ("wandb-jsonl", RUN)
    found = found_in(reader_named(claim.reader), entry.absolute)
    assert found.steps == {"loss": [0, 5, 9], "a.b": [0]} and found.times["loss"][-1] == 1558347011.5
    assert read(tmp_path, "wandb-metadata.json", '{"state": "failed", "exitcode": 1}').facts["end_state"] == "failed"
    assert "end_state" not in read(tmp_path, "wandb-metadata.json", '{"state": "running"}').facts
