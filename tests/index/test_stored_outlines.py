"""Outlines that the index keeps: taken by who draws for the first time, read on where the series grew, never trusted beyond that."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.index import compaction, outline_rows, reads
from runspect.index.generations import Change
from runspect.index.reads.outline import Asked, living_of, outline
from runspect.index.reads.outlines import Outlines
from runspect.index.reads.points import load
from runspect.index.reads.scope import fetch
from runspect.index.store import Store
from tests.index.long_series import SMALL, one_run, outline_now, same, segment, write

MARK = 1e9
"""A value that no point has: who draws it has taken it from a stored outline."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = one_run(tmp_path)
    yield opened
    opened.close()


def keep(store: Store) -> None:
    """As is done when a series is at rest."""
    with store.writing() as (cursor, upd):
        store.narrow(Change(rids=frozenset((1,))))
        found = load(cursor, [1], [7]).get((1, 7))
        if found is not None:
            outline_rows.keep(cursor, upd, 1, 7, found, SMALL)


def kept(store: Store) -> list[tuple[int, int]]:
    """(points that it was made of, points that it has) of each stored outline."""
    with store.cursor() as cursor:
        rows = fetch(cursor, "SELECT stored, (SELECT count(*) FROM outline_points) FROM outlines")
        assert rows or not fetch(cursor, "SELECT 1 FROM outline_points")
    return [(stored, count) for stored, count in rows]


def fresh(store: Store) -> Outlines:
    """As an engine has them that was started just now."""
    return Outlines(store.generations.of_run, SMALL)


def marked(store: Store) -> bool:
    """Whether a fresh engine takes what is stored."""
    with store.writing() as (cursor, _):
        cursor.execute(f"UPDATE outline_points SET v = {MARK} WHERE step = 0")
    found = outline_now(store, fresh(store))
    assert found is not None
    return bool(found.y[0] == MARK)


def drop(store: Store) -> None:
    """As is done when many points are of no use any more; rows may stand elsewhere afterwards."""
    with store.writing() as (cursor, _):
        compaction.drop_dead_points(cursor)
    store.checkpoint()


def test_a_first_chart_takes_the_stored_outline(store: Store) -> None:
    segment(store, 0, 0.0)
    write(store, 0, range(6003))
    keep(store)
    same(store, fresh(store), "step")
    assert marked(store)


def test_what_came_behind_it_is_read(store: Store) -> None:
    segment(store, 0, 0.0)
    write(store, 0, range(6003))
    keep(store)
    write(store, 0, range(6003, 7100), 5)
    same(store, fresh(store), "step")
    assert marked(store)
    keep(store)
    assert kept(store)[0][0] == 6003, "written again although it has hardly grown"
    write(store, 0, range(7100, 9000), 6)
    keep(store)
    assert kept(store)[0][0] == 9000
    same(store, fresh(store), "step")


def test_it_takes_a_sixteenth_of_the_points_at_most(store: Store) -> None:
    segment(store, 0, 0.0)
    write(store, 0, range(6400))
    with store.writing() as (cursor, upd):
        outline_rows.keep(cursor, upd, 1, 7, load(cursor, [1], [7])[1, 7], replace(SMALL, stretch=64))
    assert kept(store)[0][1] <= 400


def test_short_series_have_none(store: Store) -> None:
    segment(store, 0, 0.0)
    write(store, 0, range(SMALL.long - 1))
    keep(store)
    assert not kept(store)


def test_steps_that_go_back_have_none(store: Store) -> None:
    segment(store, 0, 0.0)
    write(store, 0, range(2000))
    keep(store)
    assert kept(store)
    write(store, 0, range(1000, 3000), 2)
    assert outline_now(store, fresh(store)) is None
    keep(store)
    assert not kept(store)


def test_a_time_axis_is_made_when_it_is_asked_for(store: Store) -> None:
    segment(store, 0, 0.0)
    write(store, 0, range(4000))
    keep(store)
    marked(store)
    same(store, fresh(store), "time")


def test_other_segments_are_other_series(store: Store) -> None:
    segment(store, 0, 1.0)
    write(store, 0, range(3000))
    keep(store)
    marked(store)
    segment(store, 1, 2.0)
    write(store, 1, range(2500, 6000), 1)
    same(store, fresh(store), "step")
    keep(store)
    same(store, fresh(store), "step")
    segment(store, 0, 1.0, live=False)
    same(store, fresh(store), "step")
    drop(store)
    assert len(kept(store)) == 1, "more points live than are dead"
    segment(store, 1, 2.0, live=False)
    drop(store)
    assert not kept(store)


