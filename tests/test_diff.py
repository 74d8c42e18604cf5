"""Runs side by side."""

from __future__ import annotations

import math

import pytest

from runspect.diff import Row, Section, diff_runs, same
from runspect.model import Json

BASE: dict[str, Json] = {
    "name": "base", "host": "box1",
    "params": {"lr": 3e-4, "batch": 256, "layers": [1, 2.0], "out": "/a", "seed": 1},
    "metrics": {"val/loss": {"min": 0.2, "max": 1.0, "last": 0.3}, "val/acc": {"min": 0.1, "max": 0.9, "last": 0.8},
                "lr": {"min": 0, "max": 1, "last": 0.5}},
    "facts": {"git_commit": {"value": "abc", "source": "meta.json"}, "dataset": {"value": "cifar", "source": None}},
}  # fmt: skip
OTHER: dict[str, Json] = {
    "name": "other", "host": "box1",
    "params": {"lr": 1e-2, "batch": "256", "layers": [1, 2], "out": "/b", "opt": "adam"},
    "metrics": {"val/loss": {"min": 0.1, "max": 1.0, "last": "NaN"}, "val/acc": {"min": 0.1, "max": 0.9, "last": 0.9}},
    "facts": {"git_commit": {"value": "def", "source": "meta.json"}, "dataset": {"value": "cifar", "source": None}},
}  # fmt: skip
BARE: dict[str, Json] = {"name": "bare", "params": {}, "metrics": {}, "facts": {}}


def section(runs: list[dict[str, Json]], title: str, **options: bool | list[str]) -> Section:
    found = diff_runs(runs, bool(options.get("differences_only", True)), options.get("ignore", []))  # type: ignore[arg-type]  # a list of keys
    return next(one for one in found.sections if one.title == title)


def row(found: Section, key: str) -> Row:
    return next(one for one in found.rows if one.key == key)


def test_only_what_differs_is_shown_and_the_rest_counted() -> None:
    params = section([BASE, OTHER], "Params")
    assert [one.key for one in params.rows] == ["lr", "opt", "out", "seed"]
    assert params.same == 2
    assert row(params, "opt").present == (False, True)


def test_all_can_be_shown() -> None:
    params = section([BASE, OTHER], "Params", differences_only=False)
    assert [one.key for one in params.rows if not one.differs] == ["batch", "layers"]
    assert params.same == 0


def test_ignored_keys_are_counted() -> None:
    params = section([BASE, OTHER], "Params", ignore=["out", "s*"])
    assert [one.key for one in params.rows] == ["lr", "opt"]
    assert params.ignored == 2
    assert diff_runs([BASE, OTHER], ignore=["out"]).ignored == 1


def test_numbers_have_a_ratio_to_the_first_run() -> None:
    assert row(section([BASE, OTHER], "Params"), "lr").changes == ("", "×33")
    assert row(section([OTHER, BASE], "Params"), "lr").changes == ("", "×0.03")
    assert row(section([BASE, OTHER], "Params"), "out").changes == ("", "")


def test_metrics_are_judged_by_their_direction() -> None:
    metrics = section([BASE, OTHER], "Metrics", differences_only=False)
    loss, accuracy, rate = (row(metrics, key) for key in ("val/loss", "val/acc", "lr"))
    assert (loss.values, loss.better, loss.aggregate, loss.best) == ((0.2, 0.1), "down", "min", frozenset({1}))
    assert loss.changes == ("", "−50 %")
    assert (accuracy.aggregate, accuracy.best, accuracy.differs) == ("max", frozenset(), False)
    assert (rate.aggregate, rate.better, rate.present) == ("last", None, (True, False))


def test_a_run_without_params_makes_the_config_unknown() -> None:
    params = section([BASE, BARE], "Params")
    assert params.note == "config unknown: bare"
    assert len(params.rows) == 5
    assert section([BARE, BARE], "Params").note == "config unknown: bare, bare"
    assert section([BASE, OTHER], "Params").note == ""


def test_facts_come_under_their_titles() -> None:
    assert [one.key for one in section([BASE, OTHER], "Code").rows] == ["git_commit"]
    data = section([BASE, OTHER], "Data")
    assert (data.rows, data.same) == ((), 1)
    assert section([BASE, OTHER], "Environment").same == 1
    assert section([BARE, BARE], "Data").note == "not recorded"


def test_many_runs() -> None:
    found = diff_runs([BASE, OTHER, BARE, BASE])
    assert found.names == ("base", "other", "bare", "base")
    assert [one.title for one in found.sections] == ["Params", "Metrics", "Environment", "Code", "Data"]
    assert row(found.sections[0], "lr").changes == ("", "×33", "", "")
    assert row(found.sections[1], "val/loss").best == {1}


def test_one_run_and_none() -> None:
    assert all(not one.rows for one in diff_runs([BASE]).sections)
    assert diff_runs([]).names == ()


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (0.001, 1e-3, True), ("1e-3", 0.001, True), (1, 1.0, True), ("a", "a", True), ("a", "A", False),
        (True, 1, False),
        (True, True, True), ([1, [2.0]], [1.0, [2]], True), ([1], [1, 2], False), ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"b": 1}, False), (None, None, True), (None, 0, False), (math.nan, math.nan, True),
        ("NaN", math.nan, True),
        ("1e999", math.inf, True), ([1], 1, False), (10**400, 10**400, True), (10**400, 1, False),
    ],
)  # fmt: skip
def test_values_that_mean_the_same(one: Json, other: Json, equal: bool) -> None:
    assert same(one, other) is same(other, one) is equal


def test_seeds_have_no_ratio() -> None:
    names = ("seed", "data.seed", "random_state", "PYTHONHASHSEED", "numpySeed", "seeded", "lr")
    runs = [{"name": str(value), "params": dict.fromkeys(names, value)} for value in (1, 4)]
    rows = {row.key: row.changes[1] for row in diff_runs(runs).sections[0].rows}
    assert [name for name in names if rows[name]] == ["seeded", "lr"]
