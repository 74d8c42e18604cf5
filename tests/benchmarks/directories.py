"""Ten thousand watched directories: how soon, at which cost, and what an overflow of the kernel's queue hides."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from runspect.workspace import Workspace
from tests.benchmarks import generate, peers
from tests.benchmarks.figures import Figure
from tests.benchmarks.latency import append
from tests.benchmarks.program import cpu_seconds, program, proportional_memory, stopped

MANY, STEPS = 10_000, 2
LIVE, APPENDS = 50, 50
ROUNDS = 3
QUEUE = 16_384
"""Events that the kernel keeps for us; one more and it drops all that follow."""


def figures() -> Iterator[Figure]:
    """Watch; then the engine stands still while far more happens than the kernel remembers; all of it must be found."""
    with program() as our:
        tree = our.place / "many"
        recipes = generate.corpus(tree, "jsonl", MANY, metrics=1, steps=STEPS, params=1)
        logs = [generate.FORMATS["jsonl"].place(tree, recipe) / "metrics.jsonl" for recipe in recipes]
        with our.client(tree) as workspace:
            workspace.sync()
            engine = our.engine_pid()
            memory, cpu, begun = proportional_memory(engine), cpu_seconds((engine,)), time.perf_counter()
            workspace.watch()
            mode = _mode(workspace)
            took, used = time.perf_counter() - begun, cpu_seconds((engine,)) - cpu
            watched = Figure(f"{MANY:,} directories watched", took, "s", 1.2, note=f"{used:.2f} s CPU, {mode}", row=17)
            grown = proportional_memory(engine) - memory
            yield Figure(f"{MANY:,} directories watched, memory of the engine", max(0.0, grown), "MB", 20, row=17)
            with stopped(engine):
                for number in range(ROUNDS):
                    for log in logs:
                        append(log, STEPS + number, 1.0)
            assert len(logs) * ROUNDS > QUEUE
            begun, cpu = time.perf_counter(), cpu_seconds((engine,))
            _until_all(workspace, MANY * (STEPS + ROUNDS))
            took, used = time.perf_counter() - begun, cpu_seconds((engine,)) - cpu
            what = f"{len(logs) * ROUNDS:,} changes behind an overflow, all found"
            yield Figure(what, took, "s", note=f"{used:.1f} s CPU", row=17)
        our.stop_engine()
        yield replace(watched, peer=_watchdog(tree, logs[:LIVE]))


def _watchdog(tree: Path, logs: Sequence[Path]) -> str:
    """watchdog with its defaults: until it watches, and how many appends it tells of within a few seconds."""
    events, observers = peers.module("watchdog.events"), peers.module("watchdog.observers")
    if events is None or observers is None:
        return "watchdog is not installed"
    wanted, told = {str(log) for log in logs}, list[str]()
    handler = events.FileSystemEventHandler()
    handler.on_modified = lambda event: told.append(event.src_path)
    observer = observers.Observer()
    begun = time.perf_counter()
    observer.schedule(handler, str(tree), recursive=True)
    observer.start()
    took = time.perf_counter() - begun
    tick = threading.Event()
    for number in range(APPENDS):
        for log in logs:
            append(log, STEPS + ROUNDS + number, 1.0)
        tick.wait(0.1)
    tick.wait(2.0)
    seen = min(len(logs) * APPENDS, sum(path in wanted for path in told))
    observer.stop()
    observer.join()
    return f"watchdog {took:.1f} s, tells of {seen:,} of {len(logs) * APPENDS:,} changes"


def _mode(workspace: Workspace) -> str:
    while not (modes := [str(root["mode"]) for root in workspace.roots() if root["mode"]]):
        threading.Event().wait(0.01)
    return modes[0]


def _until_all(workspace: Workspace, points: int, deadline_s: float = 300.0) -> None:
    deadline = time.monotonic() + deadline_s
    tick = threading.Event()
    while (held := workspace.sql("SELECT count(*) FROM points_now").rows[0][0]) != points:
        assert time.monotonic() < deadline, f"{held:,} of {points:,} points"
        assert int(str(held)) < points, "points were counted twice"
        tick.wait(0.1)
