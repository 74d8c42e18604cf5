"""The only writer of what logs say: changes are gathered, then stored together in one transaction.

Points, segments, params, facts, texts, problems, cursors and series summaries of a group of batches become visible at
once or not at all, so a cursor never runs ahead of its points.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import duckdb
import numpy as np

from runspect.errors import IndexFault
from runspect.index import compaction, records, remembered, run_data, twins
from runspect.index.reads.points import load_segments
from runspect.index.reads.scope import fetch
from runspect.index.records import RunRecord, Segment, Source, SourceKey
from runspect.index.rows import Column, insert, insert_rows, seconds, timestamps
from runspect.index.run_data import RunData
from runspect.index.store import Store
from runspect.index.summary import Running, Summary, winning
from runspect.model import Artifact, Json, Problem
from runspect.readers.contract import Batch, Points

RUNS_IN_MEMORY = 400
"""Runs whose params, facts and summaries stay at hand after their changes are stored."""
PROBLEMS_PER_FILE = 100
RENEW_SHARE = 20
"""Long series are read back to renew mean and outline at most this rarely: so many times what it cost last."""
COMPACT_EVERY = 200
"""Commits between looks at superseded rows."""

_SERIES = (
    "rid", "mid", "n", "nonfinite", "first_nonfinite_step", "first_step", "first_v", "last_step", "last_t", "last_v", "lo",
    "lo_step", "hi", "hi_step", "mean_tail", "spark", "live",
)  # fmt: skip


class Ingest:
    """Gathers changes and commits them; mutable, used by one thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.runs: dict[int, RunRecord] = {}
        self.sources: dict[SourceKey, Source] = {}
        self._names: dict[int, str] = {}
        self._mids: dict[str, int] = {}
        self._data: OrderedDict[int, RunData] = OrderedDict()
        self._problems: dict[tuple[str, str, str], list[Problem]] = {}
        self._tellers: dict[tuple[str, str], set[int]] = {}
        self._files: dict[int, dict[SourceKey, Source]] = {}
        self._held_artifacts: dict[int, tuple[Artifact, ...]] = {}
        self._new_told: list[tuple[str, int, tuple[str, ...]]] = []
        self._stale: dict[tuple[int, int], float] = {}
        self._renew_cost = 0.0
        self._commits = 0
        self._dead_points = 0
        self._clear()
        self._load()

    # ---------------------------------------------------------------- what is gathered

    def put_run(self, record: RunRecord) -> None:
        """Store a new or changed row of `runs`."""
        if self.runs.get(record.rid) != record:
            self.runs[record.rid] = record
            self._changed_runs.add(record.rid)

    def put_ids(self, rid: int, uids: Iterable[str]) -> None:
        """Store that `rid` answers to `uids`."""
        self._new_ids += [(uid, rid) for uid in uids]

    def put_remembered(self, record: RunRecord, snapshot: Mapping[str, Json]) -> None:
        """A run that is known from its snapshot in the journal alone."""
        self.put_run(record)
        told = snapshot.get("metrics")
        metrics = [(self._mid(name), each) for name, each in (told.items() if isinstance(told, dict) else ())]
        self._remembered.append((record.rid, snapshot.get("params"), metrics))

    def put_claims(self, watch: str, rows: Sequence[tuple[str, int, float, int, str | None, bool]]) -> None:
        """Store what was seen of files: (path, size, mtime, inode, claim as JSON text or None, still there)."""
        self._claims += [(watch, *row) for row in rows]

    def put_watch(self, watch: str, live: bool) -> None:
        """Store that a directory is, or is no longer, a root of its own."""
        self._watches.append((watch, live))

    def put_artifacts(self, rid: int, artifacts: tuple[Artifact, ...]) -> None:
        """Store the whole list of what a run produced."""
        if self._held_artifacts.get(rid, ()) == artifacts:
            return
        self._held_artifacts[rid] = artifacts
        rows: list[tuple[Json, ...]] = [(rid, a.path, a.kind, a.size, a.modified, a.step, True) for a in artifacts]
        self._artifacts += rows or [(rid, None, None, None, None, None, False)]

    def put_problems(
        self, watch: str, path: str, reader: str, problems: Sequence[Problem], *, more: bool = False
    ) -> None:
        """Store all problems of a file, or `more` of them; none clears them."""
        key = (watch, path, reader)
        held = self._problems.get(key, []) if more else []
        wanted = [*held, *(problem for problem in problems if problem not in held)][:PROBLEMS_PER_FILE]
        if wanted == self._problems.get(key, []):
            return
        self._changed_problems.add(key)
        if wanted:
            self._problems[key] = wanted
        else:
            self._problems.pop(key, None)
        self._changed_runs |= self._tellers.get((watch, path), set()) & self.runs.keys()

    def put_file_problems(self, watch: str, reader: str, problems: Sequence[Problem]) -> None:
        """Store all problems of a watch that do not come from reading a file; those told earlier and not now go away."""
        by_path: dict[str, list[Problem]] = {}
        for problem in problems:
            by_path.setdefault(problem.path, []).append(problem)
        for key in [key for key in self._problems if key[0] == watch and key[2] == reader and key[1] not in by_path]:
            self.put_problems(watch, key[1], reader, ())
        for path, listed in by_path.items():
            self.put_problems(watch, path, reader, listed)

    def drop_problems(self, watch: str) -> None:
        """Forget all problems of a watch."""
        for key in [key for key in self._problems if key[0] == watch]:
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
        self._unlist(source)
        if moved.segment in data.segments:
            segment = data.segments[moved.segment] = replace(data.segments[moved.segment], path=path)
            self._segments[segment.segment] = segment.row()
        self.put_source(moved)

    def put_source(self, source: Source) -> None:
        """Store a file's row as it is when the group is committed."""
        self.sources[source.identity] = source
        self._tellers.setdefault((source.watch, source.path), set()).add(source.rid)
        self._files.setdefault(source.rid, {})[source.identity] = source
        self._changed_sources[source.identity] = source

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
                    self._points.append((source.rid, mid, segment, points))
                    self._pending += len(points)
                    self._pending_segments.add(segment)
            self._texts += [(source.rid, segment, t.key, t.step, t.time, t.value) for t in batch.texts]
        data.tell(source, batch.params, batch.facts, batch.writer_start)
        if batch.problems:
            told = [replace(problem, path=source.path) for problem in batch.problems]
            self.put_problems(source.watch, source.path, source.reader, told, more=True)
        if batch.ids:
            source.told = tuple(dict.fromkeys((*source.told, *batch.ids)))
            self._new_told.append((source.watch, source.rid, source.told))
        source.cursor = batch.cursor
        self._touched.add(source.rid)
        self.put_source(source)

    def put_whole(self, source: Source, batches: Sequence[Batch], precision: int) -> None:
        """Take a file that is written anew each time: only what follows an unchanged beginning is stored."""
        data = self.data(source.rid)
        data.forget(source.path)
        merged = _merged(batches)
        if source.segment in self._pending_segments:
            self.commit()
        held = self._stored(source) if source.segment is not None and source.segment in data.segments else None
        prefix = f"{source.prefix}/" if source.prefix else ""
        suffix = None if held is None else _suffix(held, {self._mid(prefix + n): p for n, p in merged.points.items()})
        if suffix is None:
            self._retire(data, source)
            source.generation += 1
        else:
            named = {self._mid(prefix + name): name for name in merged.points}
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
        self._unlist(source)

    def has_changes(self) -> bool:
        """Whether a commit would store anything."""
        return bool(
            self._touched or self._changed_runs or self._changed_sources or self._claims or self._new_ids
            or self._changed_problems or self._artifacts or self._watches
        )  # fmt: skip

    def tellers(self, watch: str, path: str) -> list[Source]:
        """The file as a source of each run that has it."""
        return [self.sources[watch, path, rid] for rid in sorted(self._tellers.get((watch, path), ()))]

    def new_told(self) -> list[tuple[str, int, tuple[str, ...]]]:
        """(watch, rid, ids) that files gave for their runs since the last call."""
        told, self._new_told = self._new_told, []
        return told

    def pending(self) -> int:
        """Points that wait to be stored."""
        return self._pending

    def data(self, rid: int) -> RunData:
        """What is told of a run, loaded from the index when it is not at hand."""
        if rid not in self._data:
            self.fetch((rid,))
        found = self._data[rid]
        self._data.move_to_end(rid)
        self._touched.add(rid)
        return found

    def files_of(self, rid: int) -> tuple[Source, ...]:
        """The files of a run."""
        return tuple(self._files.get(rid, {}).values())

    def touched(self) -> frozenset[int]:
        """Runs whose files told something new since the last commit."""
        return frozenset(self._touched)

    def problems_of(self, rid: int) -> int:
        """How many problems the files of a run have."""
        return self._problem_counts().get(rid, 0)

    # ---------------------------------------------------------------- storing it

    def commit(self) -> frozenset[int]:
        """Store everything that was gathered; the rids of the runs that changed.

        Raises:
            IndexFault: Nothing was stored; all that was in memory is read again from the index.
        """
        try:
            with self._store.writing() as (cursor, upd):
                changed = self._write(cursor, upd)
        except (IndexFault, duckdb.Error):
            self.reload()
            raise
        self._clear()
        self._trim()
        self._commits += 1
        if self._commits % COMPACT_EVERY == 0:
            self._store.compact()
            self._drop_dead_points()
        return changed

    def renew(self, now: float) -> frozenset[int]:
        """Renew mean and outline of long series that grew, when the last time is long enough ago."""
        due = [key for key, since in self._stale.items() if now - since >= max(1.0, RENEW_SHARE * self._renew_cost)]
        if not due:
            return frozenset()
        begun = time.perf_counter()
        with self._store.writing() as (cursor, upd):
            rows = [row for rid, mid in due if (row := self._renewed(cursor, rid, mid)) is not None]
            insert_rows(cursor, "series", _SERIES, rows, upd)
        self._renew_cost = time.perf_counter() - begun
        for key in due:
            self._stale.pop(key, None)
        return frozenset(rid for rid, _ in due)

    def reload(self) -> None:
        """Forget everything in memory and read it from the index."""
        self._data.clear()
        self._stale.clear()
        self._clear()
        self._load()

    def _write(self, cursor: duckdb.DuckDBPyConnection, upd: int) -> frozenset[int]:
        changed = {rid for rid in self._touched if rid in self._data} | self._changed_runs
        insert_rows(cursor, "metrics", ("mid", "name"), self._new_metrics)
        self._write_points(cursor)
        insert_rows(cursor, "texts", ("rid", "segment", "key", "step", "t", "val"), self._texts)
        insert_rows(cursor, "segments", records.SEGMENT_COLUMNS, list(self._segments.values()), upd)
        self._write_series(cursor, upd)
        self._write_told(cursor, upd)
        self._write_remembered(cursor, upd)
        counts = self._problem_counts()
        rows = [(*self.runs[rid].row(), counts.get(rid, 0)) for rid in sorted(self._changed_runs)]
        insert_rows(cursor, "runs", (*records.RUN_COLUMNS, "problems"), rows, upd)
        insert_rows(cursor, "ids", ("uid", "rid"), self._new_ids, upd)
        sources = [source.row() for source in self._changed_sources.values()]
        insert_rows(cursor, "sources", records.SOURCE_COLUMNS, sources, upd)
        insert_rows(cursor, "claims", ("watch", "path", "size", "mtime", "inode", "claim", "live"), self._claims, upd)
        insert_rows(cursor, "watches", ("watch", "live"), self._watches, upd)
        names = ("rid", "path", "kind", "size", "modified", "step", "live")
        insert_rows(cursor, "artifacts", names, self._artifacts, upd)
        self._write_problems(cursor, upd)
        return frozenset(changed)

    def _write_points(self, cursor: duckdb.DuckDBPyConnection) -> None:
        if not self._points:
            return
        sizes = [len(points) for *_, points in self._points]

        def repeated(place: int, dtype: type) -> Column:
            return np.repeat(np.array([item[place] for item in self._points], dtype=dtype), sizes)

        columns: dict[str, Column] = {
            "rid": repeated(0, np.int64),
            "mid": repeated(1, np.int32),
            "segment": repeated(2, np.int64),
            "step": np.concatenate([points.steps for *_, points in self._points]).astype(np.int64, copy=False),
            "t": timestamps(
                np.concatenate([points.times for *_, points in self._points]).astype(np.float64, copy=False)
            ),
            "v": np.concatenate([points.values for *_, points in self._points]).astype(np.float64, copy=False),
        }
        insert(cursor, "points", columns)

    def _write_series(self, cursor: duckdb.DuckDBPyConnection, upd: int) -> None:
        wanted = {rid: data.changed_series for rid, data in self._data.items() if data.changed_series}
        self._recompute(cursor, wanted)
        rows: list[tuple[Json, ...]] = []
        for rid, mids in wanted.items():
            data = self._data[rid]
            for mid in sorted(mids | twins.hide_twins(data, self._names)):
                rows.append(self._series_row(rid, mid))
            data.changed_series = set()
        insert_rows(cursor, "series", _SERIES, rows, upd)

    def _recompute(self, cursor: duckdb.DuckDBPyConnection, wanted: Mapping[int, set[int]]) -> None:
        """Summaries of series that did not simply grow, from all their stored points."""
        lost = {
            (rid, mid) for rid, mids in wanted.items() for mid in mids if self._data[rid].series[mid].running is None
        }
        alive = {key for key in lost if self._data[key[0]].series[key[1]].segments}
        found = load_segments(cursor, sorted({r for r, _ in alive}), sorted({m for _, m in alive})) if alive else {}
        for rid, mid in lost:
            data = self._data[rid]
            series = data.series[mid]
            points = winning(found.get((rid, mid), ()))
            running = Running()
            running.add(points.steps, points.times, points.values)
            series.running, series.scalars = running, running.scalars
            series.tail = data.best_tail(series.segments)

    def _series_row(self, rid: int, mid: int) -> tuple[Json, ...]:
        series = self._data[rid].series[mid]
        if series.running is not None:
            series.scalars = series.running.summary()
            if series.running.stale:
                self._stale.setdefault((rid, mid), time.monotonic())
        return (rid, mid, *_summary_row(series.scalars), series.live and bool(series.segments))

    def _renewed(self, cursor: duckdb.DuckDBPyConnection, rid: int, mid: int) -> tuple[Json, ...] | None:
        data = self._data.get(rid)
        series = data.series.get(mid) if data is not None else None
        if series is None or series.running is None or not series.segments:
            return None
        points = winning(load_segments(cursor, [rid], [mid]).get((rid, mid), ()))
        series.running.renew(points.values)
        series.scalars = series.running.scalars
        return (rid, mid, *_summary_row(series.scalars), series.live)

    def _write_told(self, cursor: duckdb.DuckDBPyConnection, upd: int) -> None:
        params = [row for data in self._data.values() if data.params_changed for row in data.param_rows()]
        facts = [row for data in self._data.values() if data.facts_changed for row in data.fact_rows()]
        insert_rows(cursor, "cfg", ("rid", "key", "num", "val", "source", "shared", "live"), params, upd)
        insert_rows(cursor, "facts", ("rid", "name", "num", "val", "source", "live"), facts, upd)
        for data in self._data.values():
            data.params_changed = data.facts_changed = data.fresh = False

    def _write_remembered(self, cursor: duckdb.DuckDBPyConnection, upd: int) -> None:
        for rid, params, metrics in self._remembered:
            rows = remembered.param_rows(rid, params)
            insert_rows(cursor, "cfg", ("rid", "key", "num", "val", "source", "shared", "live"), rows, upd)
            remembered.write_series(cursor, upd, rid, metrics)

    def _write_problems(self, cursor: duckdb.DuckDBPyConnection, upd: int) -> None:
        rows: list[tuple[Json, ...]] = []
        for key in sorted(self._changed_problems):
            watch, path, reader = key
            rid = min(self._tellers.get((watch, path), ()), default=None)
            listed = self._problems.get(key, [])
            rows += [(watch, rid, path, reader, p.offset, p.what, p.effect, True) for p in listed]
            if not listed:
                rows.append((watch, rid, path, reader, None, None, None, False))
        names = ("watch", "rid", "path", "reader", "offset_bytes", "what", "effect", "live")
        insert_rows(cursor, "problems", names, rows, upd)

    # ---------------------------------------------------------------- within

    def _mid(self, name: str) -> int:
        mid = self._mids.get(name)
        if mid is None:
            mid = self._mids[name] = len(self._mids) + 1
            self._names[mid] = name
            self._new_metrics.append((mid, name))
        return mid

    def _segment(self, data: RunData, source: Source, batch: Batch, precision: int) -> int:
        known = data.segments.get(source.segment) if source.segment is not None else None
        if known is None:
            self._next_segment += 1
            number = source.segment = self._next_segment
            known = Segment(number, data.rid, source.path, source.generation, source.reader, precision)
            wanted = replace(known, writer_start=batch.writer_start, purge_from=batch.purge_from)
        else:
            wanted = replace(
                known,
                writer_start=batch.writer_start if batch.writer_start is not None else known.writer_start,
                purge_from=batch.purge_from if batch.purge_from is not None else known.purge_from,
            )
        if wanted != data.segments.get(wanted.segment):
            data.segments[wanted.segment] = wanted
            self._segments[wanted.segment] = wanted.row()
            if wanted.purge_from is not None:
                _void(data)
        return wanted.segment

    def _unlist(self, source: Source) -> None:
        self.sources.pop(source.identity, None)
        self._files.get(source.rid, {}).pop(source.identity, None)
        self._tellers.get((source.watch, source.path), set()).discard(source.rid)

    def _retire(self, data: RunData, source: Source) -> None:
        segment = source.segment
        if segment is None:
            return
        known = data.segments.get(segment)
        if known is not None:
            data.retire(segment)
            self._segments[segment] = known.row(live=False)
            self._dead_points += 1
        source.segment = None

    def _stored(self, source: Source) -> dict[int, Points]:
        with self._store.cursor() as cursor:
            mids = [
                mid for (mid,) in fetch(cursor, "SELECT DISTINCT mid FROM points WHERE segment = ?", (source.segment,))
            ]
            found = load_segments(cursor, [source.rid], mids)
        return {
            mid: Points(part.steps, part.times, part.values)
            for (_, mid), parts in found.items()
            for part in parts
            if part.segment == source.segment and len(part.steps)
        }

    def fetch(self, rids: Iterable[int]) -> None:
        """Have what is told of these runs at hand, loaded together where that is needed."""
        missing = [rid for rid in dict.fromkeys(rids) if rid not in self._data]
        blank = [rid for rid in missing if rid in self._blank or rid not in self._stored_rids]
        self._stored_rids |= set(blank)
        self._blank -= set(blank)
        self._data |= {rid: RunData(rid) for rid in blank}
        wanted = {
            rid: {source.path: source for source in self.files_of(rid)} for rid in missing if rid not in self._data
        }
        if not wanted:
            return
        with self._store.cursor() as cursor:
            loaded = run_data.load(cursor, wanted)
        for rid, data in loaded.items():
            record = self.runs.get(rid)
            if record is not None:
                data.newest_record, data.cadence = record.evidence.newest_record, record.evidence.cadence_s
                data.first_record = record.started
        self._data |= loaded

    def _problem_counts(self) -> dict[int, int]:
        counts: dict[int, int] = {}
        for (watch, path, _), listed in self._problems.items():
            for rid in self._tellers.get((watch, path), ()):
                counts[rid] = counts.get(rid, 0) + len(listed)
        return counts

    def _trim(self) -> None:
        stale = {rid for rid, _ in self._stale}
        for rid in list(self._data):
            if len(self._data) <= RUNS_IN_MEMORY:
                break
            if rid not in stale:
                data = self._data.pop(rid)
                if not data.told and not data.segments and not data.series:
                    self._blank.add(rid)

    def _drop_dead_points(self) -> None:
        if self._dead_points:
            with self._store.writing() as (cursor, _):
                compaction.drop_dead_points(cursor)
            self._dead_points = 0

    def _clear(self) -> None:
        self._points: list[tuple[int, int, int, Points]] = []
        self._pending = 0
        self._pending_segments: set[int] = set()
        self._remembered: list[tuple[int, Json, list[tuple[int, dict[str, Json]]]]] = []
        self._texts: list[tuple[Json, ...]] = []
        self._segments: dict[int, tuple[Json, ...]] = {}
        self._new_metrics: list[tuple[int, str]] = []
        self._new_ids: list[tuple[str, int]] = []
        self._claims: list[tuple[Json, ...]] = []
        self._watches: list[tuple[str, bool]] = []
        self._artifacts: list[tuple[Json, ...]] = []
        self._changed_runs: set[int] = set()
        self._changed_sources: dict[SourceKey, Source] = {}
        self._changed_problems: set[tuple[str, str, str]] = set()
        self._touched: set[int] = set()

    def _load(self) -> None:
        with self._store.cursor() as cursor:
            self.runs = records.load_runs(cursor)
            self.sources = records.load_sources(cursor)
            self._names = dict(fetch(cursor, "SELECT mid, name FROM metrics"))
            self._mids = {name: mid for mid, name in self._names.items()}
            self._next_segment = int(fetch(cursor, "SELECT coalesce(max(segment), 0) FROM segments")[0][0])
            self._stored_rids = set(self.runs)
            self._blank = set[int]()  # runs of which nothing but their row is stored
            rows = fetch(cursor, "SELECT watch, path, reader, offset_bytes, what, effect FROM problems_now")
            self._held_artifacts = _load_artifacts(cursor)
        self._tellers, self._files = {}, {}
        for source in self.sources.values():
            self._tellers.setdefault((source.watch, source.path), set()).add(source.rid)
            self._files.setdefault(source.rid, {})[source.identity] = source
        self._problems = {}
        for watch, path, reader, offset, what, effect in rows:
            self._problems.setdefault((watch, path, reader), []).append(Problem(path, offset, reader, what, effect))


