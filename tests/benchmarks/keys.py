"""What a key costs at 10,000 runs: bytes and waiting until the screen has settled, in two sizes and two depths of colour."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure, percentile, spread
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import SETTLED_S, cpu_seconds
from tests.benchmarks.terminal import Reaction, TimedTerminal

RUNS = 10_000
MOVES = 200
SHORT = 0.03
"""A pause that parts a key from the next and is too short for the charts to follow."""
SETTINGS = ((160, 45, "truecolor"), (160, 45, "256"), (200, 60, "truecolor"), (200, 60, "256"))
KEY_MS = {50: 5.0, 99: 33.0}
MOVE_B, SCROLL_B, PAGE_B = 600.0, 14_000.0, 11_000.0


def figures() -> Iterator[Figure]:
    """The usual terminal in full, the others in short."""
    with indexed(RUNS) as (our, tree):
        for columns, lines, colours in SETTINGS:
            how = f"{columns}x{lines}, {colours}"
            with our.opened(tree, generate.name(RUNS - 1), columns=columns, lines=lines, colours=colours) as terminal:
                yield from _moving(terminal, how, MOVES if (columns, colours) == (160, "truecolor") else 40)


def _moving(terminal: TimedTerminal, how: str, moves: int) -> Iterator[Figure]:
    used = cpu_seconds((terminal.pid,))
    reactions = [terminal.react("down" if at // 10 % 2 == 0 else "up", SHORT) for at in range(moves)]
    note = f"{(cpu_seconds((terminal.pid,)) - used) / moves * 1e3:.1f} ms CPU a key"
    waits = [each.last_s for each in reactions]
    yield from spread(f"cursor move → painted, {RUNS:,} runs, {how}", waits, KEY_MS, row=5, note=note)
    yield _bytes(f"cursor move, {how}", reactions, MOVE_B)
    terminal.settle(SETTLED_S)
    yield _bytes(f"the charts that follow it, {how}", [terminal.react("down", SETTLED_S) for _ in range(3)])
    terminal.press("end")
    terminal.settle(SETTLED_S)
    assert generate.name(0) in terminal.text
    terminal.press("home")
    terminal.settle(SETTLED_S)
    assert generate.name(RUNS - 1) in terminal.text
    pages = [terminal.react("pagedown", SHORT) for _ in range(20)]
    yield _bytes(f"page, {how}", pages, PAGE_B)
    yield from spread(f"page → painted, {how}", [each.last_s for each in pages], row=5)
    terminal.settle(SETTLED_S)
    lines = [terminal.react("down", SHORT) for _ in range(80)][-30:]
    yield _bytes(f"one-line scroll, {how}", lines, SCROLL_B)
    yield from spread(f"one-line scroll → painted, {how}", [each.last_s for each in lines], row=5)


def _bytes(what: str, reactions: list[Reaction], budget: float | None = None) -> Figure:
    return Figure(f"{what}, median", percentile([each.received for each in reactions], 50), "B", budget, row=7)
