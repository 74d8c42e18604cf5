"""Walks a directory tree, shows its files to the readers, and opens none that is known already.

Directory symlinks are never followed, artefacts never opened, and no name, however hostile, stops the walk.
"""

from __future__ import annotations

import os
import re
import stat
import threading
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from runspect.engine.artifacts import (
    Kind,
    artifact_kind,
    artifact_step,
    extension,
    holds_artifacts,
    produced_kind,
    unclaimed_kind,
)
from runspect.engine.members import Stamp, base_of, extended
from runspect.model import Artifact, Claim, Problem, Progress
from runspect.pathtext import to_disk, to_text
from runspect.readers.contract import Entry

SKIPPED = frozenset(
    {"node_modules", "__pycache__", "site-packages", "dist-packages", "venv", "conda-meta", "lost+found"}
)
"""Directories that are never entered; every hidden one but `HIDDEN` is left out as well (.git, .venv, .cache, …)."""
HIDDEN = frozenset({".hydra", ".guild", ".aim", ".neptune", ".cometml-runs"})
"""Hidden directories that hold runs."""
HUB_CACHE = re.compile(r"(?:models|datasets|spaces)--.+")
"""Directories of the Hugging Face hub's download cache."""
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
"""A directory with one of these is a Python environment."""
OWN_LINKS = frozenset({"debug-core.log", "debug.log", "debug-internal.log", "latest-run"})
"""Links that W&B makes into the user's cache or to its newest run: they dangle in every copy and mean nothing."""
_ASK_AGAIN = -1
"""An inode that no file has: one that could not be read is asked again by the next walk."""
CROWD = 10_000
"""So many files of one extension in one directory are data, not logs: counted, not looked at."""
FEW = 100
"""Claims may hang on the names beside a file: in directories of at most so many files, a new or vanished name has all
of them asked for anew."""
MOST_FILES = 2_000_000
MOST_LEVELS = 64
PROGRESS_EVERY = 20
"""Directories between two looks up from the walk."""
_CHECKPOINT = re.compile(r"checkpoint-(\d+)")
_NAMED_AT_MOST = 3

ClaimFile = Callable[[Entry], Claim | None]
OnProgress = Callable[[Progress], None]


class Known(NamedTuple):
    """What is remembered of a file; while size, mtime and inode stay, so does its claim."""

    size: int
    mtime: float
    inode: int
    claim: Claim | None


class Seen(NamedTuple):
    """A regular file that readers were asked about, now or earlier."""

    path: str
    """Relative to the walked root, posix, storable text (see `pathtext`)."""
    size: int
    mtime: float
    inode: int
    claim: Claim | None


@dataclass(slots=True)
class Walk:
    """What was found. Paths are relative to the walked root."""

    files: list[Seen] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    """Directories that were listed: those to watch."""
    members: dict[str, str] = field(default_factory=dict)
    """Directories whose files are read with another file, and that file."""
    unreadable: list[str] = field(default_factory=list)
    """Directories that are there and may not be listed: nothing is known of what lies below."""
    vanished: list[str] = field(default_factory=list)
    """Directories that were asked for and are no longer there."""
    seen_instead: Counter[str] = field(default_factory=Counter)
    """Files without a claim by extension (".py", "" for none) and artefacts by kind ("image")."""
    opened: int = 0
    """Files whose claim was not known."""
    complete: bool = True
    """False when it was cancelled or reached its bounds."""


def walk(
    root: Path,
    *,
    claim: ClaimFile,
    known: Mapping[str, Known] | None = None,
    skip: Collection[str] = (),
    cancel: threading.Event | None = None,
    on_progress: OnProgress | None = None,
) -> Walk:
    """List the whole tree under `root`.

    `skip` are absolute directories that are not entered: the index, the journal, other people's watches.

    Raises:
        OSError: The root itself cannot be listed.
    """
    with os.scandir(to_disk(os.fspath(root))):
        pass
    walker = _Walker(root, claim, known or {}, skip, cancel, on_progress)
    walker.expect_names()
    return walker.run([(".", _Names([]))], entered=())


