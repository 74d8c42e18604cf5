"""`runspect export`, as a user calls it: what lies there afterwards, and what is refused."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.cli.program import runspect

LONG_AGO = 1_700_000_000.0


def _run(directory: Path, *, lr: float = 0.1, points: int = 3, console: str = "") -> Path:
    directory.mkdir(parents=True)
    (directory / "config.json").write_text(json.dumps({"lr": lr, "api_key": "hunter2"}))
    rows = [{"step": step, "time": LONG_AGO + step, "loss": lr / (1 + step)} for step in range(points)]
    rows[-1]["loss"] = float("nan")
    (directory / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if console:
        (directory / "train.log").write_text(console)
    return directory


@pytest.fixture
def root(tmp_path: Path) -> Path:
    directory = tmp_path / "exp"
    _run(directory / "a", lr=0.1, console="Traceback (most recent call last):\nValueError: no\n")
    _run(directory / "b", lr=0.2, points=5)
    return directory


def test_a_record_and_the_tables(root: Path, tmp_path: Path) -> None:
    done = runspect("export", "-C", root, "lr > 0.15", "--to", tmp_path / "out")
    assert done.code == 0 and done.out == "b  5 points  b\n"
    assert "1 run with 5 points exported" in done.err and "looks like a secret: 1 value;" in done.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["b", "points.parquet", "runs.parquet"]
    head = json.loads((tmp_path / "out" / "b" / "run.json").read_bytes())
    assert (head["format"], head["version"], head["name"]) == ("runspect-record", 1, "b")
    assert head["config"] == {"lr": 0.2, "api_key": "••••••"} and head["exported"]["root"] == str(root)
    lines = (tmp_path / "out" / "b" / "metrics.jsonl").read_text().splitlines()
    assert lines[0] == '{"step":0,"time":1700000000.0,"loss":0.2}' and lines[4].endswith('"loss":NaN}')
    (row,) = pq.read_table(tmp_path / "out" / "runs.parquet").to_pylist()
    assert row["params.lr"] == 0.2 and row["metrics"][0]["nonfinite"] == 1
    assert pq.read_table(tmp_path / "out" / "points.parquet").column("step").to_pylist() == [0, 1, 2, 3, 4]


def test_nothing_is_overwritten(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a").write_text("mine")
    refused = runspect("export", "-C", root, "--to", out)
    assert refused.code == 2 and "is not empty" in refused.err and "--add" in refused.err
    assert runspect("export", "-C", root, "--to", out, "--add").code == 0
    assert (out / "a").read_text() == "mine" and (out / "a-2" / "run.json").exists() and (out / "b").is_dir()
    _run(root / "c", lr=0.3)
    again = runspect("export", "-C", root, "--to", out, "--add", "--json").json()
    assert [run["directory"] for run in again["runs"]] == ["c"]
    assert {run["directory"] for run in again["there_before"]} == {"a-2", "b"}
    assert again["parquet"] == ["points-2.parquet", "runs-2.parquet"]
    assert not list(out.glob(".*"))


def test_a_dry_run_writes_nothing(root: Path, tmp_path: Path) -> None:
    done = runspect("export", "-C", root, "--to", tmp_path / "out", "--dry-run", "--json")
    assert done.code == 0 and not (tmp_path / "out").exists()
    assert {run["name"]: run["points"] for run in done.json()["runs"]} == {"a": 3, "b": 5}


def test_what_matches_nothing_and_what_is_no_directory(root: Path, tmp_path: Path) -> None:
    assert runspect("export", "-C", root, "lr > 9", "--to", tmp_path / "out").code == 1
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").write_text("")
    assert runspect("export", "-C", root, "--to", tmp_path / "file").code == 2


def test_one_format_alone(root: Path, tmp_path: Path) -> None:
    assert runspect("export", "-C", root, "--to", tmp_path / "r", "--format", "record").code == 0
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == ["a", "b"]
    assert (tmp_path / "r" / "a" / "console.log").read_bytes() == (root / "a" / "train.log").read_bytes()
    assert runspect("export", "-C", root, "--to", tmp_path / "p", "--format", "parquet").code == 0
    assert sorted(path.name for path in (tmp_path / "p").iterdir()) == ["points.parquet", "runs.parquet"]


def test_an_export_below_its_source_is_the_same_run(root: Path) -> None:
    runspect("tag", "-C", root, "a", "keep")
    before = runspect("ls", "-C", root, "--json", "--fields", "uid,name,path,tags").json()
    assert runspect("export", "-C", root, "--to", root / "taken", "--format", "record").code == 0
    assert runspect("ls", "-C", root, "--json", "--fields", "uid,name,path,tags").json() == before
    shown = runspect("show", "-C", root, "a", "--json").json()
    assert {"taken/a/run.json", "taken/a/metrics.jsonl"} <= set(shown["also_in"])
    # what was said of it stays with the copy that is left
    shutil.rmtree(root / "a")
    (left,) = runspect("ls", "-C", root, "tag:keep", "--json").json()
    assert (left["path"], left["name"], left["state"]) == ("taken/a", "a", "crashed")
    assert runspect("show", "-C", root, before[0]["uid"]).code == 0


def test_an_export_elsewhere_answers_to_the_old_id(root: Path, tmp_path: Path) -> None:
    runspect("tag", "-C", root, "a", "keep")
    (uid,) = (run["uid"] for run in runspect("ls", "-C", root, "tag:keep", "--json").json())
    assert runspect("export", "-C", root, "--to", tmp_path / "out", "--format", "record").code == 0
    shown = runspect("show", "-C", tmp_path / "out", uid, "--json").json()
    assert (shown["name"], shown["tags"]) == ("a", ["keep"]) and shown["uid"] != uid
    assert runspect("show", "-C", root, "-C", tmp_path / "out", uid, "--json").json()["uid"] == uid


def test_a_record_keeps_what_its_head_names(tmp_path: Path) -> None:
    record = tmp_path / "runs" / "first"
    (record / "untracked" / "lib").mkdir(parents=True)
    head = {
        "format": "runspect-record", "version": 1, "name": "first", "id": "abc", "status": "failed", "exit_code": 3,
        "git": {"commit": "c0ffee", "patch": "patch.diff", "untracked": ["lib/new.py"]},
        "packages": {"file": "uv.lock"}, "hypothesis": "it helps", "environment": {"SEED": "1"},
    }  # fmt: skip
    (record / "run.json").write_text(json.dumps(head))
    (record / "patch.diff").write_text("--- a\n+++ b\n")
    (record / "uv.lock").write_text("version = 1\n")
    (record / "untracked" / "lib" / "new.py").write_text("pass\n")
    assert runspect("export", "-C", tmp_path / "runs", "--to", tmp_path / "out", "--format", "record").code == 0
    for name in ("patch.diff", "uv.lock", "untracked/lib/new.py"):
        assert (tmp_path / "out" / "first" / name).read_bytes() == (record / name).read_bytes()
    told = json.loads((tmp_path / "out" / "first" / "run.json").read_text())
    assert {key: told[key] for key in ("git", "packages", "hypothesis", "environment")} == {
        key: head[key] for key in ("git", "packages", "hypothesis", "environment")
    }
    before = runspect("show", "-C", tmp_path / "runs", "first", "--json").json()
    after = runspect("show", "-C", tmp_path / "out", "first", "--json").json()
    assert {key: fact["value"] for key, fact in after["facts"].items()} == {
        key: fact["value"] for key, fact in before["facts"].items()
    }
    assert (after["uid"], after["state"], after["reason"]) == ("runspect:abc", "failed", "exit code 3")


def test_hostile_names_are_safe_and_unique(root: Path, tmp_path: Path) -> None:
    runspect("name", "-C", root, "a", "../../etc/passwd")
    runspect("name", "-C", root, "b", "..%2f/ETC-passwd\x1b[2K")
    assert runspect("export", "-C", root, "--to", tmp_path / "out", "--format", "record").code == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(names) == 2 and all(name[0] != "." and "/" not in name and name.isprintable() for name in names)
    heads = [json.loads((tmp_path / "out" / name / "run.json").read_bytes()) for name in names]
    assert "../../etc/passwd" in {head["name"] for head in heads}


def test_what_people_said_of_a_run_is_carried_along(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = runspect(
        "hypothesis", "new", "a lower rate is calmer", "--metric", "loss", "--by", "2w", "-C", root, "--json"
    )
    hypothesis = made.json()["id"]
    assert runspect("hypothesis", "link", "-C", root, hypothesis, "a").code == 0
    assert runspect("verdict", "-C", root, "a", "supported", "--note", "by 3 %").code == 0
    before = runspect("hypothesis", "show", "-C", root, hypothesis, "--json").json()
    assert runspect("export", "-C", root, "--to", tmp_path / "out", "--format", "record").code == 0
    monkeypatch.setenv("RUNSPECT_HOME", str(tmp_path / "other-home"))
    try:
        after = runspect("hypothesis", "show", "-C", tmp_path / "out", hypothesis, "--json").json()
        (shown,) = runspect("ls", "-C", tmp_path / "out", "verdict:supported", "--json").json()
        assert shown["name"] == "a"
    finally:
        runspect("engine", "stop")
    assert [_story(told) for told in (after, before)] == [_story(before)] * 2
    assert before["verdict"]["who"] and _story(before)["verdict"][:2] == ("supported", "by 3 %")


def test_what_an_export_says_holds_again_after_an_undo(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runspect("promote", "-C", root, "a", "--to", "production", "--why", "reviewed").code == 0
    assert runspect("export", "-C", root, "--to", tmp_path / "out", "--format", "record").code == 0
    monkeypatch.setenv("RUNSPECT_HOME", str(tmp_path / "other-home"))

    def stage() -> str:
        return str(runspect("stage", "-C", tmp_path / "out", "a", "--json").json()["stage"])

    try:
        assert stage() == "production"
        assert runspect("demote", "-C", tmp_path / "out", "a", "--why", "it leaks").code == 0
        assert stage() == "candidate"
        assert runspect("undo", "-C", tmp_path / "out").code == 0
        assert stage() == "production"
        assert runspect("undo", "-C", tmp_path / "out", "--redo").code == 0
        assert stage() == "candidate"
    finally:
        runspect("engine", "stop")


def _story(told: dict[str, Any]) -> dict[str, Any]:
    """A hypothesis with its verdict, times to the millisecond; the run's uid is another one in an export."""
    same = {key: told[key] for key in ("id", "text", "who", "by", "metric", "status")}
    verdict = tuple(told["verdict"][key] for key in ("verdict", "note", "who", "when"))
    runs = [(run["name"], run["how"], run["lead"], run["first"]) for run in told["runs"]]
    return {**same, "written": told["written"][:23], "verdict": (*verdict[:3], verdict[3][:23]), "runs": runs}


def test_the_console_of_an_archived_record_is_copied(tmp_path: Path) -> None:
    record = tmp_path / "runs" / "first"
    record.mkdir(parents=True)
    (record / "run.json").write_text('{"format": "runspect-record", "version": 1, "status": "finished"}')
    (record / "console.log").write_text("one\ntwo\n")
    with tarfile.open(tmp_path / "runs" / "all.tar", "w") as packed:
        packed.add(record, "first")
    shutil.rmtree(record)
    assert runspect("export", "-C", tmp_path / "runs", "--to", tmp_path / "out", "--format", "record").code == 0
    assert (tmp_path / "out" / "first" / "console.log").read_text() == "one\ntwo\n"
    assert runspect("tail", "-C", tmp_path / "runs", "first").out == "one\ntwo\n"
