"""How fast JSONL and CSV are read: MB of file a CPU second, one process, best of three."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runspect.readers import reader_named
from runspect.readers.contract import Cursor
from tests.benchmarks import peers
from tests.benchmarks.figures import Figure

MEGABYTES = 24
BUDGETS = {"jsonl": 200.0, "csv, clean": 250.0}


def figures() -> Iterator[Figure]:
    """Write files of the usual shapes and read them."""
    with tempfile.TemporaryDirectory() as folder:
        for written in _files(Path(folder), MEGABYTES):
            speed, points, seconds = measure(written)
            note = f"{points / seconds / 1e6:.2f} M points/s, {points:,} points"
            name, path = written.name, written.path
            megabytes = path.stat().st_size / 1e6
            work = peers.read_json(path, 1) if written.reader == "jsonl" else peers.read_csv(path, points)
            peer = "" if "nested" in name or "NaN" in name else peers.told("pandas", megabytes, "MB/s", work)
            budget = BUDGETS.get(name)
            yield Figure(name, speed, "MB/s", budget, at_least=True, note=note, row=21, peer=peer)


@dataclass(frozen=True, slots=True)
class Written:
    """A file of one shape, and what is in it: `points` of all metrics, the last step."""

    name: str
    reader: str
    path: Path
    points: int
    last_step: int


def measure(written: Written) -> tuple[float, int, float]:
    """MB a CPU second, points and CPU seconds of the best of three reads: steady on a machine with neighbours."""
    best, read = float("inf"), reader_named(written.reader).read
    for _ in range(3):
        start = time.process_time()
        batches = list(read(written.path, Cursor()))
        best = min(best, time.process_time() - start)
        points = sum(len(series) for batch in batches for series in batch.points.values())
        last = max(int(series.steps[-1]) for series in batches[-1].points.values())
        assert (points, last) == (written.points, written.last_step), (points, last, written)
    return written.path.stat().st_size / best / 1e6, points, best


def _files(folder: Path, megabytes: int) -> list[Written]:
    noise = random.Random(0)
    shapes: tuple[tuple[str, str, str, float, Callable[[int], str]], ...] = (
        ("jsonl", "jsonl", "metrics.jsonl", 2, lambda step: json.dumps({"step": step, "time": 1.7e9 + step, "loss": noise.random(), "lr": 1e-3})),
        ("jsonl, nested", "jsonl", "nested.jsonl", 2, lambda step: json.dumps({"step": step, "train": {"loss": noise.random(), "acc": noise.random()}})),
        ("jsonl, NaN in each line", "jsonl", "nan.jsonl", 2, lambda step: json.dumps({"step": step, "loss": noise.random(), "ap": float("nan")})),
        ("csv, clean", "csv", "metrics.csv", 3, lambda step: f"{step},{noise.random()},{noise.random()},{noise.random()}"),
        ("csv, blank cells", "csv", "sparse.csv", 1.5, lambda step: f"{step},{noise.random()},," if step % 2 else f"{step},,{noise.random()},0.5"),
    )  # fmt: skip
    found = []
    for name, reader, file_name, a_row, row in shapes:
        path, step = folder / file_name, 0
        with path.open("w") as file:
            if path.suffix == ".csv":
                file.write("step,loss,acc,lr\n")
            while file.tell() < megabytes << 20:
                file.writelines(row(step + at) + "\n" for at in range(20_000))
                step += 20_000
        found.append(Written(name, reader, path, int(a_row * step), step - 1))
    return found
