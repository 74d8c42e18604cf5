"""What recording costs the program that is recorded: the import, a call of `log`, what `kill -9` takes away."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.program import best_cpu

CALLS = 1_000_000
IMPORTS = 15
KILLS = 3
_LOG = """
import runspect, sys, time
run = runspect.start(name="x", dir=sys.argv[1], capture=False)
began, cpu = time.perf_counter(), time.process_time()
for step in range({calls}):
    run.log({{"train/loss": 1 / (step + 1), "train/acc": 0.5, "lr": 1e-3}}, step=step)
logged = time.perf_counter()
run.finish()
print(logged - began, time.perf_counter() - began, time.process_time() - cpu)
"""
_FOREVER = """
import runspect, sys, time
run = runspect.start(name="x", dir=sys.argv[1], capture=False)
step = 0
while True:
    run.log({"a": step}, step=step)
    print(time.time(), flush=True)
    step += 1
    time.sleep(0.01)
"""


def figures() -> Iterator[Figure]:
    """Record programs of several kinds."""
    yield _import()
    with tempfile.TemporaryDirectory() as place:
        yield from _calls(Path(place) / "calls")
        lost = [_lost(Path(place) / f"killed-{number}") for number in range(KILLS)]
        yield Figure("points lost to kill -9, the longest of all kills", max(lost), "s", 1, note=f"{KILLS} kills")


def _python(code: str, *words: str) -> str:
    return subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True, text=True).stdout


def _import() -> Figure:
    bare = best_cpu(partial(_python, "pass"), IMPORTS)
    ours = best_cpu(partial(_python, "import runspect.recorder"), IMPORTS)
    note = f"CPU beyond bare Python's {bare * 1e3:.0f} ms"
    return Figure("import runspect.recorder", (ours - bare) * 1e3, "ms", 30, note=note)


def _calls(place: Path) -> Iterator[Figure]:
    logged, all_, cpu = map(float, _python(_LOG.format(calls=CALLS), str(place)).split())
    record = place / "x"
    with (record / "metrics.jsonl").open() as file:
        assert all(json.loads(line)["step"] == step for step, line in enumerate(file) if step % 1000 == 0)
    assert (record / "metrics.jsonl").read_bytes().count(b"\n") == CALLS
    assert "dropped" not in json.loads((record / "run.json").read_text())
    note = f"{all_:.1f} s until all is on the disk, {cpu:.1f} s CPU"
    yield Figure(f"{CALLS:,} calls of log with three values", logged, "s", 10, note=note)


def _lost(place: Path) -> float:
    process = subprocess.Popen([sys.executable, "-c", _FOREVER, str(place)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    began, last = time.monotonic(), 0.0
    for line in process.stdout:
        last = float(line)
        if time.monotonic() > began + 1.3:
            break
    process.send_signal(signal.SIGKILL)
    last = max([last, *(float(line) for line in process.communicate()[0].splitlines())])
    points = (place / "x" / "metrics.jsonl").read_text().splitlines()
    return last - float(json.loads(points[-1])["time"])
