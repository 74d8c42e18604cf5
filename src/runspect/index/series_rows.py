"""Rows of `series`: summaries that grow with their points, or are computed anew from all that are stored."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

import duckdb

from runspect.index import outline_rows, twins
from runspect.index.reads.points import load_segments
from runspect.index.run_data import RunData, Series
from runspect.index.summary import Running, Summary, renew_all, winning
from runspect.index.waiting import Row

COLUMNS = (
    "rid", "mid", "n", "nonfinite", "first_nonfinite_step", "first_step", "first_v", "last_step", "last_t", "last_v", "lo",
    "lo_step", "hi", "hi_step", "mean_tail", "spark", "live",
)  # fmt: skip

Stale = dict[tuple[int, int], float]
"""Long series that grew so far that mean and outline are to be renewed, and since when, in monotonic seconds."""


def changed_rows(
    cursor: duckdb.DuckDBPyConnection, runs: Iterable[RunData], names: Mapping[int, str], stale: Stale
) -> list[Row]:
    """The rows of all changed series of some runs, which count as stored then; the points must be stored."""
    wanted = {data.rid: data for data in runs if data.changed_series}
    _recompute(cursor, wanted)
    changed = (data.series[mid].running for data in wanted.values() for mid in data.changed_series)
    renew_all(running for running in changed if running is not None)
    rows: list[Row] = []
    for data in wanted.values():
        for mid in sorted(data.changed_series | twins.hide_twins(data, names)):
            series = data.series[mid]
            if series.running is not None:
                series.scalars = series.running.scalars
                if series.running.stale:
                    stale.setdefault((data.rid, mid), time.monotonic())
            listed = series.live and bool(series.segments)
            data.series_changed = data.series_changed or listed != series.listed
            series.listed = listed
            rows.append(_row(data.rid, mid, series, listed))
        data.changed_series = set()
    return rows


def renewed_row(cursor: duckdb.DuckDBPyConnection, upd: int, data: RunData | None, mid: int) -> Row | None:
    """The row of a long series with mean and outline as of now, what charts need stored too; None when it is gone or not at hand."""
    series = data.series.get(mid) if data is not None else None
    if data is None or series is None or series.running is None or not series.segments:
        return None
    points = winning(load_segments(cursor, [data.rid], [mid]).get((data.rid, mid), ()))
    series.running.renew(points.values)
    series.scalars = series.running.scalars
    outline_rows.keep(cursor, upd, data.rid, mid, points)
    return _row(data.rid, mid, series, series.live)


def void(data: RunData) -> None:
    """A writer declared earlier points void: every series must be looked at again."""
    for mid, series in data.series.items():
        series.running = None
        data.changed_series.add(mid)


def _recompute(cursor: duckdb.DuckDBPyConnection, wanted: Mapping[int, RunData]) -> None:
    """Summaries of series that did not simply grow, from all their stored points."""
    lost = {
        (rid, mid) for rid, data in wanted.items() for mid in data.changed_series if data.series[mid].running is None
    }
    alive = {(rid, mid) for rid, mid in lost if wanted[rid].series[mid].segments}
    found = load_segments(cursor, sorted({r for r, _ in alive}), sorted({m for _, m in alive})) if alive else {}
    for rid, mid in lost:
        data = wanted[rid]
        series = data.series[mid]
        points = winning(found.get((rid, mid), ()))
        running = Running()
        running.add(points.steps, points.times, points.values)
        series.running, series.scalars = running, running.scalars
        series.tail = data.best_tail(series.segments)


def _row(rid: int, mid: int, series: Series, live: bool) -> Row:
    return (rid, mid, *_summary_row(series.scalars), live)


def _summary_row(s: Summary) -> Row:
    return (
        s.n, s.nonfinite, s.first_nonfinite_step, s.first_step, s.first_v, s.last_step, s.last_t, s.last_v, s.lo, s.lo_step,
        s.hi, s.hi_step, s.mean_tail, s.spark,
    )  # fmt: skip
