"""Sorting and filtering on the screen, from the key to the frame, with Textual's own table beside it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure, percentile, spread
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import SETTLED_S
from tests.benchmarks.terminal import TimedTerminal

RUNS = 10_000
SHORT = 0.03
ANSWER_MS = 80.0
QUERY = "optimizer=sgd and lr<0.0"


def figures() -> Iterator[Figure]:
    """At 10,000 runs; at 100,000 in `many_runs`."""
    with indexed(RUNS) as (our, tree), our.opened(tree, generate.name(RUNS - 1)) as terminal:
        yield from on_screen(terminal, RUNS)


def on_screen(terminal: TimedTerminal, runs: int, peer: bool = True) -> Iterator[Figure]:
    """Sort by what the column cursor is on, then type a filter."""
    theirs = f"Textual DataTable {asyncio.run(_data_table(runs)):.1f} s" if peer else ""
    terminal.press("l", "l", "l", "l")  # to the main metric
    terminal.settle(SETTLED_S)
    waits, top = [], []
    for key in ("]", "[", "]", "[", "]"):
        waits.append(_sorted(terminal, key))
        terminal.settle(SETTLED_S)
        top.append(_listed(terminal))
    assert top[0] == top[2] != top[1] == top[3], top
    yield Figure(
        f"sort of {runs:,} runs, key → frame", percentile(waits, 50) * 1e3, "ms", ANSWER_MS, row=9, peer=theirs
    )
    yield from _filter(terminal, runs, theirs)


def _filter(terminal: TimedTerminal, runs: int, theirs: str) -> Iterator[Figure]:
    """Typed a character at a time; the answer is a list that got shorter with the last one."""
    typed = [terminal.react(key, SHORT).first_s for key in "/" + QUERY]
    yield from spread(f"filter keystroke, {runs:,} runs: its echo", typed, row=9)
    terminal.settle(SETTLED_S)
    waits = []
    for key, value in (("5", 0.05), ("backspace", 0.0), ("1", 0.01), ("backspace", 0.0), ("2", 0.02)):
        expected = sum(number % 3 == 1 and 0.1 / (1 + number % 40) < value for number in range(runs))
        pressed = time.perf_counter()
        terminal.press(key)
        waits.append(terminal.until_shown(f"{expected:,} of {runs:,}") - pressed)
        terminal.settle(SETTLED_S)
    took = percentile(waits, 50) * 1e3
    yield Figure(f"filter of {runs:,} runs, key → frame with the answer", took, "ms", ANSWER_MS, row=9, peer=theirs)
    terminal.press("escape")
    terminal.settle(SETTLED_S)


def _sorted(terminal: TimedTerminal, key: str) -> float:
    """Seconds from a key to another order of the rows."""
    before, pressed = _listed(terminal), time.perf_counter()
    terminal.press(key)
    while _listed(terminal) == before:
        assert terminal.read(10.0), terminal.text
    return terminal.came_at - pressed


def _listed(terminal: TimedTerminal) -> list[str]:
    return re.findall(r"run-(\d+)", terminal.text)[:20]


async def _data_table(runs: int) -> float:
    """Seconds that a `DataTable` takes to show another order of its rows: it has no filter, so it is filled anew."""
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable

    class Table(App[None]):
        def compose(self) -> ComposeResult:
            yield DataTable()

    recipes = [(generate.name(number), *("0.1234",) * 8) for number in range(runs)]
    async with Table().run_test(size=(160, 45)) as pilot:
        table = pilot.app.query_one(DataTable)
        table.add_columns(*(f"column {at}" for at in range(9)))
        table.add_rows(recipes)
        await pilot.pause()
        begun = time.perf_counter()
        table.clear()
        table.add_rows(reversed(recipes))
        await pilot.pause()
        assert table.row_count == runs
        return time.perf_counter() - begun
