"""W&B's LEET, the terminal viewer of W&B logs, at the work that ours does; nothing where it is not installed."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import generate, peers
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.program import cpu_seconds, proportional_memory
from tests.benchmarks.terminal import TimedTerminal

LISTED, OVERLAID, LONG_STEPS = 500, 100, 100_000
REST_S, SETTLED_S, OPENED_S = 20.0, 3.0, 120.0
HERTZ = 2.0


def figures() -> Iterator[Figure]:
    """Start, list, keys, rest, an overlay, one long run."""
    program = peers.program("wandb")
    if not program or not _has_leet(program):
        print("   LEET is not installed: a wandb that has it, beside this Python or on the path, is enough")
        return
    with tempfile.TemporaryDirectory() as directory:
        many, few, long, live = (Path(directory) / name for name in ("many", "few", "long", "live"))
        generate.corpus(many, "wandb", LISTED, metrics=5, steps=20)
        yield from _listing(program, many)
        generate.corpus(few, "wandb", OVERLAID, metrics=5, steps=1_000)
        yield from _overlay(program, few)
        (recipe,) = generate.corpus(long, "wandb", 1, metrics=10, steps=LONG_STEPS)
        yield from _reopened(program, generate.FORMATS["wandb"].place(long, recipe))
        yield from _live(program, live)


def _has_leet(program: str) -> bool:
    return subprocess.run([program, "leet", "--help"], capture_output=True).returncode == 0


@contextmanager
def _screen(*words: str | Path) -> Iterator[TimedTerminal]:
    """LEET on a terminal, with a home of its own: it remembers what was shown."""
    with tempfile.TemporaryDirectory() as home:
        env = {
            **os.environ,
            "HOME": home,
            "WANDB_CONFIG_DIR": home,
            "WANDB_MODE": "offline",
            "WANDB_ERROR_REPORTING": "false",
        }
        with TimedTerminal(list(map(str, words)), env=env) as terminal:
            yield terminal


def _listing(program: str, tree: Path) -> Iterator[Figure]:
    with _screen(program, "leet", tree / "wandb") as terminal:
        terminal.until("\x1b[?1049h")
        terminal.read(10.0)
        yield Figure("first frame", terminal.came_at - terminal.begun, "s", row=2)
        terminal.until_shown("run-2")
        yield Figure(f"list of {LISTED} runs", terminal.came_at - terminal.begun, "s", row=3)
        terminal.settle(SETTLED_S, timeout=60)
        moves = [terminal.react("down", 0.05) for _ in range(20)]
        yield Figure("cursor move, p50", percentile([each.first_s for each in moves], 50) * 1e3, "ms", row=5)
        terminal.settle(SETTLED_S, timeout=30)
        pids = _processes(terminal.pid)
        before = cpu_seconds(pids)
        terminal.received_within(REST_S)
        yield Figure("at rest", (cpu_seconds(pids) - before) / REST_S * 100, "% core", row=11)
        yield Figure(f"{LISTED} runs listed: memory", sum(map(proportional_memory, pids)), "MB", row=10)


def _overlay(program: str, tree: Path) -> Iterator[Figure]:
    with _screen(program, "leet", tree / "wandb") as terminal:
        terminal.until_shown("run-2")
        terminal.settle(SETTLED_S, timeout=60)
        pids = _processes(terminal.pid)
        pressed, before = time.perf_counter(), cpu_seconds(pids)
        terminal.press("ctrl+a")
        terminal.settle(0.3)
        terminal.press("y")
        terminal.settle(SETTLED_S, timeout=OPENED_S)
        used = cpu_seconds(pids) - before
        note = f"{used:.0f} s CPU, {sum(map(proportional_memory, pids)):.0f} MB"
        yield Figure(f"{OVERLAID} runs overlaid", terminal.came_at - pressed, "s", note=note, row=14)


def _reopened(program: str, run: Path) -> Iterator[Figure]:
    with _screen(program, "leet", run) as terminal:
        terminal.until_shown("inished", OPENED_S)
        used = cpu_seconds(_processes(terminal.pid))
        took = terminal.came_at - terminal.begun
        yield Figure("run of 100k steps x 10 metrics opened", took, "s", note=f"{used:.0f} s CPU", row=15)


def _live(program: str, tree: Path) -> Iterator[Figure]:
    recipes = generate.live(tree, "wandb", 1, metrics=5, steps=2_000)
    with (
        _screen(program, "leet", tree / "wandb") as terminal,
        generate.growing(tree, "wandb", recipes, HERTZ) as growth,
    ):
        terminal.until_shown("run-2")
        terminal.received_within(REST_S / 4)
        pids = _processes(terminal.pid)
        before = cpu_seconds(pids)
        terminal.received_within(REST_S)
        used = (cpu_seconds(pids) - before) / REST_S * 100
    assert growth.written
    yield Figure(f"one live run at {HERTZ:g} Hz", used, "% core", row=12)


def _processes(pid: int) -> Sequence[int]:
    """A process and all that it started."""
    children = [
        int(found) for task in Path(f"/proc/{pid}/task").iterdir() for found in (task / "children").read_text().split()
    ]
    return (pid, *(each for child in children for each in _processes(child)))
