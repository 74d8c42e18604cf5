"""How long starting takes at 10,000 runs: the command, the first and the first true frame, a list for a script."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks import generate, peers
from tests.benchmarks.figures import Figure
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import Program, best, best_cpu, command_cpu, cpu_seconds

RUNS = 10_000
REPEATS = 5
OTHERS = ((160, 45, "256"), (200, 60, "truecolor"), (200, 60, "256"))
"""Columns, lines and colours besides the usual 160x45 in true colour."""
WRAPPER = "import sys\nfrom runspect.__main__ import main\nsys.exit(main())\n"
"""What pip puts into bin/."""
FIELDS = "uid,name,project,group,root,path,tools,state,reason,started,ended,updated,steps,host,owner"


def figures() -> Iterator[Figure]:
    """Start everything a few times."""
    with indexed(RUNS) as (our, tree):
        yield from _version(our)
        with our.client(tree) as other:
            other.watch()  # keeps the engine up between the starts
            yield from _frames(our, tree, "engine up", 300, lambda: None)
            for columns, lines, colours in OTHERS:
                how = f"engine up, {columns}x{lines}, {colours}"
                yield from _frames(our, tree, how, 300, lambda: None, columns=columns, lines=lines, colours=colours)
            yield from _lists(our, tree)
        yield from _frames(our, tree, "engine not up", 800, our.stop_engine)


def _version(our: Program) -> Iterator[Figure]:
    wrapper = our.place / "runspect"
    wrapper.write_text(WRAPPER)
    assert our.python(str(wrapper), "--version").startswith(b"runspect ")
    bare, ours = ("-c", "pass"), (str(wrapper), "--version")
    walls = [best(partial(our.python, *words), 15) * 1e3 for words in (bare, ours)]
    cpus = [best_cpu(partial(our.python, *words), 15) for words in (bare, ours)]
    note = f"CPU; wall {walls[1]:.1f} ms, bare Python {walls[0]:.1f}"
    peer = peers.command("wandb", "--version")
    yield Figure("runspect --version, times bare Python", cpus[1] / cpus[0], "x", 1.5, note=note, row=1, peer=peer)
    yield Figure("runspect --version", walls[1], "ms", row=1)


def _frames(
    our: Program, tree: Path, when: str, budget: float, before: Callable[[], None], **how: Any
) -> Iterator[Figure]:
    """The first frame may show the runs as they were; the true one has a name that was given after the screen was left."""
    old = generate.name(RUNS - 2)
    _start(our, tree, old, old, **how)  # so that there is a last time
    starts = []
    for number in range(REPEATS):
        fresh = f"named-{number}-{zlib.crc32(when.encode())}"
        our.command("name", "-C", tree, old, fresh)
        before()
        starts.append(_start(our, tree, generate.name(RUNS - 1), fresh, **how))
        old = fresh
    our.command("name", "-C", tree, old, "--clear")
    first = min(each[0] for each in starts)
    true, cpu = min(each[1:] for each in starts)
    yield Figure(f"first painted frame, {RUNS:,} runs, {when}", first * 1e3, "ms", 30, row=2)
    yield Figure(f"first true frame, {RUNS:,} runs, {when}", true * 1e3, "ms", budget, note=f"{cpu:.2f} s CPU", row=3)


def _start(our: Program, tree: Path, known: str, fresh: str, **how: Any) -> tuple[float, float, float]:
    """Seconds from the start of the process to a known and to a new text, and its CPU seconds by then."""
    with our.screen(tree, **how) as terminal:
        first = terminal.until(known) - terminal.begun
        true = terminal.until(fresh) - terminal.begun
        cpu = cpu_seconds((terminal.pid,))
        terminal.until(f"{RUNS:,} runs")
        terminal.settle()
        terminal.press("Q")
        terminal.wait_exit()
    return first, true, cpu


def _lists(our: Program, tree: Path) -> Iterator[Figure]:
    newest = json.loads(our.command("ls", "-C", tree, "--json", "-n", "50"))
    assert [run["path"].rpartition("/")[2] for run in newest] == [generate.name(RUNS - 1 - at) for at in range(50)]
    whole = our.command("ls", "-C", tree, "--json")
    assert len(json.loads(whole)) == RUNS
    assert len(json.loads(our.command("ls", "-C", tree, "--json", "--fields", FIELDS))[0]) == 15
    engine = our.engine_pid()
    for title, words, budget in (
        ("newest 50", ("-n", "50"), 80.0),
        ("15 fields", ("--fields", FIELDS), 200.0),
        ("newest 50, without looking at the disk", ("-n", "50", "--no-sync"), None),
        ("15 fields, without looking at the disk", ("--fields", FIELDS, "--no-sync"), None),
    ):
        used = command_cpu() + cpu_seconds((engine,))
        took = best(partial(our.command, "ls", "-C", tree, "--json", *words), REPEATS)
        used = (command_cpu() + cpu_seconds((engine,)) - used) / REPEATS
        yield Figure(
            f"ls --json of {RUNS:,} runs: {title}",
            took * 1e3,
            "ms",
            budget,
            note=f"{used * 1e3:.0f} ms CPU of both",
            row=4,
        )
    took = best(partial(our.command, "ls", "-C", tree, "--json", "--no-sync"), REPEATS)
    speed = len(whole) / took / 1e6
    note = f"{len(whole) / 1e6:.0f} MB in {took:.2f} s, without looking at the disk"
    yield Figure(f"ls --json of {RUNS:,} runs: whole objects", speed, "MB/s", 40, at_least=True, note=note, row=4)
