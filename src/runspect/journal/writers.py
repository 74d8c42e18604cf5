"""Where annotations are written: the user's own directories, or the shared folder of a team. Mutable, under one lock."""

from __future__ import annotations

import errno
import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from runspect.folder import Folder
from runspect.journal.files import OpFile

_ELSEWHERE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR)
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Writer(ABC):
    """Appends to one op file, and to another one once that is unfit."""

    def __init__(self) -> None:
        self._file: OpFile | None = None

    def append(self, data: bytes) -> None:
        """Add complete lines; on return they are on the disk.

        Raises:
            OSError: They are not.
        """
        fresh = self._file is None
        try:
            if self._file is None:
                self._file = self._open()
            self._file.append(data)
        except OSError:
            # The file may end in half a line: it is never written again.
            self.leave()
            if fresh:
                raise
            self.append(data)

    def leave(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @abstractmethod
    def _open(self) -> OpFile:
        """A file that was never written by another, or that may be gone on with."""


class HomeWriter(Writer):
    """Writes to the first of the user's own directories that can be written, in a new file each time."""

    def __init__(self, directories: Sequence[Path], host: str) -> None:
        super().__init__()
        self._directories = tuple(directories)
        self._host = host
        self.note = ""

    def _open(self) -> OpFile:
        first: OSError | None = None
        for directory in self._directories:
            try:
                file = OpFile.create(directory, self._host)
            except OSError as error:
                first = first or error
                if error.errno not in _ELSEWHERE:
                    break
                continue
            if first is not None:
                self.note = f"{self._directories[0]} cannot be written; annotations go to {directory}"
            return file
        raise first or OSError(errno.ENOENT, os.strerror(errno.ENOENT))


class FolderWriter(Writer):
    """Writes to a shared folder: few files, as each adds to what everybody reads, and none that another host writes."""

    def __init__(self, folder: Folder, host: str) -> None:
        super().__init__()
        self._directory = folder.journal
        self._stem = f"{host}-{_user()}-{_start(folder.base)}"

    def _open(self) -> OpFile:
        # what git leaves of a folder without files is nothing
        self._directory.mkdir(exist_ok=True)
        if self._directory.is_symlink():  # whoever made it may mean a place that is none of theirs
            raise OSError(errno.ENOTDIR, "it is a link")
        return OpFile.join(self._directory, self._stem)


def _user() -> str:
    import getpass

    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        name = str(os.getuid())
    return "".join(char if char.isascii() and (char.isalnum() or char in "._") else "_" for char in name)[:32]


def _start(base: str) -> str:
    """Tells apart the starts of a host, its users and its clones of a folder.

    Hosts may have one name, as containers do, and clones that are merged must not have written the same file.
    """
    boot = b""
    with suppress(OSError):
        boot = _BOOT.read_bytes()
    # where the system does not tell its start, a file is that of one process
    start = boot or os.urandom(8)
    text = b"\0".join((start, str(os.getuid()).encode(), base.encode("utf-8", "surrogateescape")))
    return hashlib.sha256(text).hexdigest()[:10]
