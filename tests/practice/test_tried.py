"""Equal configs, recorded defaults, and what is near."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.model import Json
from runspect.practice.configs import Change, is_seed, makes_config
from runspect.practice.tried import Asked, Candidate, Known, Match, matches

KNOWN = {
    "lr": Known(4, None, 0.001, 1.0),
    "batch": Known(4, 32),
    "ema": Known(1, True),
    "model": Known(4, None),
    "warm": Known(2, 500),
}


def one(asked: dict[str, Json], config: dict[str, Json], *, partial: bool = False) -> Match:
    (found,) = matches(Asked(asked, None, partial), [Candidate(1, config)], KNOWN, 4)
    return found


def test_what_all_runs_have_stands_in_for_what_a_file_does_not_say() -> None:
    found = one({"lr": 0.1, "model": "vit"}, {"lr": 0.1, "model": "vit", "batch": 32, "warm": 500})
    assert (found.distance, found.changes, found.defaults) == (0, (), ("batch", "warm"))
    # and for what an older run does not record
    assert one({"lr": 0.1, "warm": 500}, {"lr": 0.1}).changes == ()


def test_what_one_run_alone_has_is_no_default() -> None:
    assert one({"lr": 0.1}, {"lr": 0.1, "ema": True}).changes == (Change("ema", None, True),)


def test_a_value_of_several_is_no_default() -> None:
    assert one({"batch": 32}, {"batch": 32, "lr": 0.1}).changes == (Change("lr", None, 0.1),)


def test_of_a_partial_config_only_what_it_names_counts() -> None:
    assert one({"lr": 0.1}, {"lr": 0.1, "model": "vit", "ema": True}, partial=True).changes == ()
    assert one({"ema": True}, {"lr": 0.1}, partial=True).changes == (Change("ema", True, None),)


def test_numbers_are_apart_by_the_share_of_the_range_that_was_tried() -> None:
    assert one({"lr": 0.01}, {"lr": 0.1}).distance == pytest.approx(1 / 3)  # a decade of three
    assert one({"lr": 0.1}, {"lr": 0.1001}).distance == pytest.approx(0.1)
    assert one({"lr": 0.01}, {"lr": 1.0}).distance == pytest.approx(2 / 3)
    assert one({"model": "a"}, {"model": "b"}).distance == 3
    assert one({"other": "a"}, {"other": "b"}).distance == 1
    assert one({"other": "a"}, {}).distance == 0.5


def test_the_nearest_come_first_and_another_data_set_is_another_config() -> None:
    asked = Asked({"lr": 0.1}, "cifar10")
    candidates = [
        Candidate(1, {"lr": 1.0}, "cifar10"), Candidate(2, {"lr": 0.1}, "svhn"), Candidate(3, {"lr": 0.1}, None),
        Candidate(4, {"lr": 0.3}, "cifar10"), Candidate(5, {"lr": 0.1}, "cifar10"),
    ]  # fmt: skip
    found = matches(asked, candidates, KNOWN, 4)
    assert [match.rid for match in found] == [3, 5, 4, 1, 2]
    assert found[-1].changes == (Change("dataset", "cifar10", "svhn"),)


CONFIG = st.dictionaries(st.sampled_from("abcde"), st.integers(-3, 3) | st.booleans() | st.sampled_from(["x", "y"]))


@given(CONFIG, CONFIG)
def test_distance_is_the_same_both_ways_and_none_between_equals(one: dict[str, Json], other: dict[str, Json]) -> None:
    (there,) = matches(Asked(one), [Candidate(1, other)], {}, 2)
    (back,) = matches(Asked(other), [Candidate(1, one)], {}, 2)
    assert there.distance == pytest.approx(back.distance)
    same = {(key, type(value), value) for key, value in one.items()} == {(k, type(v), v) for k, v in other.items()}
    assert (there.distance == 0) == same


def test_a_seed_may_make_another_config() -> None:
    assert (
        not makes_config("train.seed") and not makes_config("lr", ("l*",)) and not makes_config("out_dir", seeds=True)
    )
    assert makes_config("train.seed", ("train.*",), seeds=True) and makes_config("lr", seeds=True)
    assert is_seed("model.random_state") and not is_seed("seedling")
