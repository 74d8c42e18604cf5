"""All watched trees and the runs in them: turns looks at the disk into changes of the index."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from threading import Event

from runspect.engine import run_rows
from runspect.engine.census import Census
from runspect.engine.commits import Commits
from runspect.engine.current import Current
from runspect.engine.discovery import OnPart
from runspect.engine.early import Early
from runspect.engine.folders import Folders
from runspect.engine.hearing import Hearing
from runspect.engine.intake import Intake
from runspect.engine.judging import Judging
from runspect.engine.pauses import OnProgress, Pauses
from runspect.engine.pool import Pool
from runspect.engine.recalled import recall
from runspect.engine.run_rows import Home, Judge
from runspect.engine.shelves import Shelves
from runspect.engine.stores import Stores
from runspect.engine.tree import Change, Tree
from runspect.engine.trees import Trees, absolute, inside
from runspect.engine.uids import Uids
from runspect.engine.walked import Walk
from runspect.engine.watch import Marks
from runspect.errors import NotFound
from runspect.index.annotations import load_said
from runspect.index.ingest import Ingest
from runspect.index.reads.scope import fetch
from runspect.index.records import Source
from runspect.index.store import Store
from runspect.model import Problem, Progress
from runspect.pathtext import to_disk
from runspect.place import holds_network_mounts, network_file_system
from runspect.readers import plugin_faults

RESOLVE_SHARE = 10
"""Runs of a tree are resolved anew at most this rarely: so many times what it cost last. Small trees at once."""
AT_ONCE_S = 0.05
COPIES_SHARE = 50
"""Copies are looked for at most so rarely: so many times what it cost last."""
HOT_S = 60.0


class Forest:
    """Mutable, of the syncing thread."""

    def __init__(
        self,
        store: Store,
        ingest: Ingest,
        judge: Judge,
        tell: Callable[[frozenset[int] | None], None],
        between: Callable[[], None],
        folders: Folders,
    ) -> None:
        """`between` is called now and then during long work, so that live runs do not wait for it."""
        self._store = store
        self._ingest = ingest
        self._judge = judge
        self._tell = tell
        self.scans = 0
        """Grows when a walk found other directories, so that there are others to watch."""
        self._busy: set[str] = set()
        """Roots that are being walked or counted: only what is known of them is followed."""
        self._counting = False
        self._current = Current()
        self._put_off: dict[str, Marks] = {}
        self._uncounted: dict[str, float] = {}
        """Roots whose claims changed, and when their runs are to be counted again, in monotonic seconds."""
        self._count_cost: dict[str, float] = {}
        self._uncompared: dict[str, float] = {}
        """Roots in which there may be new copies of runs, and when they are to be looked for, in monotonic seconds."""
        self._compare_cost: dict[str, float] = {}
        self._judging = Judging(ingest, judge, store.generations, self._compare_soon)
        self._hot: dict[str, float] = {}
        with store.cursor() as cursor:
            ids = fetch(cursor, "SELECT DISTINCT uid, rid FROM ids_own")
        homes: dict[int, Home] = {}
        self._trees = Trees(store, ingest, homes)
        self._pauses = Pauses(between, self._do_due)
        self._commits = Commits(ingest, judge, homes, self._trees.by_root, tell, self._pauses)
        self._folders = folders
        self._folded = folders.version
        folders.look_around(self._trees.roots)
        self._uids = Uids(ingest, judge.host, homes, ids, folders)
        self._hearing = Hearing(store, ingest, homes, self._uids)
        shelves = Shelves(ingest, homes, self._uids, self._hearing)
        self._census = Census(ingest, judge, homes, self._uids, shelves, self._hearing, self._pauses)
        self._stores = Stores(ingest, homes, self._trees.by_root, self._census, shelves)
        self._intake = Intake(ingest, self._trees.by_root, self._commits, self._pauses, self._stores, self._regroup)

    def close(self) -> None:
        """Forget everything; what was gathered and not stored is read again another time."""
        self._trees.by_root.clear()

    # ---------------------------------------------------------------- what the syncer asks for

    def bring_up_to_date(self, directory: str, cancel: Event, progress: OnProgress | None) -> None:
        """Look at a directory and everything below it, and read what changed.

        Raises:
            NotFound: It is not there and was never known.
            IndexFault: The index could not be written.
        """
        root, subtree = self._trees.place(directory)
        walked = self._current.begin(directory)
        try:
            with closing(Pool(root, cancel)) as pool:
                complete = self._update(directory, root, subtree, cancel, progress, pool)
        finally:
            self._census.entered(root)
        if complete and not cancel.is_set():
            self._current.end(walked)

    def is_current(self, directory: str) -> bool:
        """Whether a directory was walked and read to its end: what is heard of it since is all that is new."""
        return self._current.holds(directory)

    def known_below(self, directory: str) -> list[str]:
        """The directories at and below a directory, absolute."""
        return self._trees.followed(directory) or []

    def settle(self, directory: str, cancel: Event, progress: OnProgress | None) -> list[str]:
        """The marks were followed: do what a walk would have done besides; the directories that were listed, absolute."""
        root, _ = self._trees.place(directory, only_known=True)
        tree = self._trees.by_root[root]
        listed = self._look(tree, tree.unheard, tree.unsure())
        failed = [each for each in self._ingest.sources.values() if each.size < 0 and each.watch == root]
        self._intake.read(failed, progress, cancel)
        if root in self._uncounted:
            self._intake.read(self._count(tree), progress, cancel)
        self._intake.read_later()
        if root in self._uncompared and not cancel.is_set():
            self._compare(tree)
        return listed

    def _update(
        self, directory: str, root: str, subtree: str, cancel: Event, progress: OnProgress | None, pool: Pool
    ) -> bool:
        """Whether all of it was there and seen."""
        tree, fresh = self._trees.tree(root)
        self._folders.look_around([root])
        self._uncounted = {each: due for each, due in self._uncounted.items() if each in self._trees.by_root}
        if fresh:
            self._uncounted[root] = 0.0
        self._busy.add(root)
        before = set(tree.directories)
        try:
            change = self._changed_on_disk(tree, fresh, subtree, cancel, progress, pool)
        except OSError as error:
            if root not in self._trees.roots:
                del self._trees.by_root[root]
                self._uncounted.pop(root, None)
                raise NotFound(f"{directory} cannot be read: {error.strerror or error}") from error
            gone = isinstance(error, (FileNotFoundError, NotADirectoryError))
            change = tree.emptied() if gone else tree.closed(error.strerror or str(error))
        finally:
            self._busy.discard(root)
        if fresh or tree.directories.keys() != before:
            self.scans += 1
        self._trees.begin(root)
        self._enter(tree, change)
        ahead = pool.is_ahead()
        if root in self._uncounted:
            self._count(tree, stored_later=ahead)
        self._ingest.put_file_problems(root, "walk", list(tree.problems.values()))
        faults = [Problem(".", None, "plug-in", fault, "what it reads is not shown") for fault in plugin_faults()]
        self._ingest.put_file_problems(root, "plug-in", faults)
        self._intake.read(self._census.changed(tree), progress, cancel, pool, whole=ahead)
        if root in self._uncounted and not cancel.is_set():  # what was read tells whose runs some are
            self._intake.read(self._count(tree), progress, cancel)
        if root in self._uncompared and not cancel.is_set():
            self._compare(tree)
        if change.complete and not cancel.is_set() and recall(self._ingest, self._uids, root, self._store):
            self._commits.all()
        return change.complete

    def _changed_on_disk(
        self, tree: Tree, fresh: bool, subtree: str, cancel: Event, progress: OnProgress | None, pool: Pool
    ) -> Change:
        def look_up(news: Progress) -> None:
            self._pauses.pause(progress, news)

        root = Path(to_disk(tree.root))
        local = not network_file_system(root) and not holds_network_mounts(root)
        if tree.scanned and local and subtree in tree.directories:
            return tree.check(subtree, cancel, look_up, pool.expect)
        early = self._early(tree) if fresh and not tree.files else None
        return tree.scan(subtree, cancel, look_up, pool.expect, early)

    def _early(self, tree: Tree) -> OnPart:
        """Shows the runs of a tree that nobody knew while it is walked."""
        self._census.entering(tree.root)
        early = Early(tree, self._ingest, self._census, self._commits)

        def look(walk: Walk, ahead: str) -> None:
            if early.is_due():
                self._trees.begin(tree.root)
                self._folders.look(absolute(tree.root, each) for each in walk.marked)
                self._counting = True
                try:
                    early.show(walk, ahead)
                finally:
                    self._counting = False

        return look

    def refold(self) -> None:
        """There may be other shared folders, which give their runs other ids."""
        if self._folded != self._folders.version:
            self._folded = self._folders.version
            self._uncounted.update(dict.fromkeys(self._trees.by_root, 0.0))

    def recall(self) -> None:
        """Take in what the journal tells of runs without logs."""
        changed = [recall(self._ingest, self._uids, root, self._store) for root in self._trees.by_root]
        if any(changed):
            self._commits.all()

    def follow(self, marks: Marks) -> list[str]:
        """Look at what was marked, and read what changed; the directories that were listed, absolute."""
        for root in [root for root in self._put_off if root not in self._busy]:
            marks = _joined(self._put_off.pop(root), marks)
        files, directories = self._trees.parted(marks.files), self._trees.parted(marks.directories)
        listed: list[str] = []
        for tree in list(self._trees.by_root.values()):
            paths, stale = files.get(tree.root, set()), directories.get(tree.root, set())
            if tree.root in self._busy:
                self._follow_known(tree, paths, stale, marks)
                continue
            if marks.checks_all or marks.checked:
                more_paths, more_stale = self._checked(tree, marks)
                paths |= more_paths
                stale |= more_stale
            if paths or stale:
                listed += self._look(tree, paths, stale)
        return listed

    def has_put_off(self) -> bool:
        """Whether marks wait that can be followed now."""
        return any(root not in self._busy for root in self._put_off)

    def followed(self, wanted: Sequence[str]) -> dict[str, list[str]]:
        """Per wanted directory, the absolute directories below it that are to be watched."""
        found = {directory: self._trees.followed(directory) for directory in wanted}
        return {directory: below for directory, below in found.items() if below is not None}

    def has_unheard(self) -> bool:
        """Whether there are files that may change without an event, as links to others do."""
        return any(tree.unheard for tree in list(self._trees.by_root.values()))

    def hot_directories(self) -> frozenset[str]:
        """Directories in which a file grew within the last minute, absolute."""
        now = time.monotonic()
        self._hot = {directory: since for directory, since in self._hot.items() if now - since < HOT_S}
        return frozenset(self._hot)

    def judge(self) -> None:
        """Decide the state of runs that have not ended again."""
        changed = self._judging.again()
        for root in self._hearing.ended(changed) & self._trees.by_root.keys():
            self._count_soon(root)
        if self._pauses.nested:
            # runs of which something is being read are judged when it is stored
            if aside := changed - self._ingest.touched():
                self._commits.some(aside)
        elif self._ingest.has_changes():
            self._commits.all()

    def idle(self) -> None:
        """Do what has become due: counting that was put off, reading again, outlines of long series, tidying."""
        self.refold()
        self._do_due()
        for root in [root for root, due in self._uncompared.items() if due <= time.monotonic()]:
            if root in self._busy or root in self._uncounted:
                continue
            self._uncompared.pop(root)
            if root in self._trees.by_root:
                self._compare(self._trees.by_root[root])
        self._ingest.tidy()
        renewed = self._ingest.renew(time.monotonic())
        if renewed:
            self._tell(renewed)

    def next_due(self) -> float:
        """When `idle` is wanted next, in monotonic seconds."""
        compared = [due for root, due in self._uncompared.items() if root not in self._uncounted]
        return min([*self._uncounted.values(), *compared, self._intake.next_due()])

    def seen(self, directories: Sequence[str]) -> dict[str, int]:
        """What the last walk saw in these directories besides logs; safe to call from any thread."""
        return self._trees.seen(directories)

    # ---------------------------------------------------------------- looking

    def _checked(self, tree: Tree, marks: Marks) -> tuple[set[str], set[str]]:
        """Files and directories of a tree that a sweep or a poll compares with the disk."""
        if marks.checks_all:
            return set(tree.swept_files()), tree.stale_directories()
        wanted = self._trees.parted(each for each in marks.checked if inside(each, tree.root)).get(tree.root, set())
        paths = {path for path in tree.swept_files() if (path.rpartition("/")[0] or ".") in wanted}
        return paths, tree.stale_directories(wanted)

    def _look(self, tree: Tree, paths: Iterable[str], stale: set[str]) -> list[str]:
        """Compare files and directories of a tree with the disk; the directories that were listed, absolute."""
        change, unclear = tree.stat(paths)
        stale |= {each for each in unclear if each in tree.directories}
        listed: list[str] = []
        if stale:
            looked = tree.look(stale)
            change.grown |= looked.grown
            change.claims += looked.claims
            change.structure = change.structure or looked.structure
            listed = [absolute(tree.root, each) for each in looked.directories]
        self._enter(tree, change)
        unread = self._count(tree) if self._is_due(tree.root) else []
        self._intake.read(unread + self._grown(tree, change))
        return listed

    def _follow_known(self, tree: Tree, paths: set[str], stale: set[str], marks: Marks) -> None:
        """Read on in known files of a busy tree; all else is put off."""
        root = tree.root
        known = {path for path in paths if self._ingest.tellers(root, tree.owner(path))}
        change, unclear = tree.stat(known)
        checked = {each for each in marks.checked if inside(each, root)}
        if marks.checks_all:
            checked = {absolute(root, each) for each in tree.directories}
        later = Marks({absolute(root, each) for each in paths - known}, set(), checked)
        later.directories |= {absolute(root, each) for each in stale | unclear}
        if later:
            self._put_off[root] = _joined(self._put_off.get(root, Marks()), later)
        self._warm(tree, change)
        self._intake.read(self._grown(tree, change))

    def _enter(self, tree: Tree, change: Change) -> None:
        self._ingest.put_claims(tree.root, change.claims)
        self._folders.look(absolute(tree.root, each) for each in tree.marked)
        self.refold()
        self._warm(tree, change)
        if change.structure:
            self._count_soon(tree.root)

    def _warm(self, tree: Tree, change: Change) -> None:
        if self._census.part_copies(tree, change.grown):
            self._count_soon(tree.root)
        if any(self._may_be_copy(source) for source in self._grown(tree, change)):
            self._compare_soon(tree.root)
        now = time.monotonic()
        for path in change.grown:
            self._hot[absolute(tree.root, path.rpartition("/")[0] or ".")] = now

    def _grown(self, tree: Tree, change: Change) -> list[Source]:
        return [source for path in change.grown for source in self._ingest.tellers(tree.root, path)]

    # ---------------------------------------------------------------- copies

    def _may_be_copy(self, source: Source) -> bool:
        """Whether a file that grew is of a run that did not write it just now: it is being copied."""
        record = self._ingest.runs.get(source.rid)
        return record is not None and record.state not in run_rows.LIVE

    def _compare_soon(self, root: str) -> None:
        self._uncompared.setdefault(root, time.monotonic() + COPIES_SHARE * self._compare_cost.get(root, 0.0))

    def _compare(self, tree: Tree) -> None:
        """Make runs that are copies of each other one."""
        begun = time.monotonic()
        self._uncompared.pop(tree.root, None)
        if self._census.find_copies(tree):
            self._intake.read(self._count(tree))
            self._uncompared.pop(tree.root, None)
        elif self._ingest.has_changes():
            self._commits.all()
        self._compare_cost[tree.root] = time.monotonic() - begun

    # ---------------------------------------------------------------- counting

    def _count_soon(self, root: str) -> None:
        cost = self._count_cost.get(root, 0.0)
        now = time.monotonic()
        self._uncounted.setdefault(root, now if cost < AT_ONCE_S else now + RESOLVE_SHARE * cost)

    def _is_due(self, root: str) -> bool:
        due = self._uncounted.get(root, float("inf"))
        quick = not self._pauses.nested or self._count_cost.get(root, 0.0) < AT_ONCE_S
        return due <= time.monotonic() and root not in self._busy and not self._counting and quick

    def _count(self, tree: Tree, stored_later: bool = False) -> list[Source]:
        """Decide anew which runs there are in a tree; the files that are to be read.

        `stored_later`: most of these were read early, and are about to be taken: a run is stored with what they tell.
        """
        begun = time.monotonic()
        self._uncounted.pop(tree.root, None)
        self._busy.add(tree.root)
        self._counting = True
        try:
            return [
                *self._census.count(tree, self._commits, stored_later=stored_later),
                *self._stores.unplaced(tree.root),
            ]
        finally:
            self._counting = False
            self._busy.discard(tree.root)
            self._count_cost[tree.root] = time.monotonic() - begun
            for root in self._hearing.concerned() & self._trees.by_root.keys():
                self._count_soon(root)
            self._compare_soon(tree.root)

    def _do_due(self) -> None:
        for root in [root for root in self._uncounted if self._is_due(root)]:
            self._intake.read(self._count(self._trees.by_root[root]))
        self._intake.read_later()

    def _regroup(self, rids: Collection[int]) -> None:
        """Files of these runs told new ids, or whose they are: what they say may make two runs one."""
        for rid, said in self._ingest.new_said().items():
            self._tell(load_said(self._store, self._ingest.runs[rid].uid, said))
        roots = {root for root, rid, uids in self._ingest.new_told() if self._uids.learn(rid, uids)}
        roots |= self._stores.doubled()
        linked = self._hearing.news(rids)
        for root in (linked - roots) & self._trees.by_root.keys():
            self._count_soon(root)
        for root in roots & self._trees.by_root.keys():
            if self._pauses.nested or self._counting or root in self._busy:
                self._count_soon(root)
            else:
                self._intake.read(self._count(self._trees.by_root[root]))


def _joined(one: Marks, other: Marks) -> Marks:
    return Marks(
        one.files | other.files, one.directories | other.directories, one.checked | other.checked,
        one.checks_all or other.checks_all,
    )  # fmt: skip
