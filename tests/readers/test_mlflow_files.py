"""MLflow's file store: what the place of a run says of it."""

from __future__ import annotations

from pathlib import Path

from runspect.readers.mlflow_files import READER
from tests.readers import make_mlflow
from tests.readers.entries import found_in


def test_a_run_of_a_deleted_experiment_is_deleted(tmp_path: Path) -> None:
    run = make_mlflow.directory(tmp_path / "mlruns/.trash/1", "0" * 32)
    assert found_in(READER, run / "meta.yaml").facts["end_reason"] == "deleted in MLflow"
    kept = make_mlflow.directory(tmp_path / "mlruns/1", "1" * 32)
    assert found_in(READER, kept / "meta.yaml").facts.get("end_reason") != "deleted in MLflow"


def test_a_metric_of_a_data_set_names_it_behind_the_step(tmp_path: Path) -> None:
    run = make_mlflow.directory(tmp_path / "mlruns/1", "0" * 32)
    make_mlflow.member(run, "metrics", "loss", "1700000000000 0.5 0\n1700000001000 0.4 3 train set v2 ad11027c\n")
    make_mlflow.member(run, "metrics", "acc", "1700000001000 0.9 7 wine ad11027c")
    found = found_in(READER, run / "meta.yaml")
    assert (found.steps, found.values) == ({"loss": [0, 3], "acc": [7]}, {"loss": [0.5, 0.4], "acc": [0.9]})
    assert not found.problems
