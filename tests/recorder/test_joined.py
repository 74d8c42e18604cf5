"""A program that joins the record that is kept of it."""

from __future__ import annotations

import json
from pathlib import Path

from runspect.recorder.writer import RecordWriter
from tests.recorder.programs import head, rows, run


def test_config_and_points_go_to_the_record_that_is_kept(tmp_path: Path) -> None:
    writer = RecordWriter(
        tmp_path / "kept", {"name": "by-default", "named": False, "tags": ["of command"], "note": "of command"}
    )
    code = """
run = runspect.start(config={"lr": 1}, name="by program", tags=["t"], note="n")
run.log({"loss": 2}, step=1)
run.finish(reason="done early")
second = runspect.start(name="second")
second.log({"loss": 3}, step=1)
second.finish()
"""
    env = {"RUNSPECT_RECORD": str(writer.directory)}
    assert run(tmp_path, code, env=env) == (0, "", "")
    added = json.loads((writer.directory / "api.json").read_text())
    assert (added["name"], added["config"], added["tags"], added.get("note")) == (
        "by program", {"lr": 1}, ["of command", "t"], None,
    )  # fmt: skip
    assert (added["status"], added["reason"]) == ("finished", "done early")
    assert head(writer.directory)["status"] == "running" and rows(writer.directory)[0]["loss"] == 2
    assert head(tmp_path / "runs" / "second")["status"] == "finished"  # a process's second run is a run of its own


def test_a_second_process_has_a_record_of_its_own(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "kept", {"name": "by command"})
    env = {"RUNSPECT_RECORD": str(writer.directory)}
    for name in ("a", "b"):
        assert run(tmp_path, f"run = runspect.start(name='{name}')\nrun.log({{'x': 1}})\nrun.finish()", env=env)[0] == 0
    assert len(rows(writer.directory)) == 1
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["b"]


def test_other_ranks_join_too(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "kept", {"name": "x"})
    for rank in "10":
        env = {"RUNSPECT_RECORD": str(writer.directory), "RANK": rank, "WORLD_SIZE": "2"}
        code = "run = runspect.start(ranks='all')\nrun.log({'x': 1})\nrun.finish()"
        assert run(tmp_path, code, env=env) == (0, "", "")
    assert {path.name for path in writer.directory.glob("[!.]*")} == {
        "run.json", "api.json", "metrics.jsonl", "metrics-rank1.jsonl",
    }  # fmt: skip


def test_a_record_that_is_gone_is_no_harm(tmp_path: Path) -> None:
    env = {"RUNSPECT_RECORD": str(tmp_path / "gone")}
    assert run(tmp_path, "runspect.start(name='x').finish()", env=env) == (0, "", "")
    assert head(tmp_path / "runs" / "x")["status"] == "finished"
