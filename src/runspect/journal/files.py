"""Op files on disk: each is appended to by one process at a time, with one write and one fsync."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import stat
from pathlib import Path

_MOST_JOINED = 1000


class OpFile:
    """A file that this process appends to; nobody else has it open for writing meanwhile."""

    def __init__(self, path: Path, descriptor: int, size: int = 0) -> None:
        self.path = path
        self._descriptor = descriptor
        self._size = size

    @classmethod
    def create(cls, directory: Path, host: str) -> OpFile:
        """Make a new file in `directory`, which only this process will ever write.

        Raises:
            OSError: It cannot be made.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = directory / f"{host}-{secrets.token_hex(6)}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        file = cls(path, os.open(path, flags, 0o600))
        _sync_directory(directory)
        return file

    @classmethod
    def join(cls, directory: Path, stem: str) -> OpFile:
        """Go on with the file `stem.jsonl` of a shared directory, or begin one of the next name.

        `stem` must say the host, its start and the user: so the only others who may have the file open are processes of
        that user on this host, and a lock tells. One that ends in half a line is left as it is.

        Raises:
            OSError: None can be opened.
        """
        mode = (stat.S_IMODE(directory.stat().st_mode) & 0o644) | 0o600
        for number in range(_MOST_JOINED):
            path = directory / f"{stem}{f'-{number}' if number else ''}.jsonl"
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            try:
                descriptor = os.open(path, flags, mode)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.EACCES) and os.path.lexists(path):
                    continue  # something of that name is no file of ours
                raise
            size = _taken(path, descriptor)
            if size is None:
                os.close(descriptor)
                continue
            if size == 0:
                with contextlib.suppress(OSError):
                    os.fchmod(descriptor, mode)  # the engine lets nobody in where it is not told to
                _sync_directory(directory)
            return cls(path, descriptor, size)
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))

    def append(self, data: bytes) -> None:
        """Add complete lines; on return they are on the disk, in the file of that name.

        Raises:
            OSError: They are not; the file is then as it was, or unfit for another append.
        """
        self._check()  # what is appended to a file that was removed or replaced is seen by nobody
        try:
            if os.write(self._descriptor, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)
        self._check()  # git, or who edits by hand, may have replaced it just then

    def close(self) -> None:
        """Close the file; one that holds nothing is removed."""
        with contextlib.suppress(OSError):
            if self._size == 0:
                self.path.unlink()
            os.close(self._descriptor)

    def _check(self) -> None:
        named, held = self.path.lstat(), os.fstat(self._descriptor)
        if (named.st_dev, named.st_ino, named.st_size) != (held.st_dev, held.st_ino, self._size):
            raise OSError(errno.ESTALE, "the file was replaced or written by somebody else")


def _taken(path: Path, descriptor: int) -> int | None:
    """The size of a file that may be appended to, locked for this process; None where it may not."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held, named = os.fstat(descriptor), path.lstat()
        if not stat.S_ISREG(held.st_mode) or held.st_uid != os.getuid():
            return None
        if (named.st_dev, named.st_ino) != (held.st_dev, held.st_ino):
            return None  # replaced between opening and locking
        if held.st_size and os.pread(descriptor, 1, held.st_size - 1) != b"\n":
            return None
    except OSError:
        return None
    return held.st_size


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EROFS):  # some file systems cannot
            raise
    finally:
        os.close(descriptor)
