from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from runspect.demo.record import Record
from runspect.demo.spirals import Network, Points, spirals
from runspect.demo.trainer import Settings, main, train


def rows(directory: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]


def test_learns_what_it_says_it_learns(tmp_path: Path) -> None:
    assert train(tmp_path, "short", Settings(), seconds=0.5)
    logged = rows(tmp_path)
    assert logged[0]["step"] == 1 and logged[-1]["step"] == Settings().steps
    assert all(a["step"] < b["step"] and a["time"] <= b["time"] for a, b in pairwise(logged))
    assert logged[-1]["loss"] < 0.3 * logged[0]["loss"]
    assert logged[-1]["val/loss"] < 0.3 * logged[0]["val/loss"]
    assert logged[-1]["val/acc"] > 0.95
    head = json.loads((tmp_path / "run.json").read_text())
    assert (head["status"], head["exit_code"], head["config"]["lr"]) == ("finished", 0, Settings().lr)
    assert head["started"] < head["ended"]
    assert "done: val/acc" in (tmp_path / "console.log").read_text()


def test_the_same_seed_gives_the_same_curve(tmp_path: Path) -> None:
    curves = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(tmp_path / name, name, Settings(seed=seed, steps=50), seconds=0.1)
        curves.append([row["val/loss"] for row in rows(tmp_path / name)])
    assert curves[0] == curves[1] != curves[2]


def test_a_stopped_training_says_so(tmp_path: Path) -> None:
    assert not train(tmp_path, "stopped", Settings(), seconds=10, wait=lambda _: True)
    head = json.loads((tmp_path / "run.json").read_text())
    assert (head["status"], head["exit_code"]) == ("killed", None)
    assert len(rows(tmp_path)) == 1


def test_the_command_line(tmp_path: Path) -> None:
    assert main([str(tmp_path / "x"), "--seconds", "0.1", "--steps", "20", "--seed", "5", "--name", "mine"]) == 0
    head = json.loads((tmp_path / "x" / "run.json").read_text())
    assert (head["name"], head["seed"], head["config"]["steps"]) == ("mine", 5, 20)


def test_an_error_is_recorded_as_failed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Record(tmp_path, "bad", {}, {}):
        raise ZeroDivisionError("oh")
    head = json.loads((tmp_path / "run.json").read_text())
    assert (head["status"], head["exit_code"], head["reason"]) == ("failed", 1, "ZeroDivisionError: oh")


def test_gradients_are_those_of_the_loss() -> None:
    random = np.random.default_rng(0)
    points, network = spirals(20, 0.05, random), Network.create(5, 2, random)
    nudge, weight = 1e-6, network.weights[1]
    before = weight.copy()

    def loss_at(change: float) -> float:
        weight[:] = before
        weight[2, 3] += change
        return network.judge(points)[0]

    expected = (loss_at(nudge) - loss_at(-nudge)) / (2 * nudge)
    weight[:] = before
    network.train(Points(points.x, points.label), 0.0)
    slope = network.first[2][2, 3] / (1 - 0.9)  # Adam's first moment after one step
    assert slope == pytest.approx(expected, rel=1e-5)
