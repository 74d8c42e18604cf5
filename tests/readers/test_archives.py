"""Runs in archives: ClearML's sessions and Comet's experiments, and archives that mean no good."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path

import pytest

from runspect.errors import ReaderFault
from runspect.model import Claim
from runspect.readers import claim_file, reader_named
from runspect.readers.bounded_zip import holds, members
from runspect.readers.clearml_task import console_facts
from runspect.resolve import resolve
from tests.conftest import FIXTURES
from tests.readers.entries import entries, entry_of, found_in

KEY = "0123456789abcdef0123456789abcdef"


def _zip(path: Path, **contents: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name.replace("_", "."), content)
    return path


def test_a_member_that_swells_is_a_fault(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", a=bytes(3 << 20), b=b"small")
    assert members(path, ["b", "missing"], limit=1 << 20) == {"b": b"small"}
    with pytest.raises(ReaderFault, match="larger than 1 MB"):
        members(path, ["a"], limit=1 << 20)


def test_a_member_that_lies_about_its_size_is_a_fault(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", a=bytes(3 << 20))
    content = path.read_bytes().replace(struct.pack("<L", 3 << 20), struct.pack("<L", 10))
    path.write_bytes(content)
    with pytest.raises(ReaderFault):
        members(path, ["a"], limit=1 << 20)


def test_too_many_members_are_a_fault_before_they_are_listed(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", a=b"x")
    content = bytearray(path.read_bytes())
    content[-14:-10] = struct.pack("<HH", 0xFFFF, 0xFFFF)
    path.write_bytes(content)
    with pytest.raises(ReaderFault, match="too many"):
        members(path, ["a"])


@pytest.mark.parametrize("cut", [0, 10, 60, 100])
def test_a_cut_archive_is_a_fault(tmp_path: Path, cut: int) -> None:
    path = _zip(tmp_path / "a.zip", a=b"x" * 100)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ReaderFault):
        members(path, ["a"])
    assert not holds(path, ["a"])


def test_clearmls_directory_and_archive_are_one_run() -> None:
    claims = [claim for entry in entries(FIXTURES / "clearml") if (claim := claim_file(entry))]
    runs = resolve(claims).runs
    assert [(run.root, len(run.parts)) for run in runs] == [(f"cache/offline/{_session()}", 4)]


def test_clearmls_archive_alone_is_the_run_too(tmp_path: Path) -> None:
    source = FIXTURES / "clearml/cache/offline" / f"{_session()}.zip"
    found = found_in(reader_named("clearml-zip"), source)
    assert len(found.steps["loss/train"]) == 20
    assert (found.params, found.facts["end_state"]) == ({"lr": 0.5, "layers": [1, 2]}, "finished")


def test_a_traceback_on_clearmls_console_is_the_runs_end(tmp_path: Path) -> None:
    text = "Traceback (most recent call last):\n  File x\nValueError: no"
    events = [{"timestamp": 1, "type": "log", "task": "x", "worker": "box:gpu0", "msg": text}]
    lines = json.dumps(events).encode() + b"\n\n"
    assert console_facts(b'torn"}]\n' + lines) == {"host": "box", "console_verdict": "traceback: ValueError: no"}
    path = _zip(tmp_path / f"offline-{KEY}.zip", task_json="{}", log_jsonl=lines)
    assert "end_state" not in found_in(reader_named("clearml-zip"), path).facts


def test_a_single_value_of_clearml_has_no_iteration(tmp_path: Path) -> None:
    event = {"type": "training_stats_scalar", "metric": "Summary", "variant": "best", "iter": -(2**31), "value": 0.5}
    path = tmp_path / "metrics.jsonl"
    path.write_text(json.dumps([event]) + "\n")
    assert found_in(reader_named("clearml"), path).steps == {"Summary/best": [0]}


def test_clearmls_sections_and_kinds(tmp_path: Path) -> None:
    path = tmp_path / "task.json"
    sections = {
        "Args": {"lr": {"value": "1e-3", "type": "float"}, "opt/name": {"value": "sgd", "type": "str"}},
        "Hydra": {"seed": {"value": "7", "type": "int"}},
    }
    path.write_text(json.dumps({"execution": {"artifacts": []}, "hyperparams": sections}))
    assert found_in(reader_named("clearml-task"), path).params == {"lr": 0.001, "opt.name": "sgd", "Hydra.seed": 7}


def test_an_archive_of_anything_else_is_no_run(tmp_path: Path) -> None:
    path = _zip(tmp_path / f"{KEY}.zip", weights=b"x")
    assert claim_file(entry_of(tmp_path, path)) is None


def test_an_experiment_of_comet_is_known_by_what_it_holds(tmp_path: Path) -> None:
    big = json.dumps({"payload": {"file_name": "x" * 9000}, "type": "file_name"})
    path = _zip(tmp_path / f"{KEY}-7.zip", messages_json=big, experiment_json="{}")
    claim = claim_file(entry_of(tmp_path, path))
    assert isinstance(claim, Claim) and (claim.reader, claim.root) == ("comet", path.name)


def test_comets_messages(tmp_path: Path) -> None:
    metric = {"metricName": "loss", "metricValue": 0.5, "step": None}
    messages: list[object] = [
        {"type": "metric_msg", "payload": {"local_timestamp": 1000, "metric": metric}},
        {"type": "metric_msg", "payload": {"local_timestamp": 2000, "metric": {**metric, "metricValue": "x"}}},
        {"type": "metric_msg", "payload": {"local_timestamp": 3000, "metric": {**metric, "step": 4}, "context": "val"}},
        {"type": "parameter_msg", "payload": {"param": {"paramName": "opt|name", "paramValue": "sgd"}}},
        {"type": "log_other", "payload": {"key": "Name", "value": "toy"}},
        {"type": "standard_output", "payload": {"output": "Traceback (most recent call last):\n a\nKeyError: 'x'\n"}},
        "noise",
    ]
    lines = "\n".join(json.dumps(message) for message in messages)
    path = _zip(tmp_path / f"{KEY}.zip", messages_json=lines, experiment_json='{"start_time": 500, "tags": []}')
    found = found_in(reader_named("comet"), path)
    assert (found.steps, found.values) == ({"loss": [0], "val_loss": [4]}, {"loss": [0.5], "val_loss": [0.5]})
    assert found.params == {"opt.name": "sgd"}
    assert found.facts == {"name": "toy", "started": 0.5, "console_verdict": "traceback: KeyError: 'x'"}
    assert len(found.problems) == 1


def _session() -> str:
    return next((FIXTURES / "clearml/cache/offline").glob("*.zip")).stem
