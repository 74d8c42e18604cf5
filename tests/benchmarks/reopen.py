"""One long run that ended, opened again: its whole curve and the right state, engine up and not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure
from tests.benchmarks.formats.recipe import Recipe
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import Program, cpu_seconds, program, seconds

STEPS, METRICS = 100_000, 10
BUDGET_S = 0.5
REPEATS = 3
AXIS = re.compile(r"50k|50,000")


def figures() -> Iterator[Figure]:
    """A W&B log, because LEET reads those."""
    with indexed(1, form="wandb", metrics=METRICS, steps=STEPS) as (our, tree):
        (run,) = json.loads(our.command("ls", "-C", tree, "--json"))
        recipe = Recipe(0, METRICS, STEPS)
        last = run["metrics"]["loss"]
        assert (run["state"], last["n"], last["last"]) == ("finished", STEPS, recipe.last())
        what = f"run of {STEPS:,} steps x {METRICS} metrics opened again"
        with our.client(tree) as other:
            other.watch()
            took, used = min(_opened(our, tree) for _ in range(REPEATS))
            yield Figure(f"{what}, engine up", took, "s", BUDGET_S, note=f"{used:.2f} s CPU", row=15)
            took = min(seconds(lambda: _series(our, tree, run["uid"])) for _ in range(REPEATS))
            yield Figure(f"{what}: all points of one metric as JSON", took, "s", row=15)
        waits = []
        for _ in range(REPEATS):
            our.stop_engine()
            waits.append(_opened(our, tree))
        took, used = min(waits)
        yield Figure(f"{what}, engine not up", took, "s", BUDGET_S, note=f"{used:.2f} s CPU", row=15)
        yield _first(tree)


def _first(tree: Path) -> Figure:
    """Nothing is known of the run, no engine is up."""
    with program() as our:
        generate.corpus(our.place / "other", "wandb", 1, metrics=METRICS, steps=STEPS)
        _opened(our, our.place / "other")  # compiles what an installation has compiled
        our.stop_engine()
        took, used = _opened(our, tree)
        note = f"{used + cpu_seconds((our.engine_pid(),)):.1f} s CPU of screen and engine"
    return Figure(f"run of {STEPS:,} steps x {METRICS} metrics opened for the first time", took, "s", note=note, row=15)


def _opened(our: Program, tree: Path) -> tuple[float, float]:
    """Seconds from the start of the process to a screen that shows the curves below the finished run; its CPU by then."""
    with our.screen(tree) as terminal:
        while not (AXIS.search(terminal.text) and "✓" in terminal.text):
            assert terminal.read(20.0), terminal.text
        shown, used = terminal.came_at - terminal.begun, cpu_seconds((terminal.pid,))
        terminal.settle()
        terminal.press("Q")
        terminal.wait_exit()
    return shown, used


def _series(our: Program, tree: Path, uid: str) -> None:
    assert len(json.loads(our.command("series", "-C", tree, uid, "loss", "--json", "--no-sync"))["value"]) == STEPS