def _load_artifacts(cursor: duckdb.DuckDBPyConnection) -> dict[int, tuple[Artifact, ...]]:
    held: dict[int, list[Artifact]] = {}
    rows = fetch(cursor, "SELECT rid, path, kind, size, modified, step FROM artifacts_now ORDER BY rid, path")
    for rid, path, kind, size, modified, step in rows:
        held.setdefault(rid, []).append(Artifact(path, kind, size, seconds(modified) or 0.0, step))
    return {rid: tuple(listed) for rid, listed in held.items()}


def _void(data: RunData) -> None:
    """A writer declared earlier points void: every series must be looked at again."""
    for mid, series in data.series.items():
        series.running = None
        data.changed_series.add(mid)


def _merged(batches: Sequence[Batch]) -> Batch:
    """All pieces of a file as one."""
    whole = batches[-1]
    points: dict[str, list[Points]] = {}
    for batch in batches:
        for name, piece in batch.points.items():
            points.setdefault(name, []).append(piece)
    return replace(
        whole,
        points={name: _joined(pieces) for name, pieces in points.items()},
        params={key: value for batch in batches for key, value in batch.params.items()},
        facts={key: value for batch in batches for key, value in batch.facts.items()},
        ids=tuple(dict.fromkeys(id_ for batch in batches for id_ in batch.ids)),
        texts=tuple(text for batch in batches for text in batch.texts),
        problems=tuple(problem for batch in batches for problem in batch.problems),
        writer_start=next((batch.writer_start for batch in batches if batch.writer_start is not None), None),
    )


