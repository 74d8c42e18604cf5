"""Keys while 10,000 runs are being indexed, and the same keys on the same screen before."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure, percentile, spread
from tests.benchmarks.program import program
from tests.benchmarks.terminal import TimedTerminal

SHOWN, COLD_RUNS, STEPS = 1_000, 10_000, 20
MOVES = 200
SHORT = 0.03
KEY_MS, RATIO = 40.0, 1.3


def figures() -> Iterator[Figure]:
    """Move the cursor over one tree while another is being indexed."""
    with program() as our:
        tree, cold = our.place / "tree", our.place / "cold"
        generate.corpus(tree, "jsonl", SHOWN, metrics=3, steps=STEPS)
        generate.corpus(cold, "jsonl", COLD_RUNS, steps=STEPS)
        our.command("ls", "-C", tree, "--json", "-n", "1")
        with our.opened(tree, generate.name(SHOWN - 1)) as terminal, our.client(cold) as other:
            idle = _waits(terminal, None)
            indexing = threading.Thread(target=other.sync)
            indexing.start()
            meanwhile = _waits(terminal, indexing)
            indexing.join()
            assert other.order().total == COLD_RUNS
    yield from spread("key → painted, idle", idle, row=6)
    note = f"{len(meanwhile)} keys"
    yield from spread(f"key → painted, {COLD_RUNS:,} runs being indexed", meanwhile, {99: KEY_MS}, row=6, note=note)
    ratio = percentile(meanwhile, 99) / percentile(idle, 99)
    yield Figure("p99 of the two, one by the other", ratio, "x", RATIO, row=6)


def _waits(terminal: TimedTerminal, until: threading.Thread | None) -> list[float]:
    """Seconds until each key was painted: `MOVES` of them, or as many as fit while a thread works."""
    waits: list[float] = []
    while len(waits) < MOVES if until is None else until.is_alive():
        waits.append(terminal.react("down" if len(waits) // 10 % 2 == 0 else "up", SHORT).last_s)
    assert waits
    return waits
