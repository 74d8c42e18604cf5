"""Shows the files of a directory to the readers; those that are known and unchanged are not opened again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping

from runspect.engine.artifacts import (
    Kind,
    artifact_kind,
    artifact_step,
    extension,
    holds_artifacts,
    produced_kind,
    unclaimed_kind,
)
from runspect.engine.ignoring import NAME as IGNORE_FILE
from runspect.engine.members import BESIDE, Stamp, base_of, extended
from runspect.engine.walked import Known, Seen, Walk
from runspect.model import Artifact, Claim
from runspect.pathtext import to_disk, to_text
from runspect.readers.claims import CHECKPOINTS
from runspect.readers.contract import Entry

FEW = 100
"""Claims may hang on the names beside a file: in directories of at most so many files, a new or vanished name has all
of them asked for anew."""
MOST_ARTIFACTS = 200_000
"""Artefacts that are listed one by one; more are only counted."""
_ASK_AGAIN = -1
"""An inode that no file has: one that could not be read is asked again by the next walk."""

ClaimFile = Callable[[Entry], Claim | None]
Files = list[tuple[str, Stamp]]


class Names:
    """The names in a directory; the set is only made for files that a reader is asked about."""

    __slots__ = ("_entries", "_names")

    def __init__(self, entries: list[os.DirEntry[str]]) -> None:
        self._entries = entries
        self._names: frozenset[str] | None = None

    def all(self) -> frozenset[str]:
        """All of them, as storable text."""
        if self._names is None:
            self._names = frozenset(to_text(entry.name) for entry in self._entries)
            self._entries = []
        return self._names


class Showing:
    """Fills a walk with files and artefacts; mutable."""

    def __init__(self, walk: Walk, claim: ClaimFile, known: Mapping[str, Known], root: str, whole: bool) -> None:
        """`root` is a path on the disk. With `whole`, the known files of each directory are counted, so that vanished ones are noticed."""
        self._walk = walk
        self._claim = claim
        self._known = known
        self._root = root
        self._own_name = root.rstrip("/").rpartition("/")[2]
        self._counts = Counter(path.rpartition("/")[0] or "." for path in known) if whole else None

    def show(
        self,
        directory: str,
        files: Files,
        names: Names,
        above: Names,
        inner: Collection[str],
        *,
        inside_checkpoint: bool,
    ) -> None:
        """Take the files of a directory, with the names beside them and in the directory above.

        `inner` are the names of its directories.
        """
        if holds_artifacts(f"{self._own_name}/{directory}"):
            for path, stamp in files:
                self._artifact(path, produced_kind(path.rpartition("/")[2]), stamp, inside_checkpoint)
            return
        logs = [
            (path, stamp, known)
            for path, stamp in _without_journals(files)
            if (known := self._known.get(path)) is not None or not self._is_artifact(path, stamp, inside_checkpoint)
        ]
        anew = len(logs) <= FEW and self._names_changed(directory, logs)
        for path, stamp, known in logs:
            claim, readable = None if known is None else known.claim, True
            now = stamp if claim is None else self._extended(path, stamp, claim, inner)
            if known is None or anew or not known.is_as_in(now) or _saved_otherwise(claim, inner):
                asked, readable = self._ask(path, stamp, names, above)
                # a lock or a lost mount says nothing of what a known file is, and a store that is one no more is damaged
                lost = asked is None and stamp.size > 0 and self._is_store(path)
                asked = claim if known is not None and (lost or not readable) else asked
                if asked != claim:
                    claim, now = asked, self._extended(path, stamp, asked, inner)
            self._walk.files.append(Seen.with_stamp(path, now if readable else now._replace(inode=_ASK_AGAIN), claim))
            if not readable or (claim is not None and (claim.kind == "store" or claim.members)):
                self._walk.unheard.add(path)
            if claim is None:
                self._unclaimed(path, stamp, inside_checkpoint)

    def _extended(self, path: str, stamp: Stamp, claim: Claim | None, inner: Collection[str]) -> Stamp:
        """The stamp of a file together with what is read with it."""
        if claim is None or (claim.kind != "store" and not claim.members):
            return stamp
        stamp, directories = extended(self._root, path, stamp, claim, inner)
        self._walk.members.update(dict.fromkeys(directories, path))
        self._walk.directories += directories
        return stamp

    def _is_store(self, path: str) -> bool:
        """Whether the file is known as a store, whose reader tells of damage."""
        known = self._known.get(path)
        return known is not None and known.claim is not None and known.claim.kind == "store"

    def finish(self) -> None:
        """Say what was not listed."""
        if len(self._walk.artifacts) >= MOST_ARTIFACTS:
            self._walk.problem(".", f"more than {MOST_ARTIFACTS:,} artefacts", "the others are counted, not listed")

    def _is_artifact(self, path: str, stamp: Stamp, inside_checkpoint: bool) -> bool:
        kind = artifact_kind(path.rpartition("/")[2])
        if kind is None:
            return False
        self._artifact(path, kind, stamp, inside_checkpoint)
        return True

    def _unclaimed(self, path: str, stamp: Stamp, inside_checkpoint: bool) -> None:
        name = path.rpartition("/")[2]
        suffix = extension(name)
        kind = unclaimed_kind(name)
        if kind is not None:
            self._artifact(path, kind, stamp, inside_checkpoint)
        elif name != IGNORE_FILE:
            self._walk.seen_instead["." + suffix if suffix else ""] += 1

    def _artifact(self, path: str, kind: Kind, stamp: Stamp, inside_checkpoint: bool) -> None:
        self._walk.seen_instead[kind] += 1
        if not inside_checkpoint and len(self._walk.artifacts) < MOST_ARTIFACTS:
            step = artifact_step(path.rpartition("/")[2])
            self._walk.artifacts.append(Artifact(path, kind, stamp.size, stamp.mtime, step))

    def _names_changed(self, directory: str, logs: Collection[tuple[str, Stamp, Known | None]]) -> bool:
        if any(known is None for _, _, known in logs):
            return True
        return self._counts is not None and self._counts[directory] != len(logs)

    def _ask(self, path: str, stamp: Stamp, names: Names, above: Names) -> tuple[Claim | None, bool]:
        """What a reader says of a file, and whether its first bytes could be read."""
        absolute = f"{self._root.rstrip('/')}/{to_disk(path)}"
        entry = Entry(path, absolute, stamp.size, stamp.mtime, names.all(), above.all())
        self._walk.opened += 1
        claim = self._claim(entry)
        if claim is None and entry.fault and not self._is_store(path):
            self._walk.problem(path, entry.fault, "nothing of it is shown")
        if claim is None and entry.head_failed:
            self._walk.problem(path, "cannot be read", "nothing of it is shown")
        return claim, not entry.head_failed


def _saved_otherwise(claim: Claim | None, inner: Collection[str]) -> bool:
    """Whether a directory of checkpoints has come or gone beside a file whose claim hangs on it."""
    told = "" if claim is None else claim.hint("saved")
    return told != "" and (told == "yes") != (CHECKPOINTS in inner)


def _without_journals(files: Files) -> Files:
    """Without what SQLite keeps beside a database."""
    beside = [path for path, _ in files if path.endswith(BESIDE) and base_of(path)]
    if not beside:
        return files
    there = {path for path, _ in files}
    left_out = {path for path in beside if base_of(path) in there}
    return [(path, stamp) for path, stamp in files if path not in left_out]
