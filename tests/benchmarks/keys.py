"""What a key costs at 10,000 runs: bytes and waiting until the screen has settled, in two sizes and two depths of colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks import data_table, generate
from tests.benchmarks.figures import Figure, percentile, spread
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import SETTLED_S, Program, cpu_seconds
from tests.benchmarks.terminal import Reaction, TimedTerminal

RUNS = 10_000
MOVES = 200
SHORT = 0.03
"""A pause that parts a key from the next and is too short for the charts to follow."""
SETTINGS = ((160, 45, "truecolor"), (160, 45, "256"), (200, 60, "truecolor"), (200, 60, "256"))
KEY_MS = {50: 5.0, 99: 33.0}
PAGE_MS = {99: 33.0}
"""A page is another picture: it has a frame, not the time of a cursor that moves."""
MOVE_B, SCROLL_B, PAGE_B = 600.0, 600.0, 11_000.0


def figures() -> Iterator[Figure]:
    """The usual terminal in full, the others in short."""
    with indexed(RUNS) as (our, tree):
        for columns, lines, colours in SETTINGS:
            how = f"{columns}x{lines}, {colours}"
            usual = (columns, colours) == (160, "truecolor")
            peers = _data_table(our) if usual else Peers()
            with our.opened(tree, generate.name(RUNS - 1), columns=columns, lines=lines, colours=colours) as terminal:
                yield from _moving(terminal, how, MOVES if usual else 40, peers)


@dataclass(frozen=True, slots=True)
class Peers:
    """What Textual's own table took for a move, a page and a scroll."""

    move: str = ""
    move_b: str = ""
    page_b: str = ""
    scroll_b: str = ""


def _data_table(our: Program) -> Peers:
    """The same keys, with as many rows."""
    with data_table.shown(our, RUNS) as terminal:
        moves = [terminal.react("down", SHORT) for _ in range(20)]
        pages = [terminal.react("pagedown", SHORT) for _ in range(10)]
        scrolls = [terminal.react("down", SHORT) for _ in range(80)][-20:]
    waits = [each.last_s for each in moves]
    p50, p99 = (percentile(waits, at) * 1e3 for at in (50, 99))
    sizes = [f"DataTable {_median(each):,.0f} B" for each in (moves, pages, scrolls)]
    return Peers(f"DataTable {p50:.0f} / {p99:.0f} ms", *sizes)


def moved(terminal: TimedTerminal, moves: int) -> list[Reaction]:
    """The cursor goes down and up again within the rows that are shown."""
    return [terminal.react("down" if at // 10 % 2 == 0 else "up", SHORT) for at in range(moves)]


def scrolled(terminal: TimedTerminal) -> list[Reaction]:
    """The cursor goes on below the rows that are shown: each key brings a line more."""
    return [terminal.react("down", SHORT) for _ in range(160)][-100:]


def _moving(terminal: TimedTerminal, how: str, moves: int, peers: Peers) -> Iterator[Figure]:
    used = cpu_seconds((terminal.pid,))
    reactions = moved(terminal, moves)
    note = f"{(cpu_seconds((terminal.pid,)) - used) / moves * 1e3:.1f} ms CPU a key"
    waits = [each.last_s for each in reactions]
    yield from spread(f"cursor move → painted, {RUNS:,} runs, {how}", waits, KEY_MS, row=5, note=note, peer=peers.move)
    yield _bytes(f"cursor move, {how}", reactions, MOVE_B, peers.move_b)
    terminal.settle(SETTLED_S)
    yield _bytes(f"the charts that follow it, {how}", [terminal.react("down", SETTLED_S) for _ in range(3)])
    terminal.press("end")
    terminal.settle(SETTLED_S)
    assert generate.name(0) in terminal.text
    terminal.press("home")
    terminal.settle(SETTLED_S)
    assert generate.name(RUNS - 1) in terminal.text
    pages = [terminal.react("pagedown", SHORT) for _ in range(20)]
    yield _bytes(f"page, {how}", pages, PAGE_B, peers.page_b)
    yield from spread(f"page → painted, {how}", [each.last_s for each in pages], PAGE_MS, row=5)
    terminal.settle(SETTLED_S)
    lines = scrolled(terminal)
    yield _bytes(f"one-line scroll, {how}", lines, SCROLL_B, peers.scroll_b)
    yield from spread(f"one-line scroll → painted, {how}", [each.last_s for each in lines], KEY_MS, row=5)


def _bytes(what: str, reactions: list[Reaction], budget: float | None = None, peer: str = "") -> Figure:
    return Figure(f"{what}, median", _median(reactions), "B", budget, row=7, peer=peer)


def _median(reactions: list[Reaction]) -> float:
    return percentile([each.received for each in reactions], 50)
