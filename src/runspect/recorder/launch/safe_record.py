"""A record that never stops the program: what cannot be written is kept and tried again, and told once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from runspect.recorder.launch.ending import Ending
from runspect.recorder.layout import timestamp
from runspect.recorder.writer import RecordWriter

TRIES = 3


class SafeRecord:
    """Head of a record, written by several threads; mutable. No method raises for what the disk does."""

    def __init__(self, directory: Path, head: Mapping[str, object], tell: Callable[[str], None]) -> None:
        """Begin the record; `tell` is given one line when something cannot be written for the first time."""
        self._directory = directory
        self._head: dict[str, object] = {"started": timestamp(), **head}
        self._tell = tell
        self._lock = threading.Lock()
        self._writer: RecordWriter | None = None
        self._told = False
        self.update({})

    def update(self, facts: Mapping[str, object]) -> bool:
        """Set keys; whether the disk has them."""
        with self._lock:
            self._head.update(facts)
            try:
                if self._writer is None:
                    self._writer = RecordWriter(self._directory, self._head)
                elif facts:
                    self._writer.update(facts)
            except OSError as error:
                self._complain(error)
                return False
            return True

    def end(self, how: Ending, facts: Mapping[str, object]) -> None:
        """Say how the run ended."""
        with self._lock:
            told = {"status": how.status, "exit_code": how.exit_code, "reason": how.reason, **facts}
            self._head.update({**told, "signal": how.signal, "ended": timestamp()})
            try:
                if self._writer is not None:
                    self._writer.end(how.status, how.exit_code, how.reason, how.signal, **facts)
                    return
            except OSError as error:
                self._complain(error)
        for _ in range(TRIES):
            if self.update(self._head):
                return
            time.sleep(0.1)

    def _complain(self, error: OSError) -> None:
        if not self._told:
            self._told = True
            self._tell(
                f"{self._directory}: the record cannot be written ({error.strerror or error}); the program goes on"
            )
