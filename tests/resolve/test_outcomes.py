"""Last values in one JSON file are a run where a person would say so, and junk is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.test_truth import runs_in

VALUES = {"accuracy": 0.93, "f1": 0.9}


def found(tmp_path: Path, files: dict[str, Any]) -> dict[str, dict[str, Any]]:
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return {run["name"]: run for run in runs_in(tmp_path)}  # type: ignore[misc]


@pytest.mark.parametrize("name", ["metrics.json", "results.json", "scores.json"])
def test_last_values_are_a_run_of_one_point_a_metric(tmp_path: Path, name: str) -> None:
    (run,) = found(tmp_path, {f"exp/{name}": VALUES}).values()
    assert {key: (each["n"], each["last"]) for key, each in run["metrics"].items()} == {
        "accuracy": (1, 0.93),
        "f1": (1, 0.9),
    }


def test_the_config_beside_them_is_the_runs_and_vouches_for_what_else_they_hold(tmp_path: Path) -> None:
    values = {**VALUES, "confusion": [[1, 2], [3, 4]], "model": "svm"}
    (run,) = found(tmp_path, {"exp/metrics.json": values, "exp/config.yaml": "lr: 0.1\n"}).values()
    assert run["params"] == {"lr": 0.1} and set(run["metrics"]) == set(VALUES)


def test_beside_a_series_they_are_no_run_of_their_own(tmp_path: Path) -> None:
    files = {"exp/results.json": VALUES, "exp/logs/train.csv": "step,loss\n1,2\n2,1\n"}
    assert len(found(tmp_path, files)) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("package.json", {"name": "x", "version": "1.0.0", "score": 1}),
        ("vocab.json", {"loss": 1, "accuracy": 2}),
        ("results.json", {"tests": 12, "passed": 11, "coverage": 0.9}),
        ("metrics.json", {"rows": 100, "mean_price": 3.2, "score": 1}),
        ("tsconfig.json", {"strict": 1}),
        ("coverage.json", {"precision": 1, "recall": 2}),
    ],
)
def test_other_numbers_are_none(tmp_path: Path, name: str, content: dict[str, Any]) -> None:
    assert found(tmp_path, {f"exp/{name}": content}) == {}
