"""Runs of stores in containers: one is the container's, more are its children, whatever the order they are told in."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.identity import path_id
from runspect.model import Claim, Part, RunPlan
from runspect.resolve import resolve
from runspect.resolve.shelves import Shelved, furnish
from tests.resolve.claims import claim, hydra, wandb
from tests.resolve.replay import SCOPE, Replay, Tag, furnished_plans, ids_of


def store(path: str, key: str, *ids: str) -> Shelved:
    """A run that a store holds."""
    held = Claim("mlflow-db", path, path, "tool", "store", 3, "mlflow")
    return Shelved(RunPlan(path, key, key, ("mlflow",), (Part(held, "row"),)), frozenset(ids))


def test_the_only_run_of_a_store_is_the_container_s_and_two_are_its_children() -> None:
    runs = resolve([*hydra("a"), *hydra("b")]).runs
    made = furnish(runs, [store("a/mlflow.db", "r1"), store("b/x/mlflow.db", "r1"), store("b/x/mlflow.db", "r2")])
    assert [(run.root, run.tools) for run in made.runs] == [("a", ("hydra", "mlflow")), ("b", ("hydra",))]
    assert [(part.use, part.run) for part in made.runs[0].parts if part.claim.kind == "store"] == [("row", "r1")]
    assert [(each.plan.key, each.plan.parent) for each in made.shelved] == [("r1", "b"), ("r2", "b")]


def test_stores_outside_of_containers_or_beside_a_tool_s_run_keep_theirs() -> None:
    runs = resolve([*hydra("a"), *wandb("a/wandb/run-1-x", "x"), *wandb("w/run-2-y", "y")]).runs
    made = furnish(runs, [store("a/mlflow.db", "r1"), store("mlflow.db", "r1"), store("w/run-2-y/mlflow.db", "r3")])
    assert made.runs == runs
    assert {each.plan.root: each.plan.parent for each in made.shelved} == {
        "a/mlflow.db": "a", "mlflow.db": None, "w/run-2-y/mlflow.db": None,
    }  # fmt: skip


def test_a_run_in_two_copies_of_a_store_is_told_by_the_first() -> None:
    (run,) = furnish(
        resolve(hydra("a")).runs, [store("a/y.db", "r", "mlflow:r"), store("a/x.db", "r", "mlflow:r")]
    ).runs
    assert [(part.claim.path, part.use) for part in run.parts if part.run] == [("a/x.db", "row"), ("a/y.db", "also_in")]
    made = furnish(resolve(hydra("a")).runs, [store("a/y.db", "r"), store("a/x.db", "r")])
    assert len(made.shelved) == 2


def test_of_nested_containers_the_nearest_takes_the_run() -> None:
    outer, inner = furnish(resolve([*hydra("a"), *hydra("a/b")]).runs, [store("a/b/mlflow.db", "r")]).runs
    assert (outer.root, outer.tools, inner.tools) == ("a", ("hydra",), ("hydra", "mlflow"))


EVENTS = (
    *hydra("a"), *hydra("b"), claim("a/metrics.jsonl", columns="step"),
    store("a/mlflow.db", "r1", "mlflow:r1"), store("a/mlflow.db", "r2", "mlflow:r2"), store("b/study.log", "t0"),
    store("b/study.log", "t1"), store("c/mlflow.db", "r3", "mlflow:r3"),
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.permutations(EVENTS), st.lists(st.sampled_from([each for each in EVENTS if isinstance(each, Shelved)])))
def test_any_order_of_growth_and_loss_gives_the_same_runs_and_keeps_tags(
    order: list[Claim | Shelved], lost: list[Shelved]
) -> None:
    replay, tags = Replay(), list[Tag]()

    def step(there: list[Claim | Shelved]) -> None:
        claims = [each for each in there if isinstance(each, Claim)]
        tags.extend(replay.step(claims, [each for each in there if isinstance(each, Shelved)]))

    for count in range(1, len(order) + 1):
        step(order[:count])
    for each in lost:  # it comes back each time
        step([other for other in order if other is not each])
    step(list(order))
    plans, told = furnished_plans(
        [each for each in EVENTS if isinstance(each, Claim)], [each for each in EVENTS if isinstance(each, Shelved)]
    )
    assert sorted(replay.shown.values(), key=_place) == sorted(plans, key=_place)
    for plan in plans:
        own = {path_id(SCOPE, plan.root, plan.key), *(id_ for id_ in ids_of(plan) | told[plan.root, plan.key])}
        assert {replay.rid_of[id_] for id_ in own} == {rid for rid, shown in replay.shown.items() if shown == plan}
    assert [problem for tag in tags if (problem := replay.misplaced(tag))] == []


def _place(plan: RunPlan) -> tuple[str, str]:
    return plan.root, plan.key
