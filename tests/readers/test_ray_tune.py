"""Ray Tune's trials: what makes a directory one, how results count, what a failure says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from runspect.workspace import Workspace
from tests.conftest import FIXTURES
from tests.readers.entries import entry_of, found_in

TRIAL = FIXTURES / "ray_tune/ray_results/exp2/trainable_1e442_00000_0_lr=0.1000_2026-11-23_13-52-27"
FAILED = FIXTURES / "ray_tune/ray_results/exp2/trainable_1e442_00001_1_lr=0.2000_2026-11-23_13-52-27"


def written(directory: Path, **files: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name.replace("_json", ".json").replace("_csv", ".csv")).write_text(text)


def rows(*results: dict[str, object]) -> str:
    return "".join(json.dumps(result) + "\n" for result in results)


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("result.json", "ray-tune"),
        ("progress.csv", "ray-tune"),
        ("params.json", "ray-files"),
        ("events.out.tfevents.1795441948.vm", "tfevents"),
    ],
)
def test_the_files_of_a_trial(name: str, reader: str) -> None:
    claim = claim_file(entry_of(FIXTURES, TRIAL / name))
    assert claim is not None
    assert (claim.reader, claim.root) == (reader, TRIAL.relative_to(FIXTURES).as_posix())


def test_both_histories_tell_the_same() -> None:
    reader = reader_named("ray-tune")
    by_json, by_csv = found_in(reader, TRIAL / "result.json"), found_in(reader, TRIAL / "progress.csv")
    assert by_json.series() == by_csv.series()
    assert by_json.facts["host"] == "vm"
    assert by_json.facts["pid"] == 10851
    assert "pid" not in by_json.values


def test_results_count_as_tunes_event_files_do(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(
        rows(
            {"training_iteration": 1, "timesteps_total": None, "epoch": 0.5, "loss": 3.0},
            {"training_iteration": 2, "timesteps_total": 800, "epoch": 1.0, "loss": 2.0},
            {"training_iteration": 3, "timesteps_total": 1200, "epoch": 1.5, "loss": 1.0},
        )
    )
    found = found_in(reader_named("ray-tune"), path)
    assert found.steps == {"epoch": [1, 800, 1200], "loss": [1, 800, 1200]}


def test_a_failure_is_told_by_its_last_line() -> None:
    facts = found_in(reader_named("ray-files"), FAILED / "error.txt").facts
    assert facts["end_state"] == "failed"
    assert facts["end_reason"] == "ValueError: boom"
    assert isinstance(facts["ended"], float)


def test_somebody_elses_result_is_no_trial(tmp_path: Path) -> None:
    written(tmp_path, result_json='{"accuracy": 0.5}\n', params_json='{"lr": 1}')
    claims = [claim_file(entry_of(tmp_path, path)) for path in tmp_path.iterdir()]
    assert "ray-tune" not in [claim.tool for claim in claims if claim]


def test_a_trial_that_never_reported_is_a_run(tmp_path: Path) -> None:
    written(tmp_path / "exp/t_0", params_json='{"lr": 0.1}', result_json="")
    (tmp_path / "exp/t_0/params.pkl").write_bytes(b"\x80\x05.")
    (tmp_path / "exp/tuner.pkl").write_bytes(b"\x80\x05.")
    workspace = Workspace.open((tmp_path,))
    try:
        workspace.sync()
        (run,) = json.loads(workspace.runs_json())
    finally:
        workspace.close()
    assert (run["path"], run["group"], run["params"]) == ("exp/t_0", "exp", {"lr": 0.1})


def test_the_event_file_shows_no_curve_twice(tmp_path: Path) -> None:
    shutil.copytree(TRIAL, tmp_path / "trial")
    workspace = Workspace.open((tmp_path,))
    try:
        workspace.sync()
        (run,) = json.loads(workspace.runs_json())
    finally:
        workspace.close()
    assert [name for name in run["metrics"] if name.startswith("ray/")] == []
