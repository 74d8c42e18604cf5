"""The thread that brings a run's points to the disk, so that no disk ever holds up the training.

Every `INTERVAL_S` what was logged goes to the kernel, which has it whatever becomes of this process; every `SYNC_S` and
at the end the file is synced, for a loss of power. A full disk is tried again each time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

from runspect.recorder.append import AppendFile
from runspect.recorder.buffer import Buffer
from runspect.recorder.warn import warn

INTERVAL_S = 0.25
SYNC_S = 30.0
TARGET_S = 10.0
"""How long the end waits for the place of the file to be known."""
HURRY = 1 << 20
"""Bytes that wait and are not to wait any longer."""

Target = Callable[[], Path | None]
"""The file to write into; None while it is not known yet. Never raises."""
Job = Callable[[], None]


class Background:
    """Writes what is in a buffer until it is stopped; mutable. The thread is a daemon: it never keeps a program alive."""

    def __init__(self, target: Target, buffer: Buffer, *, first: bool = True) -> None:
        """Begin; `first`: no other process writes the file yet, so a torn line in it is a dead one's."""
        self._target = target
        self._first = first
        self._buffer = buffer
        self._path: Path | None = None
        self._file: AppendFile | None = None
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()  # unlike an Event it may be told amidst being told
        self._hurried = False
        self._stopping = False
        self._lost = False
        self._ending: Callable[[int], None] | None = None
        self._synced = time.monotonic()
        self._thread = threading.Thread(target=self._loop, name="runspect-recorder", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> bool:
        """Whether the record is gone, so that there is no use in more points."""
        return self._lost

    def do(self, job: Job) -> None:
        """Have something done by the thread, in order."""
        self._jobs.put(job)

    def hurry(self) -> None:
        """Write now. May be called amidst such a call, by a signal handler."""
        if not self._hurried:
            self._hurried = True
            self._jobs.put(None)

    def stop(self, ending: Callable[[int], None] | None, patience_s: float) -> bool:
        """Write all, call `ending` with the number of points that were dropped, and end; False where it takes longer."""
        self._ending = ending
        self._stopping = True
        self._jobs.put(None)
        self._thread.join(patience_s)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while True:
            job = self._next(INTERVAL_S)
            self._hurried = False
            last = self._stopping
            while job is not None or (last and not self._jobs.empty()):
                self._do(job)
                job = self._next(0.0)
            self._write()
            if last:
                break
        self._end()

    def _next(self, wait_s: float) -> Job | None:
        try:
            return self._jobs.get(timeout=wait_s)
        except Empty:
            return None

    def _do(self, job: Job | None) -> None:
        try:
            if job is not None:
                job()
        except Exception as error:  # noqa: BLE001 - nothing of a record may reach the training
            warn("job", f"not recorded: {error}")

    def _write(self) -> None:
        if self._lost or not self._opened():
            return
        assert self._file is not None
        try:
            if self._file.kept:
                self._file.append(b"")  # before more is taken: what waits is bounded
            if self._buffer.size:
                self._file.append(self._buffer.take())
            if time.monotonic() - self._synced >= SYNC_S:
                self._sync()
        except OSError as error:
            self._failed(error)
        if self._file.removed:
            self._lost = True
            warn(f"removed {self._file.path}", f"{self._file.path.parent} was removed: this run is no longer recorded")

    def _opened(self) -> bool:
        """Whether the file is open; opens it when there is something to write, looks for its place from the start."""
        if self._path is None:
            self._path = self._target()
        if self._file is None and self._path is not None and self._buffer.size:
            try:
                self._file = AppendFile(self._path, lines=self._first)
            except OSError as error:
                self._failed(error)
        return self._file is not None

    def _failed(self, error: OSError) -> None:
        warn("points", f"points cannot be written ({error}); they wait in memory, as far as there is room")

    def _sync(self) -> None:
        assert self._file is not None
        self._synced = time.monotonic()
        self._file.sync()

    def _await_target(self) -> None:
        """Ranks may end before that which makes the record has begun it."""
        until = time.monotonic() + TARGET_S
        while self._path is None and self._buffer.size and time.monotonic() < until:
            time.sleep(INTERVAL_S)
            self._write()

    def _end(self) -> None:
        self._await_target()
        dropped = self._buffer.dropped + self._buffer.take().count(b"\n")
        if self._file is not None:
            dropped += self._file.kept_lines
            try:
                self._sync()
                self._file.close()
            except OSError as error:
                self._failed(error)
        if dropped and not self._lost:
            warn(f"dropped {id(self)}", f"{dropped} points could not be written and are not in the record")
        if self._ending is not None and not self._lost:
            try:
                self._ending(dropped)
            except Exception as error:  # noqa: BLE001 - nothing of a record may reach the training
                warn("end", f"the end of the run is not recorded: {error}")
