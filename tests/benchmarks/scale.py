"""Very many small files: file stores of MLflow, sweeps of Hydra, a database of MLflow, and a tree that did not change.

A tree is indexed by an engine that has just answered for another one, as for the second directory that somebody opens;
the note says how long it takes when the engine has to be started for it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import generate
from tests.benchmarks.figures import Figure
from tests.benchmarks.opened import opened
from tests.benchmarks.program import Program, best, cpu_seconds, peak_memory, program, seconds

MLFLOW, HYDRA, STORED, PLAIN = 6_000, 3_000, 6_000, 11_000
"""Runs in the trees; the plain ones have two files each, so that all of them are about 100,000 files."""
FILES_PER_S, RUNS_PER_S = 5_000, 1_000
SWEEP_S = 0.8


def figures() -> Iterator[Figure]:
    """Index each tree with an engine of its own, then look again at all of them."""
    yield from _cold("MLflow file store", "mlflow", MLFLOW, metrics=4, steps=1)
    yield from _cold("Hydra sweep", "hydra", HYDRA, metrics=2, steps=20)
    yield from _cold("mlflow.db", "mlflow-db", STORED, metrics=5, steps=20)
    with program() as our:
        root = our.place / "tree"
        generate.corpus(root / "a", "mlflow", MLFLOW, metrics=4, steps=1, params=5)
        generate.corpus(root / "b", "hydra", HYDRA, metrics=2, steps=20)
        generate.corpus(root / "c", "jsonl", PLAIN, steps=2)
        files = _files(root)
        our.command("ls", "-C", root, "--json", "-n", "1")
        pid = our.engine_pid()
        assert _runs(our, root) == MLFLOW + HYDRA + PLAIN
        with opened(root) as names:
            our.command("ls", "-C", root, "--json", "-n", "1")
        assert not names, f"{len(names)} files were opened, the first {names[0]}"
        before = cpu_seconds((pid,))
        took = best(lambda: our.command("ls", "-C", root, "--json", "-n", "1"), 3)
        used = (cpu_seconds((pid,)) - before) / 3
        what = f"unchanged tree of {files:,} files looked at again"
        yield Figure(
            f"{what}: CPU of the engine", used, "s", SWEEP_S, note=f"{took:.2f} s until the answer; none opened", row=18
        )
        yield Figure(f"engine that indexed {files:,} files, most memory", peak_memory(pid), "MB", 1_000)


def _cold(what: str, form: str, runs: int, metrics: int, steps: int) -> Iterator[Figure]:
    with program() as our:
        root, other = our.place / "tree", our.place / "other"
        generate.corpus(root, form, runs, metrics=metrics, steps=steps, params=5)
        files = _files(root)
        started = seconds(lambda: our.command("ls", "-C", root, "--json", "-n", "1"))
        assert _runs(our, root) == runs
        our.stop_engine()
        our.command("cache", "--clear")
        generate.corpus(other, form, 1, metrics=metrics, steps=steps, params=5)
        our.command("ls", "-C", other, "--json", "-n", "1")
        pid = our.engine_pid()
        before = cpu_seconds((pid,))
        took = seconds(lambda: our.command("ls", "-C", root, "--json", "-n", "1"))
        cpu = cpu_seconds((pid,)) - before
        assert _runs(our, root) == runs
        note = f"{took:.1f} s, {cpu:.1f} s CPU of the engine and its workers; {started:.1f} s with the engine's start"
        yield Figure(f"cold: {what}, {runs:,} runs", runs / took, "runs/s", RUNS_PER_S, at_least=True, note=note)
        if files > 1:
            yield Figure(f"cold: {what}, {files:,} files", files / took, "/s", FILES_PER_S, at_least=True)


def _files(root: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(root))


def _runs(our: Program, root: Path) -> int:
    return len(json.loads(our.command("ls", "-C", root, "--json", "--fields", "uid", "--no-sync")))
