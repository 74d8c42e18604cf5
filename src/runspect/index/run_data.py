"""What the files of one run tell together: params and facts by precedence, series by their segments."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

import duckdb
import numpy as np
import orjson

from runspect.dataclass import dataclass, field
from runspect.index import records
from runspect.index.implied import implied_facts
from runspect.index.reads.plain import plain
from runspect.index.reads.scope import fetch
from runspect.index.records import Segment, Source
from runspect.index.summary import Running, Summary, order_of
from runspect.model import Json
from runspect.readers import readers
from runspect.readers.contract import Points

_EARLIEST = frozenset({"started"})
_LATEST = frozenset({"ended", "heartbeat", "reached_steps"})
CLOCKED_RECORDS = 4096
"""So many times are compared with those of the metric before."""
CADENCE_RECORDS = 64
"""Newest records of a run from which its cadence is taken."""


@dataclass(slots=True)
class Told:
    """What one file says besides points."""

    reader: str
    shared: bool = False
    begun: float | None = None
    params: dict[str, Json] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class Series:
    """One metric of a run."""

    scalars: Summary = field(default_factory=Summary)
    running: Running | None = None
    """Goes on as long as points come to `tail`; None: to be computed from all stored points."""
    tail: int | None = None
    segments: set[int] = field(default_factory=set)
    """Living segments that hold points of it."""
    live: bool = True
    """False: another metric of the run is the same curve under a plainer name."""
    listed: bool | None = None
    """Whether its stored row counts; None when that is not known."""


@dataclass(slots=True)
class RunData:
    """All that is told of one run; mutable, of the writing thread."""

    rid: int
    told: dict[str, Told] = field(default_factory=dict)
    segments: dict[int, Segment] = field(default_factory=dict)
    series: dict[int, Series] = field(default_factory=dict)
    changed_series: set[int] = field(default_factory=set)
    params_changed: bool = False
    facts_changed: bool = False
    series_changed: bool = False
    """A series is new, told by another segment, or no longer listed."""
    first_record: float | None = None
    newest_record: float | None = None
    """Time stamps inside the records, seconds since 1970."""
    cadence: float | None = None
    clocked: int = 0
    """The times of the points that were looked at last, as a hash."""
    fresh: bool = True
    """Nothing of this run is stored yet."""

    def add(self, segment: int, mid: int, points: Points) -> None:
        """Take points that follow all earlier ones of this segment and metric."""
        self.changed_series.add(mid)
        series = self.series.setdefault(mid, Series())
        if not series.segments:
            # of what retired segments told nothing counts
            series.scalars, series.running, series.tail = Summary(), Running(), segment
        elif segment != series.tail and not self._outranked(segment, series):
            series.running = None
        self.series_changed = self.series_changed or segment not in series.segments
        series.segments.add(segment)
        if series.running is not None and segment == series.tail:
            series.running.add(points.steps, points.times, points.values)
            series.scalars = series.running.scalars
        elif len(points):
            # counted anew from the stored points later; how far the run is must be known before
            last = max(int(points.steps[-1]), series.scalars.last_step or 0)
            series.scalars = replace(series.scalars, last_step=last)
        self._clock(points)

    def retire(self, segment: int) -> None:
        """Forget a segment: its file was replaced or is gone."""
        self.segments.pop(segment, None)
        for mid, series in self.series.items():
            if segment in series.segments:
                series.segments.discard(segment)
                series.running = None
                self.changed_series.add(mid)

    def tell(self, source: Source, params: Mapping[str, Json], facts: Mapping[str, Json], begun: float | None) -> None:
        """Add what a file says to what it said before."""
        told = self.told.get(source.path)
        if told is None:
            told = self.told[source.path] = Told(source.reader)
        if told.shared != source.shared:
            self.params_changed = self.params_changed or bool(told.params)
            told.shared = source.shared
        if begun is not None:
            told.begun = begun
        if any(key not in told.params or told.params[key] != value for key, value in params.items()):
            told.params.update(params)
            self.params_changed = True
            facts = {**implied_facts(told.params), **told.facts, **facts}
        if any(key not in told.facts or told.facts[key] != value for key, value in facts.items()):
            told.facts.update(facts)
            self.facts_changed = True

    def forget(self, path: str) -> None:
        """Drop what a file said."""
        told = self.told.pop(path, None)
        if told is not None:
            self.params_changed = self.params_changed or bool(told.params)
            self.facts_changed = self.facts_changed or bool(told.facts)

    def rename(self, path: str, new: str) -> None:
        """A file is known by another path."""
        told = self.told.pop(path, None)
        if told is not None:
            self.told[new] = told
            self.params_changed = self.params_changed or bool(told.params)
            self.facts_changed = self.facts_changed or bool(told.facts)

    def facts(self) -> dict[str, Json]:
        """The facts that count."""
        return {name: value for name, (value, _) in self._facts().items()}

    def steps(self) -> int | None:
        """The highest last step of its series."""
        known = [s.scalars.last_step for s in self.series.values() if s.segments and s.scalars.last_step is not None]
        return max(known, default=None)

    def param_rows(self) -> list[tuple[Json, ...]]:
        """Rows of `cfg`: (rid, key, num, val, source, shared, live)."""
        won: set[str] = set()
        rows: list[tuple[Json, ...]] = []
        for path, told in self._ranked():
            for key, value in told.params.items():
                rows.append((self.rid, key, *_stored(value), path, told.shared, key not in won))
            won |= told.params.keys()
        return rows or [(self.rid, None, None, None, None, False, False)]

    def fact_rows(self) -> list[tuple[Json, ...]]:
        """Rows of `facts`: (rid, name, num, val, source, live)."""
        counting = self._facts()
        rows: list[tuple[Json, ...]] = []
        for path, told in self._ranked():
            for name, value in told.facts.items():
                rows.append((self.rid, name, *_stored(value), path, counting[name][1] == path))
        return rows or [(self.rid, None, None, None, None, False)]

    def readers(self) -> frozenset[str]:
        """The readers whose segments live."""
        return frozenset(segment.reader for segment in self.segments.values())

    def best_tail(self, segments: Iterable[int]) -> int | None:
        """The segment, of those with points of a metric, in which a summary of all of them may go on."""
        known = [self.segments[number] for number in segments if number in self.segments]
        best = max((segment.precision for segment in known), default=0)
        ranked = [segment for segment in known if segment.precision == best]
        if not ranked:
            return None
        newest = max(ranked, key=_order)
        voided = any(
            s.purge_from is not None and s.precision == best and _order(s) > _order(newest)
            for s in self.segments.values()
        )
        return None if voided else newest.segment

    def _outranked(self, segment: int, series: Series) -> bool:
        tail = self.segments.get(series.tail) if series.tail is not None else None
        return tail is not None and self.segments[segment].precision < tail.precision

    def _clock(self, points: Points) -> None:
        if len(points) == 1 and self.newest_record is None and math.isfinite(moment := float(points.times[0])):
            self.first_record = moment if self.first_record is None else min(moment, self.first_record)
            self.newest_record = moment
            return
        if len(points) <= CLOCKED_RECORDS:
            same, self.clocked = self.clocked, hash(points.times.tobytes())
            if self.clocked == same:
                return  # metrics that are logged together have the same times, which say nothing new
        times = points.times[np.isfinite(points.times)]
        if not len(times):
            return
        begun, newest = float(times.min()), float(times.max())
        self.first_record = begun if self.first_record is None else min(begun, self.first_record)
        if self.newest_record is not None and len(times) == 1 and newest > self.newest_record:
            gap = newest - self.newest_record
            self.cadence = gap if self.cadence is None else 0.8 * self.cadence + 0.2 * gap
        elif len(times) > 1:
            gaps = np.diff(times[-CADENCE_RECORDS:])
            gaps = gaps[gaps > 0]
            if len(gaps):
                # the metric that is logged most often sets the pace
                middle = _median(gaps.tolist())
                self.cadence = middle if self.cadence is None else min(self.cadence, middle)
        self.newest_record = newest if self.newest_record is None else max(newest, self.newest_record)

    def _ranked(self) -> list[tuple[str, Told]]:
        """Files by how much their word counts: own before shared, then by reader, the newest writer first."""
        telling = [item for item in self.told.items() if item[1].params or item[1].facts]
        return sorted(telling, key=_rank) if len(telling) > 1 else telling

    def _facts(self) -> dict[str, tuple[Json, str]]:
        """Per fact, the value that counts and the file that told it."""
        counting: dict[str, tuple[Json, str]] = {}
        for path, told in self._ranked():
            for name, value in told.facts.items():
                held = counting.get(name)
                if held is None or _overrides(name, value, held[0]):
                    counting[name] = (value, path)
        return counting


def _median(few: list[float]) -> float:
    """As NumPy's, which takes ten times as long for so few."""
    few.sort()
    half = len(few) // 2
    return few[half] if len(few) % 2 else (few[half - 1] + few[half]) / 2


