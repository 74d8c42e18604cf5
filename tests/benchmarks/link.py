"""A link of 50 kB/s and 80 ms each way: from the key to the frame, of which 160 ms are the link's."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure, percentile, spread
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import SETTLED_S
from tests.benchmarks.terminal import TimedTerminal

RUNS = 10_000
LINK_MS = 160.0
QUIET_S = 0.1
HELD, HERTZ = 60, 30.0
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
        yield from _held(terminal)
        terminal.press("end")
        terminal.settle(SETTLED_S, timeout=60)
        assert generate.name(0) in terminal.text and generate.name(RUNS - 1) not in terminal.text


def _held(terminal: TimedTerminal) -> Iterator[Figure]:
    """A key that is held down where each press scrolls: how far the screen is behind the hand in the end."""
    before = terminal.received
    for _ in range(HELD):
        terminal.press("down")
        terminal.received_within(1 / HERTZ)
    released, came = time.perf_counter(), terminal.received
    terminal.settle(SETTLED_S, timeout=60)
    what = f"down held for {HELD / HERTZ:.0f} s at {HERTZ:.0f} Hz"
    note = f"{(terminal.received - before) / HELD:,.0f} B a key, {terminal.received - came:,} B after the last one"
    yield Figure(f"{what}, over the link: behind the last key", (terminal.came_at - released) * 1e3, "ms", note=note)
