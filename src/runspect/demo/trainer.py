"""A small training that really runs: `python -m runspect.demo.trainer DIR [--seed N] [--seconds S]`.

It trains a network on two noisy spirals and logs a few times a second into DIR, as any training would. With
`--parent-fd` it ends as soon as the other end of that pipe is closed.
"""

from __future__ import annotations

import argparse
import os
import select
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from runspect.dataclass import dataclass
from runspect.demo.record import Record
from runspect.demo.spirals import Network, Points, spirals

RECORDS_PER_SECOND = 4
PRINT_EVERY = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """What is trained and how; recorded as the run's config."""

    lr: float = 4e-3
    batch_size: int = 64
    hidden: int = 24
    layers: int = 2
    optimizer: str = "adam"
    schedule: str = "cosine"
    warmup: int = 60
    steps: int = 2160
    train_points: int = 600
    noise: float = 0.035
    seed: int = 3


def train(
    directory: Path, name: str, settings: Settings, seconds: float, wait: Callable[[float], bool] | None = None
) -> bool:
    """Train for about `seconds` and record it in `directory`; whether it came to its end.

    `wait(s)` sleeps for s seconds and returns True when the training is to stop.
    """
    wait = wait or _sleep
    facts = {"project": "spirals", "dataset": "two-spirals", "seed": settings.seed, "max_steps": settings.steps}
    records = max(4, round(seconds * RECORDS_PER_SECOND))
    with Record(directory, name, asdict(settings), facts) as record:
        record.say(f"training {name}: {settings.steps} steps, lr {settings.lr:g}, seed {settings.seed}")
        began = time.monotonic()
        values: dict[str, float] = {}
        for i, (step, values) in enumerate(_progress(settings, records), 1):
            record.log(values, step, time.time())
            if i % PRINT_EVERY == 0 or i == 1:
                record.say(_line(step, settings.steps, values))
            if wait(max(0.0, began + i * seconds / records - time.monotonic())):
                record.say("stopped: the program that started this training is gone")
                record.end("killed", None, "stopped with the program that started it")
                return False
        record.say(f"done: val/acc {values['val/acc']:.4f}")
    return True


def _progress(settings: Settings, records: int) -> Iterator[tuple[int, dict[str, float]]]:
    """Train on and yield (step, metrics) about `records` times, the first after one step."""
    random = np.random.default_rng(settings.seed)
    points, held_out = spirals(settings.train_points, settings.noise, random), spirals(400, settings.noise, random)
    network = Network.create(settings.hidden, settings.layers, random)
    due = {1, *np.linspace(1, settings.steps, records).round().astype(int).tolist()}
    losses: list[float] = []
    for step in range(1, settings.steps + 1):
        rate = _learning_rate(settings, step)
        chosen = random.integers(0, len(points.label), settings.batch_size)
        loss, norm = network.train(Points(points.x[chosen], points.label[chosen]), rate)
        losses.append(loss)
        if step in due:
            val_loss, val_acc = network.judge(held_out)
            yield step, {
                "loss": float(np.mean(losses)), "grad_norm": norm, "val/loss": val_loss, "val/acc": val_acc,
                "lr": rate,
            }  # fmt: skip
            losses = []


def _learning_rate(settings: Settings, step: int) -> float:
    """Linear warm-up, then half a cosine down to a fiftieth."""
    if step <= settings.warmup:
        return settings.lr * step / settings.warmup
    share = (step - settings.warmup) / max(1, settings.steps - settings.warmup)
    return settings.lr * (0.02 + 0.98 * 0.5 * (1 + float(np.cos(np.pi * share))))


def _line(step: int, steps: int, values: dict[str, float]) -> str:
    shown = "  ".join(f"{name} {values[name]:.4f}" for name in ("loss", "val/loss", "val/acc"))
    return f"step {step:>5}/{steps}  {shown}"


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _until_closed(descriptor: int) -> Callable[[float], bool]:
    """A `wait` that ends early when the other end of a pipe is closed."""

    def wait(seconds: float) -> bool:
        ready, _, _ = select.select([descriptor], [], [], seconds)
        return bool(ready) and os.read(descriptor, 1) == b""

    return wait


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the arguments and train; 0 when it came to its end."""
    parser = argparse.ArgumentParser(prog="python -m runspect.demo.trainer", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--name", default="spirals-mlp")
    parser.add_argument("--seed", type=int, default=Settings().seed)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--steps", type=int, default=Settings().steps)
    parser.add_argument("--parent-fd", type=int)
    args = parser.parse_args(arguments)
    settings = Settings(seed=args.seed, steps=args.steps)
    wait = None if args.parent_fd is None else _until_closed(args.parent_fd)
    return 0 if train(args.directory, args.name, settings, args.seconds, wait) else 143


if __name__ == "__main__":
    raise SystemExit(main())
