"""What is peculiar to DVCLive's directories."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.engine.discovery import walk
from runspect.readers import claim_file, reader_named
from runspect.resolve import resolve
from tests.readers.entries import entry_of, found_in


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("place", "root", "metric"),
    [
        ("exp/plots/metrics/train/loss.tsv", "exp", "train/loss"),
        ("plots/metrics/loss.tsv", ".", "loss"),
        ("dvclive/scalars/eval/loss.tsv", "dvclive", "eval/loss"),
        ("dvclive/loss.tsv", "dvclive", "loss"),
    ],
)
def test_the_path_of_a_table_is_the_metrics_name(tmp_path: Path, place: str, root: str, metric: str) -> None:
    path = put(tmp_path / place, "timestamp\tstep\tloss\n1700000000000\t0\t0.5\n")
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and (claim.reader, claim.root) == ("dvclive", root)
    found = found_in(reader_named("dvclive"), path)
    assert (found.values, found.times) == ({metric: [0.5]}, {metric: [1700000000.0]})


def test_another_table_at_such_a_place_is_not_dvclives(tmp_path: Path) -> None:
    path = put(tmp_path / "plots/metrics/all.tsv", "step\tloss\tacc\n0\t0.5\t0.1\n")
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is None or claim.reader != "dvclive"


def test_last_values_stand_at_the_step_of_the_file(tmp_path: Path) -> None:
    path = put(tmp_path / "dvclive/metrics.json", '{"train": {"loss": 0.5}, "best": "nan", "step": 24}')
    found = found_in(reader_named("dvclive-summary"), path)
    assert found.steps == {"train/loss": [24], "best": [24]}
    pipeline = put(tmp_path / "metrics.json", '{"acc": 0.5}')
    (tmp_path / "dvc.yaml").touch()
    claim = claim_file(entry_of(tmp_path, pipeline))
    assert claim is None or claim.reader != "dvclive-summary"


def test_the_summary_beside_the_directory_is_of_the_run_in_it(tmp_path: Path) -> None:
    tables = tmp_path / "dvclive/scalars"
    tables.mkdir(parents=True)
    (tables / "loss.tsv").write_text("timestamp\tstep\tloss\n1763000000000\t0\t0.5\n")
    (tmp_path / "dvclive.json").write_text('{"loss": 0.5, "step": 0}')
    (run,) = resolve(file.claim for file in walk(tmp_path, claim=claim_file).files if file.claim).runs
    assert (run.root, len(run.parts)) == ("dvclive", 2)
