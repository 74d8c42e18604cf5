"""`runspect.toml` beside the runs: what the commands make of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import runspect

POLICY = """
objective = "score:max"
[directions]
"my/number" = "up"
"""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two runs with metrics whose names do not tell which way is better."""
    root = tmp_path / "exp"
    for name, lr, values in (("one", 0.1, (1.0, 3.0)), ("two", 0.2, (2.0, 1.5))):
        run = root / name
        run.mkdir(parents=True)
        (run / "config.json").write_text(json.dumps({"lr": lr, "opt": name}))
        lines = [{"step": at, "my/number": value, "loss": value, "score": -value} for at, value in enumerate(values)]
        (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return root


def test_directions_and_the_objective_are_taken_from_the_policy(runs: Path) -> None:
    refused = runspect("ls", "-C", runs, "my/number:best > 2", "--json", "--fields", "name")
    assert refused.code == 2 and "better up or down" in refused.err
    (runs / "runspect.toml").write_text(POLICY)
    found = runspect("ls", "-C", runs, "my/number:best > 2", "--json", "--fields", "name").json()
    assert [run["name"] for run in found] == ["one"]
    ordered = runspect("ls", "-C", runs, "--sort", "-my/number:best", "--cols", "name,my/number:best", "--csv").out
    assert ordered.splitlines() == ["name,my/number:best", "one,3.0", "two,2.0"]
    assert "my/number highest" in runspect("ls", "-C", runs, "--cols", "name,my/number:best", "--md").out
    assert "score" in runspect("ls", "-C", runs, "--md").out.splitlines()[0].split("|")[6]
    assert "score:max" in runspect("groups", "-C", runs, "--by", "opt").out.splitlines()[0]
    pivot = runspect("pivot", "opt", "lr", "my/number:last", "-C", runs, "--json").json()
    assert (pivot["direction"], pivot["best"]) == ("up", [0, 0])


def test_runs_on_one_data_set_are_judged_by_its_own_objective(runs: Path) -> None:
    for name, data in (("one", "CIFAR-10"), ("two", "mnist")):
        (runs / name / "config.json").write_text(json.dumps({"lr": len(name), "dataset": data}))
    (runs / "runspect.toml").write_text(
        'objective = "loss:min"\n[datasets.cifar10]\nmatch = ["cifar-10"]\nobjective = "score:max"\n'
        '[datasets.mnist]\nobjective = "unheard/of:min"\n'
    )

    def judged(*query: str) -> tuple[str, str]:
        table = runspect("ls", "-C", runs, "--md", *query).out.splitlines()[0].split("|")
        return table[5].strip().split(" ")[0], runspect("groups", "-C", runs, *query, "--csv").out.splitlines()[0]

    assert judged() == ("loss", judged()[1]) and "loss:min mean" in judged()[1]
    assert judged("dataset=cifar10")[0] == "score" and "score:max mean" in judged("dataset=cifar10")[1]
    assert judged("dataset=mnist")[0] == "loss"
    assert runspect("importance", "-C", runs, "dataset=cifar10", "--json").json()["metric"] == "score:max"
    assert runspect("importance", "-C", runs, "--json").json()["metric"] == "loss:min"


def test_a_fault_in_the_policy_is_told_and_the_answer_given(runs: Path) -> None:
    (runs / "runspect.toml").write_text('[directions]\n"my/number" = "sideways"\n')
    listed = runspect("ls", "-C", runs, "--json", "--fields", "name")
    assert listed.code == 0 and len(listed.json()) == 2
    assert "runspect.toml: line 2" in listed.err and "not applied" in listed.err
    problems = [problem for problem in runspect("health", "-C", runs, "--json").json() if problem["reader"] == "policy"]
    assert len(problems) == 1
    assert problems[0]["path"] == str(runs / "runspect.toml") and "line 2" in problems[0]["what"]
