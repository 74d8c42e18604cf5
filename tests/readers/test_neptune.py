"""What is peculiar to Neptune's queue of operations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runspect.readers import claim_file, reader_named
from tests.readers.entries import Found, entry_of, found_in

READER = reader_named("neptune")


def _operation(kind: str, path: str, **more: object) -> str:
    return json.dumps({"obj": {"type": kind, "path": path.split("/"), **more}, "version": 1, "at": 1767225600.5}) + "\n"


def _floats(path: str, *values: object, steps: tuple[object, ...] = (None, None, None)) -> str:
    pairs = zip(values, steps, strict=False)
    return _operation("LogFloats", path, values=[{"value": value, "step": step, "ts": 1.0} for value, step in pairs])


def _log(root: Path, *lines: str, place: str = ".neptune/offline/run__1__2__x") -> Path:
    path = root / place / "data-1.log"
    path.parent.mkdir(parents=True)
    path.write_text("".join(lines))
    return path


def test_values_without_a_step_follow_the_last_one(tmp_path: Path) -> None:
    path = _log(
        tmp_path, _floats("loss", 1.0, 0.5, steps=(None, 7)), _floats("loss", 0.25), _floats("loss", 2, steps=(0.5,))
    )
    assert found_in(READER, path).steps == {"loss": [0, 7, 8, 9]}


def test_what_is_assigned_is_params_and_what_the_client_tells_is_facts(tmp_path: Path) -> None:
    path = _log(
        tmp_path,
        _operation("AssignFloat", "parameters/lr", value=0.5),
        _operation("AssignString", "parameters/opt/name", value="sgd"),
        _operation("AssignFloat", "test/f1", value=0.75),
        _operation("AssignString", "sys/name", value="toy"),
        _operation("AssignString", "monitoring/0a/pid", value="17"),
        _operation("AddStrings", "sys/tags", values=["a"]),
        _operation("AddStrings", "sys/tags", values=["b", "a"]),
        _floats("monitoring/0a/cpu", 50),
    )
    found = found_in(READER, path)
    assert found.params == {"lr": 0.5, "opt.name": "sgd", "test.f1": 0.75}
    assert found.facts == {"name": "toy", "pid": 17, "tags": ["a", "b"]}
    assert found.steps == {}


@pytest.mark.parametrize(("failed", "state"), [(True, "failed"), (False, "finished")])
def test_a_failure_told_before_the_goodbye_stays(tmp_path: Path, failed: bool, state: str) -> None:
    bye = _operation("LogStrings", "monitoring/0a/stdout", values=[{"value": "Shutting down background jobs"}])
    path = _log(tmp_path, _operation("AssignBool", "sys/failed", value=failed))
    found = Found()
    found.add(READER.read(path, found.cursor))
    with path.open("a") as file:
        file.write(bye)
    found.add(READER.read(path, found.cursor))
    assert found.facts["end_state"] == state


def test_sessions_of_a_run_are_one_run(tmp_path: Path) -> None:
    place = ".neptune/async/run__1/exec-0-2026-01-01_00.00.00"
    claim = claim_file(entry_of(tmp_path, _log(tmp_path, _floats("loss", 1), place=place)))
    assert claim is not None and (claim.reader, claim.root) == ("neptune", ".neptune/async/run__1")


def test_another_tools_numbered_log_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "data-1.log"
    path.write_text("training began\n")
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is None or claim.reader != "neptune"


def test_strange_operations_are_passed_over(tmp_path: Path) -> None:
    lines = ('{"obj": {"type": "LogFloats", "path": ["a"]}}\n', '{"obj": 3}\n', "[1]\n", _floats("loss", "x", None, 1))
    found = found_in(READER, _log(tmp_path, *lines))
    assert found.values == {"a": [], "loss": [1.0]} or found.values == {"loss": [1.0]}
    assert len(found.problems) == 1
