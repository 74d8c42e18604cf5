"""Memory of the graphics cards by process, as one `nvidia-smi` tells it that runs beside the program."""

from __future__ import annotations

import os
import time
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

EVERY_S = 5
BEGIN_AFTER_S = 2.0
"""A short program is spared it."""
COMMAND = ("--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits", f"--loop={EVERY_S}")


class GpuMemory:
    """The highest sum over a run's processes and all cards; mutable. Without `nvidia-smi` it stays 0."""

    def __init__(self) -> None:
        self.peak = 0
        """Bytes."""
        self._begin = time.monotonic() + BEGIN_AFTER_S
        self._path = _found("nvidia-smi")
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""
        self._round: dict[tuple[int, int], int] = {}
        self._line = 0
        self._last = 0.0

    def look(self, pids: set[int]) -> None:
        """Take in what was told since the last time; `pids` are the run's."""
        if self._path is None or time.monotonic() < self._begin:
            return
        if self._process is None and not self._start():
            self._path = None
            return
        self._take(pids)

    def _take(self, pids: set[int]) -> None:
        told = self._read()
        if told and time.monotonic() - self._last > EVERY_S / 2:
            self._round.clear()  # the lines of a round come together
            self._line = 0
            self._last = time.monotonic()
        for line in told:
            pid, _, mebibytes = line.partition(b",")
            self._line += 1
            if pid.strip().isdigit() and mebibytes.strip().isdigit() and int(pid) in pids:
                self._round[int(pid), self._line] = int(mebibytes) << 20
        self.peak = max(self.peak, sum(self._round.values()))

    def stop(self, pids: set[int]) -> None:
        """End it, with what it told of the run's processes since the last look."""
        if self._process is not None:
            self._take(pids)
        if self._process is not None and self._process.poll() is None:
            with suppress(OSError):
                self._process.kill()
            self._process.wait()

    def _start(self) -> bool:
        assert self._path is not None
        import subprocess  # where there is a card; it needs memory

        try:
            self._process = subprocess.Popen(
                [self._path, *COMMAND], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        except OSError:
            return False
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        return True

    def _read(self) -> list[bytes]:
        assert self._process is not None and self._process.stdout is not None
        try:
            data = os.read(self._process.stdout.fileno(), 1 << 16)
        except BlockingIOError:
            return []
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines


def _found(name: str) -> str | None:
    """As `shutil.which`, which loads every kind of archive."""
    for directory in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(directory, name)  # noqa: PTH118
        if directory and os.access(path, os.X_OK) and os.path.isfile(path):  # noqa: PTH113
            return path
    return None
