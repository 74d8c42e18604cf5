"""Series summaries equal a naive model of the rules, however the points arrive."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.index.summary import Running, SegmentPoints, Summary, mean_tail, order_of, summarise, winning

Point = tuple[int, float]
values = st.one_of(st.floats(allow_nan=True, allow_infinity=True, width=32), st.sampled_from([0.0, 1.0, -1.0]))
points = st.lists(st.tuples(st.integers(-5, 40), values), max_size=25)
segments = st.lists(
    st.tuples(points, st.sampled_from([1, 1, 3]), st.sampled_from([None, None, 7])), min_size=1, max_size=4
)


def part(number: int, told: list[Point], precision: int = 1, purge: int | None = None) -> SegmentPoints:
    steps = np.array([step for step, _ in told], dtype=np.int64)
    numbers = np.array([value for _, value in told], dtype=np.float64)
    return SegmentPoints(
        number, (float(number), f"f{number}"), steps, steps.astype(np.float64), numbers, precision, purge
    )


def naive(told: list[tuple[list[Point], int, int | None]]) -> list[Point]:
    """The points that count, by the rules as they are written down."""
    best = max((precision for listed, precision, _ in told if listed), default=0)
    ranked = [(listed, purge) for listed, precision, purge in told if precision == best]
    counting: list[Point] = []
    for place, (listed, _) in enumerate(ranked):
        later = [begin for others, purge in ranked[place + 1 :] for begin in _begins(others, purge)]
        counting += [(step, value) for step, value in listed if all(step < begin for begin in later)]
    return counting


def _begins(listed: list[Point], purge: int | None) -> list[int]:
    return [step for step, _ in listed[:1]] + ([] if purge is None else [purge])


def check(summary: Summary, counting: list[Point]) -> None:
    finite = [(step, value) for step, value in counting if math.isfinite(value)]
    odd = [step for step, value in counting if not math.isfinite(value)]
    assert (summary.n, summary.nonfinite) == (len(counting), len(odd))
    assert summary.first_nonfinite_step == (odd[0] if odd else None)
    if counting:
        assert (summary.first_step, summary.last_step) == (counting[0][0], counting[-1][0])
        assert repr((summary.first_v, summary.last_v)) == repr((counting[0][1], counting[-1][1]))
    assert summary.lo == (min(value for _, value in finite) if finite else None)
    assert summary.hi == (max(value for _, value in finite) if finite else None)
    if finite:
        assert summary.lo_step == next(step for step, value in finite if value == summary.lo)
        assert summary.hi_step == next(step for step, value in finite if value == summary.hi)
        tail = [value for _, value in finite][-max(1, len(finite) // 10) :]
        assert summary.mean_tail == pytest.approx(
            math.fsum(tail) / len(tail), rel=1e-9, abs=1e-12 * max(map(abs, tail))
        )
    assert len(summary.spark) <= 40
    assert set(summary.spark) <= set("012345678")


@given(segments)
def test_summary_of_segments_follows_the_rules(told: list[tuple[list[Point], int, int | None]]) -> None:
    parts = [part(number, *each) for number, each in enumerate(told)]
    check(summarise(winning(parts)), naive(told))


@given(points, st.lists(st.integers(0, 25), max_size=5))
def test_growing_in_pieces_is_growing_at_once(told: list[Point], cuts: list[int]) -> None:
    whole, pieces = part(0, told), Running()
    places = [0, *sorted(min(cut, len(told)) for cut in cuts), len(told)]
    for begin, end in pairwise(places):
        pieces.add(whole.steps[begin:end], whole.times[begin:end], whole.values[begin:end])
    assert repr(pieces.summary()) == repr(summarise(winning([whole])))


def test_a_long_series_keeps_exact_numbers_and_renews_its_outline() -> None:
    steps = np.arange(40_000, dtype=np.int64)
    numbers = np.cos(steps / 500).astype(np.float64)
    running = Running()
    for begin in range(0, 40_000, 700):
        chosen = slice(begin, begin + 700)
        running.add(steps[chosen], steps[chosen].astype(np.float64), numbers[chosen])
    assert running.stale
    summary = running.summary()
    assert (summary.n, summary.last_step, summary.last_v) == (40_000, 39_999, numbers[-1])
    assert (summary.lo, summary.hi) == (numbers.min(), numbers.max())
    running.renew(numbers)
    assert running.summary().mean_tail == pytest.approx(mean_tail(numbers))


def test_means_near_the_largest_double_do_not_overflow() -> None:
    assert mean_tail(np.full(20, 1.7e308)) == pytest.approx(1.7e308)
    assert mean_tail(np.array([np.nan, np.inf])) is None


def test_rotated_logs_come_before_the_newest() -> None:
    paths = ["a/train.log", "a/train.log.1", "a/train.log.10", "a/train.log.2", "a/train2.log"]
    told = sorted(paths, key=lambda path: order_of(None, path))
    assert told == ["a/train.log.10", "a/train.log.2", "a/train.log.1", "a/train.log", "a/train2.log"]
