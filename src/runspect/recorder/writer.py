"""Writes the record of one run: its head, its points, its console, in the open format (`layout`)."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from runspect.recorder.append import AppendFile
from runspect.recorder.layout import CONSOLE, FORMAT, HEAD, METRICS, VERSION, replace_json, timestamp
from runspect.recorder.line import Lines

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from typing import Literal

    End = Literal["finished", "failed", "killed", "unknown"]


class RecordWriter:
    """An open record; mutable. Every method may be called from any thread and writes before it returns.

    After an OSError everything stays in memory and goes to the disk with a later call, should that succeed.
    """

    def __init__(self, directory: Path, head: Mapping[str, object]) -> None:
        """Make the directory and say in its head that the run is under way; `head` may hold any keys of the format.

        Raises:
            OSError: The directory or the head cannot be written.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._lock = threading.Lock()
        self._files: dict[str, AppendFile] = {}
        self._ended = False
        self._lines = Lines(lambda name, value: None)
        self._head: dict[str, object] = {
            "format": FORMAT, "version": VERSION, "name": directory.name, "id": os.urandom(8).hex(),
            "status": "running", "reason": "", "exit_code": None, "started": timestamp(), "ended": None, **head,
        }  # fmt: skip
        replace_json(directory / HEAD, self._head, again=True)

    def update(self, facts: Mapping[str, object]) -> None:
        """Set keys of the head.

        Raises:
            OSError: It cannot be written.
        """
        with self._lock:
            self._head.update(facts)
            replace_json(self.directory / HEAD, self._head, again=not self._ended)

    def says(self, key: str) -> bool:
        """Whether the head has a value for a key."""
        return self._head.get(key) not in (None, "", [], {})

    def log(self, values: Mapping[str, float], step: int | None, time: float) -> None:
        """Append a line of metrics; `time` is s since 1970, without a `step` readers count for themselves.

        Raises:
            OSError: It cannot be written.
        """
        line = self._lines.line(values, step, time)
        if line:
            self._append(METRICS, line.encode("ascii"))

    def console(self, data: bytes) -> None:
        """Append to the console log.

        Raises:
            OSError: It cannot be written.
        """
        self._append(CONSOLE, data)

    def end(
        self, status: End, exit_code: int | None = None, reason: str = "", signal: str | None = None, **facts: object
    ) -> None:
        """Say how it ended, and close the files. Later calls do nothing.

        Raises:
            OSError: It cannot be written.
        """
        with self._lock:
            if self._ended:
                return
            self._ended = True
            self._head |= {"status": status, "exit_code": exit_code, "reason": reason, "ended": timestamp()}
            if signal is not None:
                self._head["signal"] = signal
            self._head.update(facts)
            try:
                for file in self._files.values():
                    file.append(b"")
                    file.sync()
            finally:
                replace_json(self.directory / HEAD, self._head)
                for file in self._files.values():
                    file.close()

    def _append(self, name: str, data: bytes) -> None:
        with self._lock:
            if self._ended:
                return
            if name not in self._files:
                self._files[name] = AppendFile(self.directory / name, lines=name == METRICS)
            self._files[name].append(data)
