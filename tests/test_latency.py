"""A growing run stays true on the screen while both cores burn and a tree is indexed. How fast: `python -m tests.benchmarks`."""

from __future__ import annotations

from tests.benchmarks import generate, latency
from tests.benchmarks.program import busy, program


def test_every_append_is_told_and_painted_while_all_is_busy() -> None:
    runs, appends = 60, 4
    with program() as our:
        cold = our.place / "cold"
        generate.corpus(cold, "jsonl", runs, metrics=2, steps=50)
        live = our.place / "live"
        with latency.opened(our, live) as (terminal, other):
            with busy(latency.CORES), latency.indexing(our, cold, runs):
                growth = latency.grow(terminal, live / latency.LOG, other, appends)
            latency.check(other, appends)
    assert len(growth.painted) == appends
