"""Curves from the engine to the picture: ten of a million points, their zoom and pan, and overlays of many runs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from runspect.charts.line_chart import LineChart, Series
from runspect.workspace import Workspace
from runspect.workspace.answers import Curve
from tests.benchmarks import generate
from tests.benchmarks.charts import best_ms
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import Program, best, cpu_seconds, seconds

LONG_RUNS, LONG_STEPS = 10, 1_000_000
RUNS, STEPS = 500, 1_000
COLUMNS, LINES = 200, 50
DRAW_MS = 150.0, 60.0
DRAWING_MS = 8.0
GROUPS = 5, 500
"""Runs of each group whose mean is drawn."""
OVERLAYS = {100: 0.5, 500: 2.0}
SETTLED_S = 1.0
REPEATS = 3
CROWD = re.compile(r"\+([\d,]+) more")
NAMED = re.compile(r"(?:^|\s)[a-h] (?=\S)")
"""A name behind the letter of its curve."""


def figures() -> Iterator[Figure]:
    """First few long curves, then many short ones, in the picture and on the screen."""
    with indexed(LONG_RUNS, form="csv", metrics=1, steps=LONG_STEPS) as (our, tree):
        yield from _long(our, tree)
    with indexed(RUNS, metrics=2, steps=STEPS) as (our, tree):
        yield from _overlaid(our, tree)
        yield from _overlaid_on_screen(our, tree)


def _long(our: Program, tree: Path) -> Iterator[Figure]:
    what = f"{LONG_RUNS} series x {LONG_STEPS / 1e6:.0f} M points"
    yield _first(our, tree, f"{what}: thinned and drawn, the first time", LONG_RUNS, DRAW_MS[0], row=13)
    with our.client(tree) as workspace:
        engine, rids = our.engine_pid(), workspace.order().rids
        curves = workspace.curves(rids, ["loss"], width=COLUMNS)
        _check(curves, LONG_RUNS)
        yield _measured(f"{what}: drawn again", lambda: _drawn(workspace, rids, None), DRAW_MS[0], engine, row=13)
        drawing = best_ms(LineChart(_series(curves), COLUMNS, LINES, title="loss").draw)
        yield Figure(f"{what}: drawing alone, CPU", drawing, "ms", DRAWING_MS, row=13)
        spans = iter([(100_000.0 + at, 350_000.0 + at) for at in range(100)])
        yield _measured(f"{what}: zoomed", lambda: _drawn(workspace, rids, next(spans)), DRAW_MS[1], engine, row=13)
    with our.opened(tree, generate.name(LONG_RUNS - 1)) as terminal:
        for key in ("a", "2"):
            terminal.press(key)
            terminal.settle(SETTLED_S)
        took = [terminal.react(key, SETTLED_S / 2).last_s for key in ("+", "+", "H", "L", "L", "-", "+")]
        assert re.search(r"x step [\d.]+k to", terminal.text), terminal.text
        waited = percentile(took, 50) * 1e3
        yield Figure(f"{what}: zoom or pan key → charts on the screen", waited, "ms", DRAW_MS[1], row=13)


def _overlaid(our: Program, tree: Path) -> Iterator[Figure]:
    for count, budget in OVERLAYS.items():
        what = f"overlay of {count} runs x {STEPS:,} points, thinned and drawn"
        yield _first(our, tree, f"{what}, the first time", count, budget * 1e3, row=14)
    with our.client(tree) as workspace:
        engine, rids = our.engine_pid(), workspace.order().rids
        for count, budget in OVERLAYS.items():
            what = f"overlay of {count} runs x {STEPS:,} points, drawn again"
            _check(workspace.curves(rids[:count], ["loss"], width=COLUMNS), count)
            yield _measured(what, partial(_drawn, workspace, rids[:count], None), budget * 1e3, engine, row=14)
        for size in GROUPS:
            groups = {-at: rids[at : at + size] for at in range(0, RUNS, size)}
            _check_bands(workspace, groups)
            what = f"means of {RUNS // size} groups of {size} runs x {STEPS:,} points"
            yield _measured(what, lambda: workspace.bands(groups, ["loss"], width=COLUMNS), 2000.0, engine, row=14)  # noqa: B023


def _overlaid_on_screen(our: Program, tree: Path) -> Iterator[Figure]:
    with our.opened(tree, generate.name(RUNS - 1)) as terminal:
        terminal.press("a")
        terminal.settle(SETTLED_S)
        pressed = time.perf_counter()
        terminal.press("2")
        terminal.until_shown(" more")
        terminal.settle(SETTLED_S)
        waited = (terminal.came_at - pressed) * 1e3
        legend = next((line for line in terminal.text.split("\n") if CROWD.search(line)), "")
        crowd, named = CROWD.search(legend), NAMED.findall(legend)
        drawn = len(named) + (int(crowd[1]) if crowd else 0)
        yield Figure(f"{RUNS} marked runs: drawn on the screen", drawn, "runs", RUNS, at_least=True, row=14)
        yield Figure(f"{RUNS} marked runs: key → charts on the screen", waited, "ms", OVERLAYS[500] * 1e3, row=14)


def _first(our: Program, tree: Path, what: str, runs: int, budget: float, row: int) -> Figure:
    """In an engine that has drawn other curves, but none of these: what it keeps of long series is not there yet."""
    took, used = [], []
    for _ in range(REPEATS):
        our.stop_engine()
        with our.client(tree) as workspace:
            rids = workspace.order().rids[:runs]
            workspace.curves(rids[:1], ["another"], width=COLUMNS)  # the first curves of an engine load Arrow
            engine = our.engine_pid()
            before = cpu_seconds((engine,))
            took.append(seconds(partial(_drawn, workspace, rids, None)))
            used.append(cpu_seconds((engine,)) - before)
            _check(workspace.curves(rids, ["loss"], width=COLUMNS), runs)
    return Figure(what, min(took) * 1e3, "ms", budget, note=f"{min(used) * 1e3:.0f} ms CPU of the engine", row=row)


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


def _check_bands(workspace: Workspace, groups: Mapping[int, Sequence[int]]) -> None:
    """The first group's mean is that of its raw points."""
    (first, rids), *_ = groups.items()
    raw = np.array([workspace.series(rid, "loss")["value"] for rid in rids], np.float64)
    band = workspace.bands(groups, ["loss"], width=2 * STEPS)[0]
    assert band.rid == first and np.allclose(band.y, raw.mean(axis=0)) and set(band.n.tolist()) == {len(rids)}


def _measured(what: str, work: Callable[[], object], budget: float, engine: int, row: int) -> Figure:
    used = cpu_seconds((engine,))
    took = best(work, REPEATS)
    note = f"about {(cpu_seconds((engine,)) - used) / REPEATS * 1e3:.0f} ms CPU of the engine"
    return Figure(what, took * 1e3, "ms", budget, note=note, row=row)
