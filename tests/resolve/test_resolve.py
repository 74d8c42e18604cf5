"""Containers, tools, trainers, tables and names."""

from __future__ import annotations

import pytest

from runspect.resolve import HINTS, resolve
from runspect.resolve.names import plain_name
from tests.resolve.claims import claim, config, console, events, files, hydra, named, only, roots, state, wandb


def test_a_weak_root_in_a_container_is_the_same_run() -> None:
    run = only(
        [*hydra("out/1"), claim("out/1/metrics.jsonl", reader="jsonl"), events("out/1/tb"), console("out/1/train.log")]
    )
    assert (run.root, len(run.parts), run.tools) == ("out/1", 6, ("hydra", "jsonl", "tfevents"))


def test_several_places_of_one_reader_in_a_container_are_told_apart() -> None:
    run = only([*hydra("job"), events("job/tb/fold_0"), events("job/tb/fold_1"), claim("job/metrics.csv")])
    assert {part.claim.root: part.prefix for part in run.parts} == {
        "job": "",
        "job/tb/fold_0": "fold_0",
        "job/tb/fold_1": "fold_1",
    }


def test_one_tool_run_in_a_container_is_the_same_run() -> None:
    run = only([*hydra("job"), *wandb("job/wandb/run-1-abc", "abc")])
    assert (run.root, run.ids, run.parent) == ("job", ("wandb-id:abc",), None)


def test_two_tool_runs_in_a_container_are_its_children() -> None:
    result = resolve([*hydra("job"), *wandb("job/wandb/run-1-a", "a"), *wandb("job/wandb/run-2-b", "b")])
    assert [(run.root, run.parent) for run in result.runs] == [
        ("job", None),
        ("job/wandb/run-1-a", "job"),
        ("job/wandb/run-2-b", "job"),
    ]


def test_a_wandb_run_is_not_the_run_of_the_project_directory() -> None:
    made = [claim("p/metrics.csv"), console("p/train.log"), *wandb("p/wandb/run-1-a", "a")]
    assert roots(made) == [("p", ""), ("p/wandb/run-1-a", "")]


def test_a_resumed_wandb_run_is_one_run_and_a_copy_is_only_listed() -> None:
    run = only([*wandb("wandb/run-1-a", "a"), *wandb("wandb/run-2-a", "a"), *wandb("wandb/latest-run", "a")])
    assert run.root == "wandb/run-1-a"
    assert {part.claim.root for part in run.parts if part.use == "also_in"} == {"wandb/latest-run"}


def test_equal_ids_in_different_projects_are_different_runs() -> None:
    assert len(roots([*wandb("p/wandb/run-1-a", "a"), *wandb("q/wandb/run-1-a", "a")])) == 2


def test_the_newest_trainer_state_is_read() -> None:
    run = only([state("out", "20", "h"), state("out", "100", "h")])
    assert {part.claim.hint("step"): part.use for part in run.parts} == {"20": "also_in", "100": "read"}
    run = only([state("out", "20", "h"), state("out", "", "h"), state("out", "100", "")])
    assert {part.claim.hint("step"): part.use for part in run.parts} == {"20": "also_in", "100": "also_in", "": "read"}


def test_trainers_boards_and_files_belong_to_it() -> None:
    copy = claim("out/checkpoint-20/training_args.bin", "out", reader="hf-args", kind="config")
    own = claim("out/training_args.bin", reader="hf-args", kind="config")
    run = only(
        [state("out", "20", "h"), events("out/runs/Nov23_vm"), events("out/logs"), copy, own, config("out/config.json")]
    )
    assert [part.claim.path for part in run.parts if part.use == "also_in"] == ["out/checkpoint-20/training_args.bin"]
    assert {part.prefix for part in run.parts} == {""}


@pytest.mark.parametrize("board", ["p/out/tb", "p/out/tb/Nov23_vm", "p/logs", "p/logs/Nov23_vm", "p/out"])
def test_a_board_that_the_trainers_callback_made_belongs_to_it(board: str) -> None:
    made = [state("p/out", "20", "h"), events(board, callback="hf-trainer")]
    assert roots(made) == [("p/out", "")]


def test_a_board_beside_two_trainers_or_of_another_writer_is_a_run() -> None:
    two = [state("p/a", "20", "h"), state("p/b", "20", "g"), events("p/logs", callback="hf-trainer")]
    assert roots(two) == [("p/a", ""), ("p/b", ""), ("p/logs", "")]
    assert roots([state("p/out", "20", "h"), events("p/board")]) == [("p/board", ""), ("p/out", "")]


