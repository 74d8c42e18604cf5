"""Lines between the training and the thread that writes them: bounded, and never a reason to wait."""

from __future__ import annotations

import threading

LIMIT = 16 << 20
"""Bytes of lines that may wait for the disk, some 200,000 points. What comes while they do is dropped and counted."""


class Buffer:
    """A queue of lines; may be used by several threads, and by a signal handler amidst a call."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lock = threading.RLock()  # the same thread again: a signal handler that logs
        self._lines: list[str] = []
        self.size = 0
        """Bytes that wait."""
        self.dropped = 0
        """Lines that found no room."""

    def put(self, line: str) -> bool:
        """Add a line; False where there was no room."""
        with self._lock:
            if self.size + len(line) > self._limit:
                self.dropped += 1
                return False
            self._lines.append(line)
            self.size += len(line)
            return True

    def take(self) -> bytes:
        """All that waits; then nothing does."""
        with self._lock:
            lines, self._lines, self.size = self._lines, [], 0
        return "".join(lines).encode("ascii")
