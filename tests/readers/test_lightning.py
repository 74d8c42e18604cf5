"""Lightning's versions: what their tables and their hyperparameters alone tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.engine.discovery import walk
from runspect.readers import claim_file
from runspect.resolve import resolve


def roots(place: Path) -> list[str]:
    return [run.root for run in resolve(file.claim for file in walk(place, claim=claim_file).files if file.claim).runs]


@pytest.mark.parametrize(
    ("hparams", "others", "runs"),
    [
        ("lr: 0.1\n", (), 1),
        ("{}\n", (), 0),
        ("", (), 0),
        ("{}\n", ("checkpoints/last.ckpt",), 1),
        ("lr: 0.1\n", ("model.safetensors",), 0),
    ],
)
def test_a_version_with_hyperparameters_alone_never_got_to_log(
    tmp_path: Path, hparams: str, others: tuple[str, ...], runs: int
) -> None:
    version = tmp_path / "lightning_logs/version_3"
    version.mkdir(parents=True)
    (version / "hparams.yaml").write_text(hparams)
    for other in others:
        (version / other).parent.mkdir(exist_ok=True)
        (version / other).touch()
    assert roots(tmp_path) == ["lightning_logs/version_3"] * runs


def test_the_first_values_of_each_column_are_told_at_their_steps(tmp_path: Path) -> None:
    version = tmp_path / "csv/version_0"
    version.mkdir(parents=True)
    (version / "metrics.csv").write_text("epoch,step,train_loss,val_loss\n0,4,0.5,\n0,9,,0.25\n1,14,0.125,\n")
    (claim,) = (file.claim for file in walk(tmp_path, claim=claim_file).files if file.claim)
    assert claim.hint("values").split("\n") == [
        *("4 0 epoch", "9 0 epoch", "14 1 epoch"),
        *("4 0.5 train_loss", "14 0.125 train_loss", "9 0.25 val_loss"),
    ]