def _joined(pieces: Sequence[Points]) -> Points:
    if len(pieces) == 1:
        return pieces[0]
    return Points(
        np.concatenate([piece.steps for piece in pieces]),
        np.concatenate([piece.times for piece in pieces]),
        np.concatenate([piece.values for piece in pieces]),
    )


def _suffix(held: Mapping[int, Points], wanted: Mapping[int, Points]) -> dict[int, Points] | None:
    """What follows the stored points of each metric; None when a stored point changed or is gone."""
    for mid, before in held.items():
        now = wanted.get(mid)
        if now is None or len(now) < len(before) or not _begins_with(now, before):
            return None
    return {
        mid: Points(points.steps[skip:], points.times[skip:], points.values[skip:])
        for mid, points in wanted.items()
        if len(points) > (skip := len(held[mid]) if mid in held else 0)
    }


def _begins_with(now: Points, before: Points) -> bool:
    n = len(before)
    times = np.abs(now.times[:n] - before.times) < 2e-6
    return bool(
        np.array_equal(now.steps[:n], before.steps)
        and np.array_equal(now.values[:n], before.values, equal_nan=True)
        and (times | (np.isnan(now.times[:n]) & np.isnan(before.times))).all()
    )


def _summary_row(s: Summary) -> tuple[Json, ...]:
    return (
        s.n, s.nonfinite, s.first_nonfinite_step, s.first_step, s.first_v, s.last_step, s.last_t, s.last_v, s.lo, s.lo_step,
        s.hi, s.hi_step, s.mean_tail, s.spark,
    )  # fmt: skip
