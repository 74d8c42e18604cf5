"""Walks a directory tree, shows its files to the readers, and opens none that is known already.

Directory symlinks are never followed, artefacts never opened, and no name, however hostile, stops the walk.

Profile, CPU: a first walk of 20,000 files in 10,200 directories takes 2.1 s, three quarters of it in the readers that are
shown the heads (of a JSONL file half of that), 0.3 s in the system's calls. The second one takes 0.3 s, of which the same
`scandir` and `stat` without anything else take 0.1; `Tree.check` does without most of it.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence, Set
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from runspect.engine.checkpoints import Checkpoints
from runspect.engine.crowds import crowded
from runspect.engine.ignoring import NAME as IGNORE_FILE
from runspect.engine.ignoring import NO_RULES, Rules
from runspect.engine.members import Stamp
from runspect.engine.places import is_data_set, may_hold_runs, passed_over
from runspect.engine.showing import ClaimFile, Files, Names, Showing
from runspect.engine.walked import Known, Seen, Walk
from runspect.folder import HIDDEN as SHARED
from runspect.model import HIDDEN_BY_RULE, PASSED_OVER, Progress
from runspect.pathtext import to_disk, to_text

OWN_LINKS = frozenset({"debug-core.log", "debug.log", "debug-internal.log", "latest-run"})
"""Links that W&B makes into the user's cache or to its newest run: they dangle in every copy and mean nothing."""
MOST_FILES = 2_000_000
MOST_LEVELS = 64
RACY_S = 2.0
"""A directory that changed so recently may change again within the same time stamp: it is looked at once more."""
MOST_DANGLING = 10
"""Dangling links of one directory that are told one by one."""
PROGRESS_EVERY = 20
"""Directories between two looks up from the walk."""
_NAMED_AT_MOST = 3
_NAME = attrgetter("name")

OnProgress = Callable[[Progress], None]
OnNew = Callable[[Sequence[Seen]], None]
OnPart = Callable[[Walk, str], None]
"""(what was found until now, the directory that comes next): those above it are not walked to their end."""


def walk(
    root: Path,
    *,
    claim: ClaimFile,
    known: Mapping[str, Known] | None = None,
    skip: Collection[str] = (),
    cancel: threading.Event | None = None,
    on_progress: OnProgress | None = None,
    on_new: OnNew | None = None,
    on_part: OnPart | None = None,
    dated: Container[str] = (),
) -> Walk:
    """List the whole tree under `root`.

    `on_new` is given the files that were not known, those of each directory together. With `on_part`, which is called
    after each directory, those that changed last are walked first.
    `dated` are directories whose times are not wanted.
    `skip` are absolute directories that are not entered: the index, the journal, other people's watches.

    Raises:
        OSError: The root itself cannot be listed.
    """
    with os.scandir(to_disk(os.fspath(root))):
        pass
    walker = _Walker(root, claim, known or {}, None, skip, cancel, on_progress, on_new)
    return walker.run(["."], on_part, dated)


def look(
    root: Path,
    directories: Iterable[str],
    *,
    claim: ClaimFile,
    known: Mapping[str, Known] | None = None,
    watched: Container[str] = (),
    skip: Collection[str] = (),
    cancel: threading.Event | None = None,
    on_progress: OnProgress | None = None,
    on_new: OnNew | None = None,
) -> Walk:
    """List single directories of the tree anew, entering those sub-directories that are not in `watched` yet.

    Below a directory whose ignore file changed all of them are entered.
    """
    return _Walker(root, claim, known or {}, watched, skip, cancel, on_progress, on_new).run(sorted(set(directories)))


class _Place(NamedTuple):
    """A directory that is to be listed."""

    path: str
    above: Names
    rules: Rules
    """Those of the directories above."""
    anew: bool = False
    """An ignore file above it changed: it is entered even when it is watched."""