def look(
    root: Path,
    directories: Iterable[str],
    *,
    claim: ClaimFile,
    known: Mapping[str, Known] | None = None,
    watched: Container[str] = (),
    skip: Collection[str] = (),
    cancel: threading.Event | None = None,
) -> Walk:
    """List single directories of the tree anew, entering those sub-directories that are not in `watched` yet."""
    walker = _Walker(root, claim, known or {}, skip, cancel, None)
    starts = [(each, walker.names_above(each)) for each in sorted(set(directories))]
    return walker.run(starts, entered=watched)


class _Names:
    """The names in a directory; the set is only made for files that a reader is asked about."""

    __slots__ = ("_entries", "_names")

    def __init__(self, entries: list[os.DirEntry[str]]) -> None:
        self._entries = entries
        self._names: frozenset[str] | None = None

    def all(self) -> frozenset[str]:
        if self._names is None:
            self._names = frozenset(to_text(entry.name) for entry in self._entries)
            self._entries = []
        return self._names


class _Walker:
    def __init__(
        self,
        root: Path,
        claim: ClaimFile,
        known: Mapping[str, Known],
        skip: Collection[str],
        cancel: threading.Event | None,
        on_progress: OnProgress | None,
    ) -> None:
        self._root = to_disk(os.fspath(root))
        self._real_root = os.path.realpath(self._root)
        self._claim = claim
        self._known = known
        self._skip = frozenset(os.path.realpath(to_disk(path)) for path in skip)
        self._cancel = cancel
        self._on_progress = on_progress
        self._walk = Walk()
        self._checkpoints: dict[str, list[float]] = {}
        self._unreadable: dict[str, list[str]] = {}
        self._known_counts: Counter[str] | None = None

    def expect_names(self) -> None:
        """Count the known files of each directory, so that vanished ones are noticed."""
        self._known_counts = Counter(path.rpartition("/")[0] or "." for path in self._known)

    def names_above(self, directory: str) -> _Names:
        """Names in the directory above, none above the root."""
        if directory == ".":
            return _Names([])
        try:
            with os.scandir(self._absolute(directory.rpartition("/")[0] or ".")) as entries:
                return _Names(list(entries))
        except OSError:
            return _Names([])

    def run(self, starts: list[tuple[str, _Names]], entered: Container[str]) -> Walk:
        walk, stack, listed = self._walk, starts[::-1], set[str]()
        required = {directory for directory, _ in starts}
        while stack:
            if (self._cancel is not None and self._cancel.is_set()) or len(walk.files) > MOST_FILES:
                walk.complete = False
                break
            directory, names_above = stack.pop()
            if directory in listed:
                continue
            listed.add(directory)
            found = self._list(directory, required)
            if found is None:
                continue
            walk.directories.append(directory)
            names = _Names(found)
            inner = self._visit(directory, found, names, names_above)
            stack += [(each, names) for each in reversed(inner) if each not in entered]
            if self._on_progress is not None and len(listed) % PROGRESS_EVERY == 1:
                self._on_progress(Progress("walking", len(listed), len(listed) + len(stack), directory))
        self._finish(bounded=len(walk.files) > MOST_FILES)
        return walk

    def _list(self, directory: str, required: Container[str]) -> list[os.DirEntry[str]] | None:
        try:
            with os.scandir(self._absolute(directory)) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            if directory in required:
                self._walk.vanished.append(directory)
        except OSError as error:
            self._walk.unreadable.append(directory)
            above, _, name = directory.rpartition("/")
            self._unreadable.setdefault(above or ".", []).append(f"{name} ({error.strerror or error})")
        return None

    def _visit(self, directory: str, found: list[os.DirEntry[str]], names: _Names, names_above: _Names) -> list[str]:
        """Record the files of one directory; returns its sub-directories to enter."""
        prefix = "" if directory == "." else directory + "/"
        crowds = self._crowds(directory, found) if len(found) > CROWD else frozenset()
        checkpoint = self._checkpoint_of(directory)
        inner: list[str] = []
        dangling: list[str] = []
        pending: list[tuple[str, Stamp]] = []
        for entry in found:
            path = prefix + to_text(entry.name)
            try:
                if entry.is_dir(follow_symlinks=False):
                    if self._enters(entry, directory):
                        inner.append(path)
                    continue
                status = self._regular(entry, dangling)
            except OSError:
                continue  # vanished between the listing and the look
            if status is not None and not (crowds and extension(entry.name) in crowds):
                pending.append((path, Stamp(status.st_size, status.st_mtime, status.st_ino)))
        if holds_artifacts(directory):
            for path, stamp in pending:
                self._artifact(path, produced_kind(path.rpartition("/")[2]), stamp, checkpoint is not None)
        else:
            pending = _without_journals(pending)
            self._files(directory, pending, names, names_above, checkpoint, inner)
        self._report_dangling(directory, dangling)
        members = self._walk.members
        return [each for each in inner if each not in members] if members else inner

    def _files(
        self,
        directory: str,
        pending: list[tuple[str, Stamp]],
        names: _Names,
        names_above: _Names,
        checkpoint: list[float] | None,
        inner: list[str],
    ) -> None:
        if checkpoint is not None:
            checkpoint[0] += sum(status.size for _, status in pending)
            checkpoint[1] = max(checkpoint[1], *(status.mtime for _, status in pending), 0.0)
        inside = checkpoint is not None
        logs = [
            (path, status, known)
            for path, status in pending
            if (known := self._known.get(path)) is not None or not self._is_artifact(path, status, inside)
        ]
        anew = len(logs) <= FEW and self._names_changed(directory, logs)
        for path, status, known in logs:
            stamp = status
            if known is not None and known.claim is not None:
                stamp = self._extended(path, status, known.claim, inner)
            if known is not None and not anew and known[:3] == stamp:
                claim = known[3]
            else:
                claim, readable = self._ask(path, status, names, names_above)
                if claim is not None and (known is None or claim != known.claim):
                    stamp = self._extended(path, status, claim, inner)
                stamp = stamp if readable else stamp._replace(inode=_ASK_AGAIN)
            self._walk.files.append(Seen(path, *stamp, claim))
            if claim is None:
                self._unclaimed(path, status, inside)

    def _extended(self, path: str, stamp: Stamp, claim: Claim, inner: list[str]) -> Stamp:
        """The stamp of a file together with what is read with it."""
        if not claim.members and claim.kind != "store":
            return stamp
        names = {each.rpartition("/")[2] for each in inner} if claim.members else None
        stamp, directories = extended(self._root, path, stamp, claim, names)
        self._walk.members.update(dict.fromkeys(directories, path))
        self._walk.directories += directories
        return stamp

    def _is_artifact(self, path: str, status: Stamp, inside_checkpoint: bool) -> bool:
        kind = artifact_kind(path.rpartition("/")[2])
        if kind is None:
            return False
        self._artifact(path, kind, status, inside_checkpoint)
        return True

    def _unclaimed(self, path: str, status: Stamp, inside_checkpoint: bool) -> None:
        name = path.rpartition("/")[2]
        suffix = extension(name)
        kind = unclaimed_kind(name)
        if kind is not None:
            self._artifact(path, kind, status, inside_checkpoint)
        else:
            self._walk.seen_instead["." + suffix if suffix else ""] += 1

    def _artifact(self, path: str, kind: Kind, status: Stamp, inside_checkpoint: bool) -> None:
        self._walk.seen_instead[kind] += 1
        if not inside_checkpoint:
            step = artifact_step(path.rpartition("/")[2])
            self._walk.artifacts.append(Artifact(path, kind, status.size, status.mtime, step))

    def _names_changed(self, directory: str, logs: list[tuple[str, Stamp, Known | None]]) -> bool:
        if any(known is None for _, _, known in logs):
            return True
        return self._known_counts is not None and self._known_counts[directory] != len(logs)

    def _ask(self, path: str, status: Stamp, names: _Names, names_above: _Names) -> tuple[Claim | None, bool]:
        """What a reader says of a file, and whether its first bytes could be read."""
        absolute = Path(self._absolute(path))
        entry = Entry(path, absolute, status.size, status.mtime, names.all(), names_above.all())
        self._walk.opened += 1
        claim = self._claim(entry)
        if claim is None and entry.head_failed:
            self._problem(path, "cannot be read", "nothing of it is shown")
        return claim, not entry.head_failed

    def _regular(self, entry: os.DirEntry[str], dangling: list[str]) -> os.stat_result | None:
        """The status of a file to look at: no pipe, no device, no second way to a file inside the tree."""
        if entry.is_symlink():
            target = os.path.realpath(entry.path)
            if not os.path.lexists(target) or Path(target).is_symlink():  # it leads back to itself
                if entry.name not in OWN_LINKS:
                    dangling.append(to_text(entry.name))
                return None
            if target == self._real_root or target.startswith(self._real_root.rstrip("/") + "/"):
                return None
        elif entry.is_file(follow_symlinks=False):
            return entry.stat()
        status = entry.stat()
        return status if stat.S_ISREG(status.st_mode) else None

    def _enters(self, entry: os.DirEntry[str], directory: str) -> bool:
        name = entry.name
        if name in SKIPPED or (name.startswith(".") and name not in HIDDEN) or HUB_CACHE.fullmatch(name):
            return False
        # nothing between the root and here is a link
        if self._skip and f"{self._real_root}{entry.path[len(self._root.rstrip('/')) :]}" in self._skip:
            return False
        return directory.count("/") < MOST_LEVELS and not self._is_environment(entry.path)

    def _is_environment(self, path: str) -> bool:
        # Only directories that look like one are asked, a system call each.
        return path.rpartition("/")[2].lower().endswith(("env", "conda", "conda3", "python")) and any(
            os.path.lexists(f"{path}/{mark}") for mark in ENVIRONMENT_MARKS
        )

    def _crowds(self, directory: str, found: list[os.DirEntry[str]]) -> frozenset[str]:
        counts = Counter(extension(entry.name) for entry in found)
        crowds = frozenset(suffix for suffix, count in counts.items() if count > CROWD)
        for suffix in sorted(crowds):
            kind = f".{suffix}" if suffix else "without extension"
            self._walk.seen_instead["." + suffix if suffix else ""] += counts[suffix]
            self._problem(directory, f"{counts[suffix]:,} files {kind} in one directory", "counted, not looked at")
        return crowds

    def _checkpoint_of(self, directory: str) -> list[float] | None:
        """[bytes, newest mtime] of the `checkpoint-N` directory that this is or lies in."""
        parts = directory.split("/")
        for depth, part in enumerate(parts, 1):
            if _CHECKPOINT.fullmatch(part):
                return self._checkpoints.setdefault("/".join(parts[:depth]), [0, 0.0])
        return None

    def _report_dangling(self, directory: str, names: list[str]) -> None:
        prefix = "" if directory == "." else directory + "/"
        if len(names) > CROWD // 1000:
            self._problem(directory, f"{len(names):,} dangling symlinks: {_some(names)}", "nothing of them is shown")
            return
        for name in names:
            self._problem(prefix + name, "dangling symlink", "nothing of it is shown")

    def _finish(self, bounded: bool) -> None:
        for path, (size, modified) in self._checkpoints.items():
            step = int(_CHECKPOINT.fullmatch(path.rpartition("/")[2])[1])  # type: ignore[index]  # matched before
            self._walk.artifacts.append(Artifact(path, "checkpoint", int(size), modified, step))
        for above, names in self._unreadable.items():
            many = f"{len(names)} directories" if len(names) > 1 else "1 directory"
            self._problem(above, f"{many} cannot be read: {_some(names)}", "runs in there are not shown")
        if bounded:
            self._problem(".", f"more than {MOST_FILES:,} files", "the rest was not looked at")

    def _problem(self, path: str, what: str, effect: str) -> None:
        self._walk.problems.append(Problem(path, None, "walk", what, effect))

    def _absolute(self, path: str) -> str:
        return self._root if path == "." else f"{self._root.rstrip('/')}/{to_disk(path)}"


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _without_journals(pending: list[tuple[str, Stamp]]) -> list[tuple[str, Stamp]]:
    """Without what SQLite keeps beside a database."""
    beside = [path for path, _ in pending if base_of(path)]
    if not beside:
        return pending
    there = {path for path, _ in pending}
    left_out = {path for path in beside if base_of(path) in there}
    return [(path, stamp) for path, stamp in pending if path not in left_out]
