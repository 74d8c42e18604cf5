"""Curves of long series come out of their outlines: the same picture as from all points, whoever wrote them and however they grew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runspect.index import reads
from runspect.index.reads.charted import Axis
from runspect.index.reads.outlines import Outlines
from runspect.index.reads.thinning import of_stretches, thinned
from runspect.index.store import Store
from tests.index.long_series import SMALL, one_run, outline_now, same, segment, write


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = one_run(tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize("x", ["step", "time", "relative"])
def test_an_outline_shows_what_all_points_show(store: Store, x: Axis) -> None:
    segment(store, 0, 0.0)
    write(store, 0, range(6003))
    outlines = Outlines(store.generations.of_run, SMALL)
    same(store, outlines, x)
    same(store, outlines, x)


def test_a_series_that_grows_is_read_from_where_it_ended(store: Store) -> None:
    segment(store, 0, 0.0)
    outlines, step = Outlines(store.generations.of_run, SMALL), 2001
    write(store, 0, range(step))
    same(store, outlines, "step")
    for seed, more in enumerate((1, 3, 0, 12, 8, 700)):
        write(store, 0, range(step, step + more), seed)
        step += more
        same(store, outlines, "step")


def test_a_series_that_outgrows_its_stretches_gets_longer_ones(store: Store) -> None:
    segment(store, 0, 0.0)
    write(store, 0, range(2000))
    outlines = Outlines(store.generations.of_run, SMALL)
    same(store, outlines, "step")
    write(store, 0, range(2000, 20_000))
    same(store, outlines, "step")
    found = outline_now(store, outlines)
    assert found is not None and found.size == 32


def test_abandoned_and_imprecise_points_are_not_drawn(store: Store) -> None:
    segment(store, 0, 1.0)
    segment(store, 1, 2.0)
    segment(store, 2, 3.0, precision=0)
    segment(store, 3, 4.0, live=False)
    outlines = Outlines(store.generations.of_run, SMALL)
    write(store, 0, range(3000), 1)
    write(store, 2, range(3000), 2)
    write(store, 3, range(3000), 3)
    same(store, outlines, "step")
    write(store, 1, range(2500, 4000), 4)
    same(store, outlines, "step")
    write(store, 1, range(4000, 4500), 5)
    same(store, outlines, "step")
    segment(store, 4, 5.0, purge=4200)
    same(store, outlines, "step")
    segment(store, 1, 2.0, live=False)
    same(store, outlines, "step")


def test_steps_that_go_back_are_drawn_from_all_points(store: Store) -> None:
    segment(store, 0, 0.0)
    write(store, 0, [*range(1500), *range(1000, 3000)])
    outlines = Outlines(store.generations.of_run, SMALL)
    assert outline_now(store, outlines) is None
    with store.cursor() as cursor:
        (plain,) = reads.curves(cursor, [1], ["loss"])
        (found,) = reads.curves(cursor, [1], ["loss"], outlines=outlines)
    assert (plain.x.tolist(), repr(plain.y.tolist())) == (found.x.tolist(), repr(found.y.tolist()))


def test_points_without_times_have_no_place_on_a_time_axis(store: Store) -> None:
    segment(store, 0, 0.0)
    write(store, 0, range(1500), timed=False)
    outlines = Outlines(store.generations.of_run, SMALL)
    with store.cursor() as cursor:
        (found,) = reads.curves(cursor, [1], ["loss"], "relative", outlines=outlines)
        assert not len(found.x)
    write(store, 0, range(1500, 4000))
    same(store, outlines, "relative")


def test_outlines_take_no_more_room_than_they_may(store: Store) -> None:
    segment(store, 0, 0.0)
    write(store, 0, range(4000))
    outlines = Outlines(store.generations.of_run, replace(SMALL, most_bytes=100_000))
    for _ in range(2):
        same(store, outlines, "step")
        same(store, outlines, "time")
    assert sum(each.nbytes for _, each in outlines._held.values() if each) <= 100_000


@pytest.mark.parametrize("runs", [1, 3, 250])
def test_many_short_series_come_out_in_the_order_that_was_asked_for(tmp_path: Path, runs: int) -> None:
    store = Store.open(tmp_path / "many.duckdb")
    with store.writing() as (cursor, upd):
        cursor.execute("INSERT INTO metrics VALUES (0, 'a'), (1, 'b')")
        cursor.execute(
            f"INSERT INTO segments SELECT i, i, 'f', 0, 'csv', 1, NULL, NULL, true, {upd} FROM range({runs}) t(i)"
        )
        cursor.execute(
            f"INSERT INTO series BY NAME SELECT i AS rid, m AS mid, 50 AS n, 0 AS nonfinite, true AS live, {upd} AS upd "
            f"FROM range({runs}) t(i), range(2) q(m) WHERE m = 0 OR i % 2 = 0"
        )
        # as a live index holds them: the runs' points lie between each other
        cursor.execute(
            f"INSERT INTO points SELECT i, m, i, s, NULL, 1000 * i + 100 * m + s FROM range(50) p(s), range({runs}) t(i), range(2) q(m) ORDER BY s, m, i"
        )
    rids = [*reversed(range(runs)), runs + 5]
    with store.cursor() as cursor:
        found = reads.curves(cursor, rids, ["b", "a", "c"])
    assert [(curve.rid, curve.metric) for curve in found] == [
        (rid, name) for rid in reversed(range(runs)) for name in ("b", "a") if name == "a" or rid % 2 == 0
    ]
    for curve in found:
        assert curve.y.tolist() == [1000 * curve.rid + 100 * (curve.metric == "b") + at for at in range(50)]
    store.close()


def test_a_stretch_keeps_its_first_lowest_highest_and_last() -> None:
    values = np.array([5.0, 1, 9, 4, np.nan, np.nan, np.nan, np.nan, np.nan, -np.inf, 3, np.nan])
    assert of_stretches(values, 4).tolist() == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    assert of_stretches(values[:0], 4).tolist() == []


def test_few_points_stay_as_they_are() -> None:
    x = np.arange(10.0)
    assert thinned(x, x, 3, None).tolist() == [*range(10)]
    assert thinned(x, x, 2, (4.0, 5.0)).tolist() == [3, 4, 5, 6]
    assert thinned(x[:0], x[:0], 2, None).tolist() == []
