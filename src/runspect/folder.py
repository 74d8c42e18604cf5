"""The folder that a team shares beside its runs, wherever that is mounted, copied to or cloned.

DIR/.runspect/id                one random id a line; with it the runs below DIR have the same ids on every host
DIR/.runspect/journal/*.jsonl   annotations: a file per person, host and start, written by nobody else
DIR/.runspect/views/*.toml      saved views (`runspect.views`)
DIR/.runspect/.gitattributes    how git merges the first two

`runspect init` makes it, and only then is anything written into a directory of runs. Two ids are what is left where two
people made the folder at once and git kept both: the runs answer to each.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.pathtext import to_disk

HIDDEN = ".runspect"
ATTRIBUTES = """\
# Each line of these files stands for itself, in any order and twice as well as once: git keeps those of both sides.
/id merge=union -text
/journal/*.jsonl merge=union -text
"""
_ID = re.compile(rb"[0-9a-f]{16,64}")
_ID_BYTES = 4096
_MOST_IDS = 16


@dataclass(frozen=True, slots=True)
class Folder:
    """A shared folder that is there."""

    base: str
    """The directory that it lies in and speaks of: real, absolute, storable text (see `pathtext`)."""
    ids: tuple[str, ...]
    """Sorted; the first one is the name."""

    @property
    def journal(self) -> Path:
        """Where its op files lie."""
        return Path(to_disk(self.base)) / HIDDEN / "journal"


def folder_in(directory: str) -> Folder | None:
    """The shared folder that lies in a directory; None without one. A link in its place is none: it leads elsewhere."""
    place = Path(to_disk(directory)) / HIDDEN
    try:
        if not stat.S_ISDIR(place.lstat().st_mode):
            return None
        descriptor = os.open(place / "id", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            lines = file.read(_ID_BYTES).splitlines()
    except OSError:
        return None
    # all lines that are ids: what git writes around two of them, where it was not told to keep both, is none
    ids = sorted({line.strip().decode() for line in lines if _ID.fullmatch(line.strip())})[:_MOST_IDS]
    return Folder(directory, tuple(ids)) if ids else None


def folders_around(directory: str) -> tuple[Folder, ...]:
    """The shared folders in a directory and those above it, the nearest first."""
    path = Path(directory)
    found = (folder_in(str(each)) for each in (path, *path.parents))
    return tuple(folder for folder in found if folder is not None)


def make_folder(directory: str) -> Folder:
    """Make the shared folder of a directory, open to whom the directory is; one that is there stays as it is.

    Raises:
        UsageError: It cannot be made.
    """
    base = Path(to_disk(directory))
    place = base / HIDDEN
    try:
        status = base.stat()
        for each in (place, place / "journal"):
            _make_directory(each, status)
        _make_file(place / ".gitattributes", ATTRIBUTES, status)
        if folder_in(directory) is None:
            _make_file(place / "id", f"{secrets.token_hex(16)}\n", status)
    except OSError as error:
        raise UsageError(f"{error.filename or place}: cannot be made: {error.strerror or error}") from error
    found = folder_in(directory)
    if found is None:
        raise UsageError(f"{place}: holds a file `id` without an id, or is a link; move it away and try again")
    return found


def innermost(folders: Sequence[Folder], place: str) -> tuple[Folder, ...]:
    """Of some folders those that speak of an absolute path, the nearest first."""
    return tuple(sorted((each for each in folders if _inside(place, each.base)), key=lambda each: -len(each.base)))


def _inside(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")


def _make_directory(path: Path, like: os.stat_result) -> None:
    with suppress(FileExistsError):
        path.mkdir()
        _open_up(path, like, stat.S_IMODE(like.st_mode) | 0o700)
    if not stat.S_ISDIR(path.lstat().st_mode):
        raise NotADirectoryError(20, "is no directory", str(path))


def _make_file(path: Path, text: str, like: os.stat_result) -> None:
    """Write a file that is not there yet, whole or not at all; of two who do so at once one wins."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        fresh.write_text(text, encoding="utf-8")
        _open_up(fresh, like, (stat.S_IMODE(like.st_mode) & 0o666) | 0o600)
        if not path.exists():
            _put(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _put(fresh: Path, path: Path) -> None:
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        return
    except OSError:  # some file systems know no hard links
        fresh.replace(path)


def _open_up(path: Path, like: os.stat_result, mode: int) -> None:
    """Let the group of the directory in, as far as the directory does."""
    with suppress(OSError):
        os.chown(path, -1, like.st_gid)
    with suppress(OSError):
        path.chmod(mode)
