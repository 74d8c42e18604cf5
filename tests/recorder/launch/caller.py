"""`runspect record` called as a user, a script or a scheduler calls it, with and without a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.cli.program import environment

LONG_S = 20.0
"""Far longer than anything here takes."""


def command(*words: str | Path) -> list[str]:
    """The command line of `runspect record WORDS…`."""
    return [sys.executable, "-m", "runspect", "record", *map(str, words)]


def record(*words: str | Path, cwd: Path, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Record to the end, with pipes."""
    environ = {**environment(), "RUNSPECT_HOME": str(cwd / "home"), **more.pop("environ", {})}
    return subprocess.run(
        command(*words), cwd=cwd, env=environ, capture_output=True, timeout=LONG_S, check=False, **more
    )


def begin(*words: str | Path, cwd: Path, **more: Any) -> subprocess.Popen[bytes]:
    """Begin to record, with pipes, in a process group of its own."""
    environ = {**environment(), "RUNSPECT_HOME": str(cwd / "home"), **more.pop("environ", {})}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "process_group": 0, **more}
    return subprocess.Popen(command(*words), cwd=cwd, env=environ, **pipes)


def head(cwd: Path, name: str = "") -> dict[str, Any]:
    """The run.json of the one record below `cwd`, or of that called `name`."""
    found = sorted((cwd / "runs").glob(f"{name or '*'}/run.json"))
    assert len(found) == 1, found
    told = json.loads(found[0].read_text())
    assert isinstance(told, dict)
    return told


def console(cwd: Path) -> bytes:
    """The console log of the one record below `cwd`."""
    (found,) = (cwd / "runs").glob("*/console.log")
    return found.read_bytes()


def until(true: Callable[[], object]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + LONG_S
    while not true():
        assert time.monotonic() < end, "it never came"
        select.select([], [], [], 0.02)


def ended(cwd: Path, name: str = "") -> dict[str, Any]:
    """The head of a record once its run has ended; for runs whose front is gone before."""
    until(lambda: head(cwd, name).get("ended"))
    return head(cwd, name)


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    return alive_as(pid) not in (b"", b"Z", b"X")


def alive_as(pid: int) -> bytes:
    """The state of a process: R, S, T (stopped), Z …; b"" where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return b""


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Terminal:
    """A real terminal with a program as its session leader; mutable."""

    def __init__(self, argv: Sequence[str], cwd: Path, *, size: tuple[int, int] = (24, 80), **environ: str) -> None:
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(
                argv[0], list(argv), {**environment(), "RUNSPECT_HOME": str(cwd / "home"), "TERM": "xterm", **environ}
            )
        self.output = b""
        self.resize(*size)

    def resize(self, lines: int, columns: int) -> None:
        """Change its size; the kernel tells the foreground group."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, keys: str) -> None:
        """Type keys."""
        os.write(self._master, keys.encode())

    def shows(self, text: str, times: int = 1) -> None:
        """Wait until something was written so many times."""
        end = time.monotonic() + LONG_S
        while self.output.count(text.encode()) < times:
            assert time.monotonic() < end, self.output
            if not self._read():
                assert self.output.count(text.encode()) >= times, self.output
                return

    def wait(self) -> int:
        """Read to the end; the exit code of the program, negative for a signal."""
        end = time.monotonic() + LONG_S
        while self._read():
            if time.monotonic() > end:
                os.killpg(self.pid, signal.SIGKILL)
                raise AssertionError(f"it does not end: {self.output!r}")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def hang_up(self) -> None:
        """Close it, as when an SSH connection breaks."""
        os.close(self._master)

    def modes(self) -> int:
        """The local modes of the terminal (ECHO, ICANON …)."""
        return int(termios.tcgetattr(self._master)[3])

    def _read(self) -> bool:
        if not select.select([self._master], [], [], 0.5)[0]:
            return alive(self.pid)
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.output += data
        return bool(data)


SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT)
