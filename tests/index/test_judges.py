"""By what runs are judged where the policy says nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runspect.columns.lens import PLAIN, Lens
from runspect.index.reads import Wanted, best, moved
from runspect.practice.best_words import judged_text
from tests.query.history import History, Run


def trial(name: str, metrics: dict[str, float], *objectives: str, **params: Any) -> Run:
    return Run(name, params, {key: [value] for key, value in metrics.items()}, {"objectives": list(objectives)})


def judged(*runs: Run, lens: Lens = PLAIN) -> list[dict[str, Any]]:
    history = History(runs)
    try:
        found: list[dict[str, Any]] = best(history.connection, [], Wanted(), lens=lens)
        return found
    finally:
        history.close()


def test_the_objective_of_a_study_judges_its_trials() -> None:
    told = [
        trial(f"t{at}", {"value": value, "loss": 1.0}, "value: maximize") for at, value in enumerate((0.2, 0.9, 0.4))
    ]
    (found,) = judged(*told)
    assert (found["metric"], found["direction"], found["judged_by"]) == ("value:max", "up", "recorded")
    assert [run["name"] for run in found["best"]] == ["t1"]
    assert judged_text(found) == "value:max, higher is better (recorded)"


def test_the_direction_that_is_recorded_counts_more_than_the_name() -> None:
    (found,) = judged(*(trial(f"t{at}", {"score": float(at)}, "score: minimize") for at in range(3)))
    assert (found["metric"], [run["name"] for run in found["best"]]) == ("score:min", ["t0"])


def test_of_several_objectives_the_first_judges() -> None:
    both = ("values_0: minimize", "values_1: maximize")
    (found,) = judged(*(trial(f"t{at}", {"values_0": 1.0 + at, "values_1": 5.0}, *both) for at in range(2)))
    assert (found["metric"], found["best"][0]["name"]) == ("values_0:min", "t0")


@pytest.mark.parametrize(
    "runs",
    [
        (trial("a", {"value": 1.0}, "value: minimize"), trial("b", {"value": 2.0}, "value: maximize")),
        (trial("a", {"value": 1.0}, "other: minimize"),),
        (trial("a", {"value": 1.0}, "value: sideways", "nothing"),),
    ],
    ids=["disagree", "not logged", "no direction"],
)
def test_what_is_not_told_or_not_agreed_on_judges_nothing(runs: tuple[Run, ...]) -> None:
    (found,) = judged(*runs)
    assert found["judged_by"] is None
    assert found["note"]


def test_the_objective_of_a_few_is_not_that_of_many_others() -> None:
    others = [Run(f"r{at}", {}, {"val/loss": [0.5 + at]}) for at in range(5)]
    (found,) = judged(*others, trial("t", {"value": 1.0}, "value: maximize"))
    assert (found["metric"], found["judged_by"]) == ("val/loss:best", "guess")


def test_the_policy_counts_more_and_is_named_where_no_run_has_its_objective() -> None:
    runs = [trial(f"t{at}", {"value": float(at), "loss": 1.0 + at}, "value: maximize") for at in range(2)]
    assert [each["judged_by"] for each in judged(*runs, lens=Lens(objective="loss:min"))] == ["policy"]
    (found,) = judged(*runs, lens=Lens(objective="test/acc:max"))
    assert judged_text(found) == "value:max, higher is better (recorded: no run has test/acc:max of the policy)"
    (found,) = judged(*runs, lens=Lens(directions={"value": "down"}))
    assert (found["metric"], found["best"][0]["name"]) == ("value:min", "t0")


def test_params_are_judged_by_what_a_study_optimises() -> None:
    history = History(
        [trial(f"t{at}", {"value": float(at), "intermediate": 1.0}, "value: maximize", lr=at) for at in range(6)]
    )
    try:
        found = json.loads(json.dumps(moved(history.connection, [])))
    finally:
        history.close()
    assert (found["metric"], found["direction"], found["measured"]) == ("value:max", "up", 6)
