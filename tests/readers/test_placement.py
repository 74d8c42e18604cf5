"""Where a run's files are known by their place: also when the walk began in the run's directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.model import Claim
from runspect.readers import claim_file
from tests.readers.entries import entry_of

SWANLAB = "swanlog/run-20261123_135340-huzrvo7c"
WANDB = "wandb/run-20261123_134853-abc"
TRIAL = "tuning/mnist/trial_0"
TEXTS = {
    f"{WANDB}/files/config.yaml": "lr:\n  value: 1\n",
    f"{WANDB}/files/output.log": "step 1 loss 2\n",
    f"{WANDB}/files/wandb-summary.json": '{"loss": 1}',
    f"{WANDB}/run-abc.wandb": ":W&B",
    f"{SWANLAB}/files/config.yaml": "lr:\n  value: 1\n",
    f"{SWANLAB}/files/swanlab-metadata.json": "{}",
    f"{TRIAL}/trial.json": '{"trial_id": "0", "hyperparameters": {"values": {}}}',
}


def claimed(root: Path, path: Path) -> Claim:
    claim = claim_file(entry_of(root, path))
    assert claim is not None
    return claim


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_is_the_same_wherever_the_walk_began(tmp_path: Path, name: str) -> None:
    for each, text in TEXTS.items():
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_text(text)
    run = next(run for run in (WANDB, SWANLAB, TRIAL) if name.startswith(run))
    whole, inside = claimed(tmp_path, tmp_path / name), claimed(tmp_path / run, tmp_path / name)
    assert (whole.root, inside.root) == (run, ".")
    assert (inside.reader, inside.rank, inside.kind) == (whole.reader, whole.rank, whole.kind)
    assert inside.hint("id") == whole.hint("id")


def test_a_walk_may_begin_deeper_than_the_run(tmp_path: Path) -> None:
    path = tmp_path / WANDB / "files/config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("lr:\n  value: 1\n")
    claim = claimed(path.parent, path)
    assert (claim.reader, claim.root, claim.hint("id")) == ("wandb-files", ".", "wandb-id:abc")
