"""Points of series: raw for `series`, thinned to pixel columns for charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from runspect.errors import NotFound
from runspect.index.reads.plain import number
from runspect.index.reads.scope import Cursor, Scope, fetch
from runspect.index.reads.table import resolve_run
from runspect.index.summary import SegmentPoints, Winning, order_of, winning
from runspect.model import Json

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]
Axis = Literal["step", "time", "relative"]


@dataclass(frozen=True, slots=True)
class CurvePoints:
    """One thinned curve, x ascending; the three arrays have equal length."""

    rid: int
    metric: str
    x: Floats
    y: Floats
    step: Steps


def series(cursor: Cursor, scope: Scope, run: str | int, metric: str) -> dict[str, list[Json]]:
    """All points that count, never thinned: `step`, `time` (ISO 8601 or None), `value`, `segment` (0 for the first writer).

    Raises:
        NotFound: No such run, or it has no such metric.
        AmbiguousRun: Several runs fit.
    """
    rid, _, name = resolve_run(cursor, scope, run)
    mids = fetch(cursor, "SELECT mid FROM series_now WHERE rid = ? AND name = ?", (rid, metric))
    if not mids:
        known = fetch(cursor, "SELECT name FROM series_now WHERE rid = ? ORDER BY name", (rid,))
        raise NotFound(f"run {name!r} has no metric {metric!r}; it has: {', '.join(row[0] for row in known) or 'none'}")
    points = load(cursor, [rid], [mids[0][0]]).get((rid, mids[0][0]))
    if points is None:
        return {"step": [], "time": [], "value": [], "segment": []}
    _, ordinals = _ordinals(points.segments)
    stamps = np.datetime_as_string(_stamps(points.times), unit="us").tolist()
    return {
        "step": points.steps.tolist(),
        "time": [None if stamp == "NaT" else f"{stamp}Z" for stamp in stamps],
        "value": [number(value) for value in points.values.tolist()],
        "segment": ordinals.tolist(),
    }


def curves(
    cursor: Cursor,
    rids: Sequence[int],
    metrics: Sequence[str],
    x: Axis = "step",
    width: int = 200,
    span: tuple[float, float] | None = None,
) -> tuple[CurvePoints, ...]:
    """The curves of `metrics` of `rids`, at most four points for each of `width` pixel columns.

    A column keeps its first, lowest, highest and last point. `span` is the visible part of the x axis; without it all is
    visible. x is the step, seconds since 1970, or seconds since the run began.
    """
    rows = fetch(cursor, "SELECT mid, name FROM metrics WHERE name IN (SELECT unnest(?::VARCHAR[]))", (list(metrics),))
    named: dict[int, str] = dict(rows)
    if not named or not rids:
        return ()
    begun = _starts(cursor, rids) if x == "relative" else {}
    found = load(cursor, rids, list(named), live_only=True)
    wanted = {name: place for place, name in reversed(list(enumerate(metrics)))}
    places = {rid: place for place, rid in reversed(list(enumerate(rids)))}
    made = [_curve(rid, named[mid], points, x, begun.get(rid), width, span) for (rid, mid), points in found.items()]
    return tuple(sorted(made, key=lambda curve: (places[curve.rid], wanted[curve.metric])))


def load(
    cursor: Cursor, rids: Sequence[int], mids: Sequence[int], *, live_only: bool = False
) -> dict[tuple[int, int], Winning]:
    """The points that count of each (rid, mid) that has some."""
    parts = load_segments(cursor, rids, mids)
    if live_only:
        shown = set(
            fetch(
                cursor,
                "SELECT rid, mid FROM series_now WHERE rid IN (SELECT unnest(?::BIGINT[])) AND mid IN (SELECT unnest(?::INTEGER[]))",
                (list(rids), list(mids)),
            )
        )
        parts = {key: told for key, told in parts.items() if key in shown}
    return {key: winning(told) for key, told in parts.items()}


def load_segments(
    cursor: Cursor, rids: Sequence[int], mids: Sequence[int]
) -> dict[tuple[int, int], list[SegmentPoints]]:
    """Every living segment of each (rid, mid), points in file order; segments of a run that void steps come along empty."""
    known = {
        row[0]: row
        for row in fetch(
            cursor,
            'SELECT segment, rid, path, "precision", writer_start, purge_from FROM segments_now '
            "WHERE rid IN (SELECT unnest(?::BIGINT[]))",
            (list(rids),),
        )
    }
    table = cursor.execute(
        "SELECT rid, mid, segment, step, t, v, rowid AS place FROM points "
        "WHERE rid IN (SELECT unnest(?::BIGINT[])) AND mid IN (SELECT unnest(?::INTEGER[]))",
        [list(rids), list(mids)],
    ).fetchnumpy()
    found: dict[tuple[int, int], list[SegmentPoints]] = {}
    for rid, mid, segment, chosen in _runs_of_equal_keys(table):
        if segment in known:
            found.setdefault((rid, mid), []).append(_segment_points(known[segment], table, chosen))
    voiding = [row for row in known.values() if row[5] is not None]
    for (rid, _), told in found.items():
        there = {part.segment for part in told}
        told += [_empty(row) for row in voiding if row[1] == rid and row[0] not in there]
    return found


def _runs_of_equal_keys(table: dict[str, Any]) -> list[tuple[int, int, int, npt.NDArray[np.intp]]]:
    """(rid, mid, segment, positions in file order) of each series in the answer."""
    rid, mid, segment, place = (_whole(table[name]) for name in ("rid", "mid", "segment", "place"))
    if not len(rid):
        return []
    # By place as well: DuckDB may answer with the rows of an open transaction before the older ones.
    order = np.lexsort((place, segment, mid, rid))
    rid, mid, segment = rid[order], mid[order], segment[order]
    cuts = np.flatnonzero((np.diff(rid) != 0) | (np.diff(mid) != 0) | (np.diff(segment) != 0)) + 1
    begins = [0, *cuts.tolist()]
    ends = [*cuts.tolist(), len(order)]
    return [
        (int(rid[begin]), int(mid[begin]), int(segment[begin]), order[begin:end])
        for begin, end in zip(begins, ends, strict=True)
    ]


def _segment_points(row: tuple[Any, ...], table: dict[str, Any], chosen: npt.NDArray[np.intp]) -> SegmentPoints:
    segment, _, path, precision, start, purge_from = row
    return SegmentPoints(
        segment=segment,
        order=order_of(start, path),
        steps=_whole(table["step"])[chosen],
        times=_seconds(table["t"])[chosen],
        values=np.ma.filled(table["v"], np.nan)[chosen].astype(np.float64, copy=False),
        precision=precision,
        purge_from=purge_from,
    )


def _empty(row: tuple[Any, ...]) -> SegmentPoints:
    segment, _, path, precision, start, purge_from = row
    none = np.zeros(0)
    return SegmentPoints(segment, order_of(start, path), none.astype(np.int64), none, none, precision, purge_from)


def _whole(column: Any) -> Steps:
    filled: Steps = np.ma.filled(column, 0).astype(np.int64, copy=False)
    return filled


def _seconds(column: Any) -> Floats:
    stamps = np.ma.filled(column, np.datetime64("NaT")).astype("datetime64[us]")
    seconds: Floats = stamps.astype(np.int64).astype(np.float64) / 1e6
    seconds[np.isnat(stamps)] = np.nan
    return seconds


def _stamps(seconds: Floats) -> npt.NDArray[np.datetime64]:
    known = np.isfinite(seconds)
    stamps = np.rint(np.where(known, seconds, 0.0) * 1e6).astype(np.int64).view("datetime64[us]")
    stamps[~known] = np.datetime64("NaT")
    return stamps


def _ordinals(segments: Steps) -> tuple[Steps, Steps]:
    """Segments in order of appearance, and for each point the number of its segment in that order."""
    distinct, first, inverse = np.unique(segments, return_index=True, return_inverse=True)
    rank = np.empty(len(distinct), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(distinct))
    return distinct, rank[inverse]


def _starts(cursor: Cursor, rids: Sequence[int]) -> dict[int, float]:
    rows = fetch(
        cursor,
        "SELECT rid, epoch_us(started) / 1e6 FROM runs_now WHERE started IS NOT NULL AND rid IN (SELECT unnest(?::BIGINT[]))",
        (list(rids),),
    )
    return dict(rows)


def _curve(
    rid: int,
    metric: str,
    points: Winning,
    x: Axis,
    begun: float | None,
    width: int,
    span: tuple[float, float] | None,
) -> CurvePoints:
    xs = points.steps.astype(np.float64) if x == "step" else points.times
    if x == "relative":
        first = float(np.nanmin(xs)) if np.isfinite(xs).any() else 0.0
        xs = xs - (first if begun is None else min(begun, first))
    chosen = np.flatnonzero(np.isfinite(xs))
    if len(chosen) > 1 and bool((np.diff(xs[chosen]) < 0).any()):
        chosen = chosen[np.argsort(xs[chosen], kind="stable")]
    chosen = chosen[thinned(xs[chosen], points.values[chosen], width, span)]
    return CurvePoints(rid, metric, xs[chosen], points.values[chosen], points.steps[chosen])


def thinned(x: Floats, y: Floats, width: int, span: tuple[float, float] | None) -> npt.NDArray[np.intp]:
    """Positions to keep of an ascending `x`: first, lowest, highest, last of each of `width` columns, all where they are few.

    The neighbours just outside `span` are kept, so that a line enters and leaves at the right angle.
    """
    begin, end = 0, len(x)
    if span is not None:
        begin = max(0, int(np.searchsorted(x, span[0], "left")) - 1)
        end = min(len(x), int(np.searchsorted(x, span[1], "right")) + 1)
    positions = np.arange(begin, end)
    if end - begin <= 4 * width or width < 1:
        return positions
    low, high = x[begin], x[end - 1]
    edges = (
        np.searchsorted(x[begin:end], low + (high - low) * np.arange(width) / width)
        if high > low
        else np.zeros(1, np.intp)
    )
    edges = np.unique(edges)
    edges = edges[edges < end - begin]
    window = y[begin:end]
    with np.errstate(invalid="ignore"):
        lowest, highest = np.fmin.reduceat(window, edges), np.fmax.reduceat(window, edges)
    sizes = np.diff(np.append(edges, end - begin))
    keep = np.zeros(end - begin, dtype=bool)
    keep[edges] = True
    keep[edges + sizes - 1] = True
    for extreme in (lowest, highest):
        hits = np.flatnonzero(window == np.repeat(extreme, sizes))
        columns = np.searchsorted(edges, hits, "right") - 1
        _, first = np.unique(columns, return_index=True)
        keep[hits[first]] = True
    return positions[keep]