def test_differing_histories_under_one_root_are_different_runs() -> None:
    copy = claim("out/checkpoint-20/training_args.bin", "out", reader="hf-args", kind="config")
    result = resolve([state("out", "20", "h1"), state("out", "30", "h2"), events("out/runs/x"), copy])
    assert [(run.root, run.key, run.name) for run in result.runs] == [
        ("out", "h1", "out/checkpoint-20"),
        ("out", "h2", "out/checkpoint-30"),
        ("out/runs/x", "", "x"),
    ]
    assert "out/checkpoint-20/training_args.bin" in files(result.runs[0])


def test_a_state_without_history_joins_unless_it_had_another_goal() -> None:
    assert len(roots([state("out", "20", "h", "99"), state("out", "10", "", "99"), state("out", "5", "")])) == 1
    assert roots([state("out", "500", "h", "999"), state("out", "225", "", "225")]) == [
        ("out", "h"),
        ("out", "no-history"),
    ]


def test_tables_of_one_directory_are_one_run() -> None:
    run = only([claim("d/a.csv", columns="step\nloss"), claim("d/b.jsonl", reader="jsonl", columns="step\nacc")])
    assert {part.prefix for part in run.parts} == {""}


@pytest.mark.parametrize("names", [("run1.csv", "run2.csv"), ("lr0.1.csv", "lr0.01.csv"), ("adam.csv", "sgd.csv")])
def test_tables_of_equal_columns_with_names_of_their_own_are_runs(names: tuple[str, str]) -> None:
    result = resolve(claim(f"d/{name}", columns="step\nloss") for name in names)
    assert sorted(run.key for run in result.runs) == sorted(names)


@pytest.mark.parametrize("names", [("rank0.csv", "rank1.csv"), ("loss_train.csv", "loss_val.csv")])
def test_tables_of_splits_and_workers_are_parts_of_one_run(names: tuple[str, str]) -> None:
    run = only(claim(f"d/{name}", columns="step\nloss") for name in names)
    assert sorted(part.prefix for part in run.parts) == sorted(name.removesuffix(".csv") for name in names)


def test_the_same_log_twice_is_read_once() -> None:
    names = ("scalars.json", "20251126_023638.json")
    run = only(claim(f"vis_data/{name}", reader="jsonl", columns="loss\nstep") for name in names)
    assert [part.use for part in run.parts] == ["also_in", "read"]


def test_a_directory_of_metrics_is_part_of_the_run_around_it() -> None:
    run = only([claim("exp/metrics/train.jsonl", reader="jsonl"), events("exp/tb"), config("exp/config.yaml")])
    assert (run.root, len(run.parts)) == ("exp", 3)
    apart = [claim("exp/metrics/train.jsonl"), claim("exp/other/a.csv"), config("exp/config.yaml")]
    assert roots(apart) == [("exp/metrics", ""), ("exp/other", "")]


def test_configs_and_consoles_alone_are_no_runs_but_a_marker_is() -> None:
    assert roots([config("a/config.yaml"), console("b/train.log")]) == []
    assert roots([config("train3/args.yaml", marker="run")]) == [("train3", "")]


def test_a_sweep_is_a_group() -> None:
    (job,) = resolve(hydra("multirun/2026-11-23/13-51-12/0")).runs
    assert (job.name, job.group) == ("2026-11-23/13-51-12/0", "multirun/2026-11-23/13-51-12")
    (job,) = resolve(hydra("multirun/lr=1/seed=0")).runs
    assert job.group == "multirun"
    (job,) = resolve(hydra("outputs/2026-11-23/13-51-12")).runs
    assert job.group is None


@pytest.mark.parametrize(
    ("root", "name"),
    [
        ("exp/version_0", "exp/version_0"),
        ("outputs/2026-11-23/13-51-10", "2026-11-23/13-51-10"),
        ("runs/resnet", "resnet"),
        ("a/b/runs/train", "b/runs/train"),
        ("sweep/12", "sweep/12"),
        ("out/checkpoint-500", "out/checkpoint-500"),
        ("train", "train"),
        (".", "."),
    ],
)
def test_names_say_something(root: str, name: str) -> None:
    assert plain_name(root) == name


def test_equal_names_are_lengthened() -> None:
    assert named(resolve([events("a/x/best"), events("b/x/best"), events("c/last2")])) == [
        "a/x/best",
        "b/x/best",
        "last2",
    ]


def test_every_hint_in_use_is_documented() -> None:
    assert {
        "tags",
        "values",
        "over",
        "callback",
        "metrics",
        "console",
        "config",
        "outcome",
        "partial",
        "saved",
        "last",
        "young",
        "hparams",
        "scalars",
        "writer",
        "start",
        "id",
        "step",
        "history",
        "goal",
        "marker",
        "columns",
        "hollow",
        "copy",
        "session",
        "begins",
        "above",
        "group",
        "attempts",
        "begun",
        "exported",
        "tools",
        "process",
        "span",
        "wrote",
        "away",
        "moments",
        "record",
        "words",
        "below",
    } == set(HINTS)
