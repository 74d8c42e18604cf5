"""`runspect best` on logs with a known answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import runspect


def write(root: Path, name: str, config: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    run = root / name
    run.mkdir(parents=True)
    (run / "config.json").write_text(json.dumps(config))
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two data sets, one in two versions; two runs without one; a policy that judges CIFAR by accuracy."""
    root = tmp_path / "exp"
    told: list[tuple[str, dict[str, Any], list[float], list[float]]] = [
        ("a1", {"dataset": "CIFAR-10", "dataset_version": "v1", "lr": 0.1, "seed": 1}, [0.5, 0.91, 0.9], [0.4, 0.3, 0.35]),
        ("a2", {"dataset": "cifar10", "dataset_version": "v1", "lr": 0.01, "seed": 2, "out_dir": "/x"}, [0.2, 0.3, 0.93], [0.9, 0.8, 0.7]),
        ("a3", {"dataset": "cifar10", "dataset_version": "v2", "lr": 0.1}, [0.99], [0.1]),
        ("a4", {"dataset": "cifar10", "dataset_version": "v1", "lr": 0.1, "seed": 3}, [0.6, float("nan")], [0.5, 0.2]),
        ("b1", {"dataset": "svhn", "opt": "adam"}, [0.3], [0.6]),
        ("b2", {"dataset": "svhn", "opt": "adam", "seed": 5}, [0.4], [0.6]),
        ("c1", {"lr": 1}, [0.3], [0.25]),
    ]  # fmt: skip
    for name, config, accs, losses in told:
        rows = [
            {"step": 10 * at, "time": 1.7e9 + 60 * at, "val/acc": acc, "val/loss": loss}
            for at, (acc, loss) in enumerate(zip(accs, losses, strict=True))
        ]
        write(root, name, config, rows)
    (root / "runspect.toml").write_text('[datasets.cifar10]\nmatch = ["cifar-10"]\nobjective = "val/acc:max"\n')
    return root


def test_each_version_of_each_data_set_has_its_best_run(runs: Path) -> None:
    found = runspect("best", "-C", runs, "--json").json()
    assert [(each["title"], each["metric"], each["direction"], each["judged_by"]) for each in found] == [
        ("cifar10@v1", "val/acc:max", "up", "policy"),
        ("svhn", "val/loss:best", "down", "guess"),
        ("cifar10@v2", "val/acc:max", "up", "policy"),
        ("no data set recorded", "val/loss:best", "down", "guess"),
    ]
    first, svhn = found[0], found[1]
    (best,) = first["best"]
    assert (best["name"], best["value"], best["step"], best["time"]) == ("a2", 0.93, 20, "2023-11-14T22:15:20.000000Z")
    assert "rid" not in best
    assert (first["runs"], first["compared"], first["ties"], sum(first["states"].values())) == (3, 3, 1, 3)
    assert (first["second"]["name"], first["second"]["value"], first["second"]["step"]) == ("a1", 0.91, 10)
    assert first["second"]["change"] == pytest.approx(100 * (0.91 - 0.93) / 0.93)
    assert first["differs"] == [{"param": "lr", "best": 0.01, "second": 0.1}]
    assert (svhn["ties"], svhn["differs"]) == (2, [])


def test_a_data_set_a_metric_and_a_number_of_runs_are_chosen(runs: Path) -> None:
    (found,) = runspect("best", "-C", runs, "-d", "CIFAR-10@v1", "-m", "val/loss", "-n", "5", "--json").json()
    assert [(run["rank"], run["name"], run["value"]) for run in found["best"]] == [
        (1, "a4", 0.2),
        (2, "a1", 0.3),
        (3, "a2", 0.7),
    ]
    assert found["judged_by"] == "asked"
    (found,) = runspect(
        "best", "-C", runs, "dataset:svhn", "-m", "val/acc:last", "--direction", "down", "--json"
    ).json()
    assert [run["name"] for run in found["best"]] == ["b1"]
    many = runspect("best", "-C", runs, "-d", "c*", "--json").json()
    assert [each["title"] for each in many] == ["cifar10@v1", "cifar10@v2"]


def test_what_people_read(runs: Path) -> None:
    text = runspect("best", "-C", runs, "-d", "cifar10@v1").out
    assert "cifar10@v1: val/acc:max, higher is better (policy)" in text
    assert "3 runs compared" in text
    assert "unlike the second: lr 0.01, not 0.1" in text
    assert [line.split()[:3] for line in text.splitlines() if line.lstrip().startswith(("1 ", "2 "))] == [
        ["1", "0.9300", "a2"], ["2", "0.9100", "-2.2"],
    ]  # fmt: skip
    assert "(guessed)" in runspect("best", "-C", runs, "-d", "svhn").out
    lines = runspect("best", "-C", runs, "--md").out.splitlines()
    assert lines[0].startswith("| data set | metric | # | run |")
    assert (
        lines[2] == "| cifar10@v1 | val/acc:max (policy) | 1 | a2 | 0.9300 | 20 | 2023-11-14T22:15:20 | unknown | 3 |"
    )


def test_when_there_is_no_best(runs: Path) -> None:
    unknown = runspect("best", "-C", runs, "-d", "imagenet")
    assert unknown.code == 2 or unknown.code == 1
    assert "cifar10@v1" in unknown.err
    assert runspect("best", "-C", runs, "name:nobody").code == 1
    assert runspect("best", "-C", runs, "-m", "val/los:min").code == 2
    assert runspect("best", "-C", runs, "-m", "state").code == 2


def test_where_nothing_tells_which_way_is_better(tmp_path: Path) -> None:
    write(tmp_path / "exp", "x", {"a": 1}, [{"step": 1, "wibble": 3.0}])
    done = runspect("best", "-C", tmp_path / "exp")
    assert done.code == 1
    assert "name one with --metric" in done.out
    done = runspect("best", "-C", tmp_path / "exp", "-m", "wibble")
    assert done.code == 1
    assert "say --direction" in done.out
    found = runspect("best", "-C", tmp_path / "exp", "-m", "wibble", "--direction", "up", "--json")
    assert (found.code, found.json()[0]["best"][0]["value"]) == (0, 3.0)
    assert runspect("best", "-C", tmp_path / "exp", "-m", "wibble:max", "--json").json()[0]["direction"] == "up"


def test_an_objective_that_no_run_has_is_told_beside_the_guess(runs: Path) -> None:
    (runs / "runspect.toml").write_text('[datasets.cifar10]\nobjective = "test/accc:max"\n')
    told = runspect("best", "-C", runs, "-d", "cifar10@v1", "--json").json()[0]
    assert (told["judged_by"], told["unmet"]) == ("guess", "test/accc:max")
    said = "(guessed: no run has test/accc:max of the policy)"
    for words in (("best", "-d", "cifar10@v1"), ("best", "--history", "-d", "cifar10@v1"), ("versus", "a2")):
        assert said in runspect(words[0], "-C", runs, *words[1:]).out
    assert "no run has test/accc:max of the policy." in runspect("report", "-C", runs, "-r", "a2", "--md").out
    assert runspect("best", "-C", runs, "-d", "cifar10@v1", "-m", "val/acc", "--json").json()[0]["unmet"] is None
