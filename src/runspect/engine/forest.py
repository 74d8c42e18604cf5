"""All watched trees and the runs in them: turns looks at the disk into changes of the index."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event

from runspect import identity
from runspect.engine import run_rows
from runspect.engine.discovery import Known
from runspect.engine.pool import Pool
from runspect.engine.reading import Piece, Task, read
from runspect.engine.run_rows import Home, Judge
from runspect.engine.shares import give_artifacts
from runspect.engine.tree import Change, Tree, claim_from
from runspect.engine.watch import Marks
from runspect.errors import NotFound
from runspect.index import remembered
from runspect.index.ingest import Ingest
from runspect.index.reads.scope import fetch
from runspect.index.records import RunRecord, Source, SourceKey
from runspect.index.store import Store
from runspect.model import Part, Progress, RunPlan
from runspect.readers import reader_named
from runspect.readers.contract import Batch, Cursor
from runspect.resolve import resolve

COMMIT_EVERY_S = 0.2
"""While much is read, what has been read becomes visible this often."""
COMMIT_SHARE = 4
"""But at most so rarely that committing takes one part in so many of the time."""
COMMIT_POINTS = 400_000
FETCHED_FILES = 200
"""What the index holds of the runs of so many files is loaded together."""
PAUSE_EVERY_S = 0.05
"""Long work looks for news of live runs this often."""
RESOLVE_SHARE = 10
"""Runs of a tree are resolved anew at most this rarely: so many times what it cost last. Small trees at once."""
AT_ONCE_S = 0.05
RETRY_S = 0.25
"""A file that is being rewritten may be seen half: it is read again after this long, `RETRIES` times."""
RETRIES = 3
HOT_S = 60.0

OnProgress = Callable[[Progress], None]


class Forest:
    """Mutable, of the syncing thread."""

    def __init__(
        self,
        store: Store,
        ingest: Ingest,
        judge: Judge,
        tell: Callable[[frozenset[int] | None], None],
        between: Callable[[], None],
    ) -> None:
        """`between` is called now and then during long work, so that live runs do not wait for it."""
        self._store = store
        self._ingest = ingest
        self._judge = judge
        self._tell = tell
        self._between = between
        self.scans = 0
        """Grows when a directory was walked, so that there are others to watch."""
        self._scanning: set[str] = set()
        self._put_off = Marks()
        self._being_read: set[SourceKey] = set()
        self._read_later: set[SourceKey] = set()
        self._pool = Pool()
        self._trees: dict[str, Tree] = {}
        self._homes: dict[int, Home] = {}
        self._ids: dict[int, set[str]] = {}
        self._unresolved: dict[str, float] = {}
        self._resolve_cost: dict[str, float] = {}
        self._retries: dict[tuple[str, str, int], tuple[int, float]] = {}
        self._hot: dict[str, float] = {}
        self._last_commit = time.monotonic()
        self._last_pause = 0.0
        self._commit_cost = 0.0
        with store.cursor() as cursor:
            self._roots = {watch for (watch,) in fetch(cursor, "SELECT watch FROM watches_now")}
            for uid, rid in fetch(cursor, "SELECT DISTINCT uid, rid FROM ids"):
                self._ids.setdefault(rid, set()).add(uid)

    def close(self) -> None:
        """Forget everything; what was gathered and not stored is read again another time."""
        self._trees.clear()

    # ---------------------------------------------------------------- what the syncer asks for

    def bring_up_to_date(self, directory: str, cancel: Event, progress: OnProgress | None) -> None:
        """Look at a directory and everything below it, and read what changed.

        Raises:
            NotFound: It is not there and was never known.
            IndexFault: The index could not be written.
        """
        root, subtree = self._place(directory)
        tree = self._tree(root)
        self._scanning.add(root)
        try:
            change = tree.scan(subtree, cancel, lambda news: self._pause(progress, news))
        except OSError as error:
            if root not in self._roots:
                del self._trees[root]
                self._unresolved.pop(root, None)
                raise NotFound(f"{directory} cannot be read: {error.strerror or error}") from error
            gone = isinstance(error, (FileNotFoundError, NotADirectoryError))
            change = tree.emptied() if gone else tree.closed(error.strerror or str(error))
        finally:
            self._scanning.discard(root)
        self.scans += 1
        if root not in self._roots:
            self._begin_root(root)
        self._apply(tree, change, progress, cancel, everything=True)
        if change.complete and not cancel.is_set():
            self._recall(tree)

    def follow(self, marks: Marks) -> list[str]:
        """Look at what was marked, and read what changed; the directories that were listed, absolute."""
        marks, self._put_off = _joined(self._put_off, marks), Marks()
        files, directories = self._by_tree(marks.files), self._by_tree(marks.directories)
        listed: list[str] = []
        for tree in list(self._trees.values()):
            if tree.root in self._scanning:
                self._put_off.files |= {_absolute(tree.root, path) for path in files.get(tree.root, ())}
                self._put_off.directories |= {_absolute(tree.root, path) for path in directories.get(tree.root, ())}
                continue
            paths, stale = set(files.get(tree.root, ())), set(directories.get(tree.root, ()))
            if marks.checks_all or marks.checked:
                more_paths, more_stale = self._checked(tree, marks)
                paths |= more_paths
                stale |= more_stale
            if not paths and not stale:
                continue
            change, unclear = tree.stat(paths)
            stale |= {each for each in unclear if each in tree.directories}
            if stale:
                looked = tree.look(stale)
                change.grown |= looked.grown
                change.claims += looked.claims
                change.structure = change.structure or looked.structure
                listed += [_absolute(tree.root, each) for each in looked.directories]
            self._apply(tree, change, None, Event(), everything=False)
        return listed

    def followed(self, wanted: Sequence[str]) -> dict[str, list[str]]:
        """Per wanted directory, the absolute directories below it that are to be watched."""
        found: dict[str, list[str]] = {}
        for directory in wanted:
            root, subtree = self._place(directory, only_known=True)
            tree = self._trees.get(root)
            if tree is None:
                continue
            prefix = f"{subtree}/"
            found[directory] = [
                _absolute(root, each)
                for each in tree.directories
                if subtree == "." or each == subtree or each.startswith(prefix)
            ]
        return found

    def hot_directories(self) -> frozenset[str]:
        """Directories in which a file grew within the last minute, absolute."""
        now = time.monotonic()
        self._hot = {directory: since for directory, since in self._hot.items() if now - since < HOT_S}
        return frozenset(self._hot)

    def judge(self) -> None:
        """Decide the state of runs that have not ended again."""
        for record in list(self._ingest.runs.values()):
            if record.state in run_rows.LIVE and not record.hidden:
                self._ingest.put_run(run_rows.judged_again(record, self._judge))
        if self._ingest.has_changes():
            self._commit()

    def idle(self) -> None:
        """Do what has become due: resolving that was put off, reading again, outlines of long series."""
        now = time.monotonic()
        for root in [root for root, due in self._unresolved.items() if due <= now]:
            tree = self._trees[root]
            self._read(self._resolve(tree), None, Event())
        due = [key for key, (_, when) in self._retries.items() if when <= now and key in self._ingest.sources]
        if due:
            self._retries |= {key: (self._retries[key][0], float("inf")) for key in due}
            self._read([self._ingest.sources[key] for key in due], None, Event())
        self._ingest.tidy()
        renewed = self._ingest.renew(now)
        if renewed:
            self._tell(renewed)

    def next_due(self) -> float:
        """When `idle` is wanted next, in monotonic seconds."""
        waits = [when for _, when in self._retries.values()]
        return min([*self._unresolved.values(), *waits], default=float("inf"))

    def seen(self, directories: Sequence[str]) -> dict[str, int]:
        """What the last walk saw in these directories besides logs; safe to call from any thread."""
        total: Counter[str] = Counter()
        for tree in tuple(self._trees.values()):
            if any(_inside(tree.root, directory) for directory in directories) or not directories:
                total.update(tree.seen_instead)
            else:
                below = [
                    os.path.relpath(directory, tree.root) for directory in directories if _inside(directory, tree.root)
                ]
                total.update(kind for place in below for kind in tree.kinds_below(place))
        return dict(total.most_common())

    # ---------------------------------------------------------------- trees

    def _place(self, directory: str, *, only_known: bool = False) -> tuple[str, str]:
        """(root, path below it) of a directory. Roots that hold each other are one watch: the outermost."""
        holding = [root for root in (*self._roots, *self._trees) if _inside(directory, root)]
        if holding:
            root = min(holding, key=len)
            return root, os.path.relpath(directory, root)
        if not only_known:
            for inner in [root for root in self._roots if _inside(root, directory)]:
                self._take_in(inner, directory)
        return directory, "."

    def _take_in(self, inner: str, outer: str) -> None:
        """A wider directory is asked for: the rows of the inner root become rows of the outer one."""
        prefix = os.path.relpath(inner, outer)
        tree = self._trees.pop(inner, None)
        files = tree.files if tree is not None else self._known_files(inner)
        gone = [(path, known.size, known.mtime, known.inode, None, False) for path, known in files.items()]
        self._ingest.put_claims(inner, gone)
        for rid, record in list(self._ingest.runs.items()):
            if record.watch == inner:
                for source in self._ingest.files_of(rid):
                    self._ingest.move(source, outer, f"{prefix}/{source.path}")
                path = prefix if record.path == "." else f"{prefix}/{record.path}"
                self._ingest.put_run(replace(record, watch=outer, path=path))
                self._homes.pop(rid, None)
        self._ingest.drop_problems(inner)
        self._ingest.put_watch(inner, False)
        self._roots.discard(inner)

    def _tree(self, root: str) -> Tree:
        tree = self._trees.get(root)
        if tree is None:
            tree = self._trees[root] = Tree(root, (str(self._store.path.parent),))
            tree.files = self._known_files(root)
            self._unresolved[root] = 0.0
        return tree

    def _known_files(self, root: str) -> dict[str, Known]:
        with self._store.cursor() as cursor:
            rows = fetch(cursor, "SELECT path, size, mtime, inode, claim FROM claims_now WHERE watch = ?", (root,))
        return {path: Known(size, mtime, inode, claim_from(claim)) for path, size, mtime, inode, claim in rows}

    def _begin_root(self, root: str) -> None:
        self._roots.add(root)
        self._ingest.put_watch(root, True)

    def _by_tree(self, paths: Iterable[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in paths:
            for root in self._trees:
                if _inside(path, root):
                    found.setdefault(root, []).append(os.path.relpath(path, root))
        return found

    def _checked(self, tree: Tree, marks: Marks) -> tuple[set[str], set[str]]:
        """Files and directories of a tree that a sweep or a poll compares with the disk."""
        if marks.checks_all:
            return set(tree.swept_files()), tree.stale_directories()
        wanted = {os.path.relpath(each, tree.root) for each in marks.checked if _inside(each, tree.root)}
        paths = {path for path in tree.swept_files() if (path.rpartition("/")[0] or ".") in wanted}
        return paths, tree.stale_directories(wanted)

    def _apply(
        self, tree: Tree, change: Change, progress: OnProgress | None, cancel: Event, *, everything: bool
    ) -> None:
        self._ingest.put_claims(tree.root, change.claims)
        now = time.monotonic()
        for path in change.grown:
            self._hot[_absolute(tree.root, path.rpartition("/")[0] or ".")] = now
        unread: list[Source] = []
        if change.structure and tree.root not in self._unresolved:
            cost = self._resolve_cost.get(tree.root, 0.0)
            self._unresolved[tree.root] = now if cost < AT_ONCE_S else now + RESOLVE_SHARE * cost
        if tree.root in self._unresolved and (everything or self._unresolved[tree.root] <= now):
            unread = self._resolve(tree)
        if everything:
            self._put_problems(tree)
            unread = self._changed(tree)
        else:
            unread += [source for path in change.grown for source in self._ingest.tellers(tree.root, path)]
        self._read([source for source in _distinct(unread) if source.use == "read"], progress, cancel)

    def _changed(self, tree: Tree) -> list[Source]:
        """Files of the tree whose bytes are not those that were read."""
        sources = [source for rid in self._homes_in(tree.root) for source in self._ingest.files_of(rid)]
        return [source for source in sources if self._differs(tree, source)]

    def _differs(self, tree: Tree, source: Source) -> bool:
        known = tree.files.get(source.path)
        return known is not None and (known.size, known.mtime) != (source.size, source.mtime)

    def _homes_in(self, root: str) -> list[int]:
        return [rid for rid, home in self._homes.items() if home.watch == root]

    # ---------------------------------------------------------------- runs

    def _resolve(self, tree: Tree) -> list[Source]:
        """Decide anew which runs there are in a tree; the files that are to be read."""
        begun = time.monotonic()
        self._unresolved.pop(tree.root, None)
        resolution = resolve(tree.claims())
        previous = [
            self._known_run(record)
            for record in self._ingest.runs.values()
            if record.watch == tree.root and not record.hidden
        ]
        assigned = identity.assign(
            previous, resolution.runs, lambda plan: self._ids_of(tree.root, plan), max(self._ingest.runs, default=0) + 1
        )
        plans: dict[int, list[RunPlan]] = {}
        for plan, rid in zip(resolution.runs, assigned.rids, strict=True):
            plans.setdefault(rid, []).append(plan)
        for rid, uids in assigned.ids.items():
            self._learn(rid, uids)
        self._hide(assigned.merged)
        self._lose(assigned.vanished)
        chosen = {rid: self._primary(rid, told) for rid, told in plans.items()}
        self._settle(tree, chosen)
        wanted = {
            (part.claim.path, rid): _part(part, plan is chosen[rid])
            for rid, told in plans.items()
            for plan in told
            for part in plan.parts
        }
        unread = self._settle_files(tree, wanted)
        give_artifacts(self._ingest, tree, chosen)
        self._ingest.put_file_problems(tree.root, "resolve", resolution.doubts)
        self._resolve_cost[tree.root] = time.monotonic() - begun
        self._commit()
        return unread

    def _known_run(self, record: RunRecord) -> identity.Known:
        files = frozenset(s.path for s in self._ingest.files_of(record.rid) if s.watch == record.watch and not s.shared)
        return identity.Known(record.rid, frozenset(self._ids.get(record.rid, ())), record.path, record.key, files)

    def _ids_of(self, root: str, plan: RunPlan) -> frozenset[str]:
        places = {self._path_id(root, place, key) for place, key in identity.places(plan)}
        told = {
            id_
            for part in plan.parts
            if not part.shared
            for source in self._ingest.tellers(root, part.claim.path)
            for id_ in source.told
        }
        return frozenset(places | set(plan.ids) | told)

    def _path_id(self, root: str, place: str, key: str) -> str:
        return identity.path_id(self._judge.host, _absolute(root, place), key)

    def _learn(self, rid: int, uids: Iterable[str]) -> bool:
        fresh = set(uids) - self._ids.setdefault(rid, set())
        self._ids[rid] |= fresh
        self._ingest.put_ids(rid, sorted(fresh))
        return bool(fresh)

    def _hide(self, merged: Mapping[int, int]) -> None:
        for rid in merged:
            for source in self._ingest.files_of(rid):
                self._ingest.retire(source)
            self._ingest.put_run(replace(self._ingest.runs[rid], hidden=True))
            self._homes.pop(rid, None)

    def _lose(self, vanished: Iterable[int]) -> None:
        for rid in vanished:
            self._homes.pop(rid, None)
            self._ingest.put_run(run_rows.gone(self._ingest.runs[rid], self._judge))

    def _recall(self, tree: Tree) -> None:
        """Runs of which the journal tells, and neither disk nor index any more."""
        with self._store.cursor() as cursor:
            snapshots = remembered.forgotten(cursor, tree.root)
        for snapshot in snapshots:
            rid = max(self._ingest.runs, default=0) + 1
            self._learn(rid, [snapshot["uid"]])
            self._ingest.put_remembered(remembered.record(rid, tree.root, snapshot), snapshot)
        if snapshots:
            self._commit()

    def _primary(self, rid: int, plans: Sequence[RunPlan]) -> RunPlan:
        """Of several copies of a run, the one that was there first."""
        record = self._ingest.runs.get(rid)
        return next((plan for plan in plans if record is not None and plan.root == record.path), plans[0])

    def _settle(self, tree: Tree, chosen: Mapping[int, RunPlan]) -> None:
        uids = {plan.root: self._uid(tree.root, rid, plan) for rid, plan in chosen.items()}
        for rid, plan in chosen.items():
            parent = uids.get(plan.parent) if plan.parent is not None else None
            home = Home(
                rid,
                uids[plan.root] if len(uids) == len(chosen) else self._uid(tree.root, rid, plan),
                tree.root,
                plan,
                parent,
            )
            before = self._homes.get(rid)
            self._homes[rid] = home
            if before != home:
                self._ingest.data(rid)

    def _uid(self, root: str, rid: int, plan: RunPlan) -> str:
        """The id that its tool gave and that is unique, else that of its place."""
        own = sorted(id_ for id_ in self._ids.get(rid, ()) if not id_.startswith((identity.PATH, *identity.UNSCOPED)))
        return own[0] if own else self._path_id(root, plan.root, plan.key)

    def _settle_files(self, tree: Tree, wanted: Mapping[tuple[str, int], Part]) -> list[Source]:
        """Let every file have the role in its run that was decided; those that are to be read."""
        for rid in self._homes_in(tree.root):
            for source in self._ingest.files_of(rid):
                if (source.path, rid) not in wanted:
                    self._ingest.retire(source)
        unread: list[Source] = []
        for (path, rid), part in wanted.items():
            held = self._ingest.sources.get((tree.root, path, rid))
            source = (
                held
                if held is not None
                else Source(tree.root, path, rid, part.claim.reader, part.use, part.prefix, part.shared)
            )
            if held is None:
                self._note_size(tree, source)
            elif (source.reader, source.use, source.prefix) != (part.claim.reader, part.use, part.prefix):
                self._ingest.begin(source)
                source.reader, source.use, source.prefix, source.shared = (
                    part.claim.reader,
                    part.use,
                    part.prefix,
                    part.shared,
                )
                source.cursor, source.size, source.mtime = Cursor(), -1, -1.0
                self._note_size(tree, source)
            elif source.shared != part.shared:
                source.shared = part.shared
                self._ingest.put_shared(source)
            if source.use == "read" and self._differs(tree, source):
                unread.append(source)
        return unread

    def _note_size(self, tree: Tree, source: Source) -> None:
        known = tree.files.get(source.path)
        if source.use == "also_in" and known is not None:
            source.size, source.mtime = known.size, known.mtime
        self._ingest.put_source(source)

    def _put_problems(self, tree: Tree) -> None:
        self._ingest.put_file_problems(tree.root, "walk", list(tree.problems.values()))

    # ---------------------------------------------------------------- reading

    def _read(self, sources: Sequence[Source], progress: OnProgress | None, cancel: Event) -> None:
        """Read files, newest directories first, and store what they say."""
        ordered = self._newest_first([source for source in sources if source.identity not in self._being_read])
        self._read_later |= {source.identity for source in sources} & self._being_read
        tasks = [_task(number, source) for number, source in enumerate(ordered)]
        reading = _Reading(ordered)
        self._being_read |= {source.identity for source in ordered}
        for piece in self._pool.read(tasks, [self._size(source) for source in ordered], cancel):
            if piece is not None:
                if piece.number >= reading.fetched:
                    reading.fetched = piece.number + FETCHED_FILES
                    self._ingest.fetch(source.rid for source in ordered[piece.number : reading.fetched])
                self._take(reading, piece)
            self._commit_some(reading, progress)
        for number in reading.unended() if not cancel.is_set() else ():
            # its worker died: go on from what was stored of it
            reading.begun.discard(number)
            reading.held.pop(number, None)
            for piece in read(_task(number, ordered[number])):
                self._take(reading, piece)
        if self._ingest.has_changes():
            self._commit()
        if progress is not None and tasks:
            progress(Progress("reading", len(reading.ended), len(tasks)))
        own = {source.identity for source in ordered}
        self._being_read -= own
        again = [self._ingest.sources[key] for key in own & self._read_later if key in self._ingest.sources]
        self._read_later -= own
        self._regroup()
        if again:
            self._read(again, None, cancel)

    def _commit_some(self, reading: _Reading, progress: OnProgress | None) -> None:
        wait = max(COMMIT_EVERY_S, COMMIT_SHARE * self._commit_cost)
        if time.monotonic() - self._last_commit >= wait or self._ingest.pending() > COMMIT_POINTS:
            self._commit()
            self._pause(progress, Progress("reading", len(reading.ended), len(reading.sources)))
        else:
            self._pause(None, None)

    def _pause(self, progress: OnProgress | None, news: Progress | None) -> None:
        """Long work looks up: tell how far it is, and let what is live go first."""
        if progress is not None and news is not None:
            progress(news)
        now = time.monotonic()
        if now - self._last_pause >= PAUSE_EVERY_S:
            self._last_pause = now
            self._between()
            self._last_pause = time.monotonic()

    def _take(self, reading: _Reading, piece: Piece) -> None:
        source = reading.sources[piece.number]
        if piece.batch is None:
            reading.ended.add(piece.number)
        if self._ingest.sources.get(source.identity) is not source or piece.missing:
            return
        reader = reader_named(source.reader)
        if reader.mode == "replace":
            held = reading.held.setdefault(piece.number, [])
            if piece.batch is not None:
                held.append(piece.batch)
                return
            if not self._take_whole(source, held, reader.precision):
                return
        elif piece.fresh and piece.number not in reading.begun:
            reading.begun.add(piece.number)
            self._ingest.begin(source)
        if piece.batch is not None:
            self._ingest.put_batch(source, piece.batch, reader.precision)
            return
        source.size, source.mtime = piece.size, piece.mtime
        self._ingest.put_source(source)

    def _take_whole(self, source: Source, batches: list[Batch], precision: int) -> bool:
        """Take a file that is rewritten in place; False when it seems to be half written and is to be read again."""
        broken = any(batch.problems for batch in batches) and not any(batch.points or batch.params for batch in batches)
        if broken and (source.segment is not None or source.size >= 0):
            tries = self._retries.get(source.identity, (0, 0.0))[0] + 1
            if tries <= RETRIES:
                self._retries[source.identity] = (tries, time.monotonic() + RETRY_S)
                return False
            problems = [replace(problem, path=source.path) for batch in batches for problem in batch.problems]
            self._ingest.put_problems(source.watch, source.path, source.reader, problems)
            self._retries.pop(source.identity, None)
            return True
        self._retries.pop(source.identity, None)
        self._ingest.put_whole(source, batches or [Batch(Cursor())], precision)
        return True

    def _newest_first(self, sources: Sequence[Source]) -> list[Source]:
        newest: dict[int, float] = {}
        for source in sources:
            newest[source.rid] = max(newest.get(source.rid, 0.0), self._mtime(source))
        return sorted(sources, key=lambda source: (-newest[source.rid], source.rid, source.path))

    def _mtime(self, source: Source) -> float:
        known = self._trees[source.watch].files.get(source.path)
        return known.mtime if known is not None else 0.0

    def _size(self, source: Source) -> int:
        known = self._trees[source.watch].files.get(source.path)
        return max(0, known.size - source.cursor.offset) if known is not None else 0

    def _regroup(self) -> None:
        """Files told new ids: what they say may make two runs one."""
        roots: set[str] = set()
        for root, rid, uids in self._ingest.new_told():
            if self._learn(rid, uids):
                roots.add(root)
        for root in roots:
            if root in self._trees:
                self._resolve(self._trees[root])

    def _commit(self) -> None:
        begun = time.monotonic()
        for rid in self._ingest.touched():
            home = self._homes.get(rid)
            if home is not None:
                tree = self._trees[home.watch]
                writes = [tree.files[s.path].mtime for s in self._ingest.files_of(rid) if s.path in tree.files]
                self._ingest.put_run(
                    run_rows.record(home, self._ingest.data(rid), max(writes, default=None), self._judge)
                )
        changed = self._ingest.commit()
        self._last_commit = time.monotonic()
        self._commit_cost = self._last_commit - begun
        self._tell(changed)


@dataclass(slots=True)
class _Reading:
    """How far a group of files is read."""

    sources: Sequence[Source]
    held: dict[int, list[Batch]] = field(default_factory=dict)
    """Pieces of files that are taken whole."""
    begun: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    fetched: int = 0
    """What is told of the runs of files before this number is at hand."""

    def unended(self) -> list[int]:
        """Numbers of the files whose end did not come."""
        return [number for number in range(len(self.sources)) if number not in self.ended]


def _task(number: int, source: Source) -> Task:
    return Task(number, source.reader, source.watch, source.path, source.cursor)


def _joined(one: Marks, other: Marks) -> Marks:
    return Marks(
        one.files | other.files, one.directories | other.directories, one.checked | other.checked,
        one.checks_all or other.checks_all,
    )  # fmt: skip


def _part(part: Part, primary: bool) -> Part:
    """A part of the copy of a run is only listed."""
    return part if primary else replace(part, use="also_in")


def _distinct(sources: Iterable[Source]) -> list[Source]:
    return list({source.identity: source for source in sources}.values())


def _absolute(root: str, path: str) -> str:
    return root if path == "." else f"{root.rstrip('/')}/{path}"


def _inside(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")
