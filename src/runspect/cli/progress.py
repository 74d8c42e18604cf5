"""Progress on stderr: one line that is drawn over on a terminal, a line now and then elsewhere; silent for quick work."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TextIO

from runspect.counted import counted
from runspect.model import Progress

QUIET_S = 0.4
"""Work that ends sooner shows no bar."""
EVERY_S = 0.1
SPOKEN_QUIET_S, SPOKEN_EVERY_S = 2.0, 10.0
"""Seconds until the first line, and between lines, where stderr is no terminal."""
WIDTH = 28
PLACE = 30
"""Characters of the directories on a terminal; of longer ones the end is told."""


class _Told:
    """What is told of long work: on a terminal a bar that is wiped at the end, in a log lines, both after a while."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._shown = False
        self._terminal = stream.isatty()
        self._next = clock() + (QUIET_S if self._terminal else SPOKEN_QUIET_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


class ProgressBar(_Told):
    """Tells of `Progress` values: a bar on a terminal, wiped at the end; lines in a log.

    Args:
        places: The directories that are indexed, for the lines.
        clock: Seconds that only grow.
    """

    def __init__(self, stream: TextIO, places: Sequence[str] = (), clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream, clock)
        self._places = ", ".join(places) or "all known directories"

    def show(self, progress: Progress) -> None:
        """Tell, if enough time has passed."""
        now = self._clock()
        if now < self._next or progress.phase == "idle":
            return
        from runspect.masking import printable  # its expressions are compiled at the import, which takes long

        if self._terminal:
            self._next, self._shown = now + EVERY_S, True
            self._stream.write(f"\r\x1b[K{text(progress, printable(self._places))}")
        else:
            self._next = now + SPOKEN_EVERY_S
            self._stream.write(f"{spoken(progress, printable(self._places))}\n")
        self._stream.flush()


class Steps(_Told):
    """Tells how many of a known number of things are done: a bar on a terminal, wiped at the end; lines in a log."""

    def __init__(self, stream: TextIO, what: str, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`what` is done, such as "exporting"; `clock`: seconds that only grow."""
        super().__init__(stream, clock)
        self._what = what
        self._done, self._total = 0, total

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        now = self._clock()
        if now < self._next:
            return
        count = f"{self._done:,}/{self._total:,}"
        if self._terminal:
            self._next, self._shown = now + EVERY_S, True
            filled = WIDTH * self._done // max(1, self._total)
            self._stream.write(f"\r\x1b[K{self._what}  [{'#' * filled}{' ' * (WIDTH - filled)}]  {count} runs")
        else:
            self._next = now + SPOKEN_EVERY_S
            self._stream.write(f"{self._what}: {count} runs so far ...\n")
        self._stream.flush()


def text(progress: Progress, places: str) -> str:
    """One line such as `reading  [#####     ]  512/1,024 files`."""
    if progress.phase == "walking" or progress.total <= 0:
        place = places if len(places) <= PLACE else f"...{places[-PLACE:]}"  # a line that wraps could not be wiped
        return f"looking for runs in {place}: {counted(progress.done, 'file')} seen"
    filled = min(WIDTH, WIDTH * progress.done // progress.total)
    return f"reading  [{'#' * filled}{' ' * (WIDTH - filled)}]  {progress.done:,}/{counted(progress.total, 'file')}"


def spoken(progress: Progress, places: str) -> str:
    """One line such as `indexing ~/exp: 512 of 1,024 files read so far …`."""
    if progress.phase == "walking" or progress.total <= 0:
        return f"indexing {places}: {counted(progress.done, 'file')} seen so far ..."
    return f"indexing {places}: {progress.done:,} of {counted(progress.total, 'file')} read so far ..."
