"""The only writer of what logs say: changes are gathered, then stored together in one transaction.

Points, segments, params, facts, texts, problems, cursors and series summaries of a run become visible at once or not at
all, so a cursor never runs ahead of its points.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import duckdb

from runspect.errors import IndexFault
from runspect.index import compaction, records, series_rows, whole_files, writing
from runspect.index.file_book import FileBook
from runspect.index.problem_book import COLUMNS as PROBLEM_COLUMNS
from runspect.index.problem_book import ProblemBook
from runspect.index.reads.scope import fetch
from runspect.index.records import RunRecord, Segment, Source, SourceKey
from runspect.index.rows import insert_rows
from runspect.index.run_data import RunData
from runspect.index.run_memory import RunMemory
from runspect.index.store import Store
from runspect.index.waiting import Waiting
from runspect.model import Artifact, Json, Problem
from runspect.readers.contract import Batch

RENEW_SHARE = 20
"""Long series are read back to renew mean and outline at most this rarely: so many times what it cost last."""
COMPACT_EVERY = 200
"""Commits between looks at superseded rows."""


class Ingest:
    """Gathers changes and commits them; mutable, used by one thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting = Waiting()
        self._new_told: list[tuple[str, int, tuple[str, ...]]] = []
        self._stale: series_rows.Stale = {}
        self._renew_cost = 0.0
        self._commits = 0
        self._dead_points = False
        self._load()

    # ---------------------------------------------------------------- what is gathered

    def put_run(self, record: RunRecord) -> None:
        """Store a new or changed row of `runs`."""
        if self.runs.get(record.rid) != record:
            self.runs[record.rid] = record
            self._waiting.runs.add(record.rid)

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
        if self._held_artifacts.get(rid, ()) != artifacts:
            self._held_artifacts[rid] = artifacts
            self._waiting.artifacts += writing.artifact_rows(rid, artifacts)

    def put_problems(
        self, watch: str, path: str, reader: str, problems: Sequence[Problem], *, more: bool = False
    ) -> None:
        """Store all problems of a file, or `more` of them; none clears them."""
        if self._problems.put((watch, path, reader), problems, more):
            self._waiting.problems.add((watch, path, reader))
            self._waiting.runs |= self._files.rids(watch, path) & self.runs.keys()

    def put_file_problems(self, watch: str, reader: str, problems: Sequence[Problem]) -> None:
        """Store all problems of a watch that do not come from reading a file; those told earlier and not now go away."""
        by_path: dict[str, list[Problem]] = {}
        for problem in problems:
            by_path.setdefault(problem.path, []).append(problem)
        for _, path, _ in self._problems.keys(watch, reader):
            if path not in by_path:
                self.put_problems(watch, path, reader, ())
        for path, listed in by_path.items():
            self.put_problems(watch, path, reader, listed)

    def drop_problems(self, watch: str) -> None:
        """Forget all problems of a watch."""
        for key in self._problems.keys(watch):
            self.put_problems(*key, ())

    def put_shared(self, source: Source) -> None:
        """A config turned out to be, or not to be, one of several runs."""
        self.data(source.rid).tell(source, {}, {}, None)
        self.put_source(source)

    def move(self, source: Source, watch: str, path: str) -> None:
        """The same file is now known below another watched directory; it will be read again there."""
        data = self.data(source.rid)
        data.rename(source.path, path)
        moved = replace(source, watch=watch, path=path)
        source.live = False
        self.put_source(source)
        self._files.remove(source)
        if moved.segment in data.segments:
            segment = data.segments[moved.segment] = replace(data.segments[moved.segment], path=path)
            self._waiting.segments[segment.segment] = segment.row()
        self.put_source(moved)

    def put_source(self, source: Source) -> None:
        """Store a file's row as it is when it is committed."""
        self._files.add(source)
        self._waiting.sources[source.identity] = source

    def begin(self, source: Source) -> None:
        """A file is read from its beginning: what it told before no longer counts."""
        data = self.data(source.rid)
        data.forget(source.path)
        self._retire(data, source)
        source.generation += 1
        source.told = ()
        self.put_problems(source.watch, source.path, source.reader, ())
        self.put_source(source)

    def put_batch(self, source: Source, batch: Batch, precision: int) -> None:
        """Append a piece of a file; `source.cursor` moves to the piece's end."""
        data = self.data(source.rid)
        if any(map(len, batch.points.values())) or batch.texts:
            segment = self._segment(data, source, batch, precision)
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
        self.put_problems(source.watch, source.path, source.reader, ())
        self.put_batch(source, merged, precision)

    def retire(self, source: Source) -> None:
        """A file no longer belongs to its run: it is gone, or told elsewhere."""
        data = self.data(source.rid)
        data.forget(source.path)
        self._retire(data, source)
        source.live = False
        self.put_problems(source.watch, source.path, source.reader, ())
        self.put_source(source)
        self._files.remove(source)

    # ---------------------------------------------------------------- what is known

    @property
    def sources(self) -> Mapping[SourceKey, Source]:
        """All files of all runs."""
        return self._files.sources

    def has_changes(self) -> bool:
        """Whether a commit would store anything."""
        return bool(self._waiting)

    def tellers(self, watch: str, path: str) -> list[Source]:
        """The file as a source of each run that has it."""
        return [self.sources[watch, path, rid] for rid in sorted(self._files.rids(watch, path))]

    def new_told(self) -> list[tuple[str, int, tuple[str, ...]]]:
        """(watch, rid, ids) that files gave for their runs since the last call."""
        told, self._new_told = self._new_told, []
        return told

    def pending(self) -> int:
        """Points that wait to be stored."""
        return self._waiting.point_count

    def data(self, rid: int) -> RunData:
        """What is told of a run, loaded from the index when it is not at hand; the run counts as touched."""
        self._waiting.touched.add(rid)
        return self._memory.get(rid)

    def fetch(self, rids: Iterable[int]) -> None:
        """Have what is told of these runs at hand, loaded together where that is needed."""
        self._memory.fetch(rids)

    def words(self, facts: Collection[str]) -> dict[int, dict[str, Json]]:
        """Some facts of all stored runs, by name; those without them are left out."""
        found: dict[int, dict[str, Json]] = {}
        with self._store.cursor() as cursor:
            rows = fetch(
                cursor,
                "SELECT rid, name, val FROM facts_now WHERE name IN (SELECT unnest(?::VARCHAR[]))",
                (list(facts),),
            )
        for rid, name, val in rows:
            found.setdefault(rid, {})[name] = json.loads(val)
        return found

    def files_of(self, rid: int) -> tuple[Source, ...]:
        """The files of a run."""
        return self._files.of_run(rid)

    def touched(self) -> frozenset[int]:
        """Runs whose files told something new since they were committed."""
        return frozenset(self._waiting.touched)

    # ---------------------------------------------------------------- storing it

    def commit(self, rids: Collection[int] | None = None) -> frozenset[int]:
        """Store everything that was gathered, or what was gathered of some runs; the rids of the runs that changed.

        Raises:
            IndexFault: Nothing was stored; all that was in memory is read again from the index.
        """
        part = self._waiting if rids is None else self._waiting.take(rids, self._problem_keys(rids))
        try:
            with self._store.writing() as (cursor, upd):
                changed = self._write(cursor, upd, part)
        except (IndexFault, duckdb.Error):
            self.reload()
            raise
        if rids is None:
            self._waiting = Waiting()
        self._memory.trim(self._waiting.touched | {rid for rid, _ in self._stale})
        self._commits += 1
        return changed

    def tidy(self) -> None:
        """Drop superseded rows and points when there were many commits since the last time."""
        if self._commits < COMPACT_EVERY:
            return
        self._commits = 0
        self._store.compact()
        if self._dead_points:
            with self._store.writing() as (cursor, _):
                compaction.drop_dead_points(cursor)
            self._dead_points = False

    def renew(self, now: float) -> frozenset[int]:
        """Renew mean and outline of long series that grew, when the last time is long enough ago."""
        due = [key for key, since in self._stale.items() if now - since >= max(1.0, RENEW_SHARE * self._renew_cost)]
        if not due:
            return frozenset()
        begun = time.perf_counter()
        with self._store.writing() as (cursor, upd):
            renewed = (series_rows.renewed_row(cursor, self._memory.at_hand(rid), mid) for rid, mid in due)
            rows = [row for row in renewed if row is not None]
            insert_rows(cursor, "series", series_rows.COLUMNS, rows, upd)
        self._renew_cost = time.perf_counter() - begun
        for key in due:
            self._stale.pop(key, None)
        return frozenset(rid for rid, _ in due)

    def reload(self) -> None:
        """Forget everything in memory and read it from the index."""
        self._waiting = Waiting()
        self._new_told.clear()
        self._stale.clear()
        self._load()

    def _write(self, cursor: duckdb.DuckDBPyConnection, upd: int, part: Waiting) -> frozenset[int]:
        touched = {rid: data for rid in sorted(part.touched) if (data := self._memory.at_hand(rid)) is not None}
        writing.write_points(cursor, part, upd)
        series = series_rows.changed_rows(cursor, touched.values(), self._names, self._stale)
        insert_rows(cursor, "series", series_rows.COLUMNS, series, upd)
        writing.write_told(cursor, part, list(touched.values()), upd)
        runs = [(*self.runs[rid].row(), self._problem_count(rid)) for rid in sorted(part.runs)]
        insert_rows(cursor, "runs", (*records.RUN_COLUMNS, "problems"), runs, upd)
        writing.write_places(cursor, part, upd)
        rows = [row for key in sorted(part.problems) for row in self._problems.rows(key, self._first_teller(*key[:2]))]
        insert_rows(cursor, "problems", PROBLEM_COLUMNS, rows, upd)
        return frozenset(touched.keys() | part.runs)

    # ---------------------------------------------------------------- within

    def _mid(self, name: str) -> int:
        mid = self._mids.get(name)
        if mid is None:
            mid = self._mids[name] = len(self._mids) + 1
            self._names[mid] = name
            self._waiting.metrics.append((mid, name))
        return mid

    def _segment(self, data: RunData, source: Source, batch: Batch, precision: int) -> int:
        known = data.segments.get(source.segment) if source.segment is not None else None
        if known is None:
            self._next_segment += 1
            number = source.segment = self._next_segment
            known = Segment(number, data.rid, source.path, source.generation, source.reader, precision)
        wanted = replace(
            known,
            writer_start=batch.writer_start if batch.writer_start is not None else known.writer_start,
            purge_from=batch.purge_from if batch.purge_from is not None else known.purge_from,
        )
        if wanted != data.segments.get(wanted.segment):
            data.segments[wanted.segment] = wanted
            self._waiting.segments[wanted.segment] = wanted.row()
            if wanted.purge_from is not None:
                series_rows.void(data)
        return wanted.segment

    def _retire(self, data: RunData, source: Source) -> None:
        known = data.segments.get(source.segment) if source.segment is not None else None
        if known is not None:
            data.retire(known.segment)
            self._waiting.segments[known.segment] = known.row(live=False)
            self._dead_points = True
        source.segment = None

    def _first_teller(self, watch: str, path: str) -> int | None:
        return min(self._files.rids(watch, path), default=None)

    def _problem_count(self, rid: int) -> int:
        return sum(self._problems.count(source.watch, source.path) for source in self.files_of(rid))

    def _problem_keys(self, rids: Iterable[int]) -> set[tuple[str, str, str]]:
        """Of the problems that wait, those of files of these runs."""
        wanted = set(rids)
        return {key for key in self._waiting.problems if not wanted.isdisjoint(self._files.rids(*key[:2]))}

    def _load(self) -> None:
        with self._store.cursor() as cursor:
            self.runs = records.load_runs(cursor)
            self._files = FileBook(records.load_sources(cursor).values())
            self._names: dict[int, str] = dict(fetch(cursor, "SELECT mid, name FROM metrics"))
            self._next_segment = int(fetch(cursor, "SELECT coalesce(max(segment), 0) FROM segments")[0][0])
            self._problems = ProblemBook(
                fetch(cursor, "SELECT watch, path, reader, offset_bytes, what, effect FROM problems_now")
            )
            self._held_artifacts = writing.load_artifacts(cursor)
        self._mids = {name: mid for mid, name in self._names.items()}
        self._memory = RunMemory(self._store, self.runs, self._files)
