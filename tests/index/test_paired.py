"""Paired differences out of a real index: what counts as a config, where runs are compared, what is told of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from runspect.columns.datasets import Spelling
from runspect.columns.lens import PLAIN
from runspect.errors import UsageError
from runspect.index.reads import Paired, paired
from runspect.practice.configs import makes_config
from tests.query.history import History, Run

LENS = replace(PLAIN, counts=makes_config, tells_apart=lambda param: makes_config(param, seeds=True))


def told(*runs: Run, wanted: Paired = Paired(), lens: Any = LENS) -> dict[str, Any]:  # noqa: B008 - frozen
    history = History(runs)
    try:
        found: dict[str, Any] = json.loads(json.dumps(paired(history.connection, [], wanted, lens=lens)))
        return found
    finally:
        history.close()


def run(name: str, loss: float, project: str | None = None, state: str = "finished", **params: Any) -> Run:
    return Run(name, params, {"val/loss": [9.0, loss]}, project=project, state=state)


def pairs_of(found: dict[str, Any]) -> dict[str, int]:
    return {effect["param"]: effect["pairs"] for effect in found["effects"]}


def test_values_are_compared_by_what_they_mean_and_bookkeeping_is_none() -> None:
    found = told(
        run("a", 1.0, lr="1e-3", opt="adam", seed=1, out_dir="/x/a", num_workers=2, ckpt="/y/1"),
        run("b", 0.8, lr=0.001, opt="sgd", seed=2, out_dir="/x/b", num_workers=8, ckpt="/y/2", ema=None),
    )
    assert pairs_of(found) == {"opt": 1}
    (change,) = found["effects"][0]["changes"]
    assert (change["before"], change["after"], change["change"]) == ("adam", "sgd", pytest.approx(-0.2))


def test_runs_are_compared_within_a_data_set_and_a_project() -> None:
    runs = (
        run("a", 1.0, "p", lr=1, dataset="/data/me/c10"),
        run("b", 0.9, "p", lr=2, dataset="/scratch/c10/train"),
        run("c", 0.1, "q", lr=3, dataset="c10"),
        run("d", 0.1, "p", lr=4, dataset="svhn"),
        run("e", 0.1, "p", "failed", lr=5, dataset="c10"),
        run("f", 0.7, "p", "unknown", lr=6, dataset="c10"),
    )
    found = told(*runs)
    assert pairs_of(found) == {"lr": 3}
    assert {title for change in found["effects"][0]["changes"] for title in change["datasets"]} == {"c10"}
    assert (found["runs"], found["ended"], found["measured"], found["alone"]) == (6, 5, 5, 2)
    assert pairs_of(told(*runs, wanted=Paired(query="name:a or name:b"))) == {"lr": 1}
    assert pairs_of(told(*runs, wanted=Paired(dataset="svhn"))) == {}
    spelt = replace(LENS, datasets=(Spelling("one", ("c10", "svhn")),))
    assert pairs_of(told(*runs, lens=spelt)) == {"lr": 6}


def test_what_cannot_be_compared_is_counted() -> None:
    found = told(
        run("a", 1.0, lr=1), run("b", 0.9, lr=2), run("no config", 0.5), run("only a seed", 0.5, seed=3),
        Run("diverged", {"lr": 3}, {"val/loss": [float("nan")]}), Run("other metric", {"lr": 4}, {"x": [1.0]}),
    )  # fmt: skip
    assert (found["ended"], found["measured"], found["without_config"], found["pairs"]) == (6, 2, 2, 1)


def test_data_sets_that_are_judged_by_other_metrics_stay_apart() -> None:
    found = told(
        Run("a", {"lr": 1, "dataset": "x"}, {"val/loss": [1.0]}), Run("b", {"lr": 2, "dataset": "x"}, {"val/loss": [0.5]}),
        Run("c", {"lr": 1, "dataset": "y"}, {"test/acc": [0.5]}), Run("d", {"lr": 2, "dataset": "y"}, {"test/acc": [0.6]}),
    )  # fmt: skip
    assert {(effect["metric"], effect["direction"]) for effect in found["effects"]} == {
        ("val/loss:best", "down"), ("test/acc:best", "up"),
    }  # fmt: skip
    assert all(effect["changes"][0]["better"] == 1 for effect in found["effects"])
    assert found["confounded"] == 0


def test_a_secret_is_masked_and_a_wrong_name_is_told() -> None:
    runs = (run("a", 1.0, api_key="sk-aaaaaaaaaaaaaaaaaaaaaaaa"), run("b", 0.9, api_key="sk-bbbbbbbbbbbbbbbbbbbbbbbb"))
    assert "sk-" not in json.dumps(told(*runs))
    with pytest.raises(UsageError, match="did you mean api_key"):
        told(*runs, wanted=Paired(param="api_kye"))


def test_no_run_is_no_effect() -> None:
    assert told()["effects"] == []
