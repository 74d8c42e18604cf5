"""A one-line progress bar on stderr: silent for quick work and where stderr is no terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TextIO

from runspect.model import Progress

QUIET_S = 0.4
"""Work that ends sooner shows no bar."""
EVERY_S = 0.1
WIDTH = 28


class ProgressBar:
    """Draws `Progress` values over one line and wipes it at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = False
        self._terminal = stream.isatty()
        self._start = time.monotonic()
        self._next = self._start + QUIET_S

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def show(self, progress: Progress) -> None:
        """Draw, if a terminal watches and enough time has passed."""
        now = time.monotonic()
        if not self._terminal or now < self._next or progress.phase == "idle":
            return
        self._next = now + EVERY_S
        self._shown = True
        self._stream.write(f"\r\x1b[K{text(progress)}")
        self._stream.flush()


def text(progress: Progress) -> str:
    """One line such as `reading  [#####     ]  512/1,024 files`."""
    if progress.phase == "walking" or progress.total <= 0:
        return f"looking for runs  {progress.done:,} files seen"
    filled = min(WIDTH, WIDTH * progress.done // progress.total)
    return f"reading  [{'#' * filled}{' ' * (WIDTH - filled)}]  {progress.done:,}/{progress.total:,} files"
