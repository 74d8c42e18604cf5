"""Long and wide: one run of ten million points, one run with 5,000 metrics."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure
from tests.benchmarks.formats.recipe import Recipe
from tests.benchmarks.program import best, cpu_seconds, peak_memory, program, seconds

SHAPES = ((1, 10_000_000, "csv"), (5_000, 200, "tb"))
OPENED_S = 0.6
LAST = "SELECT v FROM points_now WHERE name = '{}' ORDER BY step DESC LIMIT 1"


def figures() -> Iterator[Figure]:
    """Index each, draw from it, open it on the screen."""
    for metrics, steps, form in SHAPES:
        recipe = Recipe(0, metrics, steps)
        what = f"one run of {metrics:,} metric{'s' if metrics > 1 else ''} x {steps:,} steps ({form})"
        with program() as our:
            tree = our.place / "tree"
            generate.write(tree, form, recipe)
            with our.client(tree) as workspace:
                took = seconds(workspace.sync)
                engine = our.engine_pid()
                (rid,) = workspace.order().rids
                (counted,) = workspace.sql("SELECT count(*), count(DISTINCT mid) FROM points_now").rows
                assert list(counted) == [metrics * steps, metrics], counted
                for at in (0, metrics - 1):
                    ((last,),) = workspace.sql(LAST.format(recipe.names[at])).rows
                    assert isclose(float(str(last)), recipe.last(at), rel_tol=1e-6), (
                        last,
                        recipe.last(at),
                    )  # float32 in event files
                note = f"{cpu_seconds((engine,)):.1f} s CPU, {metrics * steps / took / 1e6:.2f} M points/s"
                yield Figure(f"cold: {what}", took, "s", note=note)
                some = recipe.names[:24]
                drawn = workspace.curves([rid], some)
                assert len(drawn) == len(some)
                took = best(lambda: workspace.curves([rid], some), 3)  # noqa: B023 - called at once
                yield Figure(f"{what}: {len(some)} curves thinned", took * 1e3, "ms")
                took = best(lambda: workspace.run_json(rid), 3)  # noqa: B023 - called at once
                yield Figure(f"{what}: the run as JSON", took * 1e3, "ms")
                yield Figure(f"{what}: most memory of the engine", peak_memory(engine), "MB")
                with our.opened(tree, "run-00000") as terminal:
                    shown = terminal.react("2", OPENED_S).last_s
                    yield Figure(f"{what}: key → charts on the screen", shown * 1e3, "ms")
