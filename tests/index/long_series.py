"""One run with a long series, written piece by piece, and what its curves must show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from runspect.index import reads
from runspect.index.generations import Change
from runspect.index.reads.charted import Axis
from runspect.index.reads.outline import Asked, Outline, Sizes
from runspect.index.reads.outlines import Outlines
from runspect.index.rows import timestamps
from runspect.index.store import Store

SMALL = Sizes(long=1000, stretch=8, most_stretches=1000)
"""A few thousand points are as good as millions."""
SPANS = ((-np.inf, np.inf), (0.0, 400.0), (200.0, 2_900.0), (1000.5, 1060.0), (5_990.0, 9_000.0), (-50.0, -1.0))


def one_run(tmp_path: Path) -> Store:
    """One run of one metric; its points are for `write`."""
    opened = Store.open(tmp_path / "index.duckdb")
    with opened.writing() as (cursor, upd):
        cursor.execute(
            "INSERT INTO runs BY NAME SELECT 1 AS rid, 'u' AS uid, '/w' AS watch, '.' AS path, 'r' AS name, 'running' AS state, "
            f"'' AS reason, TIMESTAMP '1970-01-01 00:00:10' AS started, false AS hidden, {upd} AS upd"
        )
        cursor.execute("INSERT INTO metrics VALUES (7, 'loss')")
    return opened


def segment(
    store: Store, number: int, start: float, precision: int = 1, purge: int | None = None, live: bool = True
) -> None:
    with store.writing() as (cursor, upd):
        cursor.execute(
            "INSERT INTO segments VALUES (?, 1, ?, 0, 'jsonl', ?, ?, ?, ?, ?)",
            [number, f"{number}.jsonl", precision, start, purge, live, upd],
        )


def write(store: Store, number: int, steps: Sequence[int], seed: int = 0, timed: bool = True) -> None:
    """Append points to a segment; every tenth value is none."""
    random = np.random.default_rng(seed)
    values = random.normal(size=len(steps))
    values[::10] = np.nan
    at = np.asarray(steps, np.int64)
    times = timestamps(at.astype(np.float64) * 0.5 + 20.0) if timed else np.full(len(at), "NaT", "datetime64[us]")
    with store.writing() as (cursor, upd):
        store.narrow(Change(rids=frozenset((1,))))
        cursor.register("new", {"step": at, "t": times, "v": values})
        cursor.execute(f"INSERT INTO points SELECT 1, 7, {number}, step, t, v FROM new")
        cursor.unregister("new")
        count = cursor.execute("SELECT count(*) FROM points").fetchall()[0][0]
        cursor.execute(
            f"INSERT INTO series BY NAME SELECT 1 AS rid, 7 AS mid, {count} AS n, 0 AS nonfinite, true AS live, {upd} AS upd"
        )


def same(store: Store, outlines: Outlines, x: Axis, width: int = 20) -> None:
    """Whether outlines give what all points give: each drawn point is one of them, and no extreme is lost."""
    for low, high in SPANS:
        span = None if high == np.inf else (low, high)
        with store.cursor() as cursor:
            (found,) = reads.curves(cursor, [1], ["loss"], x, width, span, outlines=outlines)
            (whole,) = reads.curves(cursor, [1], ["loss"], x, 10**9)
        every = dict(zip(whole.x.tolist(), zip(whole.y.tolist(), whole.step.tolist(), strict=True), strict=True))
        for at, value, step in zip(found.x.tolist(), found.y.tolist(), found.step.tolist(), strict=True):
            assert repr(every[at]) == repr((value, step))
        assert len(found.x) <= 4 * width + 2
        assert bool((np.diff(found.x) >= 0).all())
        # the neighbours just outside
        assert found.x[0] <= max(low, whole.x[0])
        assert found.x[-1] >= min(high, whole.x[-1])
        border = 40  # more than a stretch
        inner = whole.y[(whole.x >= low + border) & (whole.x <= high - border) & ~np.isnan(whole.y)]
        if len(inner):
            shown = found.y[(found.x >= low) & (found.x <= high)]
            assert np.nanmin(shown) <= inner.min() <= inner.max() <= np.nanmax(shown)


def outline_now(store: Store, outlines: Outlines) -> Outline | None:
    """The outline of the series over its steps."""
    with store.cursor() as cursor:
        ((_, found),) = outlines.each(cursor, [Asked(1, 7, "step")])
    return found
