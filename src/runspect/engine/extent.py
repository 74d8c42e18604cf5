"""How large and how new a file is, with what waits beside it to be written into it."""

from __future__ import annotations

import os
from pathlib import Path

_DATABASES = (".db", ".sqlite", ".sqlite3")


def extent(path: str | Path, status: os.stat_result) -> tuple[int, float]:
    """Size and modification time of a file, for a SQLite database together with its write-ahead log.

    Commits go to the log first: the database itself changes only every thousand pages.
    """
    name = os.fspath(path)
    if name.endswith(_DATABASES):
        try:
            log = os.stat(f"{name}-wal")  # noqa: PTH116 - one call for each database of each sweep
        except OSError:
            return status.st_size, status.st_mtime
        return status.st_size + log.st_size, max(status.st_mtime, log.st_mtime)
    return status.st_size, status.st_mtime
