"""Keras: tables of any name, backups that tell of no end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from runspect.workspace import Workspace
from tests.readers.entries import entry_of, found_in

HEADER = "epoch,accuracy,loss,val_accuracy,val_loss"


def reader_of(directory: Path, name: str, text: str) -> str:
    path = directory / name
    path.write_bytes(text.encode())
    claim = claim_file(entry_of(directory, path))
    return claim.reader if claim else ""


@pytest.mark.parametrize("name", ["model.csv", "training.log", "cnn.txt", "fold.history", "training_log"])
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    assert reader_of(tmp_path, name, f"{HEADER}\r\n0,0.5,1.0,0.4,1.1\r\n") == "keras"


def test_git_may_have_taken_the_carriage_returns(tmp_path: Path) -> None:
    assert reader_of(tmp_path, "a.csv", f"{HEADER}\n0,0.5,1.0,0.4,1.1\n") == "keras"
    assert reader_of(tmp_path, "b.csv", "epoch,loss\n0,0.5\n") == "csv"


def test_unsorted_columns_are_somebody_elses(tmp_path: Path) -> None:
    assert reader_of(tmp_path, "log.csv", "epoch,train_loss,acc\r\n0,0.5,0.2\r\n") == "csv"


def test_semicolons_lists_and_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"epoch;loss;val_loss\r\n0;0.5;NA\r\n1;0.25;0.75\r\n")
    found = found_in(reader_named("keras"), path)
    assert found.steps == {"loss": [0, 1], "val_loss": [1]}


def test_a_backup_that_is_still_there_means_no_end(tmp_path: Path) -> None:
    (tmp_path / "run/backup").mkdir(parents=True)
    (tmp_path / "run/log.csv").write_bytes(f"{HEADER}\r\n0,0.5,1.0,0.4,1.1\r\n".encode())
    (tmp_path / "run/backup/training_metadata.json").write_text('{"epoch": 1, "batch": 0}')
    workspace = Workspace.open((tmp_path,))
    try:
        workspace.sync()
        (run,) = json.loads(workspace.runs_json())
        shown = json.loads(workspace.run_json(run["uid"]))
    finally:
        workspace.close()
    assert run["tools"] == ["keras"]
    assert shown["facts"]["reached_steps"]["value"] == 1
