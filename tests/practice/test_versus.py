"""A run against a reference: size, direction, seed noise and guards, checked against NumPy and tables of Student's t."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.practice.versus import FEWEST_SEEDS, Versus, compare, guarded, limit_of, noise_of
from runspect.practice.versus_words import change_text, guard_text, noise_text, size_text

FIVE = (0.210, 0.214, 0.206, 0.219, 0.211)
numbers = st.floats(-1e6, 1e6)


def test_the_difference_is_told_in_both_ways_and_by_the_direction() -> None:
    change = compare(0.2113, 0.2181, "down")
    assert change.delta == pytest.approx(-0.0068)
    assert change.percent == pytest.approx(100 * (0.2113 - 0.2181) / 0.2181)
    assert (change.outcome, compare(0.2113, 0.2181, "up").outcome) == ("better", "worse")
    assert compare(-2.0, -1.0, "up").percent == -100
    assert compare(1.0, 0.0, "up").percent is None


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_missing_or_broken_is_not_compared(value: float | None) -> None:
    assert compare(value, 1.0, "down").outcome == "unknown"
    assert compare(1.0, value, "down").delta is None


def test_without_a_direction_nothing_is_better() -> None:
    change = compare(1.0, 2.0, None)
    assert (change.outcome, change.verdict, change.delta) == ("unknown", "unknown", -1.0)


@given(st.lists(numbers, min_size=FEWEST_SEEDS, max_size=12), numbers)
def test_sigma_is_numpys_sample_deviation_of_the_same_seeds(seeds: list[float], delta: float) -> None:
    noise = noise_of(delta, seeds)
    sigma = float(np.std(seeds, ddof=1))
    assert noise.n == len(seeds)
    assert noise.sigma == pytest.approx(sigma, rel=1e-6, abs=1e-9)
    if noise.sigmas is not None and sigma > 1e-3:
        assert noise.sigmas == pytest.approx(abs(delta) / sigma, rel=1e-5)


def test_the_limit_is_students_quantile_of_a_difference_of_two_runs() -> None:
    # t(0.975) of printed tables, by degrees of freedom
    for freedom, t in ((2, 4.30265), (3, 3.18245), (4, 2.77645), (9, 2.26216), (10, 2.22814), (30, 2.04227)):
        assert limit_of(1.0, freedom + 1) == pytest.approx(t * math.sqrt(2), abs=1e-4)
    assert limit_of(1.0, 100_000) == pytest.approx(1.96 * math.sqrt(2), abs=1e-3)  # ISO 5725: 2.8


def test_one_pair_in_twenty_of_equal_runs_is_beyond_the_limit() -> None:
    drawn = np.random.default_rng(7).normal(0.3, 0.01, (20_000, 7))
    sigmas = drawn[:, :5].std(axis=1, ddof=1)
    beyond = np.abs(drawn[:, 5] - drawn[:, 6]) > limit_of(1.0, 5) * sigmas
    assert beyond.mean() == pytest.approx(0.05, abs=0.005)


def test_sigma_is_of_the_references_seeds_else_of_the_runs() -> None:
    own = (0.3, 0.4, 0.5, 0.6)
    assert noise_of(0.1, FIVE, own).whose == "reference"
    assert noise_of(0.1, FIVE[:2], own).whose == "run"
    assert noise_of(0.1, FIVE[:2], own).n == 4
    assert noise_of(0.1, (0.2, math.nan, 0.3), own).whose == "run"


def test_fewer_than_three_seeds_say_only_how_many_they_are() -> None:
    noise = noise_of(0.1, (0.2, 0.3), (0.4,))
    assert (noise.kind, noise.n, noise.sigma, noise.limit) == ("unknown", 2, None, None)


def test_what_is_within_noise_is_as_good() -> None:
    within, beyond = compare(0.209, 0.211, "down", FIVE), compare(0.150, 0.211, "down", FIVE)
    assert (within.outcome, within.verdict, within.noise.kind) == ("better", "as good", "within")
    assert (beyond.verdict, beyond.noise.kind) == ("better", "beyond")
    assert compare(0.209, 0.211, "down").verdict == "better"  # nothing is known of noise


def test_seeds_that_all_agree_leave_no_room() -> None:
    noise = noise_of(0.1, (1.0, 1.0, 1.0))
    assert (noise.kind, noise.sigma, noise.sigmas) == ("beyond", 0.0, None)
    assert compare(1.0, 1.0, "up", (1.0, 1.0, 1.0)).verdict == "as good"


def test_a_better_objective_with_a_worse_guard_is_marked() -> None:
    better = compare(0.1, 0.2, "down")
    slow = guarded("latency", "down", 12.0, 10.0, 10, relative=True)
    allowed = guarded("latency", "down", 11.0, 10.0, 10, relative=True)
    assert (slow.worse, allowed.worse, slow.allowed) == (True, False, 1.0)
    assert Versus(better, (slow,)).is_bought
    assert not Versus(better, (slow,)).holds
    assert Versus(better, (allowed,)).holds
    assert Versus(better, (slow, allowed)).worse_guards == ("latency",)


def test_a_guard_is_judged_by_its_own_direction_and_unit() -> None:
    assert guarded("acc", "up", 0.90, 0.91).worse
    assert not guarded("acc", "up", 0.92, 0.91).worse
    assert guarded("acc", "up", 0.90, 0.91, 0.01).worse is False  # just what is allowed
    assert guarded("acc", None, 0.90, 0.91).worse is None
    assert guarded("acc", "up", None, 0.91).worse is None


def test_in_words() -> None:
    far = compare(0.17, 0.211, "down", FIVE)
    assert change_text(far) == "-19 %, better, 8.5 σ of 5 seeds"
    assert change_text(compare(0.209, 0.211, "down", FIVE)) == "-0.95 %, 0.4 σ of 5 seeds: within noise"
    assert change_text(compare(0.209, 0.211, "up")) == "-0.95 %, worse, noise unknown (0 seeds)"
    assert change_text(compare(0.2, 0.2, "up", (0.2,))) == "the same, noise unknown (1 seed)"
    assert change_text(compare(None, 0.2, "up")) == "no value yet"
    assert size_text(compare(0.5, 0.0, "up")) == "+0.5000"
    assert noise_text(noise_of(1.0, (2.0, 2.0, 2.0))) == "σ 0 of 3 seeds"
    assert guard_text(guarded("acc", "up", 0.88, 0.912)) == "acc 0.9120 → 0.8800, -3.5 %, worse"
    assert guard_text(guarded("acc", "up", None, 0.912)) == "acc: not recorded by the run"
