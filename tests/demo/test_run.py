"""The demo begins, trains, and leaves nothing behind however it ends."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from runspect import demo
from runspect.demo.run import TRAINING

DEADLINE_S = 20.0


def gone(pid: int) -> bool:
    """Wait until no process has this id."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], DEADLINE_S)[0])
    finally:
        os.close(descriptor)


def record(directory: Path) -> dict[str, object]:
    """The training's run.json, once it is there."""
    deadline = time.monotonic() + DEADLINE_S
    while not (directory / "run.json").exists():
        assert time.monotonic() < deadline, "the training does not begin"
        select.select([], [], [], 0.02)
    found: dict[str, object] = json.loads((directory / "run.json").read_text())
    return found


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_trains_beside_the_history_and_stop_removes_everything(tmp_path: Path) -> None:
    began = time.monotonic()
    playground = demo.start(tmp_path)
    try:
        head = record(playground.training)
        assert time.monotonic() - began < 3
        assert head["status"] == "running"
        assert (playground.directory / "finetune/bert-tiny/trainer_state.json").exists()
        assert playground.home.is_dir() and not playground.home.is_relative_to(playground.directory)
        metrics = playground.training / "metrics.jsonl"
        first, deadline = lines(metrics), time.monotonic() + 2
        while lines(metrics) < first + 3:
            assert time.monotonic() < deadline, "less than two records a second"
            select.select([], [], [], 0.02)
    finally:
        playground.stop()
    playground.stop()
    assert gone(int(str(head["pid"])))
    assert list(tmp_path.iterdir()) == []


def test_a_short_training_ends_as_finished(tmp_path: Path) -> None:
    with demo.start(tmp_path, seconds=1) as playground:
        pid = int(str(record(playground.training)["pid"]))
        assert gone(pid)
        head = record(playground.training)
        assert (head["status"], head["exit_code"]) == ("finished", 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_outlives_a_parent_that_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    program = (
        # a shell's background jobs are born with ctrl+c ignored, those of nohup with the end of the terminal
        "import sys, pathlib, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "signal.signal(signal.SIGHUP, signal.SIG_DFL); from runspect import demo; "
        "d = demo.start(pathlib.Path(sys.argv[1])); print(d.directory, flush=True); signal.pause()"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        directory = Path(parent.stdout.readline().strip())
    trainer = int(str(record(directory / TRAINING)["pid"]))
    keeper = parent_of(trainer)
    parent.send_signal(number)
    parent.wait(DEADLINE_S)
    assert gone(keeper) and gone(trainer)
    assert list(tmp_path.iterdir()) == []


def parent_of(pid: int) -> int:
    """The process id of the parent of a process."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_the_demos_engine_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from runspect.place import places
    from runspect.workspace import Workspace

    with demo.start(tmp_path, seconds=30) as playground:
        monkeypatch.setenv("RUNSPECT_HOME", str(playground.home))
        lock = places(os.environ)[0].lock
        assert lock.is_relative_to(playground.home)
        with closing(Workspace.open((playground.directory,))):
            deadline = time.monotonic() + DEADLINE_S
            while not (lock.exists() and lock.read_text()):
                assert time.monotonic() < deadline, "no engine"
                select.select([], [], [], 0.02)
        engine = int(json.loads(lock.read_text())["pid"])
    assert gone(engine)
    assert list(tmp_path.iterdir()) == []
