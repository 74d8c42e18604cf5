"""`runspect tried` on logs with a known answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import runspect


def write(root: Path, name: str, config: dict[str, Any], loss: float, console: str = "") -> None:
    run = root / name
    run.mkdir(parents=True)
    record = {"format": "runspect-record", "version": 1, "id": name, "name": name, "config": config}
    end = {"status": "failed", "reason": "exit code 1", "exit_code": 1} if console else {"status": "finished"}
    (run / "run.json").write_text(json.dumps({**record, **end, "started": "2026-01-02T03:04:05Z"}))
    (run / "metrics.jsonl").write_text(json.dumps({"step": 1, "time": 1.7e9, "val/loss": loss}) + "\n")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Five configs of two optimizers; one of them in two seeds, one that failed."""
    root = tmp_path / "exp"
    base = {"opt": "adam", "batch": 32, "depth": 18, "data": {"name": "c10"}}
    write(root, "a", {**base, "optim": {"lr": 1e-3}, "seed": 1, "out_dir": "/runs/a"}, 0.5)
    write(root, "b", {**base, "optim": {"lr": "0.001"}, "seed": 2, "out_dir": "/runs/b"}, 0.4)
    write(root, "c", {**base, "optim": {"lr": 1e-2}, "seed": 1}, 0.3)
    write(root, "d", {**base, "optim": {"lr": 1e-1}, "opt": "sgd"}, 0.9)
    write(root, "e", {**base, "optim": {"lr": 3e-1}, "api_key": "sk-secret12345678901234"}, 0.2, console="boom")
    return root


def test_an_equal_config_that_finished_is_told_with_its_outcome(runs: Path, tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("opt: adam\nseed: 7\ndata: {name: c10}\noptim:\n  lr: 1e-3\nout_dir: /elsewhere\n")
    done = runspect("tried", "-C", runs, config, "--json")
    found = done.json()
    assert done.code == 1
    assert {run["name"]: (run["value"], run["metric"], run["seed"], run["defaults"]) for run in found["equal"]} == {
        "a": (0.5, "val/loss:best", 1, ["batch", "depth"]), "b": (0.4, "val/loss:best", 2, ["batch", "depth"]),
    }  # fmt: skip
    assert found["finished"] in {run["uid"] for run in found["equal"]}
    assert found["nearest"][0]["name"] == "c"
    assert found["nearest"][0]["changes"] == [{"param": "optim.lr", "wanted": 0.001, "run": 0.01}]
    assert found["ignored"] == ["out_dir", "seed"]
    assert all("rid" not in run for run in [*found["equal"], *found["nearest"]])
    text = runspect("tried", "-C", runs, config).out
    assert text.startswith("tried: 2 runs with an equal config\n")
    assert "val/loss:best 0.4000" in text and "(with 2 recorded defaults)" in text
    assert "sk-secret" not in runspect("tried", "-C", runs, config, "--json").out
    assert runspect("tried", "-C", runs, config, "--seeds").code == 0


def test_a_new_config_and_one_that_only_failed_may_start(runs: Path) -> None:
    config = json.dumps({"opt": "adam", "optim": {"lr": 0.005}, "data": {"name": "c10"}})
    done = runspect("tried", "-C", runs, "-", stdin=config)
    assert done.code == 0
    assert done.out.startswith("not tried: no run has an equal config\n")
    done = runspect("tried", "-C", runs, "-", "--set", "lr=0.3", "-i", "api_key", stdin=config)
    assert done.code == 0
    assert done.out.startswith("1 run with an equal config, none of which finished\n")
    assert "failed (exit code 1" in done.out
    assert runspect("tried", "-C", runs, "-", "--set", "lr=0.01", stdin=config).code == 1


def test_values_alone_compare_only_themselves(runs: Path) -> None:
    found = runspect("tried", "-C", runs, "--set", "lr=1e-1", "--json")
    assert (found.code, [run["name"] for run in found.json()["equal"]]) == (1, ["d"])
    assert found.json()["partial"] is True
    found = runspect("tried", "-C", runs, "--set", "lr=0.1", "--set", "opt=adam", "-n", "1", "--json")
    assert (found.code, found.json()["equal"], len(found.json()["nearest"])) == (0, [], 1)
    wrong = runspect("tried", "-C", runs, "--set", "learnrate=3")
    assert wrong.code == 2 and "learnrate" in wrong.err
    assert runspect("tried", "-C", runs, "--set", "dataset=c10").code == 1
    assert runspect("tried", "-C", runs, "--set", "dataset=imagenet").code == 0


def test_a_run_is_compared_with_the_others(runs: Path) -> None:
    found = runspect("tried", "-C", runs, "a", "--json")
    assert (found.code, [run["name"] for run in found.json()["equal"]]) == (1, ["b"])
    assert runspect("tried", "-C", runs, "c").code == 0
    lines = runspect("tried", "-C", runs, "a", "--md").out.splitlines()
    assert lines[2].startswith("| b | finished | val/loss:best 0.4000 | 2026-01-02T03:04:05 | nothing |")


def test_toml_and_what_is_no_config(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('opt = "sgd"\n[optim]\nlr = 0.1\n[data]\nname = "c10"\n')
    assert runspect("tried", "-C", runs, tmp_path / "x.toml").code == 1
    (tmp_path / "x.json").write_text("[1, 2]")
    for words in ((tmp_path / "x.json",), (tmp_path / "none.yaml",), (), ("--set", "lr")):
        assert runspect("tried", "-C", runs, *words).code == 2


def test_json_that_is_cut_off_is_said_to_be_no_config(runs: Path) -> None:
    done = runspect("tried", "-C", runs, "-", stdin='{"lr": 0.1')
    assert done.code == 2 and "what came on stdin is no config" in done.err and "JSON, YAML and TOML are" in done.err
