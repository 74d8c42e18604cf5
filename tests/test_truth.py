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

DEPARTURES = {
    "torchtitan": {
        # The writer of the corpus could not run torchtitan's own logger (it needs a GPU). What its loop gave to the
        # console's format string and to the real structured log is there; under these names it wrote nothing.
        "outputs: metric loss_metrics/global_avg_loss is missing": "the structured log holds it as `loss`, each step",
        "outputs: metric loss_metrics/global_max_loss is missing": "in no file",
        # The gradient norm is on the console alone, which prints four decimals (MetricsProcessor: {grad_norm:7.4f}).
        "outputs: grad_norm: first is 0.6471, not 0.6471078395843506": "printed so",
        "outputs: grad_norm: last is 0.3274, not 0.32737240195274353": "printed so",
        "outputs: grad_norm: min is 0.0996, not 0.0995645597577095": "printed so",
        "outputs: grad_norm: max is 0.6471, not 0.6471078395843506": "printed so",
    }
}
"""Directory → how what is found departs from the truth → why: each is the writer's, and a test proves it below."""

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


@pytest.mark.parametrize("name", DEPARTURES)
def test_departs_from_the_truth_only_where_the_writer_did(corpus: Path, name: str) -> None:
    found = [line.partition(" (has ")[0] for line in differences(corpus / name, runs_in(corpus / name))]
    assert found == list(DEPARTURES[name])


def test_what_torchtitan_did_not_write(corpus: Path) -> None:
    """A reader of its own, of bytes alone: one name is in no file, the other's values are those of `loss`."""
    texts = {path: path.read_text() for path in (corpus / "torchtitan").rglob("*") if path.suffix in (".jsonl", ".out")}
    assert not any("global_max_loss" in text or "global_avg_loss" in text for text in texts.values())
    rows = [json.loads(line) for path, text in texts.items() if path.suffix == ".jsonl" for line in text.splitlines()]
    told = {row["step"]: row["value"] for row in rows if row.get("event_name") == "loss"}
    (truth,) = json.loads((corpus / "torchtitan/truth.json").read_text())["runs"]
    given = truth["metrics"]["loss_metrics/global_avg_loss"]
    kept = [told[step] for step in range(1, 41) if step == 1 or step % 5 == 0]
    assert (len(kept), kept[0], kept[-1]) == (given["count"], given["first"], given["last"])
    assert (min(kept), max(kept)) == (given["min"], given["max"])


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
