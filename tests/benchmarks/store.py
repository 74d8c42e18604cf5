"""The index itself, in this process: points into it, bytes a point, opening the file again; SQLite beside it."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from runspect.index.ingest import Ingest
from runspect.index.records import RunRecord, Source
from runspect.index.store import Store
from runspect.model import Evidence
from runspect.readers.contract import Batch, Cursor, Points
from tests.benchmarks.figures import Figure

RUNS, METRICS, STEPS = 500, 10, 1_000
COMMIT_EVERY = 100
"""Runs that are committed together."""
TO_SQLITE = 500_000
PRECISION = 3


def figures() -> Iterator[Figure]:
    """Five million points."""
    points = RUNS * METRICS * STEPS
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "index.duckdb"
        store = Store.open(path)
        wall, cpu = time.perf_counter(), time.process_time()
        _fill(store)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        with store.cursor() as cursor:
            found = cursor.execute("SELECT count(DISTINCT rid), count(*) FROM points_now").fetchall()
        assert found == [(RUNS, points)], found
        note = f"{points / wall / 1e6:.1f} M a second of wall time"
        peer = f"SQLite {_sqlite(Path(directory)):.2g} M/s"
        what = f"ingest of {points / 1e6:.0f} M points, a CPU second"
        yield Figure(what, points / cpu / 1e6, "M/s", 3, at_least=True, note=note, row=23, peer=peer)
        store.checkpoint()
        store.close()
        yield Figure("index of these points", path.stat().st_size / points, "B/pt", 16, row=24)
        took = opening(path)
        yield Figure("opening the index", took * 1e3, "ms", 100, note=f"{path.stat().st_size / 1e6:.0f} MB", row=26)


def _fill(store: Store) -> None:
    ingest = Ingest(store)
    random = np.random.default_rng(0)
    steps = np.arange(STEPS, dtype=np.int64)
    for rid in range(1, RUNS + 1):
        place = f"run-{rid:05}"
        ingest.put_run(
            RunRecord(rid, f"path:{rid}", "/w", place, "", place, ("csv",), Evidence(), "unknown", "because")
        )
        ingest.put_ids(rid, [f"path:{rid}"])
        times = (1.78e9 + 10.0 * rid + steps).astype(np.float64)
        series = {f"metric_{at}": Points(steps, times, random.random(STEPS)) for at in range(METRICS)}
        batch = Batch(Cursor(offset=1), points=series)
        ingest.put_batch(Source("/w", f"{place}/metrics.csv", rid, "csv"), batch, PRECISION)
        if rid % COMMIT_EVERY == 0:
            ingest.commit()
    ingest.commit()


def opening(path: Path, times: int = 5) -> float:
    """Seconds that opening an index takes, the shortest of some; nobody else may have it open."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        store = Store.open(path)
        took.append(time.perf_counter() - begun)
        assert not store.note, store.note
        store.close()
    return min(took)


def _sqlite(directory: Path) -> float:
    """Million points a CPU second into a table without an index, all in one transaction."""
    rows = [(at // STEPS, at % 10, at % STEPS, 1.0 * at, 0.5) for at in range(TO_SQLITE)]
    database = sqlite3.connect(directory / "points.sqlite")
    database.execute("CREATE TABLE points (rid INTEGER, mid INTEGER, step INTEGER, t REAL, v REAL)")
    begun = time.process_time()
    database.executemany("INSERT INTO points VALUES (?, ?, ?, ?, ?)", rows)
    database.commit()
    took = time.process_time() - begun
    database.close()
    return TO_SQLITE / took / 1e6
