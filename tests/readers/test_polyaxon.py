"""What is peculiar to Polyaxon: a last line without an end, names in paths, outputs that no curve tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from tests.readers.entries import entry_of, found_in

_ROWS = "step|timestamp|metric\n0|2026-01-01 00:00:00+00:00|0.5\n1|2026-01-01 00:00:01+00:00|nan\n2|2026-01-01 00:00:02+00:00|0.25"


def _curve(root: Path, name: str, text: str = _ROWS) -> Path:
    path = root / "events/metric" / f"{name}.plx"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["loss", "train/loss", "epoch", "time"])
def test_a_curve_is_named_after_its_file(tmp_path: Path, name: str) -> None:
    path = _curve(tmp_path / "run", name)
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and (claim.reader, claim.root) == ("polyaxon", "run")
    found = found_in(reader_named("polyaxon"), path)
    assert found.steps == {name: [0, 1, 2]}
    assert list(map(repr, found.values[name])) == ["0.5", "nan", "0.25"]
    assert found.times[name][2] - found.times[name][0] == 2


def test_a_line_that_is_being_written_is_left_out(tmp_path: Path) -> None:
    path = _curve(tmp_path, "loss", _ROWS + "\n3|2026-01-0")
    assert found_in(reader_named("polyaxon"), path).steps == {"loss": [0, 1, 2]}


def test_a_strange_file_is_told(tmp_path: Path) -> None:
    path = _curve(tmp_path, "loss", "a,b\n1,2\n")
    assert "header" in found_in(reader_named("polyaxon"), path).problems[0].what


@pytest.mark.parametrize(
    ("status", "state"), [("succeeded", "finished"), ("failed", "failed"), ("stopped", "killed"), ("running", None)]
)
def test_the_status_is_the_runs_end(tmp_path: Path, status: str, state: str | None) -> None:
    path = tmp_path / "run.plx.json"
    conditions = [{"type": status, "message": "as told"}]
    path.write_text(
        json.dumps({"status": status, "status_conditions": conditions, "outputs": {"score": 0.5, "x": "y"}})
    )
    found = found_in(reader_named("polyaxon-run"), path)
    assert found.facts.get("end_state") == state
    assert found.facts.get("end_reason") == (None if state in (None, "finished") else "as told")
    assert found.values == {"score": [0.5]}


def test_code_and_data_are_lineage(tmp_path: Path) -> None:
    path = tmp_path / "lineages.plx.json"
    code = {"name": "toy", "kind": "coderef", "summary": {"commit": "abc", "branch": "main", "is_dirty": True}}
    data = {"name": "cifar10", "kind": "data", "summary": {"hash": "123"}}
    path.write_text(json.dumps([code, data, "noise"]))
    assert found_in(reader_named("polyaxon-run"), path).facts == {
        "git_commit": "abc", "git_branch": "main", "git_dirty": True, "dataset": "cifar10", "dataset_version": "123",
    }  # fmt: skip


def test_another_tools_env_json_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "outputs/env.json"
    path.parent.mkdir()
    path.write_text("{}")
    assert claim_file(entry_of(tmp_path, path)) is None
