"""Directories of runs of any number and size, as a plain training script writes them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

A_DAY = 86_400
METRICS = ("loss", "acc", "val/loss", "val/acc", "lr", "grad_norm", "tokens", "memory")


def make(root: Path, runs: int, *, metrics: int = 5, steps: int = 200, params: int = 6) -> Path:
    """Write runs `run-0000`, …, the last one the newest; all ended more than a day ago. Returns `root`."""
    now = time.time() - 2 * A_DAY
    body = _body(metrics, steps)
    for number in range(runs):
        directory = root / f"sweep-{number // 50:03}" / name(number)
        directory.mkdir(parents=True)
        (directory / "metrics.jsonl").write_text(body)
        (directory / "config.json").write_text(json.dumps(_config(number, params)))
        for file in ("metrics.jsonl", "config.json"):
            os.utime(directory / file, (now - runs + number, now - runs + number))
    return root


def name(number: int) -> str:
    """What a run is called."""
    return f"run-{number:05}"


def append(file: Path, step: int, value: float) -> None:
    """One more line of a log, on the disk when this returns as far as other processes see."""
    with file.open("a") as log:
        log.write(json.dumps({"step": step, "loss": value}) + "\n")


def _body(metrics: int, steps: int) -> str:
    names = METRICS[:metrics]
    rows = ({"step": step, **{each: 2.0 / (1 + step + at) for at, each in enumerate(names)}} for step in range(steps))
    return "".join(json.dumps(row) + "\n" for row in rows)


def _config(number: int, params: int) -> dict[str, object]:
    varied: dict[str, object] = {"lr": 0.1 / (1 + number % 40), "batch": 32 << (number % 4), "seed": number}
    varied["optimizer"] = ("adamw", "sgd", "lion")[number % 3]
    return varied | {f"model.option_{at}": at for at in range(max(0, params - len(varied)))}
