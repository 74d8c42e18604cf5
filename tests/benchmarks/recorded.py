"""What recording a command costs: processor time beside it, memory, and the wait before it in a large repository."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.cli.program import environment
from tests.recorder.capture.repository import git, repository
from tests.recorder.launch.caller import LONG_S, children, command

WORK = """
import sys, time
began, steps, spent = time.monotonic(), 0, time.process_time()
while time.monotonic() - began < {seconds}:
    sum(i * i for i in range(60_000))
    steps += 1
    sys.stderr.write(f"\\rstep {{steps}} loss {{1 / steps:.4f}}")
    if steps % 10 == 0:
        print(f"step {{steps}} loss {{1 / steps:.4f}}", flush=True)
print("cpu", time.process_time() - spent)
"""
"""A trainer that prints at every step of a few milliseconds, a progress bar among it: far more than most do."""
SECONDS = 30
SETTLED_S = 5
FILES = 100_000


def figures() -> Iterator[Figure]:
    """Record a trainer, then a command in a repository of 100,000 files."""
    with tempfile.TemporaryDirectory() as directory:
        yield from _beside(Path(directory))
    with tempfile.TemporaryDirectory() as directory:
        yield from _before(Path(directory))


def _beside(place: Path) -> Iterator[Figure]:
    work = WORK.format(seconds=SECONDS)
    process = subprocess.Popen(
        command("-q", "-n", "x", "--", sys.executable, "-c", work), cwd=place, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env={**environment(), "RUNSPECT_HOME": str(place / "home")},
    )  # fmt: skip
    pids, memory, shared, first, since = [process.pid], 0, 0, 0.0, 0.0
    began = time.monotonic()
    while time.monotonic() - began < SECONDS - 3:
        time.sleep(1.0)
        pids = [process.pid, *_of_us(process.pid)]
        if time.monotonic() - began > SETTLED_S:
            if not first:
                first, since = sum(_ticks(pid) for pid in pids), time.monotonic()
            memory = max(memory, sum(_field(pid, "status", "VmRSS:") for pid in pids))
            shared = max(shared, sum(_field(pid, "smaps_rollup", "Pss:") for pid in pids))
    share = (sum(_ticks(pid) for pid in pids) - first) / (time.monotonic() - since)
    out, _ = process.communicate(timeout=LONG_S + SECONDS)
    assert process.returncode == 0 and b"cpu" in out
    told = json.loads((place / "runs" / "x" / "run.json").read_text())
    assert told["status"] == "finished" and (place / "runs" / "x" / "console.log").stat().st_size > 10_000
    yield Figure(
        "recorder's processor time until all is gathered", first, "s", note="once a run: git, packages, machine"
    )
    yield Figure(
        "recorder's processor time beside a trainer",
        share * 100,
        "%",
        1.0,
        note="of one core; it prints a progress bar at every step",
    )
    yield Figure(
        "recorder's resident memory, both processes",
        memory / 1024,
        "MB",
        30,
        note=f"{shared / 1024:.0f} MB without what they share",
    )


def _before(place: Path) -> Iterator[Figure]:
    root = repository(place / "code", train_py="1\n")
    for number in range(FILES // 100):
        (root / f"d{number}").mkdir()
        for inner in range(100):
            (root / f"d{number}" / f"f{inner}.py").write_text(f"{number} {inner}\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "many")
    (root / "d7" / "f7.py").write_text("changed\n")
    (root / "new.py").write_text("new\n")
    code = "import time, sys; print(time.time())"
    waits, cpus = list[float](), list[float]()
    for number in range(3):
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.time()
        done = subprocess.run(
            command("-q", "-n", f"x{number}", "--", sys.executable, "-c", code), cwd=root, capture_output=True, check=True,
            env={**environment(), "RUNSPECT_HOME": str(place / "home")},
        )  # fmt: skip
        waits.append(float(done.stdout) - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime)
        git_told = json.loads((root / "runs" / f"x{number}" / "run.json").read_text())["git"]
        assert git_told["dirty"] and "new.py" in git_told["untracked"], git_told
    note = f"git cut off: {git_told.get('cut', 'nothing')}"
    yield Figure("start of a command in a repository of 100,000 files", min(waits), "s", 2.0, note=note)
    small = place / "plain"
    small.mkdir()
    plain = min(_wait(small, ["-q"], code) for _ in range(3))
    yield Figure("the same outside of a repository", plain, "s", note="interpreters included")


def _wait(place: Path, words: list[str], code: str) -> float:
    began = time.time()
    done = subprocess.run(
        command(*words, "--", sys.executable, "-c", code), cwd=place, capture_output=True, check=True,
        env={**environment(), "RUNSPECT_HOME": str(place / "home"), "GIT_CEILING_DIRECTORIES": str(place.parent)},
    )  # fmt: skip
    return float(done.stdout) - began


def _of_us(front: int) -> list[int]:
    """The keeper, and what gathers facts while it is there; not the program."""
    with contextlib.suppress(OSError, IndexError):
        keeper = children(front)[0]
        return [keeper, *(pid for pid in children(keeper) if b"record" in Path(f"/proc/{pid}/cmdline").read_bytes())]
    return []


def _field(pid: int, file: str, name: str) -> int:
    """A number of kB from /proc."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    return 0


def _ticks(pid: int) -> float:
    """Seconds of processor time, those of ended children too."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0
