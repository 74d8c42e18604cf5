"""A process of its own gathers the slow facts: it needs memory that must not stay, and no fault of it reaches the run."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from runspect.recorder.launch.signals import PASSED_ON

READY = b"ready\n"
AFTER_END_S = 5.0
"""So long after the run's end digests of data go on."""


class Collector:
    """The other process; mutable. Begin it before there are threads, for it is forked."""

    def __init__(
        self,
        argv: Sequence[str],
        cwd: str,
        directory: Path,
        data: Sequence[str],
        waits_s: float,
        foreign: Sequence[int],
    ) -> None:
        """Begin.

        Args:
            waits_s: So long it looks at the repository before it says that it is ready.
            foreign: Descriptors that it must not hold.
        """
        self._read, write = os.pipe()
        over, self._over = os.pipe()
        self._got = b""
        self._waits_s = waits_s
        self._pid = 0
        try:
            self._pid = os.fork()
        except OSError as error:
            self._got = json.dumps({"problems": [f"nothing could be gathered: {error.strerror}"]}).encode()
        if self._pid == 0 and not self._got:
            _become(write, over, (self._read, self._over, *foreign), (argv, cwd, directory, data, waits_s))
        os.close(write)
        os.close(over)

    def wait(self) -> None:
        """Until the patch is there, or so long as the start may be held up."""
        until = time.monotonic() + self._waits_s + 0.2
        while not self._got.startswith(READY) and (left := until - time.monotonic()) > 0:
            if not select.select([self._read], [], [], left)[0] or not self._take():
                return

    def facts(self) -> Mapping[str, object]:
        """Wait for all of them."""
        while self._take():
            pass
        self._reap()
        try:
            told = json.loads(self._got.removeprefix(READY) or b"{}")
        except ValueError:
            return {"problems": ["gathering of facts broke off"]}
        return told if isinstance(told, dict) else {}

    def end_soon(self) -> None:
        """The run is over: what is still open gets a few seconds."""
        os.close(self._over)

    def kill(self) -> None:
        """End it now."""
        if self._pid:
            try:
                os.kill(self._pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    def _reap(self) -> None:
        if self._pid:
            try:
                os.waitpid(self._pid, 0)
            except ChildProcessError:
                return
            self._pid = 0

    def _take(self) -> bool:
        data = os.read(self._read, 1 << 16)
        self._got += data
        return bool(data)


def _become(
    write: int, over: int, foreign: Sequence[int], what: tuple[Sequence[str], str, Path, Sequence[str], float]
) -> NoReturn:
    """What the other process does."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in PASSED_ON:
            signal.signal(number, signal.SIG_IGN)
        for number in (signal.SIGCHLD, signal.SIGWINCH):
            signal.signal(number, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        for descriptor in foreign:
            os.close(descriptor)
        _gather(write, over, *what)
        code = 0
    finally:
        os._exit(code)


def _gather(
    write: int, over: int, argv: Sequence[str], cwd: str, directory: Path, data: Sequence[str], waits_s: float
) -> None:
    from runspect.recorder import capture

    without = (directory.parent,)
    snapshot = capture.begin(cwd, os.environ, directory, without)
    snapshot.wait(waits_s)
    os.write(write, READY)
    ended = [0.0]

    def stopped() -> bool:
        if not ended[0] and select.select([over], [], [], 0)[0]:
            ended[0] = time.monotonic()
        return bool(ended[0]) and time.monotonic() - ended[0] > AFTER_END_S

    facts = capture.slowly(argv, cwd, os.environ, directory, data, without, snapshot, stopped)
    view = memoryview(json.dumps(facts, default=str).encode())
    while view:
        view = view[os.write(write, view) :]
