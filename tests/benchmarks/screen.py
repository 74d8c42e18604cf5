"""What the screen costs: bytes and waiting for each key, bytes while nothing happens, keys while a tree is being indexed."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import trees
from tests.benchmarks.figures import Figure, percentile, spread
from tests.benchmarks.program import Program, cpu_seconds, program, proportional_memory
from tests.benchmarks.terminal import Reaction, TimedTerminal

SIZES = (1_000, 5_000)
COLD_RUNS = 3_000
MOVES = 40
SETTLED_S = 0.6
"""Longer than the rest after which the charts follow the cursor."""
IDLE_S = 5.0
MOVE_BYTES = 2_000
SHORT = 0.03
"""A pause that parts a key from the next and is too short for the charts to follow."""


def figures() -> Iterator[Figure]:
    """Work on lists of two lengths, then while a third tree is being indexed."""
    with program() as our:
        trees_by_size = {size: trees.make(our.place / f"tree-{size}", size, metrics=3, steps=20) for size in SIZES}
        for size, tree in trees_by_size.items():
            our.command("ls", "-C", tree, "--json", "-n", "1")
            with _opened(our, tree, size) as terminal:
                yield from _keys(terminal, size)
                if size == SIZES[-1]:
                    yield from _rest(our, terminal)
        cold = trees.make(our.place / "cold", COLD_RUNS)
        with _opened(our, trees_by_size[SIZES[0]], SIZES[0]) as terminal:
            yield from _while_indexing(our, terminal, cold)


def _opened(our: Program, tree: Path, runs: int) -> TimedTerminal:
    shutil.rmtree(our.place / "home" / "state", ignore_errors=True)  # what the last screen looked like
    terminal = our.screen(tree)
    terminal.until(trees.name(runs - 1))
    terminal.until("inotify")
    terminal.settle(SETTLED_S)
    return terminal


def _keys(terminal: TimedTerminal, runs: int) -> Iterator[Figure]:
    moves = [terminal.react("down", SHORT) for _ in range(10)] + [terminal.react("up", SHORT) for _ in range(10)]
    yield from _told(f"cursor move, {runs:,} runs", moves, MOVE_BYTES)
    terminal.settle(SETTLED_S)
    yield _bytes("the charts that follow it", [terminal.react("down", SETTLED_S) for _ in range(3)])
    terminal.press("end")
    terminal.settle(SETTLED_S)
    assert trees.name(0) in terminal.text
    terminal.press("home")
    terminal.settle(SETTLED_S)
    assert trees.name(runs - 1) in terminal.text
    yield from _told("page", [terminal.react("pagedown", SHORT) for _ in range(8)])
    terminal.settle(SETTLED_S)
    yield from _told("one-line scroll", [terminal.react("down", SHORT) for _ in range(60)][-20:])
    terminal.press("home")
    terminal.settle(SETTLED_S)
    yield from _filter(terminal, runs)


def _filter(terminal: TimedTerminal, runs: int) -> Iterator[Figure]:
    """Typed a character at a time; the answer is a list that got shorter with the last one."""
    typed = [terminal.react(key, SHORT) for key in "/optimizer=sgd and lr<0.0"]
    yield from _told(f"filter keystroke, {runs:,} runs: its echo", typed)
    terminal.settle(SETTLED_S)
    waits = []
    for key, value in (("5", 0.05), ("backspace", 0.0), ("1", 0.01), ("backspace", 0.0), ("2", 0.02)):
        expected = sum(number % 3 == 1 and 0.1 / (1 + number % 40) < value for number in range(runs))
        since, pressed = terminal.received, time.perf_counter()
        terminal.press(key)
        waits.append(terminal.until(f"{expected:,} of {runs:,}", since) - pressed)
        terminal.settle(SETTLED_S)
    yield Figure(f"filter keystroke, {runs:,} runs: its answer, median", percentile(waits, 50) * 1e3, "ms")
    terminal.press("escape")
    terminal.settle(SETTLED_S)


def _rest(our: Program, terminal: TimedTerminal) -> Iterator[Figure]:
    pids = (terminal.pid, our.engine_pid())
    terminal.settle(2.0)
    used = cpu_seconds(pids)
    came = terminal.received_within(IDLE_S)
    yield Figure("at rest", came / IDLE_S, "B/s")
    yield Figure("at rest, CPU of screen and engine", (cpu_seconds(pids) - used) / IDLE_S * 100, "% core")
    yield Figure("memory of the screen", proportional_memory(pids[0]), "MB")
    yield Figure("memory of the engine", proportional_memory(pids[1]), "MB")


def _while_indexing(our: Program, terminal: TimedTerminal, cold: Path) -> Iterator[Figure]:
    idle = _waits(terminal, None)
    with our.client(cold) as other:
        indexing = threading.Thread(target=other.sync)
        indexing.start()
        meanwhile = _waits(terminal, indexing)
        indexing.join()
        assert other.order().total == COLD_RUNS
    yield from spread("key to its frame, idle", idle)
    yield from spread(f"key to its frame, {COLD_RUNS:,} runs being indexed", meanwhile)


def _waits(terminal: TimedTerminal, until: threading.Thread | None) -> list[float]:
    """Seconds until each key showed: `MOVES` of them, or as many as fit while a thread works."""
    waits: list[float] = []
    while len(waits) < MOVES if until is None else until.is_alive():
        waits.append(terminal.react("down" if len(waits) // 10 % 2 == 0 else "up", SHORT).first_s)
    assert waits
    return waits


def _told(what: str, reactions: list[Reaction], budget: float | None = None) -> Iterator[Figure]:
    yield _bytes(what, reactions, budget)
    yield Figure(f"{what}, p50", percentile([each.first_s for each in reactions], 50) * 1e3, "ms")
    yield Figure(f"{what}, p95", percentile([each.first_s for each in reactions], 95) * 1e3, "ms")


def _bytes(what: str, reactions: list[Reaction], budget: float | None = None) -> Figure:
    return Figure(f"{what}, median", percentile([each.received for each in reactions], 50), "B", budget)
