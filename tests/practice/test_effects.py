"""Paired differences: only what differs in one param counts, seeds are one arm, and the numbers are those of NumPy."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.model import Json
from runspect.objective import Direction
from runspect.practice.effects import ALL_PAIRS, MOST_CHANGES, Column, Effect, Effects, effects
from runspect.practice.sign_test import sign_test, tally


def history(
    runs: Sequence[tuple[Mapping[str, Json], float]], *, places: Sequence[int] = (), way: Direction = "down"
) -> Effects:
    """The effects over runs with these configs and results."""
    names = sorted({name for config, _ in runs for name in config})
    columns = []
    for name in names:
        levels = list(dict.fromkeys(config[name] for config, _ in runs if name in config))
        codes = [levels.index(config[name]) if name in config else -1 for config, _ in runs]
        columns.append(Column(name, tuple(levels), np.array(codes, dtype=np.int64)))
    values = np.array([value for _, value in runs], dtype=np.float64)
    return effects(columns, values, np.array(places or [0] * len(runs), dtype=np.int64), way)


def of(found: Effects, param: str) -> Effect:
    (effect,) = (effect for effect in found.effects if effect.param == param)
    return effect


def test_one_change_over_several_settings() -> None:
    runs: list[tuple[Mapping[str, Json], float]] = []
    gains = [-0.010, -0.004, -0.008, 0.002, -0.006, -0.012, -0.007]
    for depth, gain in enumerate(gains):
        runs += [({"depth": depth, "warmup": 500}, 1.0 + depth), ({"depth": depth, "warmup": 2000}, 1.0 + depth + gain)]
    (change,) = of(history(runs), "warmup").changes
    assert (change.before, change.after, change.turn) == (500, 2000, "raised")
    assert (change.tally.n, change.tally.better, change.tally.worse) == (7, 6, 1)
    assert change.tally.change == pytest.approx(np.median(gains))
    assert change.tally.share == pytest.approx(np.median([gain / (1.0 + at) for at, gain in enumerate(gains)]))
    assert change.tally.p == pytest.approx(2 * (1 + 7) / 2**7)  # none or one of seven, either way
    assert of(history(runs), "warmup").trend is None  # it would say the same
    # the other way round where smaller is worse
    (change,) = of(history(runs, way="up"), "warmup").changes
    assert (change.before, change.after, change.turn, change.tally.better) == (2000, 500, "lowered", 6)
    assert change.tally.change == pytest.approx(-np.median(gains))


def test_what_differs_in_two_params_is_confounded_and_shows_nothing() -> None:
    found = history([({"lr": 0.1, "opt": "adam"}, 1.0), ({"lr": 0.2, "opt": "sgd"}, 0.1)])
    assert (found.effects, found.pairs, found.confounded, found.alone) == ((), 0, 1, 2)
    found = history([({"a": 1, "b": 1}, 1.0), ({"a": 2, "b": 1}, 0.9), ({"a": 3, "b": 2}, 0.1)])
    assert (found.pairs, found.confounded, found.alone) == (1, 2, 1)
    effect = of(found, "a")
    assert (effect.pairs, effect.confounded, [change.tally.n for change in effect.changes]) == (1, 2, [1])


def test_seeds_are_one_arm_with_their_mean() -> None:
    runs: list[tuple[Mapping[str, Json], float]] = [
        *(({"lr": 0.1}, value) for value in (1.0, 1.2, 1.4)),
        *(({"lr": 0.2}, value) for value in (0.9, 1.1)),
    ]
    found = history(runs)
    (change,) = of(found, "lr").changes
    assert (change.tally.n, found.pairs, len(found.arms)) == (1, 1, 2)
    assert change.tally.change == pytest.approx(1.0 - 1.2)
    before, after = (found.arms[at] for at in change.pairs[0])
    assert (before.runs, after.runs) == ((0, 1, 2), (3, 4))


def test_only_within_a_place() -> None:
    runs: list[tuple[Mapping[str, Json], float]] = [({"lr": 0.1}, 1.0), ({"lr": 0.2}, 0.5)]
    found = history(runs, places=[4, 9])
    assert (found.effects, found.confounded, found.alone) == ((), 0, 2)


def test_a_recorded_default_stands_in() -> None:
    runs: list[tuple[Mapping[str, Json], float]] = [
        ({"lr": 0.1, "ema": False}, 1.0), ({"lr": 0.2}, 0.9), ({"lr": 0.3, "ema": False}, 0.8),
    ]  # fmt: skip
    assert history(runs).pairs == 3
    # a value that few tell is none: there it is what was changed
    rare: list[tuple[Mapping[str, Json], float]] = [({"lr": 1}, 1.0), ({"lr": 1, "ema": True}, 0.9), ({"lr": 2}, 0.8)]
    (change,) = of(history(rare), "ema").changes
    assert (change.before, change.after, change.turn) == (None, True, "changed")


def test_a_number_in_one_direction_has_a_vote_a_setting() -> None:
    results = {(lr, depth): depth + lr for lr, depth in itertools.product((1, 2, 4), range(5))}
    found = history([({"lr": lr, "depth": depth}, value) for (lr, depth), value in results.items()])
    effect = of(found, "lr")
    assert effect.trend is not None
    assert (effect.trend.turn, effect.trend.steps, effect.trend.tally.n) == ("lowered", 10, 5)
    assert effect.trend.tally.change == pytest.approx(np.median([-1, -2]))
    assert {(change.before, change.after): change.tally.n for change in effect.changes} == {
        (2, 1): 5, (4, 2): 5, (4, 1): 5,
    }  # fmt: skip


def test_many_values_are_not_paired_with_each_other() -> None:
    many = ALL_PAIRS + 40
    effect = of(history([({"lr": lr}, float(lr)) for lr in range(many)]), "lr")
    assert len(effect.changes) == min(many - 1, MOST_CHANGES)
    assert len(effect.changes) + effect.more == many - 1
    assert effect.pairs == math.comb(many, 2)
    assert effect.trend is not None and (effect.trend.steps, effect.trend.tally.n) == (many - 1, 1)


def test_nothing_is_no_effect() -> None:
    assert history([]) == Effects((), (), 0, 0, 0)
    assert history([({"lr": 1}, 0.5)]).pairs == 0
    assert history([({"lr": 10**400}, 0.5), ({"lr": math.nan}, 0.4)]).pairs == 1


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sign_test_is_that_of_a_fair_coin(better: int, worse: int) -> None:
    n = better + worse
    chances = np.array([math.comb(n, k) for k in range(n + 1)], dtype=np.float64) / 2.0**n
    expected = chances[np.abs(2 * np.arange(n + 1) - n) >= abs(better - worse)].sum() if n else None
    found = sign_test(better, worse)
    assert found is None if expected is None else found == pytest.approx(expected, rel=1e-9)


def test_the_sign_test_of_many() -> None:
    assert sign_test(0, 20_000) == pytest.approx(0.0)
    assert sign_test(10_100, 9_900) == pytest.approx(0.15936, rel=1e-3)  # the normal curve at 199 / sqrt(20000)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=40))
def test_medians_are_those_of_numpy(pairs: list[tuple[float, float]]) -> None:
    before, after = np.array(pairs).T
    found = tally(before, after, "up")
    assert found.change == np.median(after - before)
    known = before != 0
    with np.errstate(all="ignore"):
        shares = (after - before)[known] / np.abs(before[known])
    finite = shares[np.isfinite(shares)]
    assert found.share == (np.median(finite) if len(finite) else None)
    assert (found.better, found.worse) == (int((after > before).sum()), int((after < before).sum()))


_config = st.fixed_dictionaries(
    {}, optional={"a": st.integers(0, 2), "b": st.sampled_from(["x", "y"]), "c": st.booleans(), "d": st.integers(0, 14)}
)


@settings(deadline=None)
@given(st.lists(st.tuples(_config, st.floats(-9, 9)), max_size=25), st.sampled_from([1, 3]))
def test_pairs_are_those_that_looking_at_each_two_would_find(
    runs: list[tuple[dict[str, Json], float]], places: int
) -> None:
    numbers = [at % places for at in range(len(runs))]
    found = history(runs, places=numbers)
    arms: dict[tuple[object, ...], list[float]] = {}
    for (config, value), place in zip(runs, numbers, strict=True):
        inside = [known for (known, _), other in zip(runs, numbers, strict=True) if other == place]
        told = {**_defaults(inside), **config}
        arms.setdefault((place, *sorted((key, repr(word)) for key, word in told.items())), []).append(value)
    clean = confounded = 0
    for one, other in itertools.combinations(arms, 2):
        if one[0] == other[0]:
            differ = {word[0] for word in set(one[1:]) ^ set(other[1:])}  # type: ignore[index]
            clean, confounded = clean + (len(differ) == 1), confounded + (len(differ) > 1)
    assert (found.pairs, found.confounded, len(found.arms)) == (clean, confounded, len(arms))
    assert sorted(arm.value for arm in found.arms) == pytest.approx(sorted(np.mean(each) for each in arms.values()))
    for effect in found.effects:
        told_pairs = sum(change.tally.n for change in effect.changes)
        assert told_pairs <= effect.pairs
        for change in effect.changes:
            gains = [found.arms[after].value - found.arms[before].value for before, after in change.pairs]
            assert change.tally.change == np.median(gains)


def _defaults(configs: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key in {key for config in configs for key in config}:
        told = [config[key] for config in configs if key in config]
        if len(set(map(repr, told))) == 1 and 2 * len(told) >= len(configs):
            found[key] = told[0]
    return found