class _Walker:
    def __init__(
        self,
        root: Path,
        claim: ClaimFile,
        known: Mapping[str, Known],
        entered: Container[str] | None,
        skip: Collection[str],
        cancel: threading.Event | None,
        on_progress: OnProgress | None,
        on_new: OnNew | None,
    ) -> None:
        """`entered`: directories that are not entered since they are known; None for a walk of the whole tree."""
        self._root = to_disk(os.fspath(root))
        self._real_root = os.path.realpath(self._root)
        self._known = known
        self._skip = frozenset(os.path.realpath(to_disk(path)) for path in skip)
        self._cancel = cancel
        self._on_progress = on_progress
        self._on_new = on_new
        self._whole = entered is None
        self._entered = entered or ()
        self._walk = Walk(whole=self._whole)
        self._showing = Showing(self._walk, claim, known, self._root, self._whole)
        self._checkpoints = Checkpoints()
        self._unreadable: dict[str, list[str]] = {}
        self._newest_first = False

    def run(self, starts: list[str], on_part: OnPart | None = None, dated: Container[str] = ()) -> Walk:
        """List these directories, and those in them that are to be entered."""
        walk, listed = self._walk, set[str]()
        self._newest_first = on_part is not None
        stack = [place for each in reversed(starts) if (place := self._start(each)) is not None]
        while stack:
            if (self._cancel is not None and self._cancel.is_set()) or len(walk.files) > MOST_FILES:
                walk.complete = False
                break
            place = stack.pop()
            if place.path in listed or place.path in walk.members:  # a start may turn out to be read with a file
                continue
            listed.add(place.path)
            modified = self._modified(place.path) if place.path not in dated else None
            found = self._list(place.path, starts)
            if found is None:
                continue
            walk.directories.append(place.path)
            if modified is not None:
                walk.dated[place.path] = modified
            before, opened = len(walk.files), walk.opened
            inner = self._visit(place, found)
            if self._on_new is not None and walk.opened > opened:
                self._on_new([seen for seen in walk.files[before:] if seen.path not in self._known])
            stack += [each for each in reversed(inner) if each.anew or each.path not in self._entered]
            if self._on_progress is not None and len(listed) % PROGRESS_EVERY == 1:
                self._on_progress(Progress("walking", len(listed), len(listed) + len(stack), place.path))
            if on_part is not None and stack:
                on_part(walk, stack[-1].path)
        self._finish(bounded=len(walk.files) > MOST_FILES)
        return walk

    def _start(self, directory: str) -> _Place | None:
        """A directory that was asked for, with the rules above it; None where these hide it."""
        if directory == ".":
            return _Place(directory, Names([]), NO_RULES)
        rules = NO_RULES
        parts = directory.split("/")
        for depth in range(len(parts)):
            above, path = "/".join(parts[:depth]) or ".", "/".join(parts[: depth + 1])
            if os.path.lexists(self._absolute(_joined(above, IGNORE_FILE))):
                rules = self._rules(above, rules)
            if rules.hide(path, is_directory=True):
                self._walk.vanished.append(directory)
                return None
        try:
            with os.scandir(self._absolute(directory.rpartition("/")[0] or ".")) as entries:
                return _Place(directory, Names(list(entries)), rules)
        except OSError:
            return _Place(directory, Names([]), rules)

    def _modified(self, directory: str) -> float | None:
        """When a directory last changed before it is listed; -1 where it may change again within that time stamp."""
        try:
            modified = os.stat(self._absolute(directory)).st_ctime  # noqa: PTH116 - for each of very many
        except OSError:
            return None
        return modified if modified < time.time() - RACY_S else -1.0

    def _list(self, directory: str, required: Container[str]) -> list[os.DirEntry[str]] | None:
        try:
            with os.scandir(self._absolute(directory)) as entries:
                return sorted(entries, key=_NAME)
        except (FileNotFoundError, NotADirectoryError):
            if directory in required:
                self._walk.vanished.append(directory)
        except OSError as error:
            self._walk.unreadable.append(directory)
            above, _, name = directory.rpartition("/")
            self._unreadable.setdefault(above or ".", []).append(f"{name} ({error.strerror or error})")
        return None

    def _visit(self, place: _Place, found: list[os.DirEntry[str]]) -> list[_Place]:
        """Record the files of one directory; returns its sub-directories to enter."""
        directories, files = _parted(found)
        names = frozenset(map(_NAME, files))
        rules, anew = place.rules, place.anew
        ignore_file = _joined(place.path, IGNORE_FILE)
        if IGNORE_FILE in names:
            rules = self._rules(place.path, rules)
        if not self._whole:
            anew = anew or self._changed(ignore_file, IGNORE_FILE in names)
        beside = Names(found)
        inner = self._inner(place.path, directories, passed_over(names, directories.keys()), rules)
        self._show(place, files, names, beside, directories.keys(), rules)
        members = self._walk.members
        return [_Place(path, beside, rules, anew) for path in inner if path not in members]

    def _inner(
        self, directory: str, found: Mapping[str, os.DirEntry[str]], left: Container[str], rules: Rules
    ) -> list[str]:
        """Paths of the sub-directories to enter; the others are counted."""
        inner: list[str] = []
        hide = rules.hide if rules else None
        deep = directory.count("/") >= MOST_LEVELS
        prefix = _prefix(directory)
        for name, entry in sorted(found.items(), key=_by_age) if self._newest_first else found.items():
            path = prefix + to_text(name)
            if name == SHARED:
                self._walk.marked.add(directory)
            if hide is not None and hide(path, is_directory=True):
                self._walk.leave(directory, HIDDEN_BY_RULE)
                self._walk.vanished += [path] * (path in self._entered)
            elif name in left or not may_hold_runs(name, entry.path):
                self._walk.leave(directory, PASSED_OVER)
            elif not deep and not self._is_skipped(entry.path):
                inner.append(path)
        return inner

    def _is_skipped(self, path: str) -> bool:
        # nothing between the root and here is a link
        return bool(self._skip) and f"{self._real_root}{path[len(self._root.rstrip('/')) :]}" in self._skip

    def _show(
        self,
        place: _Place,
        files: list[os.DirEntry[str]],
        names: frozenset[str],
        beside: Names,
        directories: Set[str],
        rules: Rules,
    ) -> None:
        crowds = crowded(self._walk, place.path, files, is_data_set(names))
        dangling: list[str] = []
        shown: Files = []
        hide = rules.hide if rules else None
        prefix = _prefix(place.path)
        for entry in files:
            name = entry.name
            if name in crowds:
                continue
            path = prefix + to_text(name)
            if hide is not None and name != IGNORE_FILE and hide(path, is_directory=False):
                self._walk.leave(place.path, HIDDEN_BY_RULE)
                continue
            try:
                plain = entry.is_file(follow_symlinks=False)
                status = entry.stat() if plain else self._linked(entry, dangling)
            except OSError:
                continue  # vanished between the listing and the look
            if status is not None:
                shown.append((path, Stamp.of(status)))
                if not plain or status.st_nlink > 1:
                    self._walk.unheard.add(path)
        checkpoint = self._checkpoints.holding(place.path, names)
        if checkpoint is not None:
            self._checkpoints.add(checkpoint, (stamp for _, stamp in shown))
        self._showing.show(
            place.path, shown, beside, place.above, directories, inside_checkpoint=checkpoint is not None
        )
        self._report_dangling(place.path, dangling)

    def _rules(self, directory: str, above: Rules) -> Rules:
        path = _joined(directory, IGNORE_FILE)
        try:
            rules, wrong = above.within(directory, Path(self._absolute(path)))
        except OSError as error:
            self._walk.problem(path, f"cannot be read: {error.strerror or error}", "it hides nothing")
            return above
        for line in wrong:
            self._walk.problem(path, f"not a pattern: {line[:60]!r}", "the line hides nothing")
        return rules

    def _changed(self, path: str, is_there: bool) -> bool:
        """Whether an ignore file is another one than when its directory was listed last."""
        known = self._known.get(path)
        if known is None or not is_there:
            return is_there or known is not None
        try:
            status = Path(self._absolute(path)).stat()
        except OSError:
            return True
        return known[:3] != (status.st_size, status.st_mtime, status.st_ino)

    def _linked(self, entry: os.DirEntry[str], dangling: list[str]) -> os.stat_result | None:
        """The status of what is no plain file where it is to be looked at: a link to one outside the tree."""
        if entry.is_symlink():
            target = os.path.realpath(entry.path)
            if not os.path.lexists(target) or Path(target).is_symlink():  # it leads back to itself
                if entry.name not in OWN_LINKS:
                    dangling.append(to_text(entry.name))
                return None
            if target == self._real_root or target.startswith(self._real_root.rstrip("/") + "/"):
                return None
        status = entry.stat()
        return status if stat.S_ISREG(status.st_mode) else None

    def _report_dangling(self, directory: str, names: list[str]) -> None:
        if names:
            self._walk.dated[directory] = -1.0  # what they lead to may come to be there
        if len(names) > MOST_DANGLING:
            what = f"{len(names):,} dangling symlinks: {_some(names)}"
            self._walk.problem(directory, what, "nothing of them is shown")
            return
        for name in names:
            self._walk.problem(_joined(directory, name), "dangling symlink", "nothing of it is shown")

    def _finish(self, bounded: bool) -> None:
        self._walk.artifacts += self._checkpoints.artifacts()
        self._showing.finish()
        for above, names in self._unreadable.items():
            many = f"{len(names)} directories" if len(names) > 1 else "1 directory"
            self._walk.problem(above, f"{many} cannot be read: {_some(names)}", "runs in there are not shown")
        if bounded:
            self._walk.problem(".", f"more than {MOST_FILES:,} files", "the rest was not looked at")

    def _absolute(self, path: str) -> str:
        return self._root if path == "." else f"{self._root.rstrip('/')}/{to_disk(path)}"


def _prefix(directory: str) -> str:
    return "" if directory == "." else f"{directory}/"


def _joined(directory: str, name: str) -> str:
    return name if directory == "." else f"{directory}/{name}"


def _parted(found: Iterable[os.DirEntry[str]]) -> tuple[dict[str, os.DirEntry[str]], list[os.DirEntry[str]]]:
    """Directories by name, and all else."""
    directories: dict[str, os.DirEntry[str]] = {}
    files: list[os.DirEntry[str]] = []
    for entry in found:
        try:
            is_directory = entry.is_dir(follow_symlinks=False)
        except OSError:
            continue  # vanished meanwhile
        if is_directory:
            directories[entry.name] = entry
        else:
            files.append(entry)
    return directories, files


def _by_age(item: tuple[str, os.DirEntry[str]]) -> tuple[bool, float]:
    """Hidden directories first, which say what the one that holds them is; then those that changed last."""
    try:
        return not item[0].startswith("."), -item[1].stat(follow_symlinks=False).st_mtime
    except OSError:
        return True, 0.0


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
