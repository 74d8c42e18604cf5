"""The digest of a file or of a directory of files, read as a stream: models are large."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from runspect.errors import NotFound, UsageError
from runspect.model import Json


def digest(path: Path) -> dict[str, Json]:
    """{path, size, sha256} of a file. Of a directory (a checkpoint of several files) the digest is that of the lines
    `sha256  path` of its files, sorted by path as `sha256sum` would print them; links in it are not followed.

    Raises:
        NotFound: There is none.
        UsageError: It cannot be read, or was written to meanwhile.
    """
    try:
        if path.is_dir():
            return _of_directory(path)
        size, text = _of_file(path)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    return {"path": str(path.resolve()), "size": size, "sha256": text}


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a directory; 0 where there is none."""
    try:
        return sum(each.stat().st_size for each in _files(path)) if path.is_dir() else path.stat().st_size
    except OSError:
        return 0


def _of_file(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        text = hashlib.file_digest(file, "sha256").hexdigest()
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UsageError(f"{path} was written to while it was read: wait until it is whole")
    return after.st_size, text


def _of_directory(path: Path) -> dict[str, Json]:
    total, found = 0, hashlib.sha256()
    for each in _files(path):
        size, text = _of_file(each)
        total += size
        found.update(f"{text}  {each.relative_to(path).as_posix()}\n".encode("utf-8", "surrogateescape"))
    return {"path": str(path.resolve()), "size": total, "sha256": found.hexdigest(), "directory": True}


def _files(path: Path) -> Iterator[Path]:
    """Sorted by the path below the directory."""
    found = [each for each in path.rglob("*") if each.is_file() and not each.is_symlink()]
    yield from sorted(found, key=lambda each: each.relative_to(path).as_posix())