def test_what_a_later_writer_voids_is_not_read_on(store: Store) -> None:
    segment(store, 0, 1.0)
    segment(store, 1, 2.0, purge=2900)
    write(store, 0, range(3000))
    outlines = fresh(store)
    same(store, outlines, "step")
    keep(store)
    write(store, 0, range(3000, 3300), 1)
    same(store, outlines, "step")
    same(store, fresh(store), "step")


def test_rows_that_stand_elsewhere_are_the_same_points(store: Store) -> None:
    segment(store, 0, 1.0)
    write(store, 0, range(9000), 1)
    segment(store, 0, 1.0, live=False)
    segment(store, 1, 2.0)
    write(store, 1, range(4000), 2)
    keep(store)
    drop(store)
    same(store, fresh(store), "step")
    assert marked(store)


@pytest.mark.parametrize("first", [-(2**62), 1_700_000_000_000_000_000, 2**63 - 1 - 6_003_000])
def test_steps_may_be_nanoseconds(store: Store, first: int) -> None:
    segment(store, 0, 0.0)
    steps = [first + 1000 * at for at in range(6003)]
    write(store, 0, steps, timed=False)
    keep(store)
    with store.cursor() as cursor:
        for begin, end in ((0, 200), (2_900, 3_000), (5_900, 6_002), (5_900, 9_000)):
            span = (float(first + 1000 * begin), float(first + 1000 * end))
            of_all, drawn = (
                reads.curves(cursor, [1], ["loss"], "step", 20, span, outlines=known)[0]
                for known in (None, fresh(store))
            )
            np.testing.assert_array_equal(drawn.step, of_all.step)
            np.testing.assert_array_equal(drawn.y, of_all.y)


STEP = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 2), st.integers(1, 900)),
    st.tuples(st.just("write"), st.just(0), st.integers(500, 2500)),
    st.tuples(st.just("back"), st.integers(0, 2), st.integers(1, 300)),
    st.tuples(st.just("retire"), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("purge"), st.integers(0, 2), st.integers(0, 3000)),
    st.tuples(st.just("keep"), st.just(0), st.just(0)),
    st.tuples(st.just("keep"), st.just(0), st.just(0)),
    st.tuples(st.just("drop"), st.just(0), st.just(0)),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(STEP, min_size=3, max_size=14))
def test_stored_and_grown_is_as_made_of_all_points(script: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = one_run(Path(directory))
        lasting = fresh(store)
        numbers, reached, purges = {0: 0, 1: 1, 2: 2}, dict.fromkeys(range(3), 0), dict[int, int | None]()
        for place in numbers:
            segment(store, place, float(place))
        for seed, (what, place, count) in enumerate([("write", 0, 1500), ("keep", 0, 0), *script]):
            number = numbers[place]
            if what == "write":
                write(store, number, range(reached[place], reached[place] + 2 * count, 2), seed)
                reached[place] += 2 * count
            elif what == "back":
                write(store, number, range(1, 1 + 2 * count, 2), seed)
            elif what == "retire":
                segment(store, number, float(place), live=False)
                numbers[place], reached[place] = max(numbers.values()) + 1, 0
                purges.pop(place, None)
                segment(store, numbers[place], float(place))
            elif what == "purge":
                segment(store, number, float(place), purge=count)
            elif what == "keep":
                keep(store)
            else:
                drop(store)
            _compare(store, lasting)
        store.close()


def _compare(store: Store, lasting: Outlines) -> None:
    """What a fresh and a lasting engine have of the series with an outline of all its points."""
    one = Asked(1, 7, "step")
    for outlines in (fresh(store), lasting):
        found = outline_now(store, outlines)
        with store.cursor() as cursor:
            living = living_of(cursor, [1])[1]
            size = SMALL.stretch if found is None else found.size
            expected = outline(cursor, one, living, None, replace(SMALL, stretch=size, most_stretches=1 << 40))
        if found is None or expected is None:
            assert found is expected
            continue
        assert (found.stored, found.parts, found.newest) == (expected.stored, expected.parts, expected.newest)
        for ours, theirs in zip(found.points(), expected.points(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
