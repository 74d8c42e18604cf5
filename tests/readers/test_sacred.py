"""What is peculiar to Sacred's directories."""

from __future__ import annotations

import json
from pathlib import Path

from runspect.readers import claim_file, reader_named
from runspect.readers.jsonpickled import plain_of
from runspect.readers.sacred_run import run_facts
from tests.readers.entries import entry_of, found_in

PICKLED = {"py/object": "numpy.float64", "dtype": "float64", "value": 0.5}


def test_values_of_jsonpickle_are_unwrapped_and_never_rebuilt() -> None:
    value = {"a": {"py/tuple": [1, PICKLED]}, "b": {"py/object": "os.system", "x": 1}, "c": {"py/type": "torch.Tensor"}}
    assert plain_of(value) == {"a": [1, 0.5], "b": {"py/object": "os.system", "x": 1}, "c": "torch.Tensor"}


def test_series_that_the_program_kept_in_info_have_their_own_steps(tmp_path: Path) -> None:
    path = tmp_path / "info.json"
    path.write_text(json.dumps({"return_mean": [PICKLED, 1.0], "return_mean_T": [13, 2013], "best_acc": 0.9}))
    found = found_in(reader_named("sacred"), path)
    assert found.steps == {"return_mean": [13, 2013], "best_acc": [0]}
    assert found.values["return_mean"] == [0.5, 1.0]


def test_whatever_the_program_appended_to_info_is_a_series(tmp_path: Path) -> None:
    path = tmp_path / "info.json"
    kept = {"curve": [1, 2, None, 3], "fold": {"a": [0.5]}, "width": 7, "words": ["x", "y"], "note": "good", "ok": True}
    path.write_text(json.dumps({**kept, "confusion": [[5, 1], [0, 4]], "alone_T": [1, 2]}))
    found = found_in(reader_named("sacred"), path)
    assert found.values == {"curve": [1, 2, 3], "fold/a": [0.5], "width": [7], "alone_T": [1, 2]}
    assert found.steps["curve"] == [0, 1, 3]
    assert [problem.what for problem in found.problems] == ["confusion: lists within a list"]


def test_times_are_utc() -> None:
    facts = run_facts({"start_time": "2024-01-01T00:00:00.5", "heartbeat": "2024-01-01T00:00:10", "status": "RUNNING"})
    assert (facts["started"], facts["heartbeat"]) == (1704067200.5, 1704067210.0)
    assert "end_state" not in facts


def test_a_failure_is_told_by_the_last_line_of_its_trace() -> None:
    facts = run_facts({"status": "FAILED", "fail_trace": ["Traceback …\n", "RuntimeError: boom\n"]})
    assert (facts["end_state"], facts["end_reason"]) == ("failed", "RuntimeError: boom")


def test_another_tools_run_json_is_not_sacreds(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"id": 1, "command": "x"}')
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is None or claim.reader != "sacred"
    (tmp_path / "cout.txt").touch()
    path.write_text("")
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and (claim.reader, claim.rank) == ("sacred", "container")


def test_a_run_that_waits_in_the_queue_has_not_begun(tmp_path: Path) -> None:
    run = {"command": "main", "experiment": {"base_dir": "/x", "name": "mnist"}, "meta": {}, "status": "QUEUED"}
    path = tmp_path / "run.json"
    path.write_text(json.dumps(run, indent=2, sort_keys=True))
    (tmp_path / "config.json").write_text('{"lr": 0.1}')
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and claim.reader == "sacred"
    assert run_facts(run)["end_state"] == "unknown"
