"""Op files on disk: one per engine, made exclusively, appended with one write and one fsync."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from runspect.journal.lines import Line, complete_lines, decode


class OpFile:
    """The one file that this process appends to; nobody else ever opens it for writing."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._size = 0

    @classmethod
    def create(cls, directory: Path, host: str) -> OpFile:
        """Make a new file in `directory`.

        Raises:
            OSError: It cannot be made.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = directory / f"{host}-{secrets.token_hex(6)}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        file = cls(path, os.open(path, flags, 0o600))
        _sync_directory(directory)
        return file

    def append(self, data: bytes) -> None:
        """Add complete lines; on return they are on the disk.

        Raises:
            OSError: They are not; the file is then as it was, or unfit for another append.
        """
        self.path.stat()  # what is appended to a file that was removed is seen by nobody
        try:
            if os.write(self._descriptor, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)

    def close(self) -> None:
        """Close the file; one that holds nothing is removed."""
        with contextlib.suppress(OSError):
            if self._size == 0:
                self.path.unlink()
            os.close(self._descriptor)


def read_new(directories: Sequence[Path], offsets: dict[Path, int], own: Path | None) -> list[Line]:
    """The ops behind `offsets` in all op files but `own`; moves the offsets on.

    A file that cannot be read is left for the next time.
    """
    lines: list[Line] = []
    for path, size in _op_files(directories):
        known = offsets.get(path, 0)
        if path == own or size == known:
            continue
        # A shorter file was put back from elsewhere (git, a backup): its ops are known by their ids.
        start = known if size > known else 0
        with contextlib.suppress(OSError):
            raw, length = complete_lines(_read_from(path, start))
            lines.extend(line for line in map(decode, raw) if line is not None)
            offsets[path] = start + length
    return lines


def _op_files(directories: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    for directory in directories:
        try:
            entries = list(os.scandir(directory))
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith(".jsonl"):
                with contextlib.suppress(OSError):
                    yield Path(entry.path), entry.stat().st_size


def _read_from(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read()


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EROFS):  # some file systems cannot
            raise
    finally:
        os.close(descriptor)
