"""What is compared with what, and who is ahead."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from runspect.practice.best import Found, Unit, rank, units


def run(
    rid: int, dataset: str | None = None, version: str | None = None, project: str | None = None, top: str = ""
) -> Found:
    return Found(rid, dataset, version, project, top)


def test_versions_of_a_data_set_are_units_and_those_without_one_are_their_own() -> None:
    found = units(
        [run(1, "c10", "v1"), run(2, "c10", "v2"), run(3, "c10"), run(4, "c10", "v2"), run(5, "svhn", top="a")]
    )
    assert found == {Unit("c10", "v2"): [2, 4], Unit("c10"): [3], Unit("c10", "v1"): [1], Unit("svhn"): [5]}
    assert [unit.title for unit in found] == ["c10@v2", "c10", "c10@v1", "svhn"]


def test_runs_without_a_data_set_are_compared_inside_their_project_or_directory() -> None:
    found = units(
        [
            run(1, project="p", top=""),
            run(2, top="a"),
            run(3, top="a"),
            run(4, top="alone"),
            run(5, top=""),
            run(6, "x"),
        ]
    )
    assert found == {
        Unit("x"): [6], Unit(None, None, ""): [4, 5], Unit(None, None, "a"): [2, 3], Unit(None, None, "p"): [1],
    }  # fmt: skip


def test_a_long_digest_is_cut_in_the_title_alone() -> None:
    unit = Unit("c10", "sha256:0123456789abcdef")
    assert (unit.title, unit.version) == ("c10@sha256:01234", "sha256:0123456789abcdef")
    assert Unit("a, b", "0123456789abcdef, 9").title == "a, b@0123456789ab, 9"
    assert Unit(None, None, "p").title == "p (no data set)"


def test_ties_share_a_rank_and_the_first_run_comes_first() -> None:
    found = rank([7, 8, 9, 10], {7: 0.5, 8: 0.7, 9: 0.5, 10: None}, "down")
    assert [(each.rank, each.rid, each.value) for each in found.placed] == [(1, 7, 0.5), (1, 9, 0.5), (3, 8, 0.7)]
    assert (found.ties, found.without, found.lead) == (2, 1, 0)
    assert rank([1], {1: math.nan}, "up").placed == ()


@given(st.dictionaries(st.integers(0, 30), st.none() | st.floats()), st.sampled_from(["down", "up"]))
def test_the_best_is_the_smallest_or_largest_finite_value(values: dict[int, float | None], way: str) -> None:
    found = rank(list(values), values, way)  # type: ignore[arg-type]
    finite = [value for value in values.values() if value is not None and math.isfinite(value)]
    assert len(found.placed) == len(finite) == len(values) - found.without
    assert [each.value for each in found.placed] == sorted(finite, reverse=way == "up")
    for each in found.placed:
        ahead = sum((value < each.value) if way == "down" else (value > each.value) for value in finite)
        assert each.rank == ahead + 1
