"""The open format of a run, version 1: the names in its directory, and the small rules that its writers share.

run.json              what it is and how it ended; replaced as a whole by a rename, never edited in place
api.json              what the program itself added to a record that `runspect record` keeps; replaced likewise
metrics.jsonl         {"step": 12, "time": 1764115200.123, "train/loss": 0.5}, append-only
metrics-rank3.jsonl   the same of another rank
console.log           bytes as the terminal got them, append-only
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path

FORMAT = "runspect-record"
VERSION = 1
HEAD = "run.json"
ADDED = "api.json"
METRICS = "metrics.jsonl"
CONSOLE = "console.log"
JOIN = "RUNSPECT_RECORD"
"""Environment variable: the directory of the record that a program under `runspect record` joins."""
HYPOTHESIS = "RUNSPECT_HYPOTHESIS"
"""Environment variable: what the runs that start here are to show, as text or as the id of a hypothesis."""

MARK = "runspect.record"
"""Tag that a logger puts on its runs where it takes tags from the environment: the id of the record of the program."""

LATE = "the working tree was looked at until"
"""So a line of `git.cut` begins that tells of no loss."""

SPARE = 16 << 10
"""Bytes set aside in `.run.json.new` while a run lives."""

_NO_NAME = re.compile(r"[^\w.+=@,-]+")
_LONGEST_NAME = 120


def metrics_file(rank: int = 0) -> str:
    """Name of the file with the points of a rank."""
    return f"metrics-rank{rank}.jsonl" if rank else METRICS


def timestamp() -> str:
    """Now, in ISO 8601, UTC, to the millisecond."""
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}+00:00"


def as_file_name(name: str) -> str:
    """A run's name as one that any file system takes: no separators, no blanks, no dot in front; "run" for nothing."""
    return _NO_NAME.sub("-", name).strip("-.")[:_LONGEST_NAME] or "run"


def make_directory(root: Path, name: str) -> Path:
    """Make a directory for a run below `root`, of its own even where several begin at once: NAME, NAME-2, NAME-3 …

    Raises:
        OSError: It cannot be made.
    """
    root.mkdir(parents=True, exist_ok=True)
    for candidate in _candidates(as_file_name(name)):
        try:
            (root / candidate).mkdir()
        except FileExistsError:
            continue
        return root / candidate
    raise AssertionError("names do not end")


def replace_json(path: Path, content: Mapping[str, object], *, again: bool = False) -> None:
    """Write an object beside `path` and move it into place: nobody ever sees half of it, a crash leaves the old one.

    With `again` room is set aside for the next time, so that a run can tell its end on a disk that others filled.

    Raises:
        OSError: It cannot be written; the old file is as it was.
    """
    draft = path.with_name(f".{path.name}.new")
    data = json.dumps(content, indent=2, default=str).encode("ascii") + b"\n"
    descriptor = os.open(
        draft, os.O_WRONLY | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666
    )  # not emptied: see `again`
    with open(descriptor, "wb", buffering=0) as file:  # noqa: PTH123 - a descriptor
        while data:
            data = data[file.write(data) :]
        file.truncate()
        os.fsync(descriptor)
    draft.replace(path)
    if again:
        _set_aside(draft, max(SPARE, 2 * path.stat().st_size))


def process_started(pid: int) -> float | None:
    """When a process began, s since 1970, from /proc; None where there is none. It tells a pid that was given anew."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        lines = Path("/proc/stat").read_text("ascii", "replace").splitlines()
        boot = next(float(line.split()[1]) for line in lines if line.startswith("btime "))
        return round(boot + int(fields[19]) / os.sysconf("SC_CLK_TCK"), 2)
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _set_aside(draft: Path, size: int) -> None:
    """Take so much room, or as much as there is for a short head; without any the end is told if there is some by then."""
    try:
        with draft.open("xb", buffering=0) as file:
            for wanted in (size, SPARE // 2, SPARE // 4):
                if _taken(file, wanted):
                    return
    except OSError:
        return


def _taken(file: FileIO, size: int) -> bool:
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            file.write(bytes(size))
    except OSError:
        return False
    return True


def _candidates(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1
