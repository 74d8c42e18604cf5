"""Fifty live runs at 10 Hz on the screen, and one: bytes, CPU, and how long an appended line takes to its cells."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import data_table, generate
from tests.benchmarks.figures import Figure, percentile, spread
from tests.benchmarks.generate import Growth
from tests.benchmarks.program import Program, cpu_seconds, program
from tests.benchmarks.terminal import TimedTerminal

ENDED, LIVE, HERTZ, BEFORE = 200, 50, 10.0, 100
CALM_S, WATCHED_S = 4.0, 15.0
APPEND_MS = {50: 150.0, 95: 300.0}
ONE_B, MANY_KB = 700.0, 5.0
"""Bytes of an update, and kB/s of all: what the line-diff layer, which is on, allows."""
ROW = re.compile(r"run-(\d{5})")
SHOWN = re.compile(r"(?<![\d.])(\d\.\d{3})(?![\d.])")


def figures() -> Iterator[Figure]:
    """One run that grows, then fifty; the list has the whole height."""
    yield from _watched(1, 1.0, "jsonl")
    yield from _watched(LIVE, HERTZ, "jsonl")
    yield from _watched(LIVE, HERTZ, "tb")


def _watched(live: int, hertz: float, form: str) -> Iterator[Figure]:
    with program() as our:
        tree = our.place / "tree"
        generate.corpus(tree, form, ENDED, metrics=2, steps=BEFORE)
        recipes = generate.live(tree, form, live, metrics=2, steps=BEFORE, first=ENDED)
        our.command("ls", "-C", tree, "--json", "-n", "1")
        with our.opened(tree, recipes[0].name, columns=200, lines=60) as terminal:
            terminal.press("z")  # the whole height for the list
            with generate.growing(tree, form, recipes, hertz) as growth:
                terminal.received_within(CALM_S)
                engine, begun = our.engine_pid(), time.perf_counter()
                before = [cpu_seconds((pid,)) for pid in (terminal.pid, engine)]
                came = terminal.received_within(WATCHED_S) / WATCHED_S
                after = [cpu_seconds((pid,)) for pid in (terminal.pid, engine)]
                ended = time.perf_counter()
            terminal.received_within(2.0)
        _check(our, tree, growth)
    what = f"{live} live run{'s' if live > 1 else ''} at {hertz:g} Hz ({form})"
    used = [(now - was) / WATCHED_S * 100 for now, was in zip(after, before, strict=True)]
    if live == 1:
        yield Figure(f"{what}: a live update of one row", came / hertz, "B", ONE_B, row=8, peer=_data_table())
        yield Figure(f"{what}: CPU of screen and engine", sum(used), "% core", row=12)
        return
    yield Figure(f"{what}: to the terminal", came / 1e3, "kB/s", MANY_KB, row=8)
    note = f"screen {used[0]:.0f}, engine {used[1]:.0f}"
    yield Figure(f"{what}: CPU of screen and engine", sum(used), "% core", note=note, row=12)
    waits, rows = _waits(terminal, growth, begun, ended)
    yield from spread(f"{what}: append → painted", waits, APPEND_MS, row=16, note=f"{rows} rows in sight")


def _data_table() -> str:
    """What one changed cell costs in Textual's own table."""
    with program() as our, data_table.shown(our, ENDED, columns=200, lines=60) as terminal:
        changes = [terminal.react("u", 0.2).received for _ in range(5)]
    return f"DataTable {percentile(changes, 50):,.0f} B a cell"


def _waits(terminal: TimedTerminal, growth: Growth, begun: float, ended: float) -> tuple[list[float], int]:
    """For each append, seconds until its value or a later one of the run stood on the screen; how many runs did."""
    at: dict[int, int] = {}
    waits: list[float] = []
    shown_from: dict[int, int] = {}
    for moment, lines in terminal.replay(begun):
        for line in lines:
            row = ROW.search(line)
            values = SHOWN.findall(line[row.end() :]) if row else []
            if row is None or not values:
                continue
            run, step = int(row[1]), round((max(map(float, values)) - 1) * 1_000)
            last = at.setdefault(run, step)
            shown_from.setdefault(run, step)
            for seen in range(last + 1, step + 1):
                written = growth.written.get((run, seen))
                if written is not None and begun <= written < ended:
                    waits.append(moment - written)
            at[run] = max(last, step)
    assert waits, "no append was seen"
    return waits, len(shown_from)


def _check(our: Program, tree: Path, growth: Growth) -> None:
    """Every appended step is in the index, once."""
    written = len(growth.written)
    with our.client(tree) as client:
        client.sync()
        (counted,) = client.sql("SELECT count(*) FROM points_now").rows
    points = 2 * BEFORE * (ENDED + len(growth.recipes)) + 2 * written
    assert counted[0] == points, f"{counted[0]} of {points} points"
    assert percentile([float(step) for _, step in growth.written], 100) >= BEFORE
