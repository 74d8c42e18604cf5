"""Real processes as /proc tells them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.engine.processes import processes
from runspect.practice.lint.strays import Process, strays
from runspect.recorder.layout import JOIN
from tests.cli.program import environment, runspect

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")

PROGRAM = """
import mmap, subprocess, sys
library = open(sys.argv[1], "rb")
held = mmap.mmap(library.fileno(), 0, access=mmap.ACCESS_READ)
log = open("losses.txt", "w")
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def training(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with a file in its memory that is called as PyTorch's library is."""
    library = tmp_path / "site-packages" / "torch" / "lib" / "libtorch_cpu.so"
    library.parent.mkdir(parents=True)
    library.write_bytes(bytes(4096))
    work = tmp_path / "work"
    work.mkdir()
    yield from started(work, library)


def started(work: Path, library: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM, str(library), "--token", "s3cret-s3cret"]
    with subprocess.Popen(
        command, cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**environment(), **variables}
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def seen(pid: int) -> Process:
    found = processes(busy_s=0.0)
    assert found is not None
    return next(each for each in found if each.pid == pid)


def test_a_training_is_seen_with_what_it_writes(training: subprocess.Popen[str], tmp_path: Path) -> None:
    process = seen(training.pid)
    assert process.libraries == ("torch",)
    assert process.cwd == str(tmp_path / "work")
    assert process.writes == (str(tmp_path / "work" / "losses.txt"),)
    assert process.command[-2:] == ("--token", "s3cret-s3cret")
    assert not process.is_recorded and process.cpu_s >= 0
    (stray,) = (each for each in strays([process], (), busy_s=0.0).found if each.process.pid == training.pid)
    assert "s3cret" not in f"{stray.as_json()}"


def test_what_takes_no_time_is_not_looked_into(training: subprocess.Popen[str]) -> None:
    found = processes(busy_s=3600.0)
    assert found is not None
    (process,) = (each for each in found if each.pid == training.pid)
    assert process.libraries == () and process.cwd is None


def test_a_program_of_the_recorder_is_known_by_its_environment(tmp_path: Path) -> None:
    library = tmp_path / "libtorch.so"
    library.write_bytes(bytes(4096))
    for process in started(tmp_path, library, **{JOIN: str(tmp_path)}):
        assert seen(process.pid).is_recorded


def test_without_proc_nothing_is_known(tmp_path: Path) -> None:
    assert processes(proc=tmp_path) is None


def test_the_command_says_what_it_can(tmp_path: Path) -> None:
    """On this machine there may be trainings or none: the answer has the same shape."""
    told = runspect("lint", "-C", tmp_path, "--rule", "process", "--json")
    answer = told.json()
    assert answer["processes"]["known"] is True and answer["findings"] == []
    assert told.code == (1 if answer["processes"]["found"] else 0)
