"""Mean and spread of groups: only what was logged counts, and how many runs do is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runspect.index import reads
from runspect.index.reads.banded import BandPoints, grid, spread
from runspect.index.reads.charted import Axis
from runspect.index.rows import timestamps
from runspect.index.store import Store

NAN = float("nan")
Span = tuple[float, float]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "index.duckdb")
    yield opened
    opened.close()


def log(store: Store, runs: Mapping[int, Mapping[int, float]]) -> None:
    """Runs of one metric, `loss`: of each the value at each step; a step takes a second."""
    with store.writing() as (cursor, upd):
        cursor.execute("INSERT INTO metrics VALUES (7, 'loss')")
        for rid, points in runs.items():
            cursor.execute(
                f"INSERT INTO runs BY NAME SELECT {rid} AS rid, 'u{rid}' AS uid, '/w' AS watch, '{rid}' AS path, 'r' AS name, "
                "'running' AS state, '' AS reason, TIMESTAMP '1970-01-01 00:00:10' AS started, false AS hidden, "
                f"{upd} AS upd"
            )
            cursor.execute("INSERT INTO segments VALUES (?, ?, 'f', 0, 'jsonl', 0, 0, NULL, true, ?)", [rid, rid, upd])
            steps = np.array(list(points), np.int64)
            cursor.register(
                "new",
                {"step": steps, "t": timestamps(steps.astype(np.float64) + 10.0), "v": np.array(list(points.values()))},
            )
            cursor.execute(f"INSERT INTO points SELECT {rid}, 7, {rid}, step, t, v FROM new")
            cursor.unregister("new")
            cursor.execute(
                f"INSERT INTO series BY NAME SELECT {rid} AS rid, 7 AS mid, {len(steps)} AS n, 0 AS nonfinite, true AS live, "
                f"{upd} AS upd"
            )


def bands(
    store: Store, *groups: list[int], x: Axis = "step", width: int = 50, span: Span | None = None
) -> tuple[BandPoints, ...]:
    with store.cursor() as cursor:
        return reads.bands(cursor, groups, ["loss"], x, width, span)


def at(band: BandPoints, x: float) -> tuple[float, float, int, int]:
    """Mean, deviation, runs and lost runs at an x."""
    (place,) = np.flatnonzero(band.x == x)
    return float(band.mean[place]), float(band.std[place]), int(band.n[place]), int(band.lost[place])


def test_runs_that_log_at_the_same_steps_are_taken_there(store: Store) -> None:
    log(store, {1: {0: 1.0, 10: 3.0}, 2: {0: 3.0, 10: 3.0}, 3: {0: 5.0, 10: 9.0}})
    first, second = bands(store, [1, 2], [3])
    assert first.x.tolist() == [0, 10] and first.n.tolist() == [2, 2]
    assert first.mean.tolist() == [2.0, 3.0] and first.std.tolist() == pytest.approx([2**0.5, 0])
    assert (second.group, second.mean.tolist(), second.n.tolist()) == (1, [5.0, 9.0], [1, 1])
    assert np.isnan(second.std).all()


@pytest.mark.parametrize("x", ["step", "relative"])
def test_a_run_counts_between_its_own_ends_and_by_the_line_between_its_points(store: Store, x: Axis) -> None:
    log(store, {1: {0: 0.0, 10: 10.0, 20: 20.0}, 2: {5: 1.0, 15: 1.0}})
    (band,) = bands(store, [1, 2], x=x)
    assert band.x.tolist() == [0, 5, 10, 15, 20]
    assert band.n.tolist() == [1, 2, 2, 2, 1]
    assert band.mean.tolist() == [0, 3, 5.5, 8, 20]


def test_what_is_not_finite_counts_for_nothing_and_is_told(store: Store) -> None:
    log(store, {1: {0: 1.0, 1: NAN, 2: 1.0}, 2: {0: 3.0, 1: 3.0, 2: float("inf")}})
    (band,) = bands(store, [1, 2])
    assert at(band, 0)[2:] == (2, 0)
    assert at(band, 1) == pytest.approx((3.0, NAN, 1, 1), nan_ok=True)
    assert at(band, 2) == pytest.approx((1.0, NAN, 1, 1), nan_ok=True)


def test_long_runs_are_taken_at_even_places_by_their_real_points(store: Store) -> None:
    log(store, {rid: {step: float(step + rid) for step in range(0, 30_000, 3)} for rid in (1, 3)})
    (band,) = bands(store, [1, 3], width=100)
    assert len(band.x) == 100 and band.x[0] == 0 and band.x[-1] == 29_997
    assert np.allclose(band.mean, band.x + 2) and np.allclose(band.std, 2**0.5) and set(band.n.tolist()) == {2}


def test_a_span_is_filled_from_edge_to_edge(store: Store) -> None:
    log(store, {1: {0: 0.0, 10: 10.0, 20: 20.0}, 2: {0: 2.0, 10: 12.0, 20: 22.0}})
    (band,) = bands(store, [1, 2], span=(5.0, 15.0))
    assert band.x.tolist() == [5, 10, 15] and band.mean.tolist() == [6, 11, 16]
    assert bands(store, [1, 2], span=(21.0, 30.0)) == ()


def test_a_group_without_points_has_no_band(store: Store) -> None:
    log(store, {1: {0: 1.0}})
    assert [band.group for band in bands(store, [9], [1], [])] == [1]
    assert len(grid([], 10, None)) == 0


@given(arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 9))))
def test_the_spread_is_that_of_the_finite_values(values: npt.NDArray[np.float64]) -> None:
    n, mean, std = spread(values)
    for column in range(values.shape[1]):
        known = values[np.isfinite(values[:, column]), column]
        assert n[column] == len(known) and np.isnan(mean[column]) == (not len(known))
        assert np.isnan(std[column]) == (len(known) < 2)
        if len(known):
            room = min(1e-9 * np.abs(known).max(), 1e290)
            assert known.min() - room <= mean[column] <= known.max() + room
