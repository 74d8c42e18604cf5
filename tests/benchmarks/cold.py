"""How long a tree takes to index, how big the index gets, and how long it takes when nothing has changed since."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure
from tests.benchmarks.opened import opened
from tests.benchmarks.program import Program, best, cpu_seconds, program, proportional_memory, seconds

RUNS, METRICS, STEPS = 10_000, 6, 200
VISIBLE_S, INDEXED_S = 0.6, 4.0


def figures() -> Iterator[Figure]:
    """Index a generated tree and, where it is at hand, the collection of real logs."""
    with program() as our:
        _compile(our)
        tree = our.place / "tree"
        generate.corpus(tree, "jsonl", RUNS, metrics=METRICS, steps=STEPS)
        megabytes = sum(path.stat().st_size for path in tree.rglob("metrics.jsonl")) / 1e6
        yield from _cold(our, tree, megabytes)
        yield from _warm(our, tree, f"unchanged tree of {RUNS:,} runs")
    real = os.environ.get("RUNSPECT_REAL", "")
    if real:
        yield from _real(Path(real))


def _compile(our: Program) -> None:
    """Have the modules of engine and screen compiled, as an installation has them; the engine leaves again, and its index with it."""
    other = our.place / "other"
    generate.corpus(other, "jsonl", 1, metrics=1, steps=1)
    with our.screen(other) as terminal:
        terminal.until("run-")
    our.stop_engine()
    our.command("cache", "--clear")


def _cold(our: Program, tree: Path, megabytes: float) -> Iterator[Figure]:
    """The screen is opened on a tree that nobody has seen; it is ready when its count of runs and points is right."""
    what = f"cold: {RUNS:,} runs x {METRICS} metrics x {STEPS} steps, {megabytes:.0f} MB"
    with our.screen(tree) as terminal:
        visible = terminal.until("run-", deadline_s=600) - terminal.begun
        engine = our.engine_pid()
        note = f"{cpu_seconds((engine,)):.1f} s CPU of the engine by then"
        yield Figure(f"{what}: first rows visible", visible, "s", VISIBLE_S, note=note, row=22)
        table = terminal.until_shown(f"{RUNS:,} runs", 600) - terminal.begun
        note = f"{cpu_seconds((engine,)):.1f} s CPU of the engine by then"
        yield Figure(f"{what}: table of all runs visible", table, "s", VISIBLE_S, note=note, row=22)
        with our.client(tree) as workspace:
            workspace.sync()
            indexed = time.perf_counter() - terminal.begun
            (counted,) = workspace.sql("SELECT count(DISTINCT rid), count(*) FROM points_now").rows
            points = RUNS * METRICS * STEPS
            assert list(counted) == [RUNS, points], counted
            size = int(str(workspace.status()["index_bytes"]))
        used = cpu_seconds((engine,))
        note = f"{used:.1f} s CPU of the engine and its workers, {megabytes / used:.0f} MB and {points / used / 1e6:.2f} M points a CPU s"
        yield Figure(f"{what}: all indexed", indexed, "s", INDEXED_S, note=note, row=22)
    yield Figure(f"index on the disk, {points:,} points", size / points, "B/pt", 16, row=24)
    yield Figure("engine after it, memory", proportional_memory(engine), "MB", 350, row=10)


def _real(place: Path) -> Iterator[Figure]:
    files = sum(len(names) for _, _, names in os.walk(place))
    with program() as our:
        our.command("--help")
        took = seconds(lambda: our.command("ls", "-C", place, "--json", "-n", "1"))
        cpu = cpu_seconds((our.engine_pid(),))
        runs = len(json.loads(our.command("ls", "-C", place, "--json", "--fields", "uid")))
        assert runs
        yield Figure("cold: the real logs", took, "s", 20, note=f"{files:,} files, {runs:,} runs, {cpu:.1f} s CPU")
        took = best(lambda: our.command("ls", "-C", place, "--json", "-n", "1"), 3)
        yield Figure("unchanged real logs, engine up", took * 1e3, "ms")


def _warm(our: Program, tree: Path, what: str) -> Iterator[Figure]:
    """No log may be opened for a tree that did not change."""
    our.stop_engine()
    with opened(tree) as names:
        took = seconds(lambda: our.command("ls", "-C", tree, "--json", "-n", "1"))
    assert not names, f"{len(names)} files were opened, the first {names[0]}"
    yield Figure(f"{what}, engine not up yet", took * 1e3, "ms", note="no log opened")
    took = best(lambda: our.command("ls", "-C", tree, "--json", "-n", "1"), 5)
    yield Figure(f"{what}, engine up", took * 1e3, "ms")
