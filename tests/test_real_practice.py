"""What the history of real people's runs says, against what independent readers found in the same files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runspect.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(real_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    before = os.environ.get("RUNSPECT_HOME")
    os.environ["RUNSPECT_HOME"] = str(tmp_path_factory.mktemp("home"))
    opened = Workspace.open((real_logs,))
    try:
        opened.sync()
        yield opened
        opened.stop_engine()
    finally:
        opened.close()
        if before is not None:
            os.environ["RUNSPECT_HOME"] = before


def truth(repository: str) -> dict[str, Any]:
    place = os.environ.get("RUNSPECT_REAL_TRUTH", "")
    if not place or not Path(place).is_dir():
        pytest.skip("$RUNSPECT_REAL_TRUTH names no directory")
    found: dict[str, Any] = json.loads((Path(place) / f"{repository}.json").read_text())
    return found


@pytest.mark.parametrize(
    ("repository", "metric", "aggregate"),
    [
        ("trunghng__deep_rl_zoo", "max-episode-return", "max"),
        ("TobiasLudwig02__RLFlappyBird", "rollout/ep_rew_mean", "max"),
        ("TobiasLudwig02__RLFlappyBird", "train/value_loss", "min"),
    ],
)
def test_the_best_run_of_a_repository(workspace: Workspace, repository: str, metric: str, aggregate: str) -> None:
    told = [entry for entry in truth(repository)["runs"] if (entry.get("metrics") or {}).get(metric, {}).get("n")]
    values = sorted((entry["metrics"][metric][aggregate] for entry in told), reverse=aggregate == "max")
    query = f"path:{repository}"
    (found,) = [each for each in workspace.best(query, metric=f"{metric}:{aggregate}", most=100) if each["best"]]
    assert found["compared"] == len(values)
    assert [run["value"] for run in found["best"]] == pytest.approx(values, rel=1e-6)
    best = max(told, key=lambda entry: entry["metrics"][metric][aggregate] * (1 if aggregate == "max" else -1))
    place = json.loads(workspace.run_json(found["best"][0]["uid"]))["path"]
    assert f"{repository}/{best['path']}".startswith(place)


def test_the_configs_of_a_sweep_are_found_again(workspace: Workspace) -> None:
    repository = "amcl11__binary_classification_neural_network"
    told = [entry for entry in truth(repository)["runs"] if entry["config"]]
    assert len(told) > 50
    for entry in told[::7]:
        wanted = {key: value for key, value in entry["config"].items() if not key.startswith("tuner/")}
        found = workspace.tried(
            {key: str(value) for key, value in wanted.items()}, f"path:{repository}", ignore=("tuner/*",), most=3
        )
        equal = {other["path"] for other in told if wanted.items() == _without_tuner(other).items()}
        assert {_path(workspace, run) for run in found["equal"]} == {f"{repository}/{path}" for path in equal}
        assert found["finished"] is not None
        for run in found["nearest"]:
            (other,) = [
                _without_tuner(each) for each in told if _path(workspace, run) == f"{repository}/{each['path']}"
            ]
            differing = {key for key in wanted.keys() | other.keys() if wanted.get(key) != other.get(key)}
            assert {change["param"] for change in run["changes"]} <= differing


def _without_tuner(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry["config"].items() if not key.startswith("tuner/")}


def _path(workspace: Workspace, run: dict[str, Any]) -> str:
    return str(json.loads(workspace.run_json(run["uid"]))["path"])
