"""How large and how new a file is, with what lies beside it and tells of the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from runspect.readers import reader_named

_DATABASES = (".db", ".sqlite", ".sqlite3")


class Extent(NamedTuple):
    """The status of a database and of what grows instead of it, as one; called as in `os.stat_result`."""

    st_size: int
    st_mtime: float
    st_ino: int
    st_ctime_ns: int


def extent(path: str | Path, status: os.stat_result, reader: str = "") -> os.stat_result | Extent:
    """The status of a file, for a database together with the files that grow instead of it.

    Commits go to SQLite's write-ahead log first: the database itself changes only every thousand pages. A reader may
    name other files (`beside`).
    """
    name = os.fspath(path)
    if not name.endswith(_DATABASES):
        return status
    size, mtime, ctime = status.st_size, status.st_mtime, status.st_ctime_ns
    for other in _beside(name, reader):
        try:
            found = os.stat(other)  # noqa: PTH116 - a call for each database of each sweep
        except OSError:
            continue
        size, mtime, ctime = size + found.st_size, max(mtime, found.st_mtime), max(ctime, found.st_ctime_ns)
    return Extent(size, mtime, status.st_ino, ctime)


def _beside(path: str, reader: str) -> Iterator[str | Path]:
    yield f"{path}-wal"
    try:
        beside = getattr(reader_named(reader), "beside", None)
    except KeyError:
        return
    if beside is not None:
        yield from beside(Path(path))
