"""`runspect effects` on a history with known answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.program import runspect

GAINS = [-0.010, -0.004, -0.008, 0.002, -0.006, -0.012, -0.007]


def write(root: Path, name: str, config: dict[str, Any], loss: float, **record: Any) -> None:
    run = root / name
    run.mkdir(parents=True)
    told = {"format": "runspect-record", "version": 1, "id": name, "name": name, "config": config, "status": "finished"}
    (run / "run.json").write_text(json.dumps({**told, "started": "2026-01-02T03:04:05Z", **record}))
    (run / "metrics.jsonl").write_text(json.dumps({"step": 1, "time": 1.7e9, "val/loss": loss}) + "\n")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Seven widths with a short and a long warmup, the first of them in three seeds; what failed; another data set."""
    root = tmp_path / "exp"
    for width, gain in enumerate(GAINS):
        base = {"width": 2**width, "dataset": "c10", "out_dir": f"/runs/{width}"}
        for seed in range(3 if width == 0 else 1):
            shift = (seed - 1) * 0.1 if width == 0 else 0
            write(root, f"short-{width}-{seed}", {**base, "warmup": 500, "seed": seed}, 1.0 + width + shift)
            commit = {"git": {"commit": f"{width}{seed}" * 20}}
            write(
                root,
                f"long-{width}-{seed}",
                {**base, "warmup": "2e3", "seed": seed},
                1.0 + width + shift + gain,
                **commit,
            )
    write(root, "failed", {"width": 4, "dataset": "c10", "warmup": 9000}, 0.0, status="failed", reason="exit code 1")
    write(root, "svhn", {"width": 4, "dataset": "svhn", "warmup": 9000}, 0.1)
    return root


def test_one_change_over_history(runs: Path) -> None:
    done = runspect("effects", "-C", runs, "--json")
    found = done.json()
    assert done.code == 0
    effect = next(effect for effect in found["effects"] if effect["param"] == "warmup")
    (change,) = effect["changes"]
    assert (change["before"], change["after"], change["turn"]) == (500, 2000, "raised")
    assert (change["n"], change["better"], change["worse"], change["datasets"]) == (7, 6, 1, {"c10": 7})
    assert change["change"] == pytest.approx(np.median(GAINS))
    assert change["percent"] == pytest.approx(100 * np.median([gain / (1 + at) for at, gain in enumerate(GAINS)]))
    assert change["p"] == pytest.approx(0.125)
    assert (found["runs"], found["ended"], found["measured"], found["arms"]) == (20, 19, 19, 15)
    assert found["pairs"] + found["confounded"] == 14 * 13 // 2  # those of svhn are alone
    widths = {run["name"] for pair in change["pairs"] for run in pair["before"]["runs"] if pair["before"]["n"] == 3}
    assert widths == {"short-0-0", "short-0-1", "short-0-2"}
    assert "rid" not in json.dumps(found)
    text = runspect("effects", "-C", runs).out
    assert "raising warmup 500 → 2000: 7 pairs, median -0.2 % (-0.0070), 6 of 7 better, p 0.12" in text
    assert "1 run without a good end: failed, killed or not over" in text


def test_what_was_said_of_the_runs_is_told(runs: Path) -> None:
    id = runspect("hypothesis", "new", "-C", runs, "longer warmup helps", "--json").json()["id"]
    assert runspect("hypothesis", "link", "-C", runs, id, "long-3-0").code == 0
    assert runspect("verdict", "-C", runs, "long-3-0", "refuted", "--note", "not for wide ones").code == 0
    assert runspect("note", "-C", runs, "short-2-0", "a\x1b[31m note").code == 0
    done = runspect("effects", "-C", runs, "--param", "warmup", "--json")
    said = {each["name"]: each for each in done.json()["effects"][0]["changes"][0]["said"]}
    assert (said["long-3-0"]["hypothesis"], said["long-3-0"]["verdict"]) == ("longer warmup helps", "refuted")
    assert said["long-3-0"]["why"] == "not for wide ones"
    text = runspect("effects", "-C", runs, "-p", "warmup").out
    assert "long-3-0: “longer warmup helps”; refuted: not for wide ones" in text
    assert "\x1b" not in text
    assert "pairs differ in it and in other params: confounded" in text


def test_where_nothing_pairs_the_confounded_are_counted(runs: Path) -> None:
    done = runspect("effects", "-C", runs, "name:short-1-0 or name:long-2-0")
    assert done.code == 1
    assert "1 in several: confounded" in done.out and "no two runs differ in one param alone" in done.out
    assert runspect("effects", "-C", runs, "-d", "svhn", "--json").json()["effects"] == []
    assert runspect("effects", "-C", runs, "name:nobody").code == 1
    wrong = runspect("effects", "-C", runs, "--param", "warmpu")
    assert wrong.code == 2 and "warmup" in wrong.err
    assert runspect("effects", "-C", runs, "-d", "nothing").code == 2


def test_the_policy_says_what_counts(runs: Path) -> None:
    (runs / "runspect.toml").write_text('ignore = ["width"]\n')
    found = runspect("effects", "-C", runs, "--json").json()
    (effect,) = found["effects"]
    assert (effect["param"], [change["n"] for change in effect["changes"]], found["arms"]) == ("warmup", [1], 3)
    (runs / "runspect.toml").write_text('[directions]\n"val/loss" = "up"\n')
    change = runspect("effects", "-C", runs, "-p", "warmup", "--json").json()["effects"][0]["changes"][0]
    assert (change["before"], change["after"], change["turn"]) == (2000, 500, "lowered")


def test_a_table_and_other_code(runs: Path) -> None:
    table = runspect("effects", "-C", runs, "-p", "warmup", "--md").out
    assert "| raising warmup 500 → 2000 | 7 | -0.2 % (-0.0070) | 6 of 7 better | p 0.12 |" in table
    change = runspect("effects", "-C", runs, "-p", "warmup", "--json").json()["effects"][0]["changes"][0]
    assert change["other_code"] == 0  # the code of one side is not known


def test_versions_that_the_policy_calls_one_are_compared(tmp_path: Path) -> None:
    root = tmp_path / "exp"
    write(root, "a", {"lr": 1, "dataset": "/data/me/c10"}, 1.0, dataset_version="sha256:0123")
    write(root, "b", {"lr": 2, "dataset": "/scratch/c10/train"}, 0.5, dataset_version="v3")
    assert runspect("effects", "-C", root).code == 1
    (root / "runspect.toml").write_text('[datasets.c10.versions]\nfirst = ["sha256:01*", "v3"]\n')
    found = runspect("effects", "-C", root, "--json").json()
    assert found["effects"][0]["changes"][0]["datasets"] == {"c10@first": 1}
