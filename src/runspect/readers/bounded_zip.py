"""A few small members of a zip archive, whatever else it holds and however much it would swell."""

from __future__ import annotations

import errno
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, BinaryIO

from runspect.errors import ReaderFault
from runspect.model import Problem
from runspect.readers.contract import Batch, Cursor, with_offset
from runspect.readers.lines import Readable

MAGIC = b"PK\x03\x04"
LARGEST = 128 << 20
"""Bytes of a member, unpacked."""
MOST_MEMBERS = 20_000
MOST_BYTES = 4 << 30
"""Bytes unpacked of all members together, where each is read piece by piece."""
LARGEST_DIRECTORY = 8 << 20
_END = struct.Struct("<4s4H2LH")
_END_MAGIC = b"PK\x05\x06"
_LONGEST_COMMENT = 1 << 16


def members(path: Path, names: Iterable[str], limit: int = LARGEST) -> dict[str, bytes]:
    """The contents of those of `names` that are there.

    Raises:
        OSError: The file cannot be opened or read.
        ReaderFault: It is no whole archive, or a member is damaged, locked or too large.
    """
    with opened(path) as archive:
        listed = set(archive.namelist())
        return {name: _content(archive, name, limit) for name in names if name in listed}


def read_archive(path: Path, cursor: Cursor, reader: str, parse: Callable[[Path], Batch]) -> Iterator[Batch]:
    """One batch of an archive, which is written once, or one that tells why there is none.

    Raises:
        OSError: The file cannot be opened or read.
    """
    end = with_offset(cursor, path.stat().st_size)
    try:
        yield replace(parse(path), cursor=end)
    except ReaderFault as fault:
        problem = Problem(str(path), fault.offset, reader, fault.what, "nothing was read from it")
        yield Batch(end, problems=(problem,))


def holds(path: Path, names: Iterable[str]) -> bool:
    """Whether all of `names` are members; False for what is no archive.

    Raises:
        OSError: The file cannot be opened or read.
    """
    try:
        with opened(path) as archive:
            return set(names) <= set(archive.namelist())
    except ReaderFault:
        return False


@contextmanager
def zip_members(path: Path) -> Iterator[Iterator[tuple[str, Readable]]]:
    """The names of all files and what can be read of each until the next one is asked for; `MOST_BYTES` in all.

    Raises:
        OSError: The file cannot be opened or read.
        ReaderFault: At once or later: it is no whole archive, or a member is damaged, locked or too large.
    """
    with opened(path) as archive:
        yield _each(archive)


def _each(archive: zipfile.ZipFile) -> Iterator[tuple[str, Readable]]:
    left = _Left(MOST_BYTES)
    for info in archive.infolist():
        if not info.is_dir():
            with archive.open(info) as member:
                yield info.filename, _Counted(member, left)


class _Left:
    """Bytes that may still be unpacked."""

    def __init__(self, count: int) -> None:
        self.count = count


class _Counted:
    def __init__(self, member: IO[bytes], left: _Left) -> None:
        self._member, self._left = member, left

    def read(self, size: int, /) -> bytes:
        data = self._member.read(size)
        self._left.count -= len(data)
        if self._left.count < 0:
            raise ReaderFault(f"an archive of more than {MOST_BYTES >> 30} GB")
        return data


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive for reading, its many errors as ours.

    Raises:
        OSError: The file cannot be opened or read.
        ReaderFault: It is no whole archive, or damaged.
    """
    with path.open("rb") as file:
        _check_directory(file)
        try:
            with zipfile.ZipFile(file) as archive:
                yield archive
        except ReaderFault:
            raise
        except OSError as error:
            if error.errno not in (None, errno.EINVAL):  # a place in the file that is none
                raise
            raise ReaderFault(f"a damaged archive: {error}") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, struct.error, LookupError) as error:
            raise ReaderFault(f"a damaged archive: {str(error)[:80]}") from error
        except (NotImplementedError, RuntimeError) as error:
            raise ReaderFault(f"an archive that cannot be unpacked: {str(error)[:80]}") from error


def _content(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """What the member's header says of its size is not believed."""
    with archive.open(name) as member:
        data = member.read(limit + 1)
    if len(data) > limit:
        raise ReaderFault(f"{name[:60]} in the archive is larger than {limit >> 20} MB")
    return data


def _check_directory(file: BinaryIO) -> None:
    """Refuse an archive whose list of members alone would fill the memory, before it is read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size - _LONGEST_COMMENT))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_END_MAGIC)
    if at < 0 or at + _END.size > len(tail):
        raise ReaderFault("an empty file" if not size else "no whole archive: it ends in the middle", 0)
    _, _, _, _, count, length, _, _ = _END.unpack_from(tail, at)
    if count > MOST_MEMBERS or length > LARGEST_DIRECTORY:
        raise ReaderFault("an archive of too many files")
