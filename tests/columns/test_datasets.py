"""Which data set a run is about."""

from __future__ import annotations

import pytest

from runspect.columns.datasets import DATASET_KEYS, Spelling, canonical, dataset_of, dataset_rows, version_of
from tests.query.history import History, Run


def test_the_first_key_that_a_run_has_names_its_data_set() -> None:
    keys, spellings = ("b", "a"), (Spelling("cifar10", ("CIFAR-10*",)),)
    assert dataset_of({"a": "mnist", "b": " cifar-10.1 "}, keys, spellings) == "cifar10"
    assert dataset_of({"a": "mnist", "b": None}, keys, spellings) == "mnist"
    assert dataset_of({"a": 3, "dataset": "x"}, keys, spellings) is None
    assert dataset_of({"data.name": "svhn"}, DATASET_KEYS, ()) == "svhn"


PLACES = (
    ("/data/me/cifar10", "cifar10"),
    ("/scratch/CIFAR10/", "CIFAR10"),
    ("/scratch/cifar10/train", "cifar10"),
    ("/content/Logos-1/data.yaml", "Logos-1"),
    ("./dataset.yaml", "./dataset.yaml"),
    ("/content/data.yaml", "/content/data.yaml"),
    ("/scratch/coco/val/images", "coco"),
    ("~/sets/svhn/test.csv", "svhn"),
    ("./coco128.yaml", "coco128.yaml"),
    ("s3://bucket/imagenet/training.tar.gz", "imagenet"),
    (r"C:\data\mnist", "mnist"),
    ("/data", "/data"),
    ("/home/me/data", "/home/me/data"),
    ("./data", "./data"),
    ("/data/train", "/data/train"),
    ("../", "../"),
    ("/", "/"),
    ("s3://train", "s3://train"),
    ("allenai/c4", "allenai/c4"),
    ("data/cifar10", "data/cifar10"),
    ("cifar10/train", "cifar10/train"),
    ("/data/odd name (v2)", "odd name (v2)"),
    ("/data/l'été", "l'été"),
)


@pytest.mark.parametrize(("value", "name"), PLACES)
def test_a_path_is_called_by_its_last_part(value: str, name: str) -> None:
    assert canonical(value, ()) == name


def test_globs_see_the_whole_path_and_its_last_part() -> None:
    known = (Spelling("mine", ("/data/me/*",)), Spelling("cifar10", ("cifar-10*",)))
    assert canonical("/data/me/cifar10", known) == "mine"
    assert canonical("/data/you/CIFAR-10-python/train", known) == "cifar10"


def test_the_index_says_the_same() -> None:
    known = (Spelling("mine", ("/data/me/*",)), Spelling("cifar10", ("cifar-10*",)))
    values = [value for value, _ in PLACES] + ["/data/you/CIFAR-10-python/train", "/data/me/x", "cifar-10", "mine"]
    history = History([Run(str(at), {"dataset": value}) for at, value in enumerate(values)])
    for spellings in ((), known):
        rows, params = dataset_rows(DATASET_KEYS, spellings)
        found = dict(history.connection.execute(rows, params).fetchall())
        assert [found[at] for at in range(1, len(values) + 1)] == [canonical(value, spellings) for value in values]
    history.close()


def test_the_policy_names_versions() -> None:
    known = (Spelling("cifar10", (), (Spelling("v1", ("v3", "sha256:9F2C*")),)), Spelling("svhn"))
    assert version_of("cifar10", "sha256:9f2c17d0", known) == "v1"
    assert version_of("cifar10", "v1", known) == "v1"
    assert version_of("cifar10", "v4", known) == "v4"
    assert version_of("svhn", "v3", known) == "v3"
    assert (version_of("cifar10", "", known), version_of("cifar10", None, known), version_of(None, "v3", known)) == (
        None, None, "v3",
    )  # fmt: skip
