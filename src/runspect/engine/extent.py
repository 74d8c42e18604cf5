"""How large and how new a file is, with what lies beside it and tells of the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from runspect.readers import reader_named

_DATABASES = (".db", ".sqlite", ".sqlite3")


def extent(path: str | Path, status: os.stat_result, reader: str = "") -> tuple[int, float]:
    """Size and modification time of a file, for a database together with the files that grow instead of it.

    Commits go to SQLite's write-ahead log first: the database itself changes only every thousand pages. A reader may
    name other files (`beside`).
    """
    size, mtime = status.st_size, status.st_mtime
    for other in _beside(os.fspath(path), reader):
        try:
            found = os.stat(other)  # noqa: PTH116 - a call for each database of each sweep
        except OSError:
            continue
        size, mtime = size + found.st_size, max(mtime, found.st_mtime)
    return size, mtime


def _beside(path: str, reader: str) -> Iterator[str | Path]:
    if not path.endswith(_DATABASES):
        return
    yield f"{path}-wal"
    try:
        beside = getattr(reader_named(reader), "beside", None)
    except KeyError:
        return
    if beside is not None:
        yield from beside(Path(path))
