"""What nothing costs: CPU, bytes and memory at rest, with 10,000 runs that all ended."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import cpu_seconds, proportional_memory

RUNS = 10_000
CALM_S, REST_S = 60.0, 240.0
"""Until the first sweeps are over; longer than the time from one to the next."""


def figures() -> Iterator[Figure]:
    """Open the screen and leave it alone."""
    with indexed(RUNS) as (our, tree), our.opened(tree, generate.name(RUNS - 1)) as terminal:
        pids = (terminal.pid, our.engine_pid())
        terminal.received_within(CALM_S)
        before = [cpu_seconds((pid,)) for pid in pids]
        came = terminal.received_within(REST_S)
        used = [(cpu_seconds((pid,)) - was) / REST_S * 100 for pid, was in zip(pids, before, strict=True)]
        note = f"screen {used[0]:.2f}, engine {used[1]:.2f}"
        yield Figure(f"at rest, {RUNS:,} runs: CPU of screen and engine", sum(used), "% core", 0.5, note=note, row=11)
        yield Figure("at rest: to the terminal", came / REST_S, "B/s", 0, row=11)
        yield Figure(f"memory of the screen, {RUNS:,} runs", proportional_memory(pids[0]), "MB", 110, row=10)
        yield Figure(f"memory of the engine, {RUNS:,} runs", proportional_memory(pids[1]), "MB", 350, row=10)
