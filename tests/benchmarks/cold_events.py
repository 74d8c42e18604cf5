"""A tree of event files from nothing to an index, in CPU time, with TensorBoard's own reader on the same files."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks import generate, peers
from tests.benchmarks.figures import Figure
from tests.benchmarks.formats.event_files import path
from tests.benchmarks.program import cpu_seconds, program, seconds

RUNS, METRICS, STEPS = 200, 10, 500
TO_PEER = 20
"""Of the runs: it is that much slower."""


def figures() -> Iterator[Figure]:
    """A million points."""
    with program() as our:
        tree = our.place / "tree"
        recipes = generate.corpus(tree, "tb", RUNS, metrics=METRICS, steps=STEPS)
        points = RUNS * METRICS * STEPS
        with our.client(tree) as workspace:
            workspace.status()
            engine = our.engine_pid()
            before = cpu_seconds((engine,))
            took = seconds(workspace.sync)
            used = cpu_seconds((engine,)) - before
            (counted,) = workspace.sql("SELECT count(*), count(DISTINCT rid) FROM points_now").rows
            assert list(counted) == [points, RUNS], counted
        works = [peers.event_accumulator(path(tree, recipe), METRICS * STEPS) for recipe in recipes[:TO_PEER]]
        peer = peers.told("EventAccumulator", METRICS * STEPS * TO_PEER / 1e6, "M/s", _all(works))
        peer += f"; {peers.data_server(tree, points)}"
        what = f"cold: {RUNS} runs x {METRICS} metrics x {STEPS} steps of event files, a CPU second"
        yield Figure(what, points / used / 1e6, "M/s", note=f"{took:.1f} s, {used:.1f} s CPU", row=22, peer=peer)


def _all(works: list[peers.Work | None]) -> peers.Work | None:
    known = [work for work in works if work is not None]
    return (lambda: [work() for work in known]) if len(known) == len(works) else None
