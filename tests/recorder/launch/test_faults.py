"""A full disk, a read-only place, a memory limit: the program goes on, and what was lost is told."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import environment
from tests.recorder.capture.repository import repository
from tests.recorder.launch.caller import LONG_S, Terminal, begin, command, head, record, until

TALK = "for i in range(2000): print('x' * 500, i, flush=True)\nraise SystemExit(3)"
"""About a megabyte."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "none", place], capture_output=True, check=False
    ).returncode:
        pytest.skip("may not mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_disk_that_fills_up(small_disk: Path, tmp_path: Path) -> None:
    done = record("-q", "-n", "x", "--runs", small_disk, "--", sys.executable, "-c", TALK, cwd=tmp_path)
    assert done.returncode == 3 and len(done.stdout.splitlines()) == 2000
    assert done.stderr.decode() == (
        f"runspect: {small_disk}/x/console.log cannot be written: No space left on device; the program goes on\n"
    )
    told = json.loads((small_disk / "x" / "run.json").read_text())
    kept = (small_disk / "x" / "console.log").stat().st_size
    assert (told["status"], told["exit_code"]) == ("failed", 3)
    assert told["console_lost"] == {"bytes": len(done.stdout) - kept, "why": "No space left on device"}


def test_a_disk_that_is_full_from_the_start(small_disk: Path, tmp_path: Path) -> None:
    filler = os.open(small_disk / "filler", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(filler, bytes(4096))
    os.close(filler)
    done = record("-q", "-n", "x", "--runs", small_disk, "--", "sh", "-c", "echo trained; exit 4", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (4, b"trained\n")
    assert done.stderr.count(b"the program goes on") + done.stderr.count(b"the program runs without one") >= 1


def test_the_last_pages_of_a_disk_are_kept_for_the_end(small_disk: Path, tmp_path: Path) -> None:
    (small_disk / "filler").write_bytes(bytes((300 - 20) << 10))  # too little for all that is usually set aside
    record("-q", "-n", "x", "--runs", small_disk, "--", "sh", "-c", "seq 9000; exit 3", cwd=tmp_path)
    told = json.loads((small_disk / "x" / "run.json").read_text())
    assert (told["status"], told["exit_code"]) == ("failed", 3) and told["console_lost"]["bytes"] > 1000


def test_space_that_comes_back_is_used_and_the_gap_is_marked(small_disk: Path, tmp_path: Path) -> None:
    code = "import sys\nfor i in range(1500): print('x' * 500, flush=True)\nprint('ready', flush=True); input(); print('late', flush=True)"
    with begin("-q", "-n", "x", "--runs", small_disk, "--", sys.executable, "-c", code, cwd=tmp_path) as process:
        assert process.stdout is not None and process.stdin is not None
        while process.stdout.readline() != b"ready\n":
            pass
        log = small_disk / "x" / "console.log"
        os.truncate(log, 1000)
        out, _ = process.communicate(b"\n", timeout=LONG_S)
    assert out == b"late\n"
    tail = log.read_bytes()[1000:].decode()
    assert tail.startswith("\n[runspect: ") and tail.endswith(
        " bytes are missing here: No space left on device]\nlate\n"
    )


def test_where_no_record_can_be_made_the_program_runs_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = record("--runs", tmp_path / "file" / "runs", "--", "sh", "-c", "echo $RUNSPECT_RECORD; exit 5", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (5, b"\n")
    assert b"the program runs without one" in done.stderr


def test_a_reader_of_stderr_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command("--", "sh", "-c", "echo a; echo b >&2; exit 3"), cwd=tmp_path, env=environment(), stderr=full,
            stdout=subprocess.PIPE, timeout=LONG_S, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, b"a\n")
    assert sorted((tmp_path / "runs").glob("*/console.log"))[0].read_bytes().split() in ([b"a", b"b"], [b"b", b"a"])


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    line = f"cd gone && rmdir ../gone && exec {' '.join(command('-q', '-n', 'x', '--runs', str(tmp_path / 'runs'), '--', 'true'))}"
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env=environment(), capture_output=True, timeout=LONG_S, check=False
    )
    assert done.returncode in (0, 2) and b"Traceback" not in done.stderr


def test_a_program_that_was_killed_for_memory_says_so(tmp_path: Path) -> None:
    group = Path("/sys/fs/cgroup/memory") / f"runspect-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(96 << 20))
    except OSError:
        pytest.skip("may not make a control group")
    try:
        code = "x = []\nwhile True: x.append(bytearray(4 << 20))"
        line = f"echo $$ > {group}/cgroup.procs; exec {' '.join(command('-q', '-n', 'x', '--', sys.executable, '-c'))} '{code}'"
        done = subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, env=environment(), capture_output=True, timeout=60, check=False
        )
        assert done.returncode == -9
        told = head(tmp_path)
        assert told["reason"] == "signal 9, SIGKILL: out of memory, says the kernel (limit of the control group)"
        assert told["status"] == "killed" and told["peak"]["memory_bytes"] > 40 << 20
    finally:
        until(lambda: not (group / "cgroup.procs").read_text())
        group.rmdir()


def test_the_memory_of_graphics_cards_by_process(tmp_path: Path) -> None:
    """A program in the place of the driver's, which writes what that one writes."""
    (tmp_path / "bin").mkdir()
    smi = tmp_path / "bin" / "nvidia-smi"
    smi.write_text(
        '#!/bin/sh\ncase "$*" in\n*compute-apps*) while :; do echo "$(cat pid), 512"; echo "1, 9000"; echo "$(cat pid), 256"; sleep 5; done;;\n'
        '*) echo "NVIDIA T4, 15360, 535.1, GPU-1, 0:0";;\nesac\n'
    )
    smi.chmod(0o755)
    environ = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    done = record("-q", "-n", "x", "--", "sh", "-c", "echo $$ > pid; sleep 4", cwd=tmp_path, environ=environ)
    assert done.returncode == 0
    told = head(tmp_path)
    assert told["peak"]["gpu_memory_bytes"] == 768 << 20
    assert told["hardware"]["gpus"] == [
        {"name": "NVIDIA T4", "driver": "535.1", "uuid": "GPU-1", "bus": "0:0", "memory_bytes": 15360 << 20}
    ]
    assert (
        shutil.which("pgrep") is None
        or not subprocess.run(["pgrep", "-f", str(smi)], capture_output=True, check=False).stdout
    )


def test_without_pseudo_terminals_the_program_has_the_real_one(tmp_path: Path) -> None:
    hide = "mount --bind /dev/null /dev/ptmx"
    if subprocess.run(["unshare", "-m", "sh", "-c", hide], capture_output=True, check=False).returncode:
        pytest.skip("may not mount")
    words = " ".join(command("-q", "-n", "x", "--", "sh", "-c", "'test -t 1 && echo trained; exit 4'"))
    terminal = Terminal(["unshare", "-m", "sh", "-c", f"{hide}; exec {words}"], tmp_path)
    assert terminal.wait() == 4
    assert b"trained" in terminal.output and b"stdout and stderr cannot be recorded" in terminal.output
    assert head(tmp_path)["exit_code"] == 4


def test_a_slow_git_does_not_hold_up_the_program_and_is_told(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="1\n")
    (root / "train.py").write_text("2\n")
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin" / "git"
    slow.write_text(f'#!/bin/sh\ncase "$*" in *diff*) sleep 3;; esac\nexec {shutil.which("git")} "$@"\n')
    slow.chmod(0o755)
    environ = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    began = time.time()
    done = record(
        "-q", "-n", "x", "--", sys.executable, "-c", "import time; print(time.time())", cwd=root, environ=environ
    )
    assert 1.0 < float(done.stdout) - began < 2.9
    told = head(root)["git"]
    assert told["dirty"] is True and told["patch"] == "patch.diff"
    (cut,) = told["cut"]
    assert cut.startswith("the working tree was looked at until ") and cut.endswith(" s after the start")


def test_whoever_waits_for_slow_facts_can_leave(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    smi = tmp_path / "bin" / "nvidia-smi"
    smi.write_text("#!/bin/sh\nexec sleep 8\n")
    smi.chmod(0o755)
    environ = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    began = time.monotonic()
    with begin("-q", "-n", "x", "--", "sh", "-c", "exit 3", cwd=tmp_path, environ=environ) as process:
        until(lambda: list(tmp_path.glob("runs/x/run.json")) and head(tmp_path)["ended"])
        process.terminate()
        assert process.wait() == 3 and time.monotonic() - began < 6
        assert process.stdout is not None and process.stdout.read() == b""
    assert head(tmp_path)["exit_code"] == 3
