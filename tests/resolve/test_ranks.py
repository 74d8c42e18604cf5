"""Directories of the ranks of one training are parts of one run."""

from __future__ import annotations

from runspect.resolve import resolve
from tests.resolve.claims import claim, config, events


def test_event_files_of_ranks_are_one_run_and_the_lowest_keeps_its_names() -> None:
    places = [f"out/tb/20240101-0000/rank_{rank}" for rank in (2, 0, 1)]
    [run] = resolve([events(place, writer=f"vm:{place[-1]}", tags="loss") for place in places]).runs
    assert run.root == "out/tb/20240101-0000"
    assert sorted(part.prefix for part in run.parts) == ["", "rank_1", "rank_2"]


def test_replicas_hold_ranks() -> None:
    places = [f"tb/replica_{replica}/rank_{rank}" for replica in (0, 1) for rank in (0, 1)]
    [run] = resolve([events(place, writer="vm:1", tags="loss") for place in places]).runs
    assert run.root == "tb"
    assert sorted(part.prefix for part in run.parts) == ["", "rank_1", "replica_1", "replica_1/rank_1"]


def test_a_lone_rank_says_nothing_of_its_metrics() -> None:
    [run] = resolve([events("tb/rank_7", tags="loss")]).runs
    assert (run.root, [part.prefix for part in run.parts]) == ("tb", [""])


def test_tables_of_ranks_and_the_config_above_are_one_run() -> None:
    tables = [claim(f"exp/rank_{rank}/metrics.csv", columns="step\nloss") for rank in (0, 1)]
    [run] = resolve([*tables, config("exp/config.yaml")]).runs
    assert run.root == "exp"
    assert sorted((part.claim.path, part.prefix) for part in run.parts) == [
        ("exp/config.yaml", ""),
        ("exp/rank_0/metrics.csv", ""),
        ("exp/rank_1/metrics.csv", "rank_1"),
    ]


def test_attempts_that_nemo_moved_are_one_run() -> None:
    hints = (("attempts", "run_"),)
    told = claim("exp/cmd-args.log", "exp", reader="nemo", kind="status")
    told = type(told)("nemo", told.path, "exp", "container", "status", 3, "nemo", hints)
    made = [events("exp", start=2, tags="loss"), events("exp/run_0", start=1, tags="loss"), told]
    [run] = resolve(made).runs
    assert {part.prefix for part in run.parts} == {""}