def load(cursor: duckdb.DuckDBPyConnection, wanted: Mapping[int, Mapping[str, Source]]) -> dict[int, RunData]:
    """What the index holds of some runs; `wanted` are their files by path. All are fetched with a few statements."""
    found = {rid: RunData(rid, fresh=False) for rid in wanted}
    rids = (list(wanted),)
    for segment in records.load_segments(cursor, rids[0]):
        found[segment.rid].segments[segment.segment] = segment
    for view, key, into in (("cfg", "key", "params"), ("facts", "name", "facts")):
        rows = fetch(
            cursor,
            f"SELECT c.rid, c.{key}, c.val, c.source FROM {view} c JOIN (SELECT rid, max(upd) AS upd FROM {view} "
            "WHERE rid IN (SELECT unnest(?::BIGINT[])) GROUP BY rid) newest USING (rid, upd) "
            f"WHERE c.{key} IS NOT NULL",
            rids,
        )
        for rid, name, val, path in rows:
            _retell(found[rid], wanted[rid].get(path), into, name, val)
    _load_series(cursor, found)
    return found


def _retell(data: RunData, source: Source | None, into: str, name: str, val: str) -> None:
    if source is None:
        return
    told = data.told.get(source.path)
    if told is None:
        begun = data.segments[source.segment].writer_start if source.segment in data.segments else None
        told = data.told[source.path] = Told(source.reader, source.shared, begun)
    getattr(told, into)[name] = json.loads(val)


