"""An open run: what `runspect.start` gives. Nothing here raises into the training or waits for a disk, but `finish`."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from runspect.recorder.background import HURRY, Background
from runspect.recorder.buffer import Buffer
from runspect.recorder.config import plain_config
from runspect.recorder.line import Lines
from runspect.recorder.warn import warn

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from typing import Any, Protocol

    from runspect.recorder.background import Job
    from runspect.recorder.writer import End

    class Head(Protocol):
        """Where a run's facts go: `run.json`, or `api.json` of a record that another program keeps."""

        directory: Path

        def update(self, facts: Mapping[str, object]) -> None:
            """Set keys."""

    Close = Callable[[End, str, int], None]  # writes the end: how, why, and how many points were dropped

FORGOTTEN = "the program ended without run.finish()"
LEFT = "the program ended by SystemExit without run.finish(); its exit code is not known"
PATIENCE_S = 30.0
"""How long `finish` waits for the disk."""


class Run:
    """Points and facts of one run; mutable. Any thread may log; a forked child logs for itself."""

    def __init__(
        self,
        name: str,
        points: Callable[[], Path | None] | None,
        head: Head | None,
        close: Close,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        """`points` tells the file to log into; without it nothing is recorded, as on ranks that were not asked for."""
        self.name = name
        """What it is called."""
        self._points = points
        self._head = head
        self._close = close
        self.outcome: tuple[End, str] | None = None
        """How it ends unless something happens."""
        self._owner = os.getpid()
        self._lines = Lines(_refuse)
        self._buffer = Buffer()
        self._background: Background | None = None
        self._lock = threading.RLock()
        self._config = dict(config or {})
        self._open = points is not None
        if self._open:
            self._begin()

    @property
    def directory(self) -> Path | None:
        """Where its record is; None where there is none."""
        return self._head.directory if self._head is not None else None

    @property
    def recording(self) -> bool:
        """Whether what is logged is written: not on other ranks, after the end, or where no record could be made."""
        return self._open

    def log(self, values: Mapping[str, Any], step: Any = None) -> None:
        """Record metrics at a step: numbers, one-element tensors and arrays, nested mappings of them.

        Values are taken as they are now. Without a step each metric counts its own points. What is no number is left
        out and said once.
        """
        if not self._open:
            return
        try:
            line = self._lines.line(values, step, time.time())
            if line and not self._buffer.put(line):
                self._said_full()
            if self._background is None:
                self._begin()
            elif self._buffer.size > HURRY:
                self._background.hurry()
        except Exception as error:  # noqa: BLE001 - a training does not end for its record
            warn("log", f"points were not recorded: {type(error).__name__}: {error}")

    def update(self, config: Any = None, **facts: Any) -> None:
        """Add params to the config, or set facts of the record: `note`, `tags`, `dataset`, `seed` …"""
        if not self._open or self._head is None or os.getpid() != self._owner:
            return
        if config is not None:
            self._config = {**self._config, **plain_config(config)}
            facts["config"] = self._config
        told = plain_config(facts)
        head = self._head
        self.do(lambda: head.update(told))

    def finish(self, status: End = "finished", reason: str = "") -> None:
        """Write what waits, and how the run ended. Later calls, and other calls after it, do nothing."""
        if not self._open:
            return
        self._open = False
        own = os.getpid() == self._owner
        if not own and self._background is None:
            return
        try:
            background = self._background or self._begin()
            close = self._close
            ending = (lambda dropped: close(status, reason, dropped)) if own else None
            if not background.stop(ending, PATIENCE_S):
                warn("stuck", f"the disk takes longer than {PATIENCE_S:.0f} s: the end of the run may not be recorded")
        except Exception as error:  # noqa: BLE001 - as above
            warn("finish", f"the end of the run is not recorded: {error}")

    def settle(self, status: End = "finished", reason: str = "") -> None:
        """Say how the run ends if nothing else happens: it is open until the program ends or begins another run."""
        self.outcome = (status, reason)

    def do(self, job: Job) -> None:
        """Have something done by the thread that writes."""
        try:
            (self._background or self._begin()).do(job)
        except Exception as error:  # noqa: BLE001 - as above
            warn("do", f"not recorded: {error}")

    def after_fork(self) -> None:
        """In a forked child: forget what waits, it is the parent's, and have no thread."""
        self._buffer = Buffer()
        self._lines = Lines(_refuse)
        self._background = None
        self._lock = threading.RLock()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish(*how(error))

    def _begin(self) -> Background:
        assert self._points is not None
        with self._lock:
            if self._background is None:
                own = os.getpid() == self._owner
                self._background = Background(self._points, self._buffer, first=own)
                if not own:
                    _flush_with_multiprocessing(self)
            return self._background

    def _said_full(self) -> None:
        if self._background is not None and not self._background.lost:
            warn("full", "the disk does not keep up: points are dropped (run.json will count them)")


def how(error: BaseException | None) -> tuple[End, str]:
    """How a run ends that an exception ends, or none."""
    if error is None:
        return "finished", ""
    if isinstance(error, KeyboardInterrupt):
        return "killed", "interrupted from the keyboard"
    if isinstance(error, SystemExit):
        return ("finished", "") if error.code in (None, 0) else ("failed", f"exit {error.code}"[:200])
    text = str(error).strip().splitlines()
    return "failed", f"{type(error).__name__}: {text[0]}"[:500] if text else type(error).__name__


def _refuse(name: str, value: Any) -> None:
    warn(f"no number {name}", f"{name!r} is no number ({type(value).__name__}) and is not recorded")


def _flush_with_multiprocessing(run: Run) -> None:
    """Children of `multiprocessing` end without `atexit`; they do what is registered with it."""
    module = sys.modules.get("multiprocessing.util")
    if module is not None:
        module.Finalize(None, run.finish, exitpriority=0)
