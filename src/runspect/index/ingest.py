"""The only writer of what logs say: changes are gathered, then stored together in one transaction.

Points, segments, params, facts, texts, problems, cursors and series summaries of a run become visible at once or not at
all, so a cursor never runs ahead of its points.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from operator import attrgetter

import duckdb

from runspect.errors import IndexFault
from runspect.index import compaction, transaction, whole_files, writing
from runspect.index.generations import Change
from runspect.index.ledger import Ledger
from runspect.index.records import STORE, RunRecord, Source, SourceKey
from runspect.index.run_data import RunData
from runspect.index.store import Store
from runspect.index.waiting import Waiting
from runspect.model import Artifact, Json, Problem
from runspect.readers.contract import Batch, Said

RENEW_SHARE = 20
"""Long series are read back to renew mean and outline at most this rarely: so many times what it cost last."""
COMPACT_EVERY = 200
"""Commits between looks at superseded rows."""
_STANDING = attrgetter(*(each.name for each in fields(RunRecord) if each.name not in ("evidence", "updated", "steps")))
"""All that a run's row says but how far the run is, and from what its state was decided."""


class Ingest:
    """Gathers changes and commits them; mutable, used by one thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ledger = Ledger(store)
        self._waiting = Waiting()
        self._new_told: list[tuple[str, int, tuple[str, ...]]] = []
        self._new_said: dict[int, tuple[Said, ...]] = {}
        self._renew_cost = 0.0
        self._commits = 0
        self._dead_points = False

    # ---------------------------------------------------------------- what is gathered

    def put_run(self, record: RunRecord) -> None:
        """Store a new or changed row of `runs`."""
        before = self.runs.get(record.rid)
        if before == record:
            return
        self._ledger.runs[record.rid] = record
        self._waiting.runs.add(record.rid)
        if before is None or _STANDING(before) != _STANDING(record):
            self._waiting.judged.add(record.rid)
        elif record.started is None and before.updated != record.updated:
            # then the last write is its place in the list
            self._waiting.moved.add(record.rid)
        if before is None or _place(before) != _place(record):
            self._waiting.placed.add(record.rid)

    def put_ids(self, rid: int, uids: Iterable[str]) -> None:
        """Store that `rid` answers to `uids`."""
        self._waiting.ids += [(uid, rid) for uid in uids]

    def put_remembered(self, record: RunRecord, snapshot: Mapping[str, Json]) -> None:
        """A run that is known from its snapshot in the journal alone."""
        self.put_run(record)
        told = snapshot.get("metrics")
        metrics = [(self._mid(name), each) for name, each in (told.items() if isinstance(told, dict) else ())]
        self._waiting.remembered.append((record.rid, snapshot.get("params"), metrics))

    def put_claims(self, watch: str, rows: Sequence[tuple[str, int, float, int, str | None, bool]]) -> None:
        """Store what was seen of files: (path, size, mtime, inode, claim as JSON text or None, still there)."""
        self._waiting.claims += [(watch, *row) for row in rows]

    def put_watch(self, watch: str, live: bool) -> None:
        """Store that a directory is, or is no longer, a root of its own."""
        self._waiting.watches.append((watch, live))

    def put_artifacts(self, rid: int, artifacts: tuple[Artifact, ...]) -> None:
        """Store the whole list of what a run produced."""
        if self._ledger.artifacts.get(rid, ()) != artifacts:
            self._ledger.artifacts[rid] = artifacts
            self._waiting.artifacts += writing.artifact_rows(rid, artifacts)

    def put_problems(
        self, watch: str, path: str, reader: str, problems: Sequence[Problem], *, more: bool = False
    ) -> None:
        """Store all problems of a file, or `more` of them; none clears them."""
        if self._ledger.problems.put((watch, path, reader), problems, more):
            self._waiting.problems.add((watch, path, reader))
            self._waiting.runs |= self._ledger.files.owners(watch, path) & self.runs.keys()

    def put_file_problems(self, watch: str, reader: str, problems: Sequence[Problem]) -> None:
        """Store all problems of a watch that do not come from reading a file; those told earlier and not now go away."""
        by_path: dict[str, list[Problem]] = {path: [] for _, path, _ in self._ledger.problems.keys(watch, reader)}
        for problem in problems:
            by_path.setdefault(problem.path, []).append(problem)
        for path, listed in by_path.items():
            self.put_problems(watch, path, reader, listed)

    def drop_problems(self, watch: str) -> None:
        """Forget all problems of a watch."""
        for key in self._ledger.problems.keys(watch):
            self.put_problems(*key, ())

    def put_shared(self, source: Source) -> None:
        """A config turned out to be, or not to be, one of several runs."""
        self.data(source.rid).tell(source, {}, {}, None)
        self.put_source(source)

    def move(self, source: Source, watch: str, path: str) -> None:
        """The same file is now known below another watched directory; it will be read again there."""
        data = self.data(source.rid)
        data.rename(source.path, path)
        self._waiting.placed.add(source.rid)
        moved = replace(source, watch=watch, path=path)
        source.live = False
        self.put_source(source)
        self._ledger.files.remove(source)
        if moved.segment in data.segments:
            segment = data.segments[moved.segment] = replace(data.segments[moved.segment], path=path)
            self._waiting.segments[segment.segment] = segment.row()
        self.put_source(moved)

    def put_source(self, source: Source) -> None:
        """Store a file's row as it is when it is committed."""
        self._ledger.files.add(source)
        self._waiting.sources[source.identity] = source

    def begin(self, source: Source) -> None:
        """A file is read from its beginning: what it told before no longer counts."""
        data = self.data(source.rid)
        data.forget(source.path)
        self._retire(data, source)
        source.generation += 1
        source.told = ()
        self._clear_problems(source)
        self.put_source(source)

    def put_batch(self, source: Source, batch: Batch, precision: int) -> None:
        """Append a piece of a file; `source.cursor` moves to the piece's end."""
        data = self.data(source.rid)
        if any(map(len, batch.points.values())) or batch.texts:
            entered, changed = self._ledger.segment(data, source, batch, precision)
            segment = entered.segment
            if changed:
                self._waiting.segments[segment] = entered.row()
            for name, points in batch.points.items():
                if len(points):
                    mid = self._mid(f"{source.prefix}/{name}" if source.prefix else name)
                    data.add(segment, mid, points)
                    self._waiting.add_points(source.rid, mid, segment, points)
            self._waiting.texts += [(source.rid, segment, t.key, t.step, t.time, t.value) for t in batch.texts]
        data.tell(source, batch.params, batch.facts, batch.writer_start)
        if batch.problems:
            told = [replace(problem, path=source.path) for problem in batch.problems]
            self.put_problems(source.watch, source.path, source.reader, told, more=True)
        if batch.ids:
            source.told = tuple(dict.fromkeys((*source.told, *batch.ids)))
            self._new_told.append((source.watch, source.rid, source.told))
        if batch.said:
            self._new_said[source.rid] = batch.said
        source.cursor = batch.cursor
        self.put_source(source)

    def put_whole(self, source: Source, batches: Sequence[Batch], precision: int) -> None:
        """Take a file that is written anew each time: only what follows an unchanged beginning is stored."""
        data = self.data(source.rid)
        data.forget(source.path)
        merged = whole_files.merged(batches)
        if source.segment in self._waiting.point_segments:
            self.commit((source.rid,))
        prefix = f"{source.prefix}/" if source.prefix else ""
        named = {self._mid(prefix + name): name for name in merged.points}
        suffix = None
        if source.segment is not None and source.segment in data.segments:
            with self._store.cursor() as cursor:
                held = writing.stored_points(cursor, source)
            suffix = whole_files.suffix(held, {mid: merged.points[name] for mid, name in named.items()})
        if suffix is None:
            self._retire(data, source)
            source.generation += 1
        else:
            merged = replace(merged, points={named[mid]: points for mid, points in suffix.items()}, texts=())
        source.told = ()
        self._clear_problems(source)
        self.put_batch(source, merged, precision)

    def put_store(self, source: Source, batch: Batch) -> None:
        """Take what a store says of itself: its problems, and how far it was read."""
        if batch.restart:
            source.generation += 1
            self.put_problems(source.watch, source.path, source.reader, ())
        told = [replace(problem, path=source.path) for problem in batch.problems]
        self.put_problems(source.watch, source.path, source.reader, told, more=True)
        if not batch.more:
            source.cursor = batch.cursor
        self.put_source(source)

    def drop_store(self, source: Source) -> None:
        """A store is gone; what it told of runs is retired with them."""
        source.live = False
        self.put_problems(source.watch, source.path, source.reader, ())
        self.put_source(source)
        self._ledger.files.remove(source)

    def retire(self, source: Source) -> None:
        """A file no longer belongs to its run: it is gone, or told elsewhere."""
        data = self.data(source.rid)
        data.forget(source.path)
        self._waiting.placed.add(source.rid)
        self._retire(data, source)
        source.live = False
        self._clear_problems(source)
        self.put_source(source)
        self._ledger.files.remove(source)

    # ---------------------------------------------------------------- what is known

    @property
    def runs(self) -> Mapping[int, RunRecord]:
        """All runs."""
        return self._ledger.runs

    @property
    def sources(self) -> Mapping[SourceKey, Source]:
        """All files of all runs."""
        return self._ledger.files.sources

    def has_changes(self) -> bool:
        """Whether a commit would store anything."""
        return bool(self._waiting)

    def tellers(self, watch: str, path: str) -> list[Source]:
        """The file as a source of each run that has it."""
        return [self.sources[watch, path, rid] for rid in sorted(self._ledger.files.rids(watch, path))]

    def new_told(self) -> list[tuple[str, int, tuple[str, ...]]]:
        """(watch, rid, ids) that files gave for their runs since the last call."""
        told, self._new_told = self._new_told, []
        return told

    def new_said(self) -> dict[int, tuple[Said, ...]]:
        """What exports say of their runs, since the last call; of runs without a row once they have one."""
        said = {rid: each for rid, each in self._new_said.items() if rid in self.runs}
        self._new_said = {rid: each for rid, each in self._new_said.items() if rid not in said}
        return said

    def stores_wait(self) -> bool:
        """Whether the cursor of a store waits: it is to be stored with all that the store told of its runs."""
        return any(rid == STORE for _, _, rid in self._waiting.sources)

    def pending(self) -> int:
        """Points that wait to be stored."""
        return self._waiting.point_count

    def data(self, rid: int) -> RunData:
        """What is told of a run, loaded from the index when it is not at hand; the run counts as touched."""
        self._waiting.touched.add(rid)
        return self._ledger.memory.get(rid)

    def fetch(self, rids: Iterable[int]) -> None:
        """Have what is told of these runs at hand, loaded together where that is needed."""
        self._ledger.memory.fetch(rids)

    def words(self, facts: Collection[str]) -> dict[int, dict[str, Json]]:
        """Some facts of all stored runs, by name; those without them are left out."""
        return self._ledger.memory.words(facts)

    def told_by_file(
        self, facts: Collection[str], paths: Collection[str] | None = None
    ) -> dict[tuple[int, str], dict[str, Json]]:
        """(rid, path) → some facts as each file, or some `paths`, of a stored run tells them."""
        return self._ledger.memory.told_by_file(facts, paths)

    def files_of(self, rid: int) -> tuple[Source, ...]:
        """The files of a run."""
        return self._ledger.files.of_run(rid)

    def touched(self) -> frozenset[int]:
        """Runs whose files told something new since they were committed."""
        return frozenset(self._waiting.touched)

    def runs_waiting(self) -> int:
        """How many those are; asked after each piece that is read."""
        return len(self._waiting.touched)

    # ---------------------------------------------------------------- storing it

    def commit(self, rids: Collection[int] | None = None) -> frozenset[int]:
        """Store everything that was gathered, or what was gathered of some runs; the rids of the runs that changed.

        Raises:
            IndexFault: Nothing was stored; all that was in memory is read again from the index.
        """
        part = self._waiting
        if rids is not None:
            part = self._waiting.take(rids, self._ledger.concerning(self._waiting.problems, rids))
        try:
            with self._store.writing() as (cursor, upd):
                change = transaction.write(cursor, upd, part, self._ledger)
                self._store.narrow(change)
        except (IndexFault, duckdb.Error):
            self.reload()
            raise
        if rids is None:
            self._waiting = Waiting()
        self._ledger.memory.trim(self._waiting.touched | {rid for rid, _ in self._ledger.stale})
        self._commits += 1
        return change.rids

    def tidy(self) -> None:
        """Drop superseded rows and points when there were many commits since the last time."""
        if self._commits < COMPACT_EVERY:
            return
        self._commits = 0
        self._store.compact()
        if self._dead_points:
            with self._store.writing() as (cursor, _):
                self._store.narrow(Change())
                self._store.drops += bool(compaction.drop_dead_points(cursor))
            self._dead_points = False

    def renew(self, now: float) -> frozenset[int]:
        """Renew mean and outline of long series that grew, when the last time is long enough ago."""
        stale = self._ledger.stale
        due = [key for key, since in stale.items() if now - since >= max(1.0, RENEW_SHARE * self._renew_cost)]
        if not due:
            return frozenset()
        begun = time.perf_counter()
        with self._store.writing() as (cursor, upd):
            transaction.renew(cursor, upd, due, self._ledger)
            self._store.narrow(Change(rids=frozenset(rid for rid, _ in due)))
        self._renew_cost = time.perf_counter() - begun
        for key in due:
            stale.pop(key, None)
        return frozenset(rid for rid, _ in due)

    def reload(self) -> None:
        """Forget everything in memory and read it from the index."""
        self._waiting = Waiting()
        self._new_told.clear()
        self._new_said.clear()
        self._ledger = Ledger(self._store)

    # ---------------------------------------------------------------- within

    def _mid(self, name: str) -> int:
        mid = self._ledger.mids.get(name)
        if mid is None:
            mid = self._ledger.new_metric(name)
            self._waiting.metrics.append((mid, name))
        return mid

    def _clear_problems(self, source: Source) -> None:
        if not source.is_store:
            self.put_problems(source.watch, source.path, source.reader, ())

    def _retire(self, data: RunData, source: Source) -> None:
        known = data.segments.get(source.segment) if source.segment is not None else None
        if known is not None:
            data.retire(known.segment)
            self._waiting.segments[known.segment] = known.row(live=False)
            self._dead_points = True
        source.segment = None


def _place(record: RunRecord) -> tuple[str, str, bool]:
    return record.watch, record.path, record.hidden
