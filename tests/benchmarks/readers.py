"""How fast event files and W&B logs are read: generated files, one process, CPU time, best of three."""

from __future__ import annotations

import math
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from runspect.readers.contract import Cursor, Reader
from runspect.readers.tfevents import READER as TFEVENTS
from runspect.readers.wandb import READER as WANDB
from tests.benchmarks import peers
from tests.benchmarks.figures import Figure
from tests.readers import make_tfevents as tf
from tests.readers import make_wandb as wb

TORCH_TAGS = ("train/loss", "train/accuracy", "train/lr", "train/grad_norm", "perf/step_time")
LAYERS = tuple(f"grad/layers.{layer}.weight" for layer in range(100))
STEPS = 60_000
MIXED_M_PER_S, REGULAR_M_PER_S, WANDB_MB_PER_S = 3.0, 15.0, 80.0


def torch_file(rng: random.Random) -> Iterator[bytes]:
    """Five scalars a step, as torch writes them."""
    yield tf.record(tf.version(1.7e9))
    for step in range(STEPS):
        for tag in TORCH_TAGS:
            yield tf.record(tf.event(1.7e9 + step, step, tf.summary(tf.simple(tag, rng.random()))))


def tf2_file(rng: random.Random) -> Iterator[bytes]:
    """Five tensor scalars a step, as TF2 writes them."""
    for step in range(STEPS):
        for tag in TORCH_TAGS:
            yield tf.record(tf.event(1.7e9 + step, step, tf.summary(tf.tensor(tag, rng.random()))))


def mixed_file(rng: random.Random) -> Iterator[bytes]:
    """A hundred scalars of nearly equal length a step, validation now and then, histograms between."""
    for step in range(STEPS // 20):
        for tag in LAYERS:
            yield tf.record(tf.event(1.7e9 + step, step, tf.summary(tf.simple(tag, rng.random()))))
        if step % 7 == 0:
            yield tf.record(tf.event(1.7e9 + step, step, tf.summary(tf.simple("val/loss", rng.random()))))
        if step % 20 == 0:
            body = rng.randbytes(rng.randint(300, 900))
            yield tf.record(tf.event(1.7e9 + step, step, tf.summary(tf.histogram("weights", body))))


def wandb_records(rng: random.Random, nested: bool) -> Iterator[bytes]:
    """Ten metrics a row in random order; 0.31 also writes a summary record after each row."""
    names = [f"train/metric_{number}" for number in range(10)]
    for step in range(STEPS // 3):
        row = {name: repr(rng.random()) for name in names}
        row |= {"_step": str(step), "_timestamp": repr(1.7e9 + step), "_runtime": repr(step * 0.5)}
        keys = list(row)
        rng.shuffle(keys)
        yield wb.history(2 * step, step, {key: row[key] for key in keys}, nested)
        if nested:
            yield wb.summary(2 * step + 1, row)


def measure(reader: Reader, path: Path, points: int, last_step: int) -> tuple[float, float]:
    """Millions of points, and MB, a CPU second: the best of three reads. Counts and last steps must be right."""
    best, size = math.inf, path.stat().st_size
    for _ in range(3):
        started = time.process_time()
        batches = list(reader.read(path, Cursor()))
        best = min(best, time.process_time() - started)
        assert sum(len(series) for batch in batches for series in batch.points.values()) == points
        assert max(int(series.steps[-1]) for series in batches[-1].points.values()) == last_step
        assert batches[-1].cursor.offset == size
    return points / best / 1e6, size / best / 1e6


def figures() -> Iterator[Figure]:
    """Generate the files and read them."""
    with tempfile.TemporaryDirectory() as directory:
        yield from _event_files(Path(directory))
        yield from _wandb_logs(Path(directory))


def _event_files(place: Path) -> Iterator[Figure]:
    rng = random.Random(0)
    mixed = 100 * (STEPS // 20) + -(-(STEPS // 20) // 7)
    for name, content, points, last, budget in (
        ("event file, regular (torch)", torch_file(rng), 5 * STEPS, STEPS - 1, REGULAR_M_PER_S),
        ("event file, regular (TF2 tensors)", tf2_file(rng), 5 * STEPS, STEPS - 1, REGULAR_M_PER_S),
        ("event file, mixed", mixed_file(rng), mixed, STEPS // 20 - 1, MIXED_M_PER_S),
    ):
        path = place / f"events.out.tfevents.1700000000.host.1.{points}"
        path.write_bytes(b"".join(content))
        speed, bytes_speed = measure(TFEVENTS, path, points, last)
        peer = ""
        if "torch" in name:
            peer = peers.told("EventAccumulator", points / 1e6, "M/s", peers.event_accumulator(path, points))
        note = f"records; {bytes_speed:.0f} MB/s"
        yield Figure(name, speed, "M/s", budget, at_least=True, note=note, row=19, peer=peer)


def _wandb_logs(place: Path) -> Iterator[Figure]:
    rng = random.Random(0)
    for name, nested in (("W&B log, 0.31", True), ("W&B log, 0.15", False)):
        path = place / f"run-{nested}.wandb"
        records = list(wandb_records(rng, nested))
        path.write_bytes(wb.log(records))
        speed, bytes_speed = measure(WANDB, path, 10 * (STEPS // 3), STEPS // 3 - 1)
        peer = peers.told("W&B's DataStore", path.stat().st_size / 1e6, "MB/s", peers.data_store(path, len(records)))
        note = f"{speed:.2f} M points/s"
        yield Figure(name, bytes_speed, "MB/s", WANDB_MB_PER_S, at_least=True, note=note, row=20, peer=peer)
