"""How fast JSONL and CSV are read: MB of file a CPU second, one process, best of three."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
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
        for name, reader, path in _files(Path(folder), MEGABYTES):
            speed, points, seconds = measure(reader, path)
            note = f"{points / seconds / 1e6:.2f} M points/s, {points:,} points"
            megabytes = path.stat().st_size / 1e6
            work = peers.read_json(path, 1) if reader == "jsonl" else peers.read_csv(path, points)
            peer = "" if "nested" in name or "NaN" in name else peers.told("pandas", megabytes, "MB/s", work)
            budget = BUDGETS.get(name)
            yield Figure(name, speed, "MB/s", budget, at_least=True, note=note, row=21, peer=peer)


def measure(reader: str, path: Path) -> tuple[float, int, float]:
    """MB a CPU second, points and CPU seconds of the best of three reads: steady on a machine with neighbours."""
    best, points = float("inf"), 0
    for _ in range(3):
        start = time.process_time()
        points = sum(len(p) for batch in reader_named(reader).read(path, Cursor()) for p in batch.points.values())
        best = min(best, time.process_time() - start)
    return path.stat().st_size / best / 1e6, points, best


def _files(folder: Path, megabytes: int) -> list[tuple[str, str, Path]]:
    noise = random.Random(0)
    jsonl = folder / "metrics.jsonl"
    nested = folder / "nested.jsonl"
    with_nan = folder / "nan.jsonl"
    table = folder / "metrics.csv"
    sparse = folder / "sparse.csv"
    shapes: dict[Path, Callable[[int], str]] = {
        jsonl: lambda step: json.dumps({"step": step, "time": 1.7e9 + step, "loss": noise.random(), "lr": 1e-3}),
        nested: lambda step: json.dumps({"step": step, "train": {"loss": noise.random(), "acc": noise.random()}}),
        with_nan: lambda step: json.dumps({"step": step, "loss": noise.random(), "ap": float("nan")}),
        table: lambda step: f"{step},{noise.random()},{noise.random()},{noise.random()}",
        sparse: lambda step: f"{step},{noise.random()},," if step % 2 else f"{step},,{noise.random()},0.5",
    }
    for path, row in shapes.items():
        with path.open("w") as file:
            if path.suffix == ".csv":
                file.write("step,loss,acc,lr\n")
            step = 0
            while file.tell() < megabytes << 20:
                file.writelines(row(step + at) + "\n" for at in range(20_000))
                step += 20_000
    return [
        ("jsonl", "jsonl", jsonl),
        ("jsonl, nested", "jsonl", nested),
        ("jsonl, NaN in each line", "jsonl", with_nan),
        ("csv, clean", "csv", table),
        ("csv, blank cells", "csv", sparse),
    ]
