"""A link of 50 kB/s and 80 ms each way: from the key to the frame, of which 160 ms are the link's."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure, percentile, spread
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import SETTLED_S

RUNS = 10_000
LINK_MS = 160.0
QUIET_S = 0.1
KEYS = (
    ("cursor move", "down", 20),
    ("page", "pagedown", 6),
    ("cursor move back", "up", 20),
    ("charts", "2", 1),
    ("back", "1", 1),
)


def figures() -> Iterator[Figure]:
    """Open the screen over the link and work on it."""
    with indexed(RUNS) as (our, tree), our.screen(tree, slow=True) as terminal:
        first = terminal.until(generate.name(RUNS - 1)) - terminal.begun
        yield Figure(f"first frame over the link, {RUNS:,} runs", first * 1e3, "ms", note="of which 80 ms the link")
        terminal.settle(SETTLED_S)
        terminal.settle(SETTLED_S)
        for what, key, times in KEYS:
            reactions = [terminal.react(key, QUIET_S) for _ in range(times)]
            waits = [each.last_s for each in reactions]
            received = percentile([each.received for each in reactions], 50)
            note = f"{received:,.0f} B; of which {LINK_MS:.0f} ms the link"
            yield from spread(f"{what} → its last byte, over the link", waits, note=note)[:2]
            terminal.settle(1.0)
        held = terminal.received
        for _ in range(60):
            terminal.press("down")
            terminal.received_within(1 / 30)
        after = terminal.settle(SETTLED_S)
        total = terminal.received - held
        yield Figure(
            "down held for 2 s at 30 Hz: bytes", total / 60, "B/key", note=f"{after:,} B came after the last key"
        )
