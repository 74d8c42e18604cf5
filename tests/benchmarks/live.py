"""What following one live run costs: a line twice a second beside 1,000 other runs, with the screen open on all of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure
from tests.benchmarks.formats.recipe import METRICS
from tests.benchmarks.program import cpu_seconds, program

RUNS = 1_000
BEFORE = 2_000
"""Lines that the live run has written already."""
EVERY_S = 0.5
WATCHED_S = 30.0
CORE_PERCENT = 3.0
"""Of a core, for engine and screen together."""


def figures() -> Iterator[Figure]:
    """CPU of engine and screen while the log grows; every line must have arrived."""
    with program() as our:
        tree = our.place / "tree"
        generate.corpus(tree, "jsonl", RUNS, metrics=5, steps=20)
        log = tree / "live" / "metrics.jsonl"
        log.parent.mkdir()
        for step in range(BEFORE):
            _append(log, step)
        our.command("ls", "-C", tree, "--json", "-n", "1")
        with our.screen(tree) as terminal:
            terminal.until("live")
            terminal.until_shown("inotify")
            engine = our.engine_pid()
            with _growing(log) as written:
                terminal.received_within(5.0)
                before = [cpu_seconds((pid,)) for pid in (engine, terminal.pid)]
                since = terminal.received
                terminal.received_within(WATCHED_S)
                after = [cpu_seconds((pid,)) for pid in (engine, terminal.pid)]
                came = terminal.received - since
            terminal.received_within(2.0)
        with our.client(tree) as client:
            assert len(client.series("live", "loss")["value"]) == BEFORE + len(written)
    used = [(one - other) / WATCHED_S * 100 for one, other in zip(after, before, strict=True)]
    yield Figure(f"a live run at {1 / EVERY_S:.0f} Hz beside {RUNS:,} others: the engine", used[0], "% core")
    yield Figure("the screen", used[1], "% core", note=f"{came / WATCHED_S:,.0f} B/s")
    yield Figure("both", sum(used), "% core", CORE_PERCENT, row=12)


@contextmanager
def _growing(log: Path) -> Iterator[list[int]]:
    """A log that gets a line every now and then; the steps that were written."""
    written: list[int] = []
    stop = threading.Event()

    def grow() -> None:
        while not stop.wait(EVERY_S):
            _append(log, BEFORE + len(written))
            written.append(BEFORE + len(written))

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        yield written
    finally:
        stop.set()
        writer.join()


def _append(log: Path, step: int) -> None:
    row = {"step": step, **{name: 2.0 / (1 + step + at) for at, name in enumerate(METRICS[:5])}}
    with log.open("a") as file:
        file.write(json.dumps(row) + "\n")
