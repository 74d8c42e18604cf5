"""How long starting takes: the command, the first frame of the screen, a list for a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks import trees
from tests.benchmarks.figures import Figure
from tests.benchmarks.program import Program, best, cpu_seconds, program

RUNS = 1_000
REPEATS = 5
WRAPPER = "import sys\nfrom runspect.__main__ import main\nsys.exit(main())\n"
"""What pip puts into bin/."""


def figures() -> Iterator[Figure]:
    """Start everything a few times."""
    with program() as our:
        tree = trees.make(our.place / "tree", RUNS)
        yield from _version(our)
        our.command("ls", "-C", tree, "--json")
        with our.client(tree) as other:
            other.watch()
            wait, cpu = _first_rows(our, tree, REPEATS)
            yield Figure("first rows on the screen, 1,000 runs, engine up", wait, "s", 0.8, note=f"{cpu:.2f} s CPU")
            yield from _lists(our, tree)
        our.stop_engine()
        waits = []
        for _ in range(REPEATS):
            waits.append(_first_rows(our, tree, 1))
            our.stop_engine()
        wait, cpu = min(waits)
        yield Figure("the same, engine not up yet", wait, "s", note=f"{cpu:.2f} s CPU")


def _version(our: Program) -> Iterator[Figure]:
    wrapper = our.place / "runspect"
    wrapper.write_text(WRAPPER)
    assert our.python(str(wrapper), "--version").startswith(b"runspect ")
    bare = best(lambda: our.python("-c", "pass"), 15)
    version = best(lambda: our.python(str(wrapper), "--version"), 15)
    yield Figure("runspect --version", version * 1e3, "ms", note=f"{version / bare:.2f} x bare python")
    our.command("--help")
    yield Figure("runspect --help", best(lambda: our.command("--help"), 9) * 1e3, "ms")


def _first_rows(our: Program, tree: Path, repeats: int) -> tuple[float, float]:
    """Seconds from the start of the process to the newest run on the terminal, and CPU seconds of the process by then."""
    waits = []
    for _ in range(repeats):
        with our.screen(tree) as terminal:
            shown = terminal.until(trees.name(RUNS - 1)) - terminal.begun
            waits.append((shown, cpu_seconds((terminal.pid,))))
            terminal.until(f"{RUNS:,} runs")
            terminal.press("Q")
            terminal.wait_exit()
    return min(waits)


def _lists(our: Program, tree: Path) -> Iterator[Figure]:
    newest = json.loads(our.command("ls", "-C", tree, "--json", "-n", "50"))
    assert [run["name"].rpartition("/")[2] for run in newest] == [trees.name(RUNS - 1 - at) for at in range(50)]
    for title, words in (
        ("ls --json, newest 50 of 1,000 runs", ("-n", "50")),
        ("ls --json, all 1,000 runs, whole objects", ()),
        ("ls --json, all 1,000 runs, 3 fields", ("--fields", "name,state,metrics")),
    ):
        took = best(partial(our.command, "ls", "-C", tree, "--json", *words), REPEATS)
        yield Figure(title, took * 1e3, "ms")
