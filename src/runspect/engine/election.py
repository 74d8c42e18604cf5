"""Who is the engine: whoever holds `flock` on a lock file of its own beside the index.

The index file itself is never opened here: closing any descriptor of it would drop DuckDB's own lock.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from runspect.place import take_lock

POLL_S = 0.02


class Election:
    """Holds the lock of one directory; mutable: held or not."""

    def __init__(self, lock: Path) -> None:
        self._lock = lock
        self._descriptor: int | None = None

    def win(self, deadline: float) -> bool:
        """Try to become the engine until `time.monotonic()` passes `deadline`: an older engine may be leaving.

        Raises:
            OSError: The lock file cannot be made.
        """
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_S)
        return True

    def publish(self, socket: Path | None, heir: str = "") -> None:
        """Tell clients where to connect to, or that the engine leaves for one of the version `heir`.

        The text is a hint; only the lock itself says who the engine is.
        """
        assert self._descriptor is not None
        text = json.dumps({"pid": os.getpid(), "socket": str(socket) if socket else None, "heir": heir}).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)

    def still_stands(self) -> bool:
        """Whether the lock is held and its file still the one that others find; false when the directory was removed."""
        if self._descriptor is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._lock.stat())
        except OSError:
            return False

    def resign(self) -> None:
        """Let the next engine begin."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _try(self) -> bool:
        self._descriptor = take_lock(self._lock)
        if self.still_stands():
            return True
        self.resign()
        return False
