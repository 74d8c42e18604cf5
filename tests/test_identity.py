"""Rows follow runs: by tool id, by place, by files."""

from __future__ import annotations

import itertools

import pytest

from runspect.identity import Assignment, Known, assign, path_id, places
from runspect.model import Part, RunPlan
from tests.resolve.claims import claim, events, only


def plan(root: str, *files: str, key: str = "", ids: tuple[str, ...] = ()) -> RunPlan:
    return RunPlan(root, key, root, ("csv",), tuple(Part(claim(file, root)) for file in files), ids)


def known(rid: int, root: str, *files: str, key: str = "", ids: tuple[str, ...] = ()) -> Known:
    return Known(rid, frozenset({*ids, path_id("h", root, key)}), root, key, frozenset(files))


def ids_of(run: RunPlan) -> frozenset[str]:
    return frozenset({*run.ids, path_id("h", run.root, run.key)})


def given(previous: list[Known], plans: list[RunPlan]) -> Assignment:
    """The assignment, after checking that no order of the arguments changes it."""
    answers = []
    for order in itertools.permutations(range(len(plans))):
        answer = assign(previous[::-1], [plans[at] for at in order], ids_of, 100)
        answers.append((dict(zip(order, answer.rids, strict=True)), answer.merged, answer.vanished, answer.ids))
    assert all(answer == answers[0] for answer in answers)
    return assign(previous, plans, ids_of, 100)


def test_new_runs_count_up_in_path_order() -> None:
    assert given([], [plan("b", "b/1"), plan("a", "a/1")]).rids == (101, 100)


def test_a_place_keeps_its_row() -> None:
    answer = given([known(1, "a", "a/1")], [plan("a", "a/1", "a/2"), plan("b", "b/1")])
    assert (answer.rids, answer.merged, answer.vanished) == ((1, 100), {}, frozenset())


def test_files_carry_the_row_to_another_root() -> None:
    answer = given([known(1, "x/train", "x/train/e")], [plan("x", "x/train/e", "x/val/e")])
    assert answer.rids == (1,)
    assert answer.ids[1] == {path_id("h", "x/train", ""), path_id("h", "x", "")}


def test_a_merge_keeps_the_older_row_and_all_ids() -> None:
    previous = [known(7, "x/train", "x/train/e", ids=("t:1",)), known(3, "x/val", "x/val/e")]
    answer = given(previous, [plan("x", "x/train/e", "x/val/e")])
    assert (answer.rids, answer.merged) == ((3,), {7: 3})
    assert answer.ids[3] == {"t:1", *(path_id("h", root, "") for root in ("x", "x/train", "x/val"))}


def test_a_split_leaves_the_row_with_most_files() -> None:
    parts = [plan("x/a", "x/a/1"), plan("x/b", "x/b/1", "x/b/2")]
    answer = given([known(1, "x", "x/a/1", "x/b/1", "x/b/2")], parts)
    assert answer.rids == (100, 1)
    assert path_id("h", "x", "") in answer.ids[1]


def test_a_part_that_is_split_off_takes_its_own_id_back() -> None:
    merged = Known(1, frozenset({path_id("h", "x", ""), path_id("h", "x/b", "")}), "x", "", frozenset({"x/a", "x/b/1"}))
    answer = given([merged], [plan("x", "x/a"), plan("x/b", "x/b/1")])
    assert answer.rids == (1, 100)
    assert answer.ids == {1: {path_id("h", "x", "")}, 100: {path_id("h", "x/b", "")}}


def test_a_tool_id_wins_over_the_place() -> None:
    previous = [known(1, "old", "old/1", ids=("w:e/p:1",)), known(2, "new", "new/0")]
    answer = given(previous, [plan("new", "new/1", ids=("w:e/p:1",))])
    assert (answer.rids, answer.merged) == ((1,), {2: 1})


def test_copies_of_a_tool_run_share_a_row() -> None:
    answer = given([], [plan("a", "a/1", ids=("w:e/p:1",)), plan("b", "b/1", ids=("w:e/p:1",))])
    assert answer.rids == (100, 100)


def test_what_files_hold_joins_copies_and_is_no_id_of_the_run() -> None:
    plans = [plan("a", "a/1", ids=("copy:x",)), plan("b", "b/1", ids=("copy:x",)), plan("c", "c/1", ids=("copy:y",))]
    answer = given([known(1, "b", "b/1"), known(2, "a", "a/1")], plans)
    assert (answer.rids, answer.merged) == ((1, 1, 100), {2: 1})
    assert answer.ids[1] == {path_id("h", each, "") for each in ("a", "b")}
    # a run that once held the same is not found again by it
    gone = given([known(1, "a", "a/1", ids=("copy:x",))], [plan("b", "b/1", ids=("copy:x",))])
    assert (gone.rids, gone.vanished) == ((100,), frozenset({1}))


@pytest.mark.parametrize("home", ["a", "b"])
def test_of_copies_that_part_the_one_at_the_place_of_the_run_keeps_the_row(home: str) -> None:
    ids = frozenset(path_id("h", each, "") for each in ("a", "b"))
    both = Known(1, ids, home, "", frozenset({"a/1", "b/1"}))
    answer = given([both], [plan("a", "a/1"), plan("b", "b/1")])
    assert answer.rids == ((1, 100) if home == "a" else (100, 1))
    assert answer.ids[1] == {path_id("h", home, "")}


def test_a_run_does_not_go_on_where_its_copy_became_another_run() -> None:
    ids = frozenset(path_id("h", each, "") for each in ("a", "b"))
    answer = given([Known(1, ids, "a", "", frozenset({"a/1"})), known(2, "b", "b/1")], [plan("b", "b/1")])
    assert (answer.rids, answer.merged, answer.vanished) == ((2,), {}, frozenset({1}))


def test_an_unscoped_id_follows_a_move_but_joins_no_copies() -> None:
    moved = given([known(1, "a", "a/1", ids=("wandb-id:i",))], [plan("b", "b/1", ids=("wandb-id:i",))])
    assert moved.rids == (1,)
    copied = given([known(1, "a", "a/1")], [plan(each, f"{each}/1", ids=("wandb-id:i",)) for each in ("a", "b")])
    assert copied.rids == (1, 100)


def test_a_row_without_files_is_vanished_and_found_again_by_its_place() -> None:
    gone = given([known(1, "a", "a/1")], [plan("b", "b/1")])
    assert (gone.rids, gone.vanished) == ((100,), frozenset({1}))
    assert given([known(1, "a")], [plan("a", "a/9")]).rids == (1,)


def test_the_places_of_a_run_are_those_that_its_files_had_alone() -> None:
    run = only([events("x/train"), events("x/validation")])
    assert places(run) == (("x", ""), ("x/train", ""), ("x/validation", ""))


def test_path_ids_tell_scope_place_and_key_apart() -> None:
    ids = {path_id(*each) for each in itertools.product(("h", "g"), ("a", "b", "a\udce9"), ("", "k"))}
    assert len(ids) == 12
    assert all(each.startswith("path:") for each in ids)
