"""How long the engine takes to answer: a list of 10,000 runs with 60 params each, asked over its socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count, cycle
from pathlib import Path

from runspect.columns import baseline
from runspect.model import Op, RunOrder, SortKey
from runspect.workspace import Workspace
from tests.benchmarks import generate
from tests.benchmarks.figures import Figure
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import best, cpu_seconds

RUNS, PARAMS, METRICS, STEPS = 10_000, 60, 8, 10
LIST_MS, SERIES_MS, QUERY_MS, COMPLETION_MS = 40.0, 10.0, 50.0, 30.0
COLUMNS = ("name", "age", "state", "~loss", "loss", "loss:min", "lr", "optimizer")
FILTER = "optimizer=sgd and lr<0.01"
QUERIES = (
    "differs = 1",
    "same > 0",
    "Δloss < 0",
    "vs > 0",
    "vs:noise:within",
    "vs:verdict = better",
    "alert:*",
    "loss:min < loss:first * 0.5",
    "cost > 1h",
    "cause:error | has:nan",
    "provenance < 70",
    "tag:ablation -tag:broken has:note",
    "name:/run.*7/",
    "state:finished age < 5y resnet",
)
TYPED = ("opti", "optimizer = ", "optimizer in [adam, ", "cause:", "commit:", "tag:", "has:", "loss < ")
ALERTS = """
[alerts]
diverged = "has:nan"
slow = "took > 1h"
low = "lr < 0.001"
"""
REPEATS = 7


def figures() -> Iterator[Figure]:
    """The same questions as at 100 M points (`hundred_million`), and some more."""
    with indexed(RUNS, metrics=METRICS, steps=STEPS, params=PARAMS) as (our, tree), our.client(tree) as workspace:
        engine = our.engine_pid()
        yield from asked(workspace, engine, RUNS, STEPS)
        page = workspace.order().rids[:50]
        place = baseline.place(None, str(tree))
        marks = cycle(Op(place, baseline.KEY, workspace.resolve(generate.name(number))[1]) for number in (7, 8))
        workspace.annotate([next(marks)])
        asks: list[tuple[str, Callable[[], object], float | None]] = [
            ("what there is to choose from", workspace.choices, None),
            ("one run, whole", lambda: workspace.run_json(page[7]), None),
            ("runs that break a rule", lambda: workspace.order("lint > 0"), None),
            ("runs to be put in order", lambda: workspace.order("tidy > 0"), None),
            ("window of 50 runs with the column alert", lambda: workspace.window(page, ("name", "alert")), LIST_MS),
            (
                "vs > 0, first asked after a change",
                lambda: (workspace.annotate([next(marks)]), workspace.order("vs > 0")),
                None,
            ),
            ("every finding of lint", workspace.lint, None),
            ("weeks of lint", lambda: workspace.lint(weeks=12), None),
            *((f"completion of {text}", partial(workspace.complete, text, len(text)), COMPLETION_MS) for text in TYPED),
        ]
        with _policy(tree):
            for name, work, budget in asks:
                yield _measured(name, work, budget, engine, 0)
            queries = [
                _measured(f"query {each}", partial(workspace.order, each), QUERY_MS, engine, 0) for each in QUERIES
            ]
        yield from queries
        slowest = max(queries, key=lambda each: each.value)
        yield replace(slowest, name="slowest query", note=slowest.name.removeprefix("query "))


@contextmanager
def _policy(tree: Path) -> Iterator[None]:
    """What a team would have said of the runs."""
    file = tree / "runspect.toml"
    file.write_text(ALERTS)
    try:
        yield
    finally:
        file.unlink()


def asked(workspace: Workspace, engine: int, runs: int, steps: int) -> Iterator[Figure]:
    """A list with filter and sort, its window of 50 x 8 columns, one series, twenty.

    Each time of other runs and with another bound: the engine keeps what it read of single runs.
    """
    order = workspace.order()
    assert order.total == runs
    page = order.rids[:50]
    assert workspace.window(page[:1], ["name"])[0].name.endswith(generate.name(runs - 1))
    expected = sum(at % 3 == 1 and 0.1 / (1 + at % 40) < 0.01 for at in range(runs))
    assert len(workspace.order(FILTER).rids) == expected
    assert len(workspace.series(page[7], "loss")["value"]) == steps
    assert len(workspace.curves(page[:20], ["loss"])) == 20
    low, metric = (SortKey("lr", descending=True),), (SortKey("loss:min"),)
    turn = count(1)

    def others(many: int, rids: tuple[int, ...] = order.rids) -> tuple[int, ...]:
        at = next(turn) * 50 % (len(rids) - many)
        return rids[at : at + many]

    def filtered() -> RunOrder:
        return workspace.order(f"{FILTER}{next(turn)}", low)

    def both() -> object:
        at = next(turn)
        return workspace.order_with_rows(COLUMNS, f"{FILTER}{at}", low, top=at * 50 % 1_000)

    for name, work, budget in (
        ("list, remembered", lambda: workspace.order(), None),
        ("list, sorted by a metric", lambda: workspace.order("", metric), LIST_MS),
        ("list, filtered by two params, sorted by one", filtered, LIST_MS),
        ("list, filtered by a metric", lambda: workspace.order(f"loss:min<0.5{next(turn)}"), LIST_MS),
        ("window of 50 runs x 8 columns", lambda: workspace.window(others(50), COLUMNS), LIST_MS),
        ("both: filter, sort, window", both, LIST_MS),
        ("one series", lambda: workspace.series(others(1)[0], "loss"), SERIES_MS),
        ("20 series", lambda: workspace.curves(others(20), ["loss"]), LIST_MS),
    ):
        yield _measured(f"{name}, {runs:,} runs x {steps:,} steps", work, budget, engine, 25)


def _measured(name: str, work: Callable[[], object], budget: float | None, engine: int, row: int) -> Figure:
    work()
    used = cpu_seconds((engine,))
    took = best(work, REPEATS)
    used = (cpu_seconds((engine,)) - used) / REPEATS
    return Figure(name, took * 1e3, "ms", budget, note=f"about {used * 1e3:.0f} ms CPU of the engine", row=row)
