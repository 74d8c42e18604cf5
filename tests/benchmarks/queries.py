"""How long the engine takes to answer: a list of 10,000 runs with 60 params each, asked over its socket."""

from __future__ import annotations

from collections.abc import Iterator

from runspect.model import SortKey
from tests.benchmarks import trees
from tests.benchmarks.figures import Figure
from tests.benchmarks.program import best, cpu_seconds, program, proportional_memory, seconds

RUNS, PARAMS, METRICS = 10_000, 60, 8
LIST_MS = 40.0
COLUMNS = ("name", "age", "state", "~loss", "loss", "loss:min", "lr", "optimizer", "batch", "tags")
REPEATS = 7


def figures() -> Iterator[Figure]:
    """Index once, then ask."""
    with program() as our:
        tree = trees.make(our.place / "tree", RUNS, metrics=METRICS, steps=10, params=PARAMS)
        with our.client(tree) as workspace:
            yield Figure(f"cold: {RUNS:,} runs x {PARAMS} params", seconds(workspace.sync), "s")
            engine = our.engine_pid()
            order = workspace.order()
            assert order.total == RUNS
            shown = workspace.window(order.rids[:1], ["name"])[0].name
            assert shown.endswith(trees.name(RUNS - 1))
            page = order.rids[:50]
            sort = (SortKey("loss:min"),)
            low, sgd = SortKey("lr", descending=True), "optimizer=sgd and lr<0.01"
            assert len(workspace.order(sgd).rids) == sum(
                at % 3 == 1 and 0.1 / (1 + at % 40) < 0.01 for at in range(RUNS)
            )
            for name, ask, budget in (
                ("order", lambda: workspace.order(), LIST_MS),
                ("order, sorted by a metric", lambda: workspace.order("", sort), LIST_MS),
                ("order, filtered by two params, sorted by one", lambda: workspace.order(sgd, (low,)), LIST_MS),
                ("order, filtered by a metric", lambda: workspace.order("loss:min<0.5"), LIST_MS),
                ("window of 50 runs x 10 columns", lambda: workspace.window(page, COLUMNS), LIST_MS),
                ("what there is to choose from", lambda: workspace.choices(), None),
                ("completions", lambda: workspace.complete("opti", 4), None),
                ("one run, whole", lambda: workspace.run_json(page[7]), None),
                ("one metric's points", lambda: workspace.series(page[7], "loss"), 10.0),
                ("curves of 20 runs", lambda: workspace.curves(page[:20], ["loss"]), LIST_MS),
            ):
                ask()
                used = cpu_seconds((engine,))
                took = best(ask, REPEATS)
                used = (cpu_seconds((engine,)) - used) / REPEATS
                yield Figure(name, took * 1e3, "ms", budget, note=f"about {used * 1e3:.0f} ms CPU of the engine")
            whole = workspace.runs_json()
            took = best(workspace.runs_json, 2)
            yield Figure(
                "ls --json, whole objects", len(whole) / took / 1e6, "MB/s", 40, at_least=True, note=f"{took:.2f} s"
            )
            slim = ("uid", "name", "state", "started", "metrics")
            yield Figure("ls --json, 5 fields", best(lambda: workspace.runs_json(fields=slim), 2) * 1e3, "ms")
            yield Figure("memory of the engine", proportional_memory(engine), "MB")
