"""What a walk finds: files with their claims, artefacts, problems, directories, and what was left alone."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from runspect.dataclass import dataclass, field
from runspect.engine.members import Stamp
from runspect.model import Artifact, Claim, Problem


class Known(NamedTuple):
    """What is remembered of a file; while size, mtime, inode and ctime stay, so does its claim."""

    size: int
    mtime: float
    inode: int
    claim: Claim | None
    ctime: int = 0
    """Nanoseconds; also changes when a file is written and its modification time set back. 0: not known."""

    def is_as_in(self, stamp: Stamp) -> bool:
        """Whether a file of this stamp was not written to since."""
        size, mtime, inode, _, ctime = self
        return (size, mtime, inode) == stamp[:3] and (ctime in (0, stamp[3]))

    def stamped(self, stamp: Stamp) -> Known:
        """The same, as of another stamp."""
        return Known(*stamp[:3], self.claim, stamp.ctime)


class Seen(NamedTuple):
    """A regular file that readers were asked about, now or earlier."""

    path: str
    """Relative to the walked root, posix, storable text (see `pathtext`)."""
    size: int
    mtime: float
    inode: int
    claim: Claim | None
    ctime: int = 0

    @staticmethod
    def with_stamp(path: str, stamp: Stamp, claim: Claim | None) -> Seen:
        """A file of this stamp."""
        return Seen(path, *stamp[:3], claim, stamp.ctime)


@dataclass(slots=True)
class Walk:
    """What was found. Paths are relative to the walked root."""

    files: list[Seen] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    """Directories that were listed: those to watch."""
    dated: dict[str, float] = field(default_factory=dict)
    """When a directory had changed last before it was listed, -1 where that says nothing."""
    members: dict[str, str] = field(default_factory=dict)
    """Directories whose files are read with another file, and that file."""
    unheard: set[str] = field(default_factory=set)
    """Files that may change without an event in their directory: those with another name, or read with others."""
    unreadable: list[str] = field(default_factory=list)
    """Directories that are there and may not be listed: nothing is known of what lies below."""
    vanished: list[str] = field(default_factory=list)
    """Directories that were asked for and are no longer there, or are hidden now."""
    seen_instead: Counter[str] = field(default_factory=Counter)
    """Files without a claim by extension (".py", "" for none) and artefacts by kind ("image")."""
    left_alone: dict[str, Counter[str]] = field(default_factory=dict)
    """By listed directory, how many of its entries were not looked at, as `PASSED_OVER` or `HIDDEN_BY_RULE` of `model`."""
    marked: set[str] = field(default_factory=set)
    """Directories with something that is called like a shared folder."""
    opened: int = 0
    """Files whose claim was not known."""
    whole: bool = False
    """Everything was walked, not single directories."""
    complete: bool = True
    """False when it was cancelled or reached its bounds."""

    def problem(self, path: str, what: str, effect: str) -> None:
        """Tell of something that cannot be shown."""
        self.problems.append(Problem(path, None, "walk", what, effect))

    def leave(self, directory: str, kind: str) -> None:
        """Count an entry of a directory that is not looked at."""
        self.left_alone.setdefault(directory, Counter())[kind] += 1
