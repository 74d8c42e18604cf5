"""Which data set a run is about."""

from __future__ import annotations

from runspect.columns.datasets import DATASET_KEYS, Spelling, dataset_of


def test_the_first_key_that_a_run_has_names_its_data_set() -> None:
    keys, spellings = ("b", "a"), (Spelling("cifar10", ("CIFAR-10*",)),)
    assert dataset_of({"a": "mnist", "b": " cifar-10.1 "}, keys, spellings) == "cifar10"
    assert dataset_of({"a": "mnist", "b": None}, keys, spellings) == "mnist"
    assert dataset_of({"a": 3, "dataset": "x"}, keys, spellings) is None
    assert dataset_of({"data.name": "svhn"}, DATASET_KEYS, ()) == "svhn"
