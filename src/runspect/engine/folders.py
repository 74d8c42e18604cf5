"""Which shared folders there are around and below the roots; looked for where a walk or a root says that one may be."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from runspect import identity
from runspect.folder import HIDDEN, Folder, folder_in, innermost
from runspect.pathtext import to_disk

_Stamp = tuple[int, int, int] | None


class Folders:
    """Mutable, thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamps: dict[str, _Stamp] = {}
        """By directory in which a folder may be, its file of ids as it was last seen."""
        self._folders: dict[str, Folder] = {}
        self._listeners: list[Callable[[], None]] = []
        self.version = 0
        """Another one when there are other folders."""

    def tell(self, listener: Callable[[], None]) -> None:
        """Call `listener`, in whatever thread, when there are other folders."""
        self._listeners.append(listener)

    def all(self) -> tuple[Folder, ...]:
        """Those that are there."""
        with self._lock:
            return tuple(self._folders[base] for base in sorted(self._folders))

    def around(self, place: str) -> tuple[Folder, ...]:
        """Those that speak of an absolute path, the nearest first."""
        return innermost(tuple(self._folders.values()), place) if self._folders else ()

    def names(self, place: str, key: str) -> Iterator[tuple[Folder, str]]:
        """What a run at an absolute path is called in the folders around it, the nearest first: the same on every host."""
        for folder in self.around(place):
            below = place[len(folder.base.rstrip("/")) + 1 :] or "."
            for scope in folder.ids:
                yield folder, identity.path_id(scope, below, key)

    def look_around(self, roots: Iterable[str]) -> None:
        """Look in these directories and those above them, now and from now on."""
        self.look(str(above) for root in roots for above in (Path(root), *Path(root).parents))

    def look(self, directories: Iterable[str]) -> None:
        """Look in these directories, now and from now on."""
        fresh = [directory for directory in dict.fromkeys(directories) if directory not in self._stamps]
        if fresh:
            with self._lock:
                self._stamps.update((directory, None) for directory in fresh if directory not in self._stamps)
            self.poll(fresh)

    def poll(self, directories: Iterable[str] | None = None) -> None:
        """Look again where folders are or may be: nothing tells when others make one."""
        changed = False
        for directory in tuple(self._stamps) if directories is None else directories:
            before = self._stamps.get(directory)
            stamp = _stamp(directory)
            with self._lock:
                if stamp == before or self._stamps.get(directory) != before:  # others looked meanwhile, maybe later
                    continue
                self._stamps[directory] = stamp
                found = folder_in(directory) if stamp is not None else None
                if found == self._folders.get(directory):
                    continue
                # replaced as a whole: `around` reads it without the lock
                others = {base: folder for base, folder in self._folders.items() if base != directory}
                self._folders = others if found is None else {**others, directory: found}
                self.version += 1
                changed = True
        if changed:
            for listener in self._listeners:
                listener()


def _stamp(directory: str) -> _Stamp:
    try:
        found = os.stat(f"{to_disk(directory).rstrip('/')}/{HIDDEN}/id")  # noqa: PTH116 - for each of many, now and then
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
