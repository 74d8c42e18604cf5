"""Digests of the data that a run was told to use: whole where that is quick, by a stated sample where it is not."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

WHOLE = 256 << 20
"""Bytes up to which all content is read."""
BLOCK = 1 << 20
BLOCKS = 64
"""So many blocks of a larger file are read, the first and the last among them."""
MOST_FILES = 200_000
"""Files of a directory that are looked at, in the order of their paths."""
SAMPLED_FILES = 256

HOW_FILE = "sha256 of the content"
HOW_SAMPLED = f"sha256 of the size as decimal text and {BLOCKS} blocks of 1 MiB at evenly spaced offsets"
HOW_DIRECTORY = "sha256 over the sorted lines 'path NUL size NUL sha256 LF' of all files"
HOW_DIRECTORY_SAMPLED = (
    f"sha256 over the sorted lines 'path NUL size LF' of all files and the sampled digests of {SAMPLED_FILES} of them, "
    "evenly spaced in that order"
)

Stopped = Callable[[], bool]


class Interrupted(Exception):
    """The run ended before its data was digested."""


def data(path: str, cwd: str, stopped: Stopped = lambda: False) -> dict[str, object]:
    """`path`, `size` (bytes), `files`, `sha256`, `how`; or `missing`: why there is no digest. Never raises."""
    where = Path(cwd, path)
    told: dict[str, object] = {"path": str(where.absolute())}
    try:
        found = where.stat()
        if stat.S_ISREG(found.st_mode):
            return {**told, "size": found.st_size, "files": 1, **_file(where, found.st_size, stopped)}
        if stat.S_ISDIR(found.st_mode):
            return {**told, **_directory(where, stopped)}
    except Interrupted:
        return {**told, "missing": "the run ended before the digest was made"}
    except OSError as error:
        return {**told, "missing": error.strerror or str(error)}
    return {**told, "missing": "neither a file nor a directory"}


def offsets(size: int) -> Iterator[int]:
    """Where the sampled blocks of a file begin: evenly spaced, the last one ends at the file's end."""
    for i in range(BLOCKS):
        yield (size - BLOCK) * i // (BLOCKS - 1)


def _file(path: Path, size: int, stopped: Stopped) -> dict[str, object]:
    whole = size <= WHOLE
    return {"sha256": _digest(path, size, whole, stopped), "how": HOW_FILE if whole else HOW_SAMPLED}


def _digest(path: Path, size: int, whole: bool, stopped: Stopped) -> str:
    found = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        if whole:
            while piece := file.read(BLOCK):
                found.update(piece)
                if stopped():
                    raise Interrupted
        else:
            found.update(str(size).encode())
            for offset in offsets(size):
                file.seek(offset)
                found.update(file.read(BLOCK))
                if stopped():
                    raise Interrupted
    return found.hexdigest()


def _directory(root: Path, stopped: Stopped) -> dict[str, object]:
    files, more = list[tuple[str, int]](), False
    for path, size in _walk(root, ""):
        if len(files) >= MOST_FILES:
            more = True
            break
        files.append((path, size))
        if stopped():
            raise Interrupted
    files.sort()
    total = sum(size for _, size in files)
    whole = total <= WHOLE and len(files) <= 10_000 and not more
    found = hashlib.sha256()
    for path, size in files:
        line = os.fsencode(path) + b"\0" + str(size).encode()
        if whole:
            line += b"\0" + _digest(root / path, size, True, stopped).encode()
        found.update(line + b"\n")
    if not whole:
        for i in range(min(SAMPLED_FILES, len(files))):
            path, size = files[i * len(files) // min(SAMPLED_FILES, len(files))]
            found.update(_digest(root / path, size, size <= BLOCKS * BLOCK // 16, stopped).encode())
    told: dict[str, object] = {"size": total, "files": len(files), "sha256": found.hexdigest()}
    told["how"] = HOW_DIRECTORY if whole else HOW_DIRECTORY_SAMPLED
    if more:
        told["cut"] = f"only the first {MOST_FILES:,} files that the directory lists"
    return told


def _walk(root: Path, inner: str) -> Iterator[tuple[str, int]]:
    """Every regular file below a directory, links to files followed, links to directories not."""
    with os.scandir(root / inner) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        path = f"{inner}/{entry.name}" if inner else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, path)
        elif entry.is_file():
            yield path, entry.stat().st_size
