"""Seed groups and what a value is over a group."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.model import Json
from runspect.practice.grouping import common_name, makes_no_config, spread, spread_text


@pytest.mark.parametrize(
    "param",
    [
        "seed",
        "trainer.seed",
        "random_seed",
        "data/seed",
        "manual_seed",
        "output_dir",
        "paths.log_dir",
        "hydra.job.num",
        "wandb.project",
        "run_name",
        "gpu",
        "Seed",
        "data.num_workers",
    ],
)
def test_what_makes_no_config(param: str) -> None:
    assert makes_no_config(param)


@pytest.mark.parametrize(
    "param",
    [
        "lr",
        "model.depth",
        "optimizer.name_or_kind",
        "batch_size",
        "seeding_strategy",
        "dropout",
        "data.split",
        "warmup_steps",
        "pathology",
    ],
)
def test_what_makes_one(param: str) -> None:
    assert not makes_no_config(param)


def test_more_may_be_ignored() -> None:
    assert makes_no_config("model.trick", ("MODEL.*",))
    assert not makes_no_config("model.trick", ("trick",))


def test_mean_and_spread() -> None:
    found = spread([1.0, 3, None, 5.0])
    assert (found.n, found.mean, found.std, found.low, found.high, found.distinct, found.value) == (
        3,
        3.0,
        2.0,
        1.0,
        5.0,
        3,
        None,
    )
    assert spread([2, 2.0]).value == 2
    assert spread([2]).std is None
    mixed = spread(["a", "a", [1], True])
    assert (mixed.n, mixed.mean, mixed.distinct, mixed.value) == (4, None, 3, None)
    broken = spread([1.0, math.nan, math.inf])
    assert (broken.n, broken.mean, broken.nonfinite) == (3, 1.0, 2)
    assert spread([]).n == 0


@given(st.lists(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())))
def test_any_values(values: list[Json]) -> None:
    found = spread(values)
    assert found.n == sum(value is not None for value in values)
    if found.mean is not None and found.low is not None and found.high is not None and math.isfinite(found.mean):
        assert found.low <= found.mean * (1 + 1e-12) + 1e-300 or found.low <= found.mean + abs(found.mean) * 1e-9
        assert found.std is None or found.std >= 0 or math.isnan(found.std)


@pytest.mark.parametrize(
    ("names", "name"),
    [
        (["resnet-cosine-s1", "resnet-cosine-s2", "resnet-cosine-s10"], "resnet-cosine"),
        (["vit_seed=0", "vit_seed=1"], "vit"),
        (["lr0.10", "lr0.15"], "lr0"),
        (["a", "b"], "a"),
        (["same", "same"], "same"),
        (["one-7"], "one-7"),
        ([], ""),
    ],
)
def test_a_group_is_called_by_what_its_names_share(names: list[str], name: str) -> None:
    assert common_name(names) == name


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([0.9, 0.92, 0.91], "0.9100 ±0.010"),
        ([0.9, 0.92, None], "0.9100 ±0.014 n 2"),
        ([0.5, 0.5], "0.5000"),
        ([3, 3.0], "3"),
        (["adam", "adam"], "adam"),
        (["adam", "sgd"], "2 values"),
        ([0.5, math.nan], "0.5000 1 NaN"),
        ([None], ""),
    ],
)
def test_a_value_over_a_group_as_text(values: list[Json], text: str) -> None:
    assert spread_text(spread(values), len(values)) == text


def test_lists_over_a_group_are_told_by_their_members() -> None:
    cell = spread([["good", "base"], ["base"], None, ["base", "good"]])
    assert (cell.n, cell.distinct, cell.value) == (3, 3, None)
    assert list(cell.parts) == [("base", 3), ("good", 2)]
    assert spread_text(cell, 4) == "base 3/4  good 2/4"
    assert spread_text(spread([["base"], ["base"]]), 2) == "base"
