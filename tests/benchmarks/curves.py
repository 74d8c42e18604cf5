"""Curves from the engine to the picture: ten of a million points, their zoom and pan, and overlays of many runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from runspect.charts.line_chart import LineChart, Series
from runspect.workspace import Workspace
from runspect.workspace.answers import Curve
from tests.benchmarks import generate
from tests.benchmarks.charts import best_ms
from tests.benchmarks.figures import Figure
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import best, cpu_seconds

LONG_RUNS, LONG_STEPS = 10, 1_000_000
RUNS, STEPS = 500, 1_000
COLUMNS, LINES = 200, 50
DRAW_MS = 150.0, 60.0
DRAWING_MS = 8.0
OVERLAYS = {100: 0.5, 500: 2.0}
SETTLED_S = 1.0


def figures() -> Iterator[Figure]:
    """First few long curves, then many short ones, in the picture and on the screen."""
    with indexed(LONG_RUNS, form="csv", metrics=1, steps=LONG_STEPS) as (our, tree), our.client(tree) as workspace:
        engine = our.engine_pid()
        rids = workspace.order().rids
        _check(workspace.curves(rids, ["loss"], width=COLUMNS), LONG_RUNS)
        what = f"{LONG_RUNS} series x {LONG_STEPS / 1e6:.0f} M points"
        yield _measured(f"{what}: thinned and drawn", lambda: _drawn(workspace, rids, None), DRAW_MS[0], engine)
        curves = workspace.curves(rids, ["loss"], width=COLUMNS)
        drawing = best_ms(LineChart(_series(curves), COLUMNS, LINES, title="loss").draw)
        yield Figure(f"{what}: drawing alone, CPU", drawing, "ms", DRAWING_MS, row=13)
        spans = iter([(100_000.0 + at, 350_000.0 + at) for at in range(100)])
        yield _measured(f"{what}: zoomed", lambda: _drawn(workspace, rids, next(spans)), DRAW_MS[1], engine)
    with indexed(RUNS, metrics=2, steps=STEPS) as (our, tree):
        with our.client(tree) as workspace:
            rids = workspace.order().rids
            for count, budget in OVERLAYS.items():
                what = f"overlay of {count} runs x {STEPS:,} points, thinned and drawn"
                _check(workspace.curves(rids[:count], ["loss"], width=COLUMNS), count)
                took = best(lambda some=rids[:count]: _drawn(workspace, some, None), 3)  # type: ignore[misc]
                yield Figure(what, took, "s", budget, row=14)
        with our.opened(tree, generate.name(RUNS - 1)) as terminal:
            terminal.press("a")
            terminal.settle(SETTLED_S)
            shown = terminal.react("2", SETTLED_S)
            note = next((line.strip()[-60:] for line in terminal.text.splitlines() if "drawn" in line), "all drawn")
            yield Figure(
                f"{RUNS} marked runs: key → charts on the screen", shown.last_s, "s", OVERLAYS[500], note=note, row=14
            )


def _drawn(workspace: Workspace, rids: tuple[int, ...], span: tuple[float, float] | None) -> object:
    curves = workspace.curves(rids, ["loss"], width=COLUMNS, span=span)
    return LineChart(_series(curves), COLUMNS, LINES, title="loss").draw()


def _series(curves: tuple[Curve, ...]) -> tuple[Series, ...]:
    return tuple(Series(str(curve.rid), curve.x, curve.y, number) for number, curve in enumerate(curves))


def _check(curves: tuple[Curve, ...], count: int) -> None:
    """Thinning keeps the lowest and the highest of each curve."""
    assert len(curves) == count, f"{len(curves)} of {count} curves"
    for curve in curves:
        assert 0 < np.nanmin(curve.y) < np.nanmax(curve.y) < 10


def _measured(what: str, work: Callable[[], object], budget: float, engine: int) -> Figure:
    used = cpu_seconds((engine,))
    work()
    took = best(work, 5)
    note = f"about {(cpu_seconds((engine,)) - used) / 6 * 1e3:.0f} ms CPU of the engine"
    return Figure(what, took * 1e3, "ms", budget, note=note, row=13)
