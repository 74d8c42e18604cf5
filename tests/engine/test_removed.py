"""The engine's files are removed or replaced under it: it leaves, and harms nothing of the engine that comes after it."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.workspace import Workspace
from tests.engine.crowd import engine_pid, environment, is_engine, kill_engine, place, until

RUNS = 12


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home that can be removed."""
    with environment(RUNSPECT_HOME=str(tmp_path / "removable")):
        yield tmp_path / "removable"
        kill_engine()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory of runs."""
    for number in range(RUNS):
        directory = tmp_path / "runs" / f"run{number}"
        directory.mkdir(parents=True)
        lines = (json.dumps({"step": step, "loss": number + step / 7}) for step in range(50))
        (directory / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path / "runs"


def runs(workspace: Workspace) -> int:
    return workspace.order(archived=True).total


def test_an_engine_that_learns_late_of_its_removal_takes_no_run_from_the_next_one(home: Path, root: Path) -> None:
    first = Workspace.open([root])
    assert first.sync() == RUNS
    first.close()
    ghost = engine_pid()
    assert ghost is not None
    os.kill(ghost, signal.SIGSTOP)
    shutil.rmtree(home)
    workspace = Workspace.open([root])
    assert workspace.sync() == RUNS
    heir = engine_pid()
    os.kill(ghost, signal.SIGCONT)
    until(lambda: not is_engine(ghost), "the engine without a directory leaves")
    assert kill_engine() == heir != ghost
    # nothing is synced: this is what the killed engine had stored
    assert runs(workspace) == RUNS
    workspace.stop_engine()
    workspace.close()


@pytest.mark.parametrize("what", ["engine.lock", "engine.sock", "index.duckdb"])
@pytest.mark.parametrize("replaced", [False, True])
@pytest.mark.usefixtures("home")
def test_a_removed_or_replaced_file_ends_the_engine(root: Path, what: str, replaced: bool) -> None:
    workspace = Workspace.open([root])
    assert workspace.sync() == RUNS
    pid = workspace.status()["pid"]
    file = place().directory / what
    if replaced:
        fresh = file.with_name("fresh")
        fresh.write_bytes(b"")
        fresh.replace(file)
    else:
        file.unlink()
    until(lambda: not is_engine(pid), "the engine leaves")
    assert workspace.sync() == RUNS
    assert workspace.status()["pid"] != pid
    workspace.stop_engine()
    workspace.close()


def test_a_request_after_the_removal_is_answered_by_the_next_engine(home: Path, root: Path) -> None:
    workspace = Workspace.open([root])
    assert workspace.sync() == RUNS
    pid = workspace.status()["pid"]
    shutil.rmtree(home)
    assert workspace.sync() == RUNS
    assert workspace.status()["pid"] != pid
    assert (home / place().directory.name / "index.duckdb").exists()
    workspace.stop_engine()
    workspace.close()
