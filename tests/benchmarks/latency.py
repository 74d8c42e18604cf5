"""How long an appended line takes to the screen while both cores burn and a tree is indexed; what an overflow hides."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from runspect.model import Push
from runspect.workspace import Workspace
from tests.benchmarks import trees
from tests.benchmarks.figures import Figure, spread
from tests.benchmarks.program import Program, busy, program, stopped
from tests.benchmarks.terminal import TimedTerminal

CORES = 2
APPENDS = 30
EVERY_S = 0.25
COLD_RUNS = 2_000
INOTIFY_MS = 500
"""Within this long an appended point is to be on the screen."""
MANY = 10_000
ROUNDS = 3
QUEUE = 16_384
"""Events that the kernel keeps for us; one more and it drops all that follow."""
LOG = Path("run/metrics.jsonl")
FIRST = 1_000
"""First value of the growing metric: each is a number that appears nowhere else on the screen."""


def figures() -> Iterator[Figure]:
    """Quiet, then busy, then many directories."""
    with program() as our:
        yield from _growing(our, "nothing else", burn=0, cold=None)
        yield from _growing(our, f"{CORES} busy cores", burn=CORES, cold=None)
        cold = trees.make(our.place / "cold", COLD_RUNS)
        yield from _growing(our, f"{CORES} busy cores, {COLD_RUNS:,} runs being indexed", burn=CORES, cold=cold)
    with program() as our:
        yield from _overflow(our)


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
        trees.append(self.file, len(self.written), value)
        self.written.append(time.perf_counter())
        return value


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
        since = terminal.received
        value = growth.append()
        growth.painted.append(terminal.until(f"{value:.0f}", since))
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
    yield from spread(f"append → painted, {when}", painted, INOTIFY_MS)


@contextmanager
def opened(our: Program, live: Path) -> Iterator[tuple[TimedTerminal, Workspace]]:
    """A run with one point, a screen that shows it and another client."""
    (live / LOG).parent.mkdir(parents=True)
    trees.append(live / LOG, 0, FIRST - 1)
    with our.client(live) as other, our.screen(live) as terminal:
        terminal.until(f"{FIRST - 1}")
        terminal.until("inotify")
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


def _overflow(our: Program) -> Iterator[Figure]:
    """The engine stands still while far more happens than the kernel can remember; all of it must be found."""
    tree = trees.make(our.place / "many", MANY, metrics=1, steps=2, params=0)
    logs = sorted(tree.rglob("metrics.jsonl"))
    with our.client(tree) as workspace:
        workspace.sync()
        begun = time.perf_counter()
        workspace.watch()
        mode = _mode(workspace)
        yield Figure(f"{MANY:,} directories armed", (time.perf_counter() - begun) * 1e3, "ms", note=mode)
        with stopped(our.engine_pid()):
            for number in range(ROUNDS):
                for log in logs:
                    trees.append(log, 2 + number, 1.0)
        assert len(logs) * ROUNDS > QUEUE
        begun = time.perf_counter()
        _until_all(workspace, MANY * (2 + ROUNDS))
        yield Figure(f"{len(logs) * ROUNDS:,} changes behind an overflow, all found", time.perf_counter() - begun, "s")


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
