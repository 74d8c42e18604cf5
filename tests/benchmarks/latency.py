"""How long an appended line takes to the screen while both cores burn and a tree is indexed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from runspect.model import Push
from runspect.workspace import Workspace
from tests.benchmarks import generate
from tests.benchmarks.figures import Figure, spread
from tests.benchmarks.program import Program, busy, program
from tests.benchmarks.terminal import TimedTerminal

CORES = 2
APPENDS = 30
EVERY_S = 0.25
COLD_RUNS = 2_000
APPEND_MS = {50: 150.0, 95: 300.0}
"""By when an appended point is to be on the screen."""
LOG = Path("run/metrics.jsonl")
FIRST = 1_000
"""First value of the growing metric: each is a number that appears nowhere else on the screen."""


def figures() -> Iterator[Figure]:
    """Quiet, then busy."""
    with program() as our:
        yield from _growing(our, "nothing else", burn=0, cold=None)
        yield from _growing(our, f"{CORES} busy cores", burn=CORES, cold=None)
        cold = our.place / "cold"
        generate.corpus(cold, "jsonl", COLD_RUNS)
        yield from _growing(our, f"{CORES} busy cores, {COLD_RUNS:,} runs being indexed", burn=CORES, cold=cold)


@dataclass(slots=True)
class Growth:
    """A live log, and when each of its values was written, told of and painted; mutable, of two threads."""

    file: Path
    written: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)

    def append(self) -> float:
        """The next value, on its way."""
        value = float(FIRST + len(self.written))
        append(self.file, len(self.written), value)
        self.written.append(time.perf_counter())
        return value


def append(file: Path, step: int, value: float) -> None:
    """One more line of a log, on the disk when this returns as far as other processes see."""
    with file.open("a") as log:
        log.write(json.dumps({"step": step, "loss": value}) + "\n")


def grow(terminal: TimedTerminal, file: Path, other: Workspace, appends: int = APPENDS) -> Growth:
    """Append values one by one; each must be told to the other client and painted by the screen."""
    growth = Growth(file)
    arrived: list[float] = []
    news = threading.Event()

    def on_push(push: Push) -> None:
        if push.rids or push.everything:
            arrived.append(time.perf_counter())
            news.set()

    other.on_push = on_push
    other.watch()
    for _ in range(appends):
        arrived.clear()
        news.clear()
        value = growth.append()
        growth.painted.append(terminal.until_shown(f"{value:.0f}"))
        assert news.wait(5)
        growth.told.append(arrived[0])
        terminal.received_within(EVERY_S)
    return growth


def _growing(our: Program, when: str, burn: int, cold: Path | None) -> Iterator[Figure]:
    live = our.place / f"live-{burn}-{cold is not None}"
    with opened(our, live) as (terminal, other):
        with busy(burn):
            if cold is None:
                growth = grow(terminal, live / LOG, other)
            else:
                with indexing(our, cold, COLD_RUNS) as work:
                    growth = grow(terminal, live / LOG, other)
                    lasted = work.is_alive()
                when += "" if lasted else " (done before the last append)"
        check(other, APPENDS)
    waits = zip(growth.written, growth.told, growth.painted, strict=True)
    told, painted = zip(*((told - written, shown - written) for written, told, shown in waits), strict=True)
    yield from spread(f"append → told, {when}", told)
    yield from spread(f"append → painted, one run, {when}", painted, APPEND_MS, row=16)


@contextmanager
def opened(our: Program, live: Path) -> Iterator[tuple[TimedTerminal, Workspace]]:
    """A run with one point, a screen that shows it and another client."""
    (live / LOG).parent.mkdir(parents=True)
    append(live / LOG, 0, FIRST - 1)
    with our.client(live) as other, our.screen(live) as terminal:
        terminal.until(f"{FIRST - 1}")
        terminal.until_shown("inotify")
        terminal.settle()
        yield terminal, other


@contextmanager
def indexing(our: Program, tree: Path, runs: int) -> Iterator[threading.Thread]:
    """A tree is being indexed meanwhile; afterwards all of it must be there."""
    with our.client(tree) as indexer:
        work = threading.Thread(target=indexer.sync)
        work.start()
        yield work
        work.join()
        assert indexer.order().total == runs


def check(other: Workspace, appends: int) -> None:
    """Every appended point is in the index, once."""
    wanted = [FIRST - 1.0, *(float(FIRST + at) for at in range(appends))]
    assert other.series("run", "loss")["value"] == wanted
