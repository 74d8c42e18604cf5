"""How costs grow with the size: three sizes each, and the exponent that fits (1 is linear)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle

from runspect.charts.line_chart import LineChart, Series
from runspect.model import SortKey
from runspect.workspace import Workspace
from tests.benchmarks import generate
from tests.benchmarks.figures import Figure, exponent
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import best, cpu_seconds, program

COLD = (500, 1_500, 4_500)
LONG = (100_000, 300_000, 900_000)
WIDE = (500, 1_500, 4_500)
LISTED = (1_000, 3_000, 9_000)
OVERLAID = (50, 150, 500)
REPEATS = 7


def figures() -> Iterator[Figure]:
    """Times are what fits; for cold indexing the CPU time of the engine."""
    for what, sizes, form, shape in (
        ("cold index by runs, CPU", COLD, "jsonl", lambda size: (size, 5, 50)),
        ("cold index of one run by steps, CPU", LONG, "csv", lambda size: (1, 5, size)),
        ("cold index of one run by metrics, CPU", WIDE, "tb", lambda size: (1, size, 100)),
    ):
        yield _fitted(what, sizes, [_cold(form, *shape(size)) for size in sizes], 1e3)
    costs: dict[str, list[float]] = {}
    for runs in LISTED:
        with indexed(runs) as (our, tree), our.client(tree) as workspace:
            for name, work in _asked(workspace).items():
                work()
                costs.setdefault(name, []).append(best(work, REPEATS))
    for name, found in costs.items():
        yield _fitted(name, LISTED, found, 1e3)
    with indexed(max(OVERLAID), metrics=2, steps=1_000) as (our, tree), our.client(tree) as workspace:
        rids = workspace.order().rids
        drawn = [best(lambda some=rids[:count]: _overlay(workspace, some), 3) for count in OVERLAID]  # type: ignore[misc]
    yield _fitted("overlay x 1,000 points", OVERLAID, drawn, 1e3)


def _asked(workspace: Workspace) -> dict[str, Callable[[], object]]:
    rids = workspace.order().rids
    pages = cycle([rids[at : at + 50] for at in range(0, len(rids) - 50, 50)])  # single runs are remembered
    query, sort = "optimizer=sgd and lr<0.01", (SortKey("loss:min"),)
    return {
        "list, filtered": lambda: workspace.order(query),
        "list, sorted by a metric": lambda: workspace.order("", sort),
        "window of 50 runs": lambda: workspace.window(
            next(pages), ("name", "age", "state", "loss", "lr", "batch", "seed", "tags")
        ),
        "ls --json, 5 fields": lambda: workspace.runs_json(fields=("uid", "name", "state", "started", "metrics")),
    }


def _cold(form: str, runs: int, metrics: int, steps: int) -> float:
    with program() as our:
        tree = our.place / "tree"
        generate.corpus(tree, form, runs, metrics=metrics, steps=steps)
        with our.client(tree) as workspace:
            workspace.status()
            engine = our.engine_pid()
            before = cpu_seconds((engine,))
            workspace.sync()
            (counted,) = workspace.sql("SELECT count(DISTINCT rid), count(*) FROM points_now").rows
            assert list(counted) == [runs, runs * metrics * steps], counted
            return cpu_seconds((engine,)) - before


def _overlay(workspace: Workspace, rids: tuple[int, ...]) -> None:
    curves = workspace.curves(rids, ["loss"])
    assert len(curves) == len(rids)
    LineChart(tuple(Series(str(each.rid), each.x, each.y, 0) for each in curves), 200, 50, title="loss").draw()


def _fitted(what: str, sizes: tuple[int, ...], costs: list[float], scale: float) -> Figure:
    note = ", ".join(f"{size:,}: {cost * scale:.3g} ms" for size, cost in zip(sizes, costs, strict=True))
    return Figure(f"growth: {what}", exponent(sizes, costs), "power", note=note)
