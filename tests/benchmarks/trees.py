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


def mlflow_files(root: Path, runs: int) -> int:
    """Write a file store of MLflow: ten one-line files a run; how many files that are."""
    experiment = root / "mlruns" / "1"
    experiment.mkdir(parents=True)
    (experiment / "meta.yaml").write_text("experiment_id: '1'\nlifecycle_stage: active\nname: many\n")
    begun = int((time.time() - 2 * A_DAY) * 1000)
    for number in range(runs):
        run_id = f"{number:032x}"
        place = experiment / run_id
        for kind in ("metrics", "params", "tags"):
            (place / kind).mkdir(parents=True)
        (place / "meta.yaml").write_text(
            f"artifact_uri: file:///x/{run_id}/artifacts\nend_time: {begun + 1000}\nentry_point_name: ''\nexperiment_id: '1'\n"
            f"lifecycle_stage: active\nrun_id: {run_id}\nrun_name: {name(number)}\nsource_name: ''\nsource_type: 4\n"
            f"source_version: ''\nstart_time: {begun}\nstatus: 3\ntags: []\nuser_id: me\n"
        )
        for metric in METRICS[:4]:
            path = place / "metrics" / metric
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{begun + number} {1 / (1 + number)} 0\n")
        for key, value in _config(number, 3).items():
            if key != "optimizer":
                (place / "params" / key).write_text(str(value))
        for tag in ("mlflow.user", "team"):
            (place / "tags" / tag).write_text("me")
    return 10 * runs + 1


def hydra(root: Path, jobs: int) -> int:
    """Write a sweep of Hydra's: three files of settings, a log and metrics a job; how many files that are."""
    lines = "".join(json.dumps({"step": step, "loss": 1 / (1 + step), "acc": step / 20}) + "\n" for step in range(20))
    for number in range(jobs):
        place = root / "multirun" / f"2026-01-{1 + number % 28:02}" / "10-00-00" / str(number)
        (place / ".hydra").mkdir(parents=True)
        config = "".join(f"{key}: {value}\n" for key, value in _config(number, 6).items())
        (place / ".hydra/config.yaml").write_text(config)
        (place / ".hydra/overrides.yaml").write_text(f"- lr={number}\n- seed={number}\n")
        (place / ".hydra/hydra.yaml").write_text(
            f"hydra:\n  job:\n    name: train\n    num: {number}\n  runtime:\n    version: 1.3.2\n"
        )
        (place / "train.log").write_text("[2026-01-01 10:00:00,000][__main__][INFO] - start\n" * 5)
        (place / "metrics.jsonl").write_text(lines)
    return 5 * jobs
