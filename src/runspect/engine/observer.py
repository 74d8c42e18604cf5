"""watchdog where there is no inotify (macOS, Windows): the same callbacks from its observers."""

from __future__ import annotations

import os
from collections.abc import Callable

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

EVENTS: list[type[FileSystemEvent]] = [
    FileModifiedEvent, FileCreatedEvent, FileDeletedEvent, FileMovedEvent, DirCreatedEvent, DirDeletedEvent, DirMovedEvent,
]  # fmt: skip
"""Without this filter watchdog also reports every open and close, its own among them."""


class Observed:
    """Watches whole trees; the same face as `Inotify`. Mutable, thread-safe.

    Raises:
        OSError: The platform's facility is not there.
    """

    def __init__(self, on_event: Callable[[str, str, bool], None], on_overflow: Callable[[], None]) -> None:
        self._handler = _Handler(on_event)
        self._on_overflow = on_overflow
        self._observer = Observer()
        self._observer.start()
        self._roots: dict[str, object] = {}
        self._directories: set[str] = set()

    @property
    def watched(self) -> frozenset[str]:
        """Directories that are watched."""
        return frozenset(self._directories)

    def add(self, directory: str) -> bool:
        """Watch a directory; whatever lies below a watched one is watched with it.

        Raises:
            OSError: The directory is not there or may not be read.
        """
        if not any(directory == root or directory.startswith(root + os.sep) for root in self._roots):
            self._roots[directory] = self._observer.schedule(
                self._handler, directory, recursive=True, event_filter=EVENTS
            )
        self._directories.add(directory)
        return True

    def remove(self, directory: str) -> None:
        """No longer watch a directory."""
        self._directories.discard(directory)
        watch = self._roots.pop(directory, None)
        if watch is not None:
            self._observer.unschedule(watch)  # type: ignore[arg-type]  # what `schedule` returned

    def drain(self) -> None:
        """Nothing tells which events are still to come; `Watcher.hears` does not count on these."""

    def close(self) -> None:
        """End the observer's threads."""
        self._observer.stop()
        self._observer.join()


class _Handler(FileSystemEventHandler):
    def __init__(self, on_event: Callable[[str, str, bool], None]) -> None:
        self._on_event = on_event

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Tell where something happened; a move happened at both ends."""
        for path in filter(None, (os.fsdecode(event.src_path), os.fsdecode(event.dest_path))):
            directory, _, name = path.rpartition(os.sep)
            self._on_event(directory, name, isinstance(event, FileModifiedEvent))
