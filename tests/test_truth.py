"""The whole way, from files to `ls --json`: equal to what the tools were given to write."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from runspect.workspace import Workspace
from tests.conftest import FIXTURES
from tests.truth import differences

FORMATS = (
    "tensorboard_torch",
    "tensorboardX",
    "tensorflow2",
    "wandb",
    "wandb_0_15",
    "wandb_online",
    "lightning",
    "hf_trainer",
    "hydra",
    "accelerate",
    "keras",
    "ultralytics",
    "mmengine",
    "stable_baselines3",
    "swanlab",
    "traceml",
    "neptune_legacy",
    "clearml",
    "comet",
    "sacred",
    "dvclive",
    "guild",
    "torchtune",
    "nemo_layout",
    "ignite",
    "plain",
    "gbm",
    "optuna",
    "trackio",
    "neptune_scale",
    "neptune_export",
    "aim",
    "ray_tune",
    "mlflow",
)
"""Directories of the corpus that are read whole."""
LONG_AGO = 1_600_000_000.0
"""Seconds since 1970: the age of files whose truth does not tell it."""

SMALL = tuple(sorted(path.parent.name for path in FIXTURES.glob("*/truth.json")))
"""Small copies of the corpus, and imitations of formats that it does not have."""


def runs_in(directory: Path) -> list[dict[str, object]]:
    """Index a directory from scratch and list its runs."""
    workspace = Workspace.open((directory,))
    try:
        workspace.sync()
        runs: list[dict[str, object]] = json.loads(workspace.runs_json())
        return runs
    finally:
        workspace.close()


@pytest.mark.parametrize("name", FORMATS)
def test_finds_what_was_logged(corpus: Path, name: str) -> None:
    directory = corpus / name
    assert list(differences(directory, runs_in(directory))) == []


@pytest.mark.parametrize("name", SMALL)
def test_finds_what_was_logged_in_the_small_copy(tmp_path: Path, name: str) -> None:
    directory = tmp_path / name
    shutil.copytree(FIXTURES / name, directory)
    _age(directory)
    assert list(differences(directory, runs_in(directory))) == []


def _age(directory: Path) -> None:
    """Give files the age that they have where they were written: a fresh clone makes them look like live runs."""
    ended = min(run.get("end", LONG_AGO) for run in json.loads((directory / "truth.json").read_text())["runs"])
    for file in directory.rglob("*"):
        os.utime(file, (ended, ended))
