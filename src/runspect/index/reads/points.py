"""Points of series as they are stored, and all of one metric for `series`.

Where the time goes (10,000 runs x 10 metrics x 1,000 steps, CPU time on a busy machine): 20 series that lie together 5 ms in
DuckDB, 500 scattered ones 220 ms, all of it to unpack the row groups that they lie in (the floor: `count(*)` of the same rows
takes 60 ms), and as much again in NumPy to tell them apart and thin them. What counts there: run ids are joined, not written out (a long IN list reads twice as much), no
statement asks for more than `TOGETHER` of them, since only short lists of ids skip row groups, and every column is
converted once for all series.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.errors import NotFound
from runspect.index.reads import told
from runspect.index.reads.called import Called, called
from runspect.index.reads.plain import number
from runspect.index.reads.scope import Condition, Cursor, Scope, among, fetch
from runspect.index.reads.table import resolve_run
from runspect.index.summary import SegmentPoints, Winning, order_of, winning
from runspect.model import Json

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]

TOGETHER = 100
"""Runs whose points one statement asks for."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A living segment of a run, as far as it decides which points count."""

    segment: int
    rid: int
    path: str
    precision: int
    writer_start: float | None
    purge_from: int | None

    def with_points(self, steps: Steps, times: Floats, values: Floats) -> SegmentPoints:
        """With its points of one metric."""
        order = order_of(self.writer_start, self.path)
        return SegmentPoints(self.segment, order, steps, times, values, self.precision, self.purge_from)

    def empty(self) -> SegmentPoints:
        """Without any."""
        none = np.zeros(0)
        return self.with_points(none.astype(np.int64), none, none)


def series(
    cursor: Cursor, scope: Scope, run: str | int, metric: str, runs: told.Runs = told.PLAIN, names_of: Called = called
) -> dict[str, list[Json]]:
    """All points that count, never thinned: `step`, `time` (ISO 8601 or None), `value`, `segment` (0 for the first writer).

    Raises:
        NotFound: No such run, or it has no such metric.
        AmbiguousRun: Several fit.
    """
    rid = run if isinstance(run, int) else resolve_run(cursor, scope, run, names_of)[0]
    if not runs.heads(cursor, [rid]):
        raise NotFound(f"there is no run {run}")
    mid = _measured(cursor, rid, metric)
    if mid is None:
        (named,) = told.told(cursor, [rid], runs).values()
        name = names_of(cursor, scope).get(rid, named.name)
        raise NotFound(f"run {name!r} has no metric {metric!r}; it has: {', '.join(named.series) or 'none'}")
    points = load(cursor, [rid], [mid]).get((rid, mid))
    if points is None:
        return {"step": [], "time": [], "value": [], "segment": []}
    _, ordinals = _ordinals(points.segments)
    stamps = np.datetime_as_string(_stamps(points.times), unit="us").tolist()
    values = points.values.tolist()
    return {
        "step": points.steps.tolist(),
        "time": [None if stamp == "NaT" else f"{stamp}Z" for stamp in stamps],
        "value": values if np.isfinite(points.values).all() else [number(value) for value in values],
        "segment": ordinals.tolist(),
    }


def _measured(cursor: Cursor, rid: int, metric: str) -> int | None:
    """The number of a metric that a run has; None where it has none of that name."""
    own = among([rid], "s.rid")
    rows = fetch(
        cursor,
        f"SELECT s.mid, arg_max(s.live, s.upd) FROM series s JOIN metrics m USING (mid) WHERE {own.sql} AND m.name = ? GROUP BY s.mid",
        (*own.params, metric),
    )
    return next((mid for mid, live in rows if live), None)


def load(cursor: Cursor, rids: Sequence[int], mids: Sequence[int]) -> dict[tuple[int, int], Winning]:
    """The points that count of each (rid, mid) that has some."""
    return {key: winning(told) for key, told in load_segments(cursor, rids, mids).items()}


def load_segments(
    cursor: Cursor, rids: Sequence[int], mids: Sequence[int]
) -> dict[tuple[int, int], list[SegmentPoints]]:
    """Every living segment of each (rid, mid), points in file order; segments of a run that void steps come along empty."""
    found: dict[tuple[int, int], list[SegmentPoints]] = {}
    for begin in range(0, len(rids), TOGETHER):
        found |= _load_some(cursor, rids[begin : begin + TOGETHER], mids)
    return found


def living_segments(cursor: Cursor, rids: Sequence[int]) -> dict[int, Segment]:
    """The segments of these runs that count, by number."""
    newest = told.newest("segments", "segment", rids)
    rows = fetch(
        cursor,
        f'SELECT t.segment, t.rid, t.path, t."precision", t.writer_start, t.purge_from FROM {newest.sql} AND t.live',
        newest.params,
    )
    return {row[0]: Segment(*row) for row in rows}


