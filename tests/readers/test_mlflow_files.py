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
