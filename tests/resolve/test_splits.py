"""Splits of the data are parts of one run, and their name stands before the metrics once."""

from __future__ import annotations

import pytest

from runspect.resolve import resolve
from tests.resolve.claims import claim, events, only, prefixes, roots


def test_fairseqs_subsets_are_one_run() -> None:
    made = [
        events(f"tb/{place}", writer=f"vm:{place}", tags="loss")
        for place in ("train_inner", "train", "valid", "valid1")
    ]
    [run] = resolve(made).runs
    assert (run.root, sorted(part.prefix for part in run.parts)) == ("tb", ["train", "train_inner", "valid", "valid1"])


def test_files_of_splits_are_named_by_their_reader() -> None:
    tables = [
        claim(f"exp/metrics/{name}.jsonl", "exp", reader="jsonl", columns="step\nloss") for name in ("train", "valid")
    ]
    [run] = resolve(tables).runs
    assert {part.prefix for part in run.parts} == {""}


def test_catboosts_test_sets_are_one_run() -> None:
    run = only([events("c/learn"), events("c/test"), events("c/test1")])
    assert (run.root, prefixes(run)) == ("c", {"c/learn": "learn", "c/test": "test", "c/test1": "test1"})


@pytest.mark.parametrize(
    ("names", "prefixes"),
    [
        (("train_log", "val_log"), ["train", "val"]),
        (("training_history", "validation_history"), ["training", "validation"]),
        (("log_train", "log-test"), ["train", "test"]),
        (("train_log", "train_metrics"), ["train_log", "train_metrics"]),
        (("metrics", "val_metrics"), ["", "val"]),
    ],
)
def test_words_that_only_say_log_are_no_part_of_the_prefix(names: tuple[str, ...], prefixes: list[str]) -> None:
    run = only([claim(f"run/{name}.csv", columns="epoch\nloss") for name in names])
    found = {part.claim.path: part.prefix for part in run.parts}
    assert [found[f"run/{name}.csv"] for name in names] == prefixes


def test_a_named_evaluation_of_an_estimator_is_its_trainings() -> None:
    run = only([events("m"), events("m/eval"), events("m/eval_0")])
    assert prefixes(run) == {"m": "", "m/eval": "eval", "m/eval_0": "eval_0"}
    assert len(roots([events("runs/eval_a"), events("runs/eval_b")])) == 2
