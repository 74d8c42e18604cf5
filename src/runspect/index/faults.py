"""Errors of DuckDB: whether the file is at fault, and what they mean for people."""

from __future__ import annotations

from pathlib import Path

import duckdb

from runspect.errors import IndexFault

_LEFT_ALONE = (
    # (words in DuckDB's message, what it means for the user): the file is not at fault
    ("could not set lock", "is held by another process"),
    ("no space left", "cannot be written: no space left on the device"),
    ("disk quota", "cannot be written: the disk quota is exceeded"),
    ("permission denied", "cannot be opened: permission denied"),
    ("read-only file system", "cannot be written: the file system is read-only"),
    ("out of memory", "needs more memory than it may use"),
    ("too many open files", "cannot be opened: too many open files"),
    ("input/output error", "cannot be read: input/output error"),
)
_BROKEN = (
    "not a valid duckdb",
    "corrupt",
    "checksum",
    "version number",
    "serializ",
    "failure while replaying wal",
    "internal error",
    "invalid database",
    "unsupported",
    "not a database",
    "does not exist",
    "read beyond",
    "could not read",
    "catalog",
    "storage",
)


def is_broken(error: duckdb.Error) -> bool:
    """Whether an error on opening says that the file itself is at fault, not the disk, a lock or a right."""
    text = str(error).lower()
    if any(words in text for words, _ in _LEFT_ALONE):
        return False
    return any(word in text for word in _BROKEN)


def index_fault(path: Path, error: duckdb.Error) -> IndexFault:
    """The error as one line of what, where and why."""
    text = str(error).lower()
    for words, meaning in _LEFT_ALONE:
        if words in text:
            return IndexFault(f"the index {path} {meaning}; it was left as it is")
    return IndexFault(f"the index {path}: {first_line(error)}")


def first_line(error: duckdb.Error) -> str:
    """What DuckDB says, without where and how."""
    return str(error).strip().partition("\n")[0][:200]
