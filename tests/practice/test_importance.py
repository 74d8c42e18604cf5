"""Which params move a metric: known effects are found, chance is called chance."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.model import Json
from runspect.practice.importance import Effect, importance


def by_name(effects: tuple[Effect, ...]) -> dict[str, Effect]:
    return {effect.param: effect for effect in effects}


def test_the_param_that_decides_comes_first() -> None:
    chosen = random.Random(1)
    lr = [10 ** chosen.uniform(-5, -1) for _ in range(60)]
    opt = [chosen.choice(["adam", "sgd"]) for _ in range(60)]
    loss = [math.log10(rate) ** 2 + 40 * (kind == "sgd") for rate, kind in zip(lr, opt, strict=True)]
    noise = [chosen.randrange(5) for _ in range(60)]
    found = importance({"lr": lr, "opt": opt, "seed": noise, "name": [str(i) for i in range(60)]}, loss)
    assert found[0].param == "opt"
    effects = by_name(found)
    assert effects["opt"].kind == "category"
    assert effects["opt"].stands_out
    assert [(level.value, level.n) for level in effects["opt"].levels] == sorted(
        [('"adam"', opt.count("adam")), ('"sgd"', opt.count("sgd"))], key=lambda level: -level[1]
    )
    assert effects["lr"].rising is False
    assert effects["lr"].stands_out
    assert not effects["seed"].stands_out
    assert "name" not in effects  # another in each run


def test_rank_correlation_equals_the_textbook() -> None:
    # Spearman of (1,2,3,4,5) and (5,6,7,8,7): 0.8207826816681233 (NumPy's corrcoef of the ranks)
    (effect,) = importance({"x": [1, 2, 3, 4, 5]}, [5.0, 6.0, 7.0, 8.0, 7.0])
    assert effect.strength == pytest.approx(0.8207826816681233)
    assert effect.rising is True


def test_params_that_moved_together_are_named() -> None:
    batch: list[Json] = [32, 64, 128, 256] * 5
    values = [float(i % 4) + 0.01 * i for i in range(20)]
    effects = by_name(importance({"batch": batch, "lr": [b / 1e3 for b in batch if isinstance(b, int)]}, values))
    assert [(name, round(close, 9)) for name, close in effects["batch"].together] == [("lr", 1.0)]
    assert [(name, round(close, 9)) for name, close in effects["lr"].together] == [("batch", 1.0)]
    split = {"opt": ["a", "a", "b", "b"] * 5, "schedule": ["c", "c", "d", "d"] * 5}
    (moved,) = by_name(importance(split, values))["opt"].together
    assert (moved[0], round(moved[1], 9)) == ("schedule", 1.0)


def test_runs_without_a_finite_value_are_left_out() -> None:
    values = [None, math.nan, math.inf, 1.0, 2.0, 3.0, 4.0]
    (effect,) = importance({"x": [9, 9, 9, 1, 2, 3, 4]}, values)
    assert effect.n == 4
    assert effect.strength == pytest.approx(1.0)
    assert importance({"x": [1, 2, 3]}, [1.0, 2.0, 3.0]) == ()
    assert importance({}, []) == ()


def test_booleans_lists_and_two_numbers_are_categories() -> None:
    params: dict[str, list[Json]] = {
        "flag": [True, False] * 4,
        "layers": [[1, 2], [3]] * 4,
        "depth": [2, 4] * 4,
        "mixed": [1, "auto"] * 4,
    }
    effects = by_name(importance(params, [0.0, 1.0] * 4))
    assert {effect.kind for effect in effects.values()} == {"category"}
    assert all(effect.strength == pytest.approx(1.0) for effect in effects.values())
    assert [json.loads(level.value) for level in effects["layers"].levels] == [[1, 2], [3]]


def test_what_does_not_matter_stays_below_chance_nearly_always() -> None:
    rng = np.random.default_rng(7)
    over = {"number": 0, "category": 0}
    for _ in range(400):
        params: dict[str, list[Json]] = {"x": rng.random(30).tolist(), "c": rng.integers(0, 4, 30).astype(str).tolist()}
        for effect in importance(params, rng.random(30).tolist()):
            over[effect.kind] += effect.stands_out
    assert 0 < over["number"] < 40
    assert 0 < over["category"] < 40


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(-3, 3) | st.floats() | st.sampled_from(["a", "b"]) | st.booleans(),
            st.none() | st.integers(0, 2) | st.text(max_size=1),
            st.none() | st.floats(),
        ),
        max_size=30,
    )
)
def test_anything_may_be_a_param(rows: list[tuple[Json, Json, float | None]]) -> None:
    params = {"a": [row[0] for row in rows], "b": [row[1] for row in rows]}
    for effect in importance(params, [row[2] for row in rows]):
        assert 0 <= effect.strength <= 1.0000001
        assert 0 <= effect.chance <= 1
        assert effect.n >= 4
