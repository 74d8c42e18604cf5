"""Very many small files: file stores of MLflow, sweeps of Hydra, a database of MLflow, and a tree that did not change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import trees
from tests.benchmarks.figures import Figure
from tests.benchmarks.program import Program, best, cpu_seconds, peak_memory, program, seconds
from tests.readers import make_mlflow

MLFLOW, HYDRA, STORED, PLAIN = 6_000, 3_000, 6_000, 12_500
"""Runs in the trees; the plain ones have two files each, so that all of them are 100,001 files."""


def figures() -> Iterator[Figure]:
    """Index each tree with an engine of its own, then look again at all of them."""
    yield from _cold("MLflow file store", MLFLOW, lambda root: trees.mlflow_files(root, MLFLOW), files_at_least=5_000)
    yield from _cold("Hydra sweep", HYDRA, lambda root: trees.hydra(root, HYDRA))
    yield from _cold("mlflow.db", STORED, lambda root: bool(make_mlflow.database(root / "mlflow.db", STORED)))
    with program() as our:
        root = our.place / "tree"
        files = trees.mlflow_files(root / "a", MLFLOW) + trees.hydra(root / "b", HYDRA)
        trees.make(root / "c", PLAIN, steps=2)
        files += 2 * PLAIN
        our.command("ls", "-C", root, "--json", "-n", "1")
        pid = our.engine_pid()
        assert _runs(our, root) == MLFLOW + HYDRA + PLAIN
        before = cpu_seconds((pid,))
        took = best(lambda: our.command("ls", "-C", root, "--json", "-n", "1"), 3)
        note = f"{(cpu_seconds((pid,)) - before) / 3:.2f} s CPU of the engine"
        yield Figure(f"unchanged tree of {files:,} files, engine up", took, "s", 1.5, note=note)
        yield Figure(f"engine that indexed {files:,} files, most memory", peak_memory(pid), "MB", 1_000)


def _cold(what: str, runs: int, make: Callable[[Path], int], files_at_least: float | None = None) -> Iterator[Figure]:
    with program() as our:
        our.command("--help")
        root = our.place / "tree"
        files = make(root)
        took = seconds(lambda: our.command("ls", "-C", root, "--json", "-n", "1"))
        cpu = cpu_seconds((our.engine_pid(),))
        assert _runs(our, root) == runs
        note = f"{runs / took:,.0f} runs/s, {cpu:.1f} s CPU of the engine and its workers"
        yield Figure(f"cold: {what} of {runs:,} runs", took, "s", note=note)
        if files > 1:
            yield Figure(f"cold: {what}, {files:,} files", files / took, "/s", files_at_least, at_least=True)


def _runs(our: Program, root: Path) -> int:
    return len(json.loads(our.command("ls", "-C", root, "--json", "--fields", "uid", "--no-sync")))
