"""The writer of the open format: what lies on the disk after each call."""

from __future__ import annotations

import json
import math
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runspect.recorder.append import AppendFile
from runspect.recorder.layout import as_file_name, make_directory, replace_json
from runspect.recorder.writer import RecordWriter


def head(directory: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((directory / "run.json").read_text())
    return found


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk that is full: a write beyond `size` bytes of any file fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_record_from_its_begin_to_its_end(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "a" / "b", {"name": "mine", "config": {"lr": 0.1, "bad": math.nan}})
    begun = head(writer.directory)
    assert (begun["format"], begun["version"], begun["status"], begun["name"]) == (
        "runspect-record",
        1,
        "running",
        "mine",
    )
    writer.log({"loss": math.nan, "x": -math.inf}, 3, 12.34567)
    writer.log({"loss": 1.0}, None, 13)
    writer.console(b"\x1b[1mhello\r\n")
    writer.update({"seed": 4})
    writer.end("failed", 7, "it broke", signal="SIGTERM", peak={"memory_bytes": 5})
    writer.end("finished", 0)
    writer.log({"late": 1.0}, 4, 14)
    found = head(writer.directory)
    assert (found["status"], found["exit_code"], found["reason"], found["signal"]) == (
        "failed",
        7,
        "it broke",
        "SIGTERM",
    )
    assert found["seed"] == 4 and found["peak"] == {"memory_bytes": 5} and str(found["started"]) <= str(found["ended"])
    assert (writer.directory / "metrics.jsonl").read_text() == (
        '{"step": 3, "time": 12.346, "loss": NaN, "x": -Infinity}\n{"time": 13.000, "loss": 1.0}\n'
    )
    assert (writer.directory / "console.log").read_bytes() == b"\x1b[1mhello\r\n"
    assert {path.name for path in writer.directory.iterdir()} == {"run.json", "metrics.jsonl", "console.log"}


def test_a_torn_line_of_a_writer_that_died_is_ended(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "lo')
    writer = RecordWriter(tmp_path, {})
    writer.log({"loss": 2.0}, 2, 1.0)
    assert (tmp_path / "metrics.jsonl").read_text() == '{"step": 1, "lo\n{"step": 2, "time": 1.000, "loss": 2.0}\n'


def test_what_a_full_disk_does_not_take_is_written_later_in_whole(tmp_path: Path) -> None:
    file = AppendFile(tmp_path / "x")
    with files_no_larger_than(8192):
        with pytest.raises(OSError):
            for i in range(2000):
                file.append(b"line %06d\n" % i)
        assert file.kept
        with pytest.raises(OSError):
            file.append(b"more\n")
    file.append(b"end\n")
    lines = (tmp_path / "x").read_bytes().splitlines()
    numbers = [int(line.split()[1]) for line in lines[:-2]]
    assert numbers == list(range(len(numbers))) and lines[-2:] == [b"more", b"end"] and file.kept == 0


def test_the_old_head_stands_when_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    replace_json(path, {"a": 1})
    assert not (tmp_path / ".run.json.new").exists()
    with files_no_larger_than(100), pytest.raises(OSError):
        replace_json(path, {"a": "x" * 200})
    assert json.loads(path.read_text()) == {"a": 1}


def test_directories_are_each_of_their_own(tmp_path: Path) -> None:
    made: list[Path] = []
    threads = [
        threading.Thread(target=lambda: made.append(make_directory(tmp_path / "runs", "a/b c"))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {path.name for path in made} == {"a-b-c", *(f"a-b-c-{n}" for n in range(2, 21))}


@pytest.mark.parametrize(
    ("name", "file"), [("../x", "x"), ("", "run"), ("..", "run"), ("lr=1e-3,seed=2", "lr=1e-3,seed=2"), ("a\nb", "a-b")]
)
def test_names_are_safe_as_files(name: str, file: str) -> None:
    assert as_file_name(name) == file


def test_imports_the_standard_library_alone() -> None:
    code = (
        "import sys; before = set(sys.modules); import runspect.recorder.writer, runspect.recorder.process;"
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['runspect']"
