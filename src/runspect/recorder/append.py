"""A file that only grows, by whole pieces: what the disk does not take at once is kept for the next time."""

from __future__ import annotations

import os
from pathlib import Path


class AppendFile:
    """An open file; mutable, for one thread. Bytes given to it are with the kernel when `append` returns."""

    def __init__(self, path: Path, *, lines: bool = False) -> None:
        """Open `path` to append, make it when there is none; with `lines` after a torn last line a new one begins.

        Raises:
            OSError: It cannot be opened.
        """
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self.path = path
        self._descriptor = os.open(path, flags, 0o666)
        self._kept = bytearray()
        if lines and not self._at_line_start():
            self._kept += b"\n"

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._descriptor < 0

    @property
    def kept(self) -> int:
        """Bytes that the disk has not taken yet."""
        return len(self._kept)

    @property
    def kept_lines(self) -> int:
        """Line ends among them."""
        return self._kept.count(b"\n")

    @property
    def removed(self) -> bool:
        """Whether somebody deleted the file."""
        return not self.closed and os.fstat(self._descriptor).st_nlink == 0

    def append(self, data: bytes) -> None:
        """Write on, after what was kept.

        Raises:
            OSError: The disk did not take all; the rest is kept, also that of `data`.
        """
        self._kept += data
        while self._kept:
            written = os.write(self._descriptor, self._kept)  # in one: other processes append to it, too
            del self._kept[:written]

    def sync(self) -> None:
        """Have what was written survive a loss of power.

        Raises:
            OSError: The disk failed.
        """
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file; what is still kept is lost. Later calls do nothing."""
        if not self.closed:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def _at_line_start(self) -> bool:
        if os.fstat(self._descriptor).st_size == 0:
            return True
        os.lseek(self._descriptor, -1, os.SEEK_END)  # what is written is appended wherever this stands
        return os.read(self._descriptor, 1) == b"\n"
