"""Console logs: a run of their own, a part of another, or none."""

from __future__ import annotations

import pytest

from runspect.model import Claim
from runspect.resolve import resolve
from runspect.resolve.consoles import run_key


def log(path: str, metrics: str = "nanogpt") -> Claim:
    root = path.rpartition("/")[0] or "."
    return Claim(
        "console", path, root, "weak", "console", 0, metrics or "console", (("metrics", metrics),) * bool(metrics)
    )


def table(path: str) -> Claim:
    return Claim("csv", path, path.rpartition("/")[0] or ".", "weak", "series", 1, "csv", (("columns", "step\nloss"),))


def config(path: str) -> Claim:
    return Claim("config", path, path.rpartition("/")[0] or ".", "weak", "config", 1, "config")


def runs(*claims: Claim) -> list[tuple[str, str, list[str]]]:
    """(root, name, files) of each run, a file whose metrics are read with a plus."""
    return [
        (
            run.root,
            run.name,
            [part.claim.path.rpartition("/")[2] + "+" * (part.claim.reader == "console-metrics") for part in run.parts],
        )
        for run in resolve(claims).runs
    ]


def test_a_log_alone_is_a_run_named_after_its_directory() -> None:
    assert runs(log("exp1/log.txt"), config("exp1/config.yaml")) == [("exp1", "exp1", ["config.yaml", "log.txt+"])]


def test_two_logs_are_two_runs_named_after_their_files() -> None:
    assert runs(log("logs/run_a.log"), log("logs/run_b.log")) == [
        ("logs", "run_a", ["run_a.log+"]),
        ("logs", "run_b", ["run_b.log+"]),
    ]


def test_numbered_runs_in_one_directory_are_runs() -> None:
    assert [name for _, name, _ in runs(log("logs/run1.log"), log("logs/run2.log"))] == ["logs/run1", "logs/run2"]
    assert [name for _, name, _ in runs(log("x/run1.log"), log("x/train.log"))] == ["x"]


def test_jobs_are_runs_and_their_errors_belong_to_them() -> None:
    found = runs(log("slurm-1.out"), log("slurm-1.err", ""), log("slurm-2.out"))
    assert [(name, files) for _, name, files in found] == [
        ("slurm-1", ["slurm-1.err", "slurm-1.out+"]),
        ("slurm-2", ["slurm-2.out+"]),
    ]


@pytest.mark.parametrize(
    "other", ["a/train.err", "a/eval.log", "a/slurm-12.out", "a/nohup.out", "a/stdout.txt", "a/log_rank1.txt"]
)
def test_logs_of_one_run_in_a_directory(other: str) -> None:
    assert len(runs(log("a/train.log"), log(other))) == 1


def test_a_log_beside_in_or_above_a_table_tells_only_how_the_run_ended() -> None:
    for path in ("a/b/train.log", "a/b/logs/train.log", "a/train.log"):
        assert runs(table("a/b/metrics.csv"), log(path)) in (
            [("a/b", "b", ["metrics.csv", "train.log"])],
            [("a/b", "b", ["train.log", "metrics.csv"])],
        )


def test_a_log_above_several_runs_is_none() -> None:
    found = runs(table("a/x/metrics.csv"), table("a/y/metrics.csv"), log("a/slurm-1.out"))
    assert [root for root, _, _ in found] == ["a/x", "a/y"]


def test_a_log_without_metrics_is_no_run() -> None:
    assert runs(log("a/install.log", "")) == []


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("train.log", ""), ("nohup.out", ""), ("a/log.txt", ""), ("log_rank3.txt", ""), ("stdout", ""), ("train.log.1", ""),
        ("slurm-12.out", "slurm-12"), ("slurm-12.err", "slurm-12"), ("resnet50.log", "resnet50"), ("lr0.1.out", "lr0.1"),
        ("job.err.txt", ""), ("run_a.log", "run_a"),
        ("nemo_log_globalrank-0_localrank-0.txt", ""),
    ],
)  # fmt: skip
def test_what_tells_runs_apart(path: str, key: str) -> None:
    assert run_key(path) == key