def of_runs(rids: Sequence[int]) -> Condition:
    """The condition that a point is of one of these runs."""
    if len(rids) <= 1:
        return among(rids)
    return Condition("rid IN (SELECT unnest(?::BIGINT[]))", (list(rids),))


def whole(column: Any) -> Steps:
    """Whole numbers as NumPy holds them."""
    filled: Steps = np.ma.filled(column, 0).astype(np.int64, copy=False)
    return filled


def _load_some(cursor: Cursor, rids: Sequence[int], mids: Sequence[int]) -> dict[tuple[int, int], list[SegmentPoints]]:
    known = living_segments(cursor, rids)
    wanted = of_runs(rids) & among(mids, "mid")
    table = cursor.execute(
        f"SELECT rid, mid, segment, step, t, v, rowid AS place FROM points WHERE {wanted.sql}", list(wanted.params)
    ).fetchnumpy()
    steps, times = whole(table["step"]), seconds(table["t"])
    values = np.ma.filled(table["v"], np.nan).astype(np.float64, copy=False)
    found: dict[tuple[int, int], list[SegmentPoints]] = {}
    for rid, mid, segment, chosen in _runs_of_equal_keys(table):
        if segment in known:
            # copies: one series must not keep the points of all others in memory
            part = known[segment].with_points(steps[chosen].copy(), times[chosen].copy(), values[chosen].copy())
            found.setdefault((rid, mid), []).append(part)
    _add_voiding(found, known)
    return found


def _add_voiding(found: Mapping[tuple[int, int], list[SegmentPoints]], known: Mapping[int, Segment]) -> None:
    """Segments without points of a metric that void steps of it."""
    voiding: dict[int, list[Segment]] = {}
    for segment in known.values():
        if segment.purge_from is not None:
            voiding.setdefault(segment.rid, []).append(segment)
    for (rid, _), parts in found.items():
        there = {part.segment for part in parts}
        parts += [segment.empty() for segment in voiding.get(rid, ()) if segment.segment not in there]


def _runs_of_equal_keys(table: Mapping[str, Any]) -> Iterator[tuple[int, int, int, slice | npt.NDArray[np.intp]]]:
    """(rid, mid, segment, positions in file order) of each series in the answer."""
    rid, mid, segment, place = (whole(table[name]) for name in ("rid", "mid", "segment", "place"))
    if not len(rid):
        return
    cuts = _cuts(rid, mid, segment)
    keys = set(zip(rid[cuts[:-1]].tolist(), mid[cuts[:-1]].tolist(), segment[cuts[:-1]].tolist(), strict=True))
    # A file is mostly stored in one piece. By place as well: DuckDB may answer with the rows of an open transaction before
    # the older ones.
    order: npt.NDArray[np.intp] | None = None
    if len(keys) < len(cuts) - 1 or bool((place[1:] < place[:-1]).any()):
        order = np.lexsort((place, segment, mid, rid))
        rid, mid, segment = rid[order], mid[order], segment[order]
        cuts = _cuts(rid, mid, segment)
    for begin, end in pairwise(cuts.tolist()):
        chosen = slice(begin, end) if order is None else order[begin:end]
        yield int(rid[begin]), int(mid[begin]), int(segment[begin]), chosen


def _cuts(rid: Steps, mid: Steps, segment: Steps) -> npt.NDArray[np.intp]:
    """Where a key differs from the one before; the first and the last border as well."""
    differ = (rid[1:] != rid[:-1]) | (mid[1:] != mid[:-1]) | (segment[1:] != segment[:-1])
    return np.concatenate(([0], np.flatnonzero(differ) + 1, [len(rid)]))


def seconds(column: Any) -> Floats:
    """Time stamps as seconds since 1970; NaN where there is none."""
    stamps = np.ma.filled(column, np.datetime64("NaT")).astype("datetime64[us]", copy=False)
    found: Floats = stamps.astype(np.int64).astype(np.float64) / 1e6
    found[np.isnat(stamps)] = np.nan
    return found


def _stamps(times: Floats) -> npt.NDArray[np.datetime64]:
    known = np.isfinite(times)
    stamps = np.rint(np.where(known, times, 0.0) * 1e6).astype(np.int64).view("datetime64[us]")
    stamps[~known] = np.datetime64("NaT")
    return stamps


def _ordinals(segments: Steps) -> tuple[Steps, Steps]:
    """Segments in order of appearance, and for each point the number of its segment in that order."""
    distinct, first, inverse = np.unique(segments, return_index=True, return_inverse=True)
    rank = np.empty(len(distinct), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(distinct))
    return distinct, rank[inverse]
