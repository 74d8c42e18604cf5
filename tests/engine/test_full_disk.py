"""A disk without room: annotations are refused, reading goes on, and with room again all is as it should be."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from runspect.errors import IndexFault, JournalFault
from runspect.model import Op
from runspect.workspace import Workspace
from tests.engine.crowd import engine_pid, environment, until


def mounted(directory: Path) -> bool:
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=6m,mode=700", "none", str(directory)]
    can = shutil.which("mount") is not None
    return can and subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_full_disk_refuses_annotations_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    if not mounted(disk):
        pytest.skip("a small disk cannot be mounted here")
    try:
        with environment(RUNSPECT_HOME=str(disk)):
            _fill_and_free(disk, tmp_path)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _fill_and_free(disk: Path, tmp_path: Path) -> None:
    (tmp_path / "runs" / "a").mkdir(parents=True)
    log = tmp_path / "runs" / "a" / "metrics.jsonl"
    log.write_text('{"step": 0, "loss": 1.0}\n')
    workspace = Workspace.open([tmp_path / "runs"])
    assert workspace.sync() == 1
    ((uid,),) = workspace.sql("SELECT uid FROM runs_now").rows
    workspace.annotate([Op(f"run:{uid}", "tag:before", True)])
    pid = engine_pid()
    with (disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space left"):
        while True:
            filler.write(bytes(4096))
    with pytest.raises(JournalFault, match="No space left"):
        workspace.annotate([Op(f"run:{uid}", "note", "x" * 100_000)])
    assert len(workspace.order("tag:before").rids) == 1, "reading goes on"
    with log.open("a") as file:
        file.writelines(json.dumps({"step": step, "loss": 0.5}) + "\n" for step in range(1, 50_000))
    try:
        workspace.sync()
    except IndexFault as fault:
        assert "no space left" in str(fault)
    assert engine_pid() == pid, "the engine lives on"
    (disk / "filler").unlink()
    workspace.annotate([Op(f"run:{uid}", "tag:after", True)])

    def synced() -> bool:
        try:
            workspace.sync()
        except IndexFault:
            return False
        return True

    until(synced, "the index is written again")
    (run,) = json.loads(workspace.runs_json())
    assert run["tags"] == ["after", "before"]
    assert run["metrics"]["loss"]["n"] == 50_000
    workspace.stop_engine()
    workspace.close()