def test_a_log_tells_metrics_beside_one_of_its_own_tool_that_lacks_some() -> None:
    hints = (("partial", "yes"),)
    structured = Claim("torchtitan", "job/out/logs/a.jsonl", "job/out", "tool", "series", 3, "torchtitan", hints)
    assert runs(structured, log("job/slurm-1.out", "torchtitan"))[0][2] == ["a.jsonl", "slurm-1.out+"]
    assert runs(structured, log("job/slurm-1.out", "nanogpt"))[0][2] == ["a.jsonl", "slurm-1.out"]
    both = runs(structured, table("job/out/metrics.csv"), log("job/slurm-1.out", "torchtitan"))
    assert "slurm-1.out" in both[0][2]


def test_a_job_script_s_log_belongs_to_the_only_run_below() -> None:
    tool = Claim("torchtitan", "job/out/logs/a.jsonl", "job/out", "tool", "series", 3, "torchtitan")
    assert runs(tool, log("job/slurm-1.out")) == [("job/out", "out", ["a.jsonl", "slurm-1.out"])]
    other = Claim("wandb", "job/w/run.wandb", "job/w", "tool", "series", 3, "wandb")
    assert [root for root, _, _ in runs(tool, other, log("job/slurm-1.out"))] == ["job/out", "job/w"]


def told(path: str, *hints: tuple[str, str]) -> Claim:
    root = path.rpartition("/")[0] or "."
    return Claim("console", path, root, "weak", "console", 0, "fairseq", hints)


METRICS, CONFIG = ("metrics", "fairseq"), ("config", "yes")


def readers(*claims: Claim) -> list[dict[str, str]]:
    """By file the reader of its part, for each run."""
    return [{part.claim.path: part.claim.reader for part in run.parts} for run in resolve(claims).runs]


def test_a_log_tells_the_configuration_that_no_file_holds() -> None:
    log = told("a/train.log", METRICS, CONFIG)
    assert readers(log) == [{"a/train.log": "console-metrics"}]
    assert readers(log, table("a/metrics.csv"))[0]["a/train.log"] == "console-config"
    assert readers(told("a/train.log", CONFIG), table("a/metrics.csv"))[0]["a/train.log"] == "console-config"
    assert readers(told("a/train.log", METRICS), table("a/metrics.csv"))[0]["a/train.log"] == "console"
    assert readers(log, table("a/metrics.csv"), config("a/config.yaml"))[0]["a/train.log"] == "console"
    tool = Claim("wandb", "a/run.wandb", "a", "tool", "series", 3, "wandb")
    assert readers(log, tool)[0]["a/train.log"] == "console"


def test_of_several_ranks_one_tells_the_configuration() -> None:
    ranks = [told(f"a/log_rank{rank}.txt", METRICS, CONFIG) for rank in (1, 2)]
    found = readers(*ranks, table("a/metrics.csv"))
    assert [found[0][log.path] for log in ranks] == ["console-config", "console"]


def test_a_log_beside_the_directory_of_the_metrics_is_the_same_run() -> None:
    log, events = told("a/logs/train.log", METRICS, CONFIG), table("a/tb/metrics.csv")
    assert [(run.root, len(run.parts)) for run in resolve([log, events]).runs] == [("a", 2)]
    other = table("a/b/metrics.csv")
    assert sorted(run.root for run in resolve([log, events, other]).runs) == ["a/b", "a/logs", "a/tb"]


def test_a_jobs_log_goes_to_the_only_run_some_levels_below() -> None:
    board = Claim(
        "tfevents", "logs/PPO_1/events.out.tfevents.1.vm.1.0", "logs/PPO_1", "weak", "series", 2, "tensorboard"
    )
    (run,) = runs(board, log("slurm-77.out"))
    assert run[2] == ["events.out.tfevents.1.vm.1.0", "slurm-77.out"]
    other = Claim(
        "tfevents", "logs/PPO_2/events.out.tfevents.1.vm.1.0", "logs/PPO_2", "weak", "series", 2, "tensorboard"
    )
    assert all("slurm-77.out" not in run[2] for run in runs(board, other, log("slurm-77.out")))


def test_torchruns_logs_of_ranks_are_one_run_and_the_first_rank_tells() -> None:
    logs = [log(f"out/none_x1/attempt_{attempt}/{rank}/stdout.log") for attempt in (0, 1) for rank in (0, 1)]
    (run,) = runs(*logs)
    assert run[0] == "out/none_x1"
    (plan,) = resolve(logs).runs
    told = [part.claim.path for part in plan.parts if part.claim.reader == "console-metrics"]
    assert told == [f"out/none_x1/attempt_{attempt}/0/stdout.log" for attempt in (0, 1)]
