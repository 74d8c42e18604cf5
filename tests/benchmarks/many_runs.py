"""100,000 runs in the index: the list on the screen, sorted and filtered, and what they take."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure, percentile, spread
from tests.benchmarks.keys import KEY_MS, MOVES, moved, scrolled
from tests.benchmarks.program import cpu_seconds, program, proportional_memory, seconds
from tests.benchmarks.sorting import on_screen

RUNS = 100_000


def figures() -> Iterator[Figure]:
    """A database of MLflow: so many directories would measure the file system."""
    with program() as our:
        tree = our.place / "tree"
        generate.corpus(tree, "mlflow-db", RUNS, metrics=2, steps=2)
        with our.client(tree) as workspace:
            took = seconds(workspace.sync)
            engine = our.engine_pid()
            assert workspace.order().total == RUNS
            yield Figure(f"cold: mlflow.db of {RUNS:,} runs", took, "s", note=f"{cpu_seconds((engine,)):.0f} s CPU")
        with our.opened(tree, generate.name(RUNS - 1)) as terminal:
            moves, lines = moved(terminal, MOVES), scrolled(terminal)
            for what, reactions in (("cursor move", moves), ("one-line scroll", lines)):
                waits = [each.last_s for each in reactions]
                yield from spread(f"{what} → painted, {RUNS:,} runs", waits, KEY_MS, row=5)
            yield Figure(
                f"cursor move, {RUNS:,} runs", percentile([each.received for each in moves], 50), "B", 600, row=7
            )
            yield from on_screen(terminal, RUNS)
            yield Figure(f"memory of the screen, {RUNS:,} runs", proportional_memory(terminal.pid), "MB")
            yield Figure(f"memory of the engine, {RUNS:,} runs", proportional_memory(engine), "MB")
