"""Seed and dataset are found among the params."""

from __future__ import annotations

from runspect.index.implied import implied_facts
from runspect.model import Json


def test_finds_seed_and_dataset_by_their_usual_names() -> None:
    assert implied_facts({"seed": 0, "data": "coco128.yaml", "lr": 0.1}) == {"seed": 0, "dataset": "coco128.yaml"}


def test_the_least_nested_key_wins() -> None:
    assert implied_facts({"trainer.seed": 7, "seed": 1})["seed"] == 1
    assert implied_facts({"data.name": "mnist", "data.path": "/data/mnist"})["dataset"] == "mnist"


def test_what_says_nothing_is_left_out() -> None:
    assert implied_facts({"seed": None, "dataset": "", "data": True, "train.seed": 3}) == {"seed": 3}


def test_a_version_beside_the_name_is_that_of_the_data_set() -> None:
    params: dict[str, Json] = {"dataset.name": "cifar10", "dataset.version": "v3", "model.version": "9", "version": "0"}
    assert implied_facts(params) == {"dataset": "cifar10", "dataset_version": "v3"}
    assert implied_facts({"model.version": "9", "version": "0", "lib.digest": "a"}) == {}
