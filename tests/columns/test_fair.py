"""Columns for trees of unlike projects."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runspect.columns import fair_metrics, fair_params
from runspect.columns.fair import Shapes


def shapes(*entries: tuple[str, int]) -> Shapes:
    return [(frozenset(names.split()), runs) for names, runs in entries]


def test_every_large_project_gets_columns() -> None:
    tree = shapes(("a1 a2 a3 a4 seed", 48), ("b1 b2 seed", 40), ("c1 c2", 36), ("d1", 2))
    telling = ("a1", "a2", "a3", "a4", "b1", "b2", "c1", "c2", "d1", "seed")
    first = fair_params(telling, tree, 6)
    assert {name[0] for name in first} >= {"a", "b", "c"}
    assert first[0] == "a1" and "d1" not in first


def test_one_project_keeps_its_order() -> None:
    telling = ("opt", "lr", "model", "seed")
    assert fair_params(telling, shapes(("opt lr model seed", 37), ("opt lr model", 3)), 3) == ("opt", "lr", "model")
    assert fair_params((), shapes(("a", 3)), 3) == fair_params(("a",), [], 3) == ()


def test_a_param_of_few_runs_waits_for_those_of_many() -> None:
    assert fair_params(("rare", "common"), shapes(("common", 30), ("rare", 3)), 2) == ("common", "rare")


def test_runs_without_the_main_metric_get_theirs_when_they_are_many() -> None:
    assert fair_metrics(shapes(("val/loss train/loss", 30), ("reward", 20), ("fid", 16), ("wer", 2))) == (
        "val/loss", "reward", "fid",
    )  # fmt: skip
    # a few that ended too early for a validation are no other project
    assert fair_metrics(shapes(("val/loss train/loss", 35), ("train/loss", 5))) == ("val/loss",)
    assert fair_metrics(shapes(("epoch lr", 3))) == fair_metrics([]) == ()


NAMES = st.sampled_from([f"{split}/{name}" for split in ("val", "train") for name in ("loss", "acc", "wer", "lr")])


@given(st.lists(st.tuples(st.frozensets(NAMES), st.integers(1, 50))), st.integers(0, 6))
def test_what_is_chosen_is_there_and_no_name_twice(tree: Shapes, limit: int) -> None:
    known = sorted({name for names, _ in tree for name in names})
    params, metrics = fair_params(known, tree, limit), fair_metrics(tree)
    assert len(params) == min(limit, len(known)) and len(metrics) <= 3
    for chosen in (params, metrics):
        assert len(set(chosen)) == len(chosen) and set(chosen) <= set(known)
