"""Long work looks up now and then, so that what is live does not wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from runspect.model import Progress

EVERY_S = 0.05
URGENT_S = 10.0
"""After something live was followed, more of it is expected for so long."""

OnProgress = Callable[[Progress], None]
T = TypeVar("T")


class Pauses:
    """Mutable, of the syncing thread."""

    def __init__(self, live: Callable[[], None], due: Callable[[], None]) -> None:
        """`live` follows live runs and is quick; `due` does work of its own that has become due."""
        self._live = live
        self._due = due
        self._last = 0.0
        self._followed = float("-inf")
        self._in_due = False
        self.nested = False
        """Whether we are in the middle of long work, following what is live: be quick, and touch nothing else."""

    def pause(self, progress: OnProgress | None = None, news: Progress | None = None) -> None:
        """Tell how far it is and look up, if the last time is long enough ago. The caller's state must be consistent."""
        if self.nested or time.monotonic() - self._last < EVERY_S:
            return
        if progress is not None and news is not None:
            progress(news)
        self._look_up()
        if not self._in_due:
            self._in_due = True
            try:
                self._due()
            finally:
                self._in_due = False

    def aside(self, work: Callable[[], T]) -> T:
        """Do in another thread what needs nothing that changes, and look up meanwhile."""
        if self.nested:
            return work()
        with ThreadPoolExecutor(1, "aside") as threads:
            future = threads.submit(work)
            while not wait((future,), EVERY_S).done:
                self._look_up()
            return future.result()

    def followed(self) -> None:
        """Something live was followed."""
        self._followed = time.monotonic()

    def urgent(self) -> bool:
        """Whether what is live must not wait for long: something was followed lately."""
        return time.monotonic() - self._followed < URGENT_S

    def _look_up(self) -> None:
        self.nested = True
        try:
            self._live()
        finally:
            self.nested = False
            self._last = time.monotonic()
