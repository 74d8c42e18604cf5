"""Columns for trees of unlike projects."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from runspect.columns import fair_metrics, fair_params
from runspect.columns.fair import EXTRA_METRICS, Shapes


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


def test_the_metrics_of_a_mixed_tree_serve_most_of_its_runs() -> None:
    projects = [(f"p{n}/val_loss p{n}/train_loss shared/epoch", 40 - 4 * n) for n in range(10)]
    tree = shapes(("val_loss val_acc loss", 60), *projects, ("loss", 25), ("fid", 1))
    chosen = fair_metrics(tree)
    assert chosen == ("val_loss", "p0/val_loss", "p1/val_loss", "p2/val_loss")
    # a common name whose other runs are served already is still the best for those that have nothing else
    assert fair_metrics(shapes(("val_loss loss", 60), ("loss", 25), ("reward", 12))) == ("val_loss", "loss", "reward")


def test_choosing_among_many_unlike_runs_is_quick() -> None:
    """At most as many steps as a count of all names for each metric chosen, counted in looks at a shape."""

    class Watched(frozenset[str]):
        looks = 0

        def __iter__(self) -> Iterator[str]:
            Watched.looks += 1
            return super().__iter__()

    names = [f"group{n}/val_loss" for n in range(60)]
    tree = [(Watched(names[n % 5 :: 5]), 1 + n % 7) for n in range(500)]
    assert len(fair_metrics(tree)) == 1 + EXTRA_METRICS
    assert Watched.looks <= len(tree) * (1 + EXTRA_METRICS)


NAMES = st.sampled_from([f"{split}/{name}" for split in ("val", "train") for name in ("loss", "acc", "wer", "lr")])


@given(st.lists(st.tuples(st.frozensets(NAMES), st.integers(1, 50))), st.integers(0, 6))
def test_what_is_chosen_is_there_and_no_name_twice(tree: Shapes, limit: int) -> None:
    known = sorted({name for names, _ in tree for name in names})
    params, metrics = fair_params(known, tree, limit), fair_metrics(tree)
    assert len(params) == min(limit, len(known)) and len(metrics) <= 1 + EXTRA_METRICS
    for chosen in (params, metrics):
        assert len(set(chosen)) == len(chosen) and set(chosen) <= set(known)