def _load_series(cursor: duckdb.DuckDBPyConnection, found: Mapping[int, RunData]) -> None:
    rids = (list(found),)
    rows = fetch(
        cursor,
        "SELECT s.rid, s.mid, s.n, s.last_step, s.live FROM series s JOIN (SELECT rid, mid, max(upd) AS upd FROM series "
        "WHERE rid IN (SELECT unnest(?::BIGINT[])) GROUP BY rid, mid) newest USING (rid, mid, upd)",
        rids,
    )
    for rid, mid, n, last_step, live in rows:
        found[rid].series[mid] = Series(Summary(n=n, last_step=last_step), live=live)
    held = fetch(
        cursor, "SELECT DISTINCT rid, mid, segment FROM points WHERE rid IN (SELECT unnest(?::BIGINT[]))", rids
    )
    for rid, mid, segment in held:
        if segment in found[rid].segments:
            found[rid].series.setdefault(mid, Series()).segments.add(segment)


def _rank(item: tuple[str, Told]) -> tuple[bool, int, float, str]:
    path, told = item
    places = _reader_places()
    return told.shared, places.get(told.reader, len(places)), -(told.begun or 0.0), path


@cache
def _reader_places() -> dict[str, int]:
    return {reader.name: place for place, reader in enumerate(readers())}


def _order(segment: Segment) -> tuple[float, str, int]:
    return (*order_of(segment.writer_start, segment.path), segment.segment)


def _overrides(name: str, value: Json, held: Json) -> bool:
    """Whether a fact of a file of lower rank counts more: the first start and the last sign of all files."""
    if not isinstance(value, int | float) or not isinstance(held, int | float):
        return False
    return (name in _EARLIEST and value < held) or (name in _LATEST and value > held)


def _stored(value: Json) -> tuple[float | None, str]:
    """(number or None, JSON text) of a param or fact."""
    number = (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e308 else None
    )
    kind = type(value)
    if kind is int and number is not None:
        return number, str(value)
    if kind is str:
        try:
            return None, orjson.dumps(value).decode()
        except TypeError:  # half of a surrogate pair
            return None, _encode(value)
    if kind is float and number is not None and math.isfinite(value):
        return number, repr(value)
    return number, _encode(plain(value))


_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
