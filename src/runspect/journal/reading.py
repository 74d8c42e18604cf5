"""Op files as they are read: what is new in each, from whatever wrote or merged it, and which lines are no ops."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from runspect.dataclass import dataclass
from runspect.journal.checking import checked
from runspect.journal.lines import Line, Odd, read_line

LINE_BYTES = 2 << 20
"""A line larger than this is no op, whatever is in it."""
FILE_BYTES = 1 << 28
"""Of a shared file that is larger, the rest is not read."""
AHEAD_NS = 366 * 86_400 * 10**9
"""An op of a shared file that is so far in the future would win over all that is said from now on: it does not count."""
MOST_FAULTS = 10
_TAIL = 256


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of an op file that does not count."""

    path: Path
    offset: int
    what: str


@dataclass(frozen=True, slots=True)
class _Read:
    """How far a file was read, and what it was then."""

    inode: int
    size: int
    modified: int
    offset: int = 0
    tail: bytes = b""
    """What was before the offset: where it is another one, the file was written anew."""
    faults: tuple[Fault, ...] = ()
    more: int = 0
    """Faults that are not among these."""


class OpReader:
    """Reads op files, each line once as long as they only grow; mutable."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._read: dict[Path, _Read] = {}

    def read_new(self, directories: Sequence[Path], *, trusted: bool) -> list[Line]:
        """The ops that are new since the last time, with repeats where a file was written anew.

        `trusted`: nobody but runspect writes there; else every line is looked at more closely. A file that cannot be read
        is left for the next time.
        """
        lines: list[Line] = []
        for directory in directories:
            for path, status in _op_files(directory, not trusted):
                before = self._read.get(path)
                if before is not None and _stamp(before) == (status.st_ino, status.st_size, status.st_mtime_ns):
                    continue
                try:
                    with open(path, "rb", opener=_no_link) as file:
                        self._read[path] = self._read_on(path, file, status, before, lines, trusted)
                except OSError:
                    continue
        return lines

    def faults(self, directory: Path) -> list[Fault]:
        """The lines in the files of a directory that do not count, those of files that are gone left out."""
        found: list[Fault] = []
        for path, read in sorted(self._read.items()):
            if path.parent == directory and read.faults and path.exists():
                found += read.faults
                if read.more:
                    found.append(
                        Fault(path, read.faults[-1].offset, f"{read.more:,} more lines that are no annotations")
                    )
        return found

    def _read_on(
        self, path: Path, file: BinaryIO, status: os.stat_result, before: _Read | None, lines: list[Line], trusted: bool
    ) -> _Read:
        read = _Read(status.st_ino, status.st_size, status.st_mtime_ns)
        if before is not None and _goes_on(file, status, before):
            read = replace(before, size=status.st_size, modified=status.st_mtime_ns)
        faults, more, offset = list(read.faults), read.more, read.offset
        latest = self._clock() + AHEAD_NS
        for start, length, raw in _complete_lines(file, offset):
            offset = start + length
            found = read_line(raw) if raw is not None else Odd(f"a line of {length:,} bytes is no annotation")
            if isinstance(found, Line) and not trusted:
                found = checked(found, latest)
            if isinstance(found, Line):
                lines.append(found)
            elif found is not None and len(faults) < MOST_FAULTS:
                faults.append(Fault(path, start, found.what))
            elif found is not None:
                more += 1
            if offset > FILE_BYTES and not trusted:
                faults.append(Fault(path, offset, f"larger than {FILE_BYTES >> 20} MiB: the rest is not read"))
                offset = status.st_size
                break
        file.seek(max(0, offset - _TAIL))
        return replace(
            read, offset=offset, tail=file.read(min(_TAIL, offset)), faults=tuple(faults), more=more
        )  # a torn last line was never acknowledged: it is no fault, and read again once it is whole


def _stamp(read: _Read) -> tuple[int, int, int]:
    return read.inode, read.size, read.modified


def _goes_on(file: BinaryIO, status: os.stat_result, before: _Read) -> bool:
    """Whether a file only grew: one that was put back, merged or edited is read from its beginning."""
    if status.st_ino != before.inode or status.st_size < before.offset or status.st_size == before.size:
        return False
    file.seek(before.offset - len(before.tail))
    return file.read(len(before.tail)) == before.tail


def _complete_lines(file: BinaryIO, offset: int) -> Iterator[tuple[int, int, bytes | None]]:
    """(offset, length, line with its newline); None for one that is too long, which is not kept."""
    file.seek(offset)
    while raw := file.readline(LINE_BYTES):
        length, last = len(raw), raw
        while not last.endswith(b"\n"):
            last = file.readline(LINE_BYTES)
            if not last:
                return
            length += len(last)
        yield offset, length, raw if length == len(raw) else None
        offset += length


def _op_files(directory: Path, shared: bool) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        if shared and directory.is_symlink():
            return
        with os.scandir(directory) as entries:
            found = sorted((entry for entry in entries if entry.name.endswith(".jsonl")), key=lambda each: each.name)
    except OSError:
        return
    for entry in found:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield Path(entry.path), status


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
