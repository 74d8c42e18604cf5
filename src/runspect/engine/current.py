"""Which directories were walked and read to their end, so that what is heard of them since is all that is new."""

from __future__ import annotations

from runspect.engine.trees import inside
from runspect.pathtext import on_disk

Place = tuple[int, int]
"""Device and inode of a directory."""


class Current:
    """Mutable, of the syncing thread."""

    def __init__(self) -> None:
        self._walked: dict[str, Place] = {}

    def begin(self, directory: str) -> dict[str, Place]:
        """A directory is walked: until `end` is given what is returned here, nothing is known of it."""
        before, place = self._walked, _place(directory)
        self._walked = {each: known for each, known in before.items() if not _overlap(each, directory)}
        return before if place is None else {**before, directory: place}

    def end(self, walked: dict[str, Place]) -> None:
        """The walk, and reading what it found, came to the end."""
        self._walked = walked

    def holds(self, directory: str) -> bool:
        """Whether a directory was walked, and what was walked is still there and no other."""
        walked = next((each for each in self._walked if inside(directory, each)), None)
        return walked is not None and self._walked[walked] == _place(walked)


def _overlap(one: str, other: str) -> bool:
    return inside(one, other) or inside(other, one)


def _place(directory: str) -> Place | None:
    try:
        status = on_disk(directory, ".").stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
