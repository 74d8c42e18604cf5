"""Files that are read together with another one: how much there is of them, and when they were last written.

A claim may name directories beside its file (`Claim.members`); a database may have a write-ahead log beside it. Such
files are no sources of their own: their sizes and times count as those of the file that speaks for them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from runspect.dataclass import dataclass, field
from runspect.model import Claim
from runspect.pathtext import to_disk, to_text
from runspect.readers import reader_named

MOST_LEVELS = 16
WAL = "-wal"
BESIDE = (WAL, "-shm", "-journal")
"""Endings of what SQLite keeps beside a database."""


class Stamp(NamedTuple):
    """What tells whether a file changed."""

    size: int
    mtime: float
    inode: int
    ctime: int
    """Nanoseconds; also changes when a file is written and its modification time set back. 0: not known."""

    @staticmethod
    def of(status: os.stat_result) -> Stamp:
        """That of a file alone."""
        return Stamp(status.st_size, status.st_mtime, status.st_ino, status.st_ctime_ns)

    def with_more(self, size: int, mtime: float, ctime: int) -> Stamp:
        """That of the file and of another."""
        return Stamp(self.size + size, max(self.mtime, mtime), self.inode, max(self.ctime, ctime))


@dataclass(slots=True)
class Extent:
    """What was found below the members' directories."""

    size: int = 0
    mtime: float = 0.0
    ctime: int = 0
    directories: list[str] = field(default_factory=list)
    """Relative to the root, as all paths; those that were listed."""


def extended(
    root: str, path: str, stamp: Stamp, claim: Claim, inner: Collection[str] | None = None
) -> tuple[Stamp, list[str]]:
    """The stamp of a claimed file together with what is read with it, and the directories in which that lies.

    `root` is a path on the disk; `inner` are the names of the directories beside the file, where they are known.
    """
    if claim.members:
        extent = _measured(root, path, claim, inner)
        return stamp.with_more(extent.size, extent.mtime, extent.ctime), extent.directories
    if claim.kind == "store":
        for other in _beside(f"{root.rstrip('/')}/{to_disk(path)}", claim.reader):
            with suppress(OSError):
                found = os.stat(other)  # noqa: PTH116 - asked for each store at each look
                if found.st_size:
                    stamp = stamp.with_more(found.st_size, found.st_mtime, found.st_ctime_ns)
        return stamp, []
    return stamp, []


def base_of(name: str) -> str:
    """The database beside which a file of this name may lie; "" for other names."""
    if not name.endswith(BESIDE):
        return ""
    return name.rpartition("-")[0]


def _measured(root: str, path: str, claim: Claim, inner: Collection[str] | None) -> Extent:
    extent = Extent()
    above = path[: path.rfind("/") + 1]
    base = root.rstrip("/")
    for name in claim.members:
        if inner is None or name in inner:
            _add(f"{base}/{to_disk(above + name)}", above + name, extent, 0)
    return extent


def _add(path: str, directory: str, extent: Extent, depth: int) -> None:
    size, newest, changed, below = 0, 0.0, 0, []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    below.append(entry)
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat()
                    size += status.st_size
                    if status.st_ctime_ns > changed:
                        changed = status.st_ctime_ns
                    if status.st_mtime > newest:
                        newest = status.st_mtime
    except OSError:
        return
    extent.size += size
    extent.mtime = max(extent.mtime, newest)
    extent.ctime = max(extent.ctime, changed)
    extent.directories.append(directory)
    for entry in below if depth < MOST_LEVELS else ():
        _add(entry.path, f"{directory}/{to_text(entry.name)}", extent, depth + 1)


def _beside(path: str, reader: str) -> Iterator[str | Path]:
    """The write-ahead log of the database at `path`, and other files that its reader says grow instead of it."""
    yield path + WAL
    with suppress(KeyError):
        beside = getattr(reader_named(reader), "beside", None)
        if beside is not None:
            yield from beside(Path(path))
