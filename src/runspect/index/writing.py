"""One transaction: everything that waits, as rows of the tables."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np

from runspect.index import records, remembered
from runspect.index.reads.points import load_segments
from runspect.index.reads.scope import Cursor, fetch
from runspect.index.records import Source
from runspect.index.rows import Column, insert, insert_rows, seconds, timestamps
from runspect.index.run_data import RunData
from runspect.index.waiting import Row, Waiting
from runspect.model import Artifact
from runspect.readers.contract import Points

FEW_POINTS = 8

_CFG = ("rid", "key", "num", "val", "source", "shared", "live")
_FACTS = ("rid", "name", "num", "val", "source", "live")
_ARTIFACTS = ("rid", "path", "kind", "size", "modified", "step", "live")


def write_points(cursor: duckdb.DuckDBPyConnection, waiting: Waiting, upd: int) -> None:
    """Names of metrics, points, texts and their segments."""
    insert_rows(cursor, "metrics", ("mid", "name"), waiting.metrics)
    _write_points(cursor, waiting.points)
    insert_rows(cursor, "texts", ("rid", "segment", "key", "step", "t", "val"), waiting.texts)
    insert_rows(cursor, "segments", records.SEGMENT_COLUMNS, list(waiting.segments.values()), upd)


def write_told(cursor: duckdb.DuckDBPyConnection, waiting: Waiting, runs: Sequence[RunData], upd: int) -> None:
    """Params and facts of runs, which count as stored then, and what the journal remembers of others."""
    params = [row for data in runs if data.params_changed for row in data.param_rows()]
    facts = [row for data in runs if data.facts_changed for row in data.fact_rows()]
    insert_rows(cursor, "cfg", _CFG, params, upd)
    insert_rows(cursor, "facts", _FACTS, facts, upd)
    for data in runs:
        data.params_changed = data.facts_changed = data.series_changed = data.fresh = False
    for rid, told, metrics in waiting.remembered:
        insert_rows(cursor, "cfg", _CFG, remembered.param_rows(rid, told), upd)
        remembered.write_series(cursor, upd, rid, metrics)


def write_places(cursor: duckdb.DuckDBPyConnection, waiting: Waiting, upd: int) -> None:
    """Ids, files, claims, watches and artifacts."""
    insert_rows(cursor, "ids", ("uid", "rid"), waiting.ids, upd)
    sources = [source.row() for source in waiting.sources.values()]
    insert_rows(cursor, "sources", records.SOURCE_COLUMNS, sources, upd)
    insert_rows(cursor, "claims", ("watch", "path", "size", "mtime", "inode", "claim", "live"), waiting.claims, upd)
    insert_rows(cursor, "watches", ("watch", "live"), waiting.watches, upd)
    insert_rows(cursor, "artifacts", _ARTIFACTS, waiting.artifacts, upd)


def artifact_rows(rid: int, artifacts: Sequence[Artifact]) -> list[Row]:
    """The whole list of what a run produced."""
    rows: list[Row] = [(rid, a.path, a.kind, a.size, a.modified, a.step, True) for a in artifacts]
    return rows or [(rid, None, None, None, None, None, False)]


def load_artifacts(cursor: Cursor) -> dict[int, tuple[Artifact, ...]]:
    """What each run produced."""
    held: dict[int, list[Artifact]] = {}
    rows = fetch(cursor, "SELECT rid, path, kind, size, modified, step FROM artifacts_now ORDER BY rid, path")
    for rid, path, kind, size, modified, step in rows:
        held.setdefault(rid, []).append(Artifact(path, kind, size, seconds(modified) or 0.0, step))
    return {rid: tuple(listed) for rid, listed in held.items()}


def stored_points(cursor: Cursor, source: Source) -> dict[int, Points]:
    """What is stored of a file, by metric."""
    mids = [mid for (mid,) in fetch(cursor, "SELECT DISTINCT mid FROM points WHERE segment = ?", (source.segment,))]
    return {
        mid: Points(part.steps, part.times, part.values)
        for (_, mid), parts in load_segments(cursor, [source.rid], mids).items()
        for part in parts
        if part.segment == source.segment and len(part.steps)
    }


def _write_points(cursor: duckdb.DuckDBPyConnection, waiting: Sequence[tuple[int, int, int, Points]]) -> None:
    if not waiting:
        return
    sizes = [len(points) for *_, points in waiting]
    if sum(sizes) <= FEW_POINTS:
        rows = [
            (rid, mid, segment, *point)
            for rid, mid, segment, points in waiting
            for point in zip(points.steps.tolist(), points.times.tolist(), points.values.tolist(), strict=True)
        ]
        insert_rows(cursor, "points", ("rid", "mid", "segment", "step", "t", "v"), rows)
        return

    def repeated(place: int, dtype: type) -> Column:
        return np.repeat(np.array([item[place] for item in waiting], dtype=dtype), sizes)

    columns: dict[str, Column] = {
        "rid": repeated(0, np.int64),
        "mid": repeated(1, np.int32),
        "segment": repeated(2, np.int64),
        "step": np.concatenate([points.steps for *_, points in waiting]).astype(np.int64, copy=False),
        "t": timestamps(np.concatenate([points.times for *_, points in waiting]).astype(np.float64, copy=False)),
        "v": np.concatenate([points.values for *_, points in waiting]).astype(np.float64, copy=False),
    }
    insert(cursor, "points", columns)
