"""Files of many runs that a recorded program wrote: whether others had them, too, and whose runs they are then."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runspect.recorder.launch.marking import CONTEXT, marked
from runspect.recorder.launch.written import WrittenFiles
from runspect.recorder.layout import MARK
from tests.cli.program import environment, runspect
from tests.recorder.launch.caller import begin, head, record, until

HERE = str(Path(__file__).parents[3])
STORE = f"""
import json, os, sys, time
sys.path.insert(0, {HERE!r})
from pathlib import Path
from tests.readers.make_mlflow import BEGUN_MS, Database

name, marks = sys.argv[1:3]
store = Database(Path("mlflow.db")) if not Path("mlflow.db").exists() else Database.again(Path("mlflow.db"))
store.run(name, "FINISHED")
store.sql("UPDATE runs SET start_time = ?, source_name = ? WHERE run_uuid = ?", time.time() * 1000, sys.argv[0], name)
for key, value in json.loads(os.environ.get("MLFLOW_RUN_CONTEXT", "{{}}")).items() if marks == "marked" else ():
    store.sql("INSERT INTO tags VALUES (?, ?, ?)", key, value, name)
store.log(name, range(3))
print("ready", flush=True)
input()
"""
"""Writes a run as MLflow does, and keeps the store open until it is told to end."""


def _program(cwd: Path) -> None:
    (cwd / "train.py").write_text(STORE)


def _by_name(cwd: Path) -> dict[str, Any]:
    return {run["name"]: run for run in runspect("ls", "-C", cwd, "--json", cwd=cwd).json()}


def _ready(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"


def test_a_run_of_a_store_that_nobody_else_has_open(tmp_path: Path) -> None:
    _program(tmp_path)
    words = ("-q", "-n", "mine", "--", sys.executable, "train.py", "aaaa", "bare")
    assert record(*words, cwd=tmp_path, input=b"\n").returncode == 0
    assert not any("shared" in log for log in head(tmp_path)["logs"])
    runs = _by_name(tmp_path)
    assert list(runs) == ["mine"] and runs["mine"]["tools"] == ["mlflow", "runspect"]


@pytest.mark.parametrize("marks", ["bare", "marked"])
def test_a_store_that_another_program_writes_meanwhile(marks: str, tmp_path: Path) -> None:
    _program(tmp_path)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": tmp_path}
    with subprocess.Popen([sys.executable, "train.py", "theirs", "bare"], env=environment(), **pipes) as other:
        _ready(other)
        words = ("-q", "-n", "mine", "--", sys.executable, "train.py", "aaaa", marks)
        with begin(*words, cwd=tmp_path) as process:
            _ready(process)
            until(lambda: any("shared" in log for log in head(tmp_path).get("logs", ())))
            process.communicate(b"\n")
        other.communicate(b"\n")
    runs = _by_name(tmp_path)
    assert runs["name-thei"]["parent"] is None
    assert runs["mine"]["tools"] == (["mlflow", "runspect"] if marks == "marked" else ["runspect"])
    assert ("name-aaaa" in runs) == (marks == "bare")


def _seen(tmp_path: Path) -> tuple[WrittenFiles, str]:
    return WrittenFiles(tmp_path / "runs" / "a", str(tmp_path), 0.0), str(tmp_path / "mlflow.db")


def _is_shared(files: WrittenFiles) -> bool:
    (log,) = files.facts()
    return "shared" in log


def test_a_store_is_the_program_s_where_it_is_kept_open_or_nobody_else_is_there(tmp_path: Path) -> None:
    files, store = _seen(tmp_path)
    files.saw([store], 1.0)
    assert _is_shared(files)  # nothing is known of others yet
    files.changed_at([(store, 1.5)], 0.0, alone=False)
    files.saw([store], 2.0)
    files.saw([store], 3.5)
    assert not _is_shared(files)  # it was kept open all the time: others would be seen to have it
    files.changed_at([(store, 9.0)], 1.5, alone=False)
    assert not _is_shared(files)
    files.shared([store])
    assert _is_shared(files) and files.stores() == []
    closed, store = _seen(tmp_path)
    closed.changed_at([(store, 1.5)], 0.0, alone=True)
    assert not _is_shared(closed)


def test_a_store_that_is_closed_after_each_write_is_anybody_s_while_others_are_there(tmp_path: Path) -> None:
    files, store = _seen(tmp_path)
    files.changed_at([(store, 1.5)], 0.0, alone=True)
    files.changed_at([(store, 2.5)], 1.5, alone=False)
    files.changed_at([(store, 3.5)], 2.5, alone=True)
    assert _is_shared(files)
    now_and_then, store = _seen(tmp_path)
    for moment in (1.0, 2.0, 3.0, 4.0, 5.0):
        now_and_then.saw([store] if moment % 2 else [], moment)
    assert _is_shared(now_and_then)


def test_the_mark_stands_beside_what_the_user_says() -> None:
    assert json.loads(marked({CONTEXT: '{"team": "x"}'}, "r1")[CONTEXT]) == {"team": "x", MARK: "r1"}
    assert json.loads(marked({}, "r1")[CONTEXT]) == {MARK: "r1"}
    assert [marked({CONTEXT: odd}, "r1")[CONTEXT] for odd in ("{", "[1]")] == ["{", "[1]"]
