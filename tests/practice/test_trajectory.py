"""Records over time."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from runspect.practice.trajectory import Lasted, Result, bars, contenders, results, trajectory


def test_each_improvement_names_the_record_that_it_broke() -> None:
    told = [Result(rid, value, when) for rid, value, when in
            ((1, 0.5, 10.0), (2, 0.6, 20.0), (3, 0.55, 30.0), (4, 0.6, 40.0), (5, 0.75, 50.0))]  # fmt: skip
    first, second, third = trajectory(told, "up")
    assert (first.rid, first.before, first.delta, first.percent, first.held, first.tries) == (
        1,
        None,
        None,
        None,
        None,
        0,
    )
    assert (second.rid, second.before, second.tries, second.held) == (2, told[0], 0, 10.0)
    assert (round(second.delta or 0, 6), round(second.percent or 0, 6)) == (0.1, 20.0)
    assert (third.rid, third.tries) == (5, 2)
    assert [each.rid for each in trajectory(told, "down")] == [1]
    assert trajectory((), "up") == ()


def test_of_one_moment_the_better_result_counts() -> None:
    told = [Result(1, 3.0, 5.0), Result(2, 2.0, 5.0), Result(3, 2.0, 5.0)]
    assert [each.rid for each in trajectory(told, "down")] == [2]
    assert trajectory([Result(1, 0.0, 1.0), Result(2, -1.0, 2.0)], "down")[1].percent is None


def test_what_each_run_had_to_beat() -> None:
    told = [Result(1, 3.0, 1.0), Result(2, 5.0, 2.0), Result(3, 2.0, 3.0), Result(4, 2.5, 4.0)]
    assert bars(told, "down") == {1: None, 2: told[0], 3: told[0], 4: told[2]}


RUNS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 30), st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=25
)


@given(RUNS, st.sampled_from(["down", "up"]))
@example([(0, 0, 1, 0), (0, 0, 0, 0)], "down")
def test_only_contenders_can_set_a_record(told: list[tuple[int, int, int, int]], way: str) -> None:
    runs = [
        Lasted(rid, float(value), float(began), float(began + lasted))
        for rid, (value, began, lasted, _) in enumerate(told)
    ]
    moments = {rid: float(began + min(at, lasted)) for rid, (_, began, lasted, at) in enumerate(told)}
    exact = trajectory(results(runs, moments), way)  # type: ignore[arg-type]
    few = set(contenders(runs, way))  # type: ignore[arg-type]
    assert {each.rid for each in exact} <= few
    found = trajectory(results(runs, {rid: when for rid, when in moments.items() if rid in few}), way)  # type: ignore[arg-type]
    assert [(each.rid, each.when, each.before) for each in found] == [
        (each.rid, each.when, each.before) for each in exact
    ]


def test_moments_outside_a_run_are_none() -> None:
    assert [each.when for each in results([Lasted(1, 2.0, 10, 20)], {1: 5.0})] == [20]
    assert [each.when for each in results([Lasted(1, 2.0, 10, 20)], {1: 15.0})] == [15]
    assert results([Lasted(1, float("nan"), 10, 20)], {}) == []
