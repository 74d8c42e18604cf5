"""The console log of a record: what could not be written is counted and told, never a reason to stop."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path


class ConsoleLog:
    """A file that bytes are appended to from several threads; mutable. No method raises."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        """Open it to append; `tell` is given one line when it cannot be written for the first time."""
        self.lost = 0
        """Bytes that the disk did not take."""
        self.why = ""
        self._tell = tell
        self._lock = threading.Lock()
        self._gap = 0
        self._path = path
        self._descriptor = -1
        self._open()

    def write(self, data: bytes) -> None:
        """Append; after a gap there is a line that says how much is missing."""
        with self._lock:
            if self._descriptor < 0 and not self._open():
                self._lose(len(data))
                return
            if self._gap:
                missing = f"\n[runspect: {self._gap} bytes are missing here: {self.why}]\n".encode()
                if self._append(missing) < len(missing):
                    self._lose(len(data))
                    return
                self._gap = 0
            self._lose(len(data) - self._append(data))

    def close(self) -> None:
        """Close it."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def facts(self) -> dict[str, object]:
        """What the record says of a loss; {} without one."""
        return {"console_lost": {"bytes": self.lost, "why": self.why}} if self.lost else {}

    def _open(self) -> bool:
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o666)
        except OSError as error:
            self._complain(error)
            return False
        return True

    def _append(self, data: bytes) -> int:
        """How many bytes the disk took."""
        written = 0
        try:
            while written < len(data):
                written += os.write(self._descriptor, memoryview(data)[written:])
        except OSError as error:
            self._complain(error)
        return written

    def _lose(self, size: int) -> None:
        self.lost += size
        self._gap += size

    def _complain(self, error: OSError) -> None:
        if not self.why:
            self._tell(f"{self._path} cannot be written: {error.strerror}; the program goes on")
        self.why = error.strerror or str(error)
