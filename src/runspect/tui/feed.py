"""News from the engine, gathered from its thread and drained by the screen in its own time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from runspect.model import Progress, Push


class Feed:
    """Merges pushes until they are drained, so that the screen works in proportion to its frames, not to log lines."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rids: set[int] = set()
        self._generation = 0
        self._everything = False
        self._lost = False
        self._broken = False
        self._progress: Progress | None = None
        self._fresh = False
        self.on_fresh: Callable[[], object] = lambda: None
        """Called from the engine's thread when there is something to drain again."""

    def push(self, news: Push) -> None:
        """Take news in; called from any thread."""
        with self._lock:
            self._rids |= news.rids
            self._generation = max(self._generation, news.generation)
            self._everything |= news.everything
            self._lost |= news.lost
            self._broken = (self._broken or news.broken) and not news.lost
            self._progress = news.progress or self._progress
            first, self._fresh = not self._fresh, True
        if first:
            self.on_fresh()

    def drain(self) -> Push | None:
        """All news since the last time as one push, or None; called from the event loop."""
        with self._lock:
            if not self._fresh:
                return None
            news = Push(
                frozenset(self._rids),
                self._generation,
                self._everything,
                self._progress,
                broken=self._broken,
                lost=self._lost,
            )
            self._rids = set()
            self._everything = self._lost = self._broken = self._fresh = False
            self._progress = None
            return news
