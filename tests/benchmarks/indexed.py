"""Trees that several benchmarks look at: written and indexed once a process, removed at its end.

With `BENCHMARK_CORPORA=DIR` they are kept there for the next time."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.benchmarks import generate
from tests.benchmarks.program import Program, program

METRICS, STEPS, PARAMS = 5, 20, 20


@contextmanager
def indexed(
    runs: int, *, form: str = "jsonl", metrics: int = METRICS, steps: int = STEPS, params: int = PARAMS
) -> Iterator[tuple[Program, Path]]:
    """The program with a tree of so many ended runs in its index, its engine up, and the tree. Leave the tree as it is."""
    place = _made(runs, form, metrics, steps, params)
    with program(place) as our:
        shutil.rmtree(place / "home" / "state", ignore_errors=True)  # what the last screen looked like
        tree = place / "tree"
        our.command("ls", "-C", tree, "--json", "-n", "1")
        with our.client(tree) as client:
            assert client.order().total == runs
        yield our, tree


@cache
def _made(runs: int, form: str, metrics: int, steps: int, params: int) -> Path:
    kept = os.environ.get("BENCHMARK_CORPORA", "")
    if kept:
        place = Path(kept) / f"{form}-{runs}-{metrics}-{steps}-{params}"
    else:
        place = Path(tempfile.mkdtemp(prefix="runspect-bench-"))
        atexit.register(shutil.rmtree, place, ignore_errors=True)
    if not (place / "tree").exists():
        generate.corpus(place / "making", form, runs, metrics=metrics, steps=steps, params=params)
        (place / "making").rename(place / "tree")
    return place
