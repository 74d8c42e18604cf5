"""`python -m tests.benchmarks.latency`: append → committed and told, while both cores burn and a tree is indexed.

Prints the latency of a growing file: idle, with two busy processes, and with those and a cold tree being indexed; then
10,000 watched directories, and how long a change lasts that an overflown event queue hides.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engine.syncing import Bench, bench, log

APPENDS = 60
PAUSE_S = 0.1
BURN = "import os\nwhile os.getppid() != 1:\n    sum(range(10000))\n"


def main() -> int:
    """Measure everything."""
    directory = Path(tempfile.mkdtemp(prefix="latency-"))
    try:
        with bench(directory / "index.duckdb") as made:
            measure_appends(made, directory)
        with bench(directory / "many.duckdb") as made:
            measure_many(made, directory / "many")
    finally:
        shutil.rmtree(directory)
    return 0


def measure_appends(made: Bench, directory: Path) -> None:
    """Latencies of one growing file under three loads."""
    live, cold = directory / "live", directory / "cold"
    log(live / "run", range(1))
    made.syncer.watch([live])
    made.until(lambda: made.syncer.mode_of(live) == "inotify" and newest(made) >= 0)
    show("idle", latencies(made, live / "run"))
    with burning(os.cpu_count() or 2):
        show("both cores busy", latencies(made, live / "run"))
        grow_forest(cold)
        made.syncer.watch([live, cold])
        begun = time.monotonic()
        made.until(lambda: made.syncer.status()["busy"] or made.runs(cold))
        show(
            "both cores busy, a tree being indexed",
            latencies(made, live / "run", lambda: not made.syncer.status()["busy"]),
        )
        made.until(lambda: not made.syncer.status()["busy"], within_s=120)
        points = made.sql("SELECT count(*) FROM points")[0][0]
        print(f"  meanwhile: {len(made.runs(cold)):,} runs, {points:,} points in {time.monotonic() - begun:.1f} s")


def latencies(made: Bench, run: Path, enough: Callable[[], bool] | None = None) -> list[float]:
    """Seconds from the write of a line to its news, of each append."""
    found: list[float] = []
    known = newest(made)
    for step in range(known + 1, known + 1 + APPENDS):
        if found and enough is not None and enough():
            break
        begun = time.monotonic()
        log(run, range(step, step + 1))
        made.until(_reached(made, step))
        found.append(time.monotonic() - begun)
        time.sleep(PAUSE_S)
    return found


def _reached(made: Bench, step: int) -> Callable[[], bool]:
    return lambda: newest(made) >= step


def newest(made: Bench) -> int:
    """Last committed step of the growing run."""
    return int(
        made.sql("SELECT coalesce(max(last_step), -1) FROM series s JOIN runs r USING (rid) WHERE r.path = 'run'")[0][0]
    )


def measure_many(made: Bench, tree: Path, directories: int = 10_000) -> None:
    """Ten thousand directories: start, memory, and what an overflow hides."""
    for number in range(directories):
        log(tree / f"r{number // 100}/{number}", range(1))
    begun = time.monotonic()
    made.syncer.sync([tree])
    print(f"10,000 directories: indexed in {time.monotonic() - begun:.1f} s", flush=True)
    before, begun = resident(), time.monotonic()
    made.syncer.watch([tree])
    made.until(lambda: made.syncer.mode_of(tree) and not made.syncer.status()["busy"], within_s=120)
    print(
        f"  watched in {time.monotonic() - begun:.2f} s, {(resident() - before) / 1e6:.1f} MB more: {made.syncer.mode_of(tree)}"
    )
    begun = time.monotonic()
    flood(tree, directories)
    written = time.monotonic()
    made.until(
        lambda: made.sql("SELECT count(*) FROM series_now WHERE last_step = 1")[0][0] == directories, within_s=120
    )
    print(
        f"  {directories:,} appends in {written - begun:.1f} s; the last is in the index {time.monotonic() - written:.1f} s later"
    )


def flood(tree: Path, directories: int) -> None:
    """One line to every run, with more events than the kernel's queue holds."""
    for number in range(directories):
        path = tree / f"r{number // 100}/{number}/metrics.jsonl"
        line = json.dumps({"step": 1, "loss": 0.5})
        with path.open("a", buffering=1) as file:
            file.write(line[:5])
            file.flush()
            file.write(line[5:] + "\n")


def grow_forest(tree: Path, runs: int = 1500, steps: int = 400) -> None:
    """A tree worth indexing."""
    for number in range(runs):
        log(tree / f"run{number}", range(steps), acc=0.5, lr=1e-3)


def show(what: str, seconds: list[float]) -> None:
    """One line of figures."""
    listed = sorted(second * 1e3 for second in seconds)
    if listed:
        middle, high = listed[len(listed) // 2], listed[int(len(listed) * 0.95)]
        print(
            f"{what}: append → in the index and told, {len(listed)} times: p50 {middle:.0f} p95 {high:.0f} max {listed[-1]:.0f} ms",
            flush=True,
        )


@contextmanager
def burning(processes: int) -> Iterator[None]:
    """Busy processes, one a core."""
    started = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
