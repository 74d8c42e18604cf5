"""10,000 runs x 10 metrics x 1,000 steps: cold, its size, and the engine's answers at 100 million points."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure
from tests.benchmarks.program import cpu_seconds, program, proportional_memory, seconds
from tests.benchmarks.queries import asked
from tests.benchmarks.store import opening

RUNS, METRICS, STEPS = 10_000, 10, 1_000
OPEN_MS = 100.0


def figures() -> Iterator[Figure]:
    """Some gigabytes and minutes."""
    with program() as our:
        tree = our.place / "tree"
        generate.corpus(tree, "csv", RUNS, metrics=METRICS, steps=STEPS)
        points = RUNS * METRICS * STEPS
        with our.client(tree) as workspace:
            took = seconds(workspace.sync)
            engine = our.engine_pid()
            (counted,) = workspace.sql("SELECT count(*) FROM points_now").rows
            assert counted[0] == points, counted
            used = cpu_seconds((engine,))
            what = f"cold: {points / 1e6:.0f} M points of CSV"
            yield Figure(what, points / used / 1e6, "M/s", note=f"a CPU s; {took:.0f} s, {used:.0f} s CPU", row=22)
            size = int(str(workspace.status()["index_bytes"]))
            yield Figure("the index of them", size / points, "B/pt", 16, row=24)
            yield from asked(workspace, engine, RUNS, STEPS)
            yield Figure("memory of the engine that indexed them", proportional_memory(engine), "MB", 350, row=10)
        our.stop_engine()
        (index,) = our.place.rglob("index.duckdb")
        note = f"index of {size / 1e9:.1f} GB"
        yield Figure("opening the index of them", opening(index) * 1e3, "ms", OPEN_MS, row=26, note=note)
        took = seconds(lambda: our.command("ls", "-C", tree, "--json", "-n", "1", "--no-sync"))
        yield Figure("ls of the newest run, engine not up", took * 1e3, "ms", row=26, note=note)
