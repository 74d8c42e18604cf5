"""`python -m tests.recorder.make_fixture`: records small runs into `tests/fixtures/runspect`, with their truth.

One of two ranks with odd numbers, one that was killed with -9, and one that joined a record kept by another program.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from runspect.recorder.writer import RecordWriter
from tests.conftest import FIXTURES
from tests.recorder.programs import run, started

PLACE = FIXTURES / "runspect"
HOST = "far-away"
AGO_S = 30 * 86400
LOSS = [2.0, math.nan, 0.5, math.inf, 0.25]

RANKS = """
run = runspect.start(config={"lr": 3e-4, "model": {"depth": 4}, "betas": [0.9, 0.999]}, name="two ranks", ranks="all",
                     hypothesis="two are faster", project="speed", tags=["ddp"], note="with NaN", seed=7, group="scaling")
rank = int(os.environ["RANK"])
for step, loss in enumerate([2.0, float("nan"), 0.5, float("inf"), 0.25]):
    run.log({"loss": loss + rank, "epoch": step // 2, "time": step / 4}, step=10 * step)
run.finish()
"""
KILLED = """
run = runspect.start(config={"lr": 1}, name="killed")
for step in range(20):
    run.log({"loss": 1 / (step + 1)}, step=step)
time.sleep(1)
print(flush=True)
time.sleep(60)
"""
JOINED = """
run = runspect.start(config={"lr": 0.1, "depth": 2}, name="named by the program", tags=["own"])
for step in range(3):
    run.log({"train": {"loss": 3.0 - step}, "eval": {"acc": step / 4}})
raise ValueError("it broke")
"""


def main() -> None:
    """Record them anew."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        for rank in "01":
            env = {"RANK": rank, "WORLD_SIZE": "2", "MASTER_PORT": "1"}
            process = started(
                place, RANKS.replace("run.finish()", "sys.stdin.read()\nrun.finish()"), env=env, stdin=True
            )
            if rank == "0":
                first = process
                while not list(place.glob("runs/*/metrics.jsonl")):
                    pass
            else:
                while not list(place.glob("runs/*/metrics-rank1.jsonl")):
                    pass
                process.communicate("")
        first.communicate("")
        process = started(place, KILLED)
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        process.communicate()
        writer = RecordWriter(
            place / "runs/joined",
            {"name": "joined", "named": False, "tags": ["given"], "dataset": "cifar10", "command": "python train.py"},
        )
        assert run(place, JOINED, env={"RUNSPECT_RECORD": str(writer.directory)})[0] == 1
        writer.console(b"training\nValueError: it broke\n")
        writer.end("failed", 1, peak={"memory_bytes": 1 << 30})
        for record in (place / "runs").iterdir():
            _anonymous(record)
            _older(record)
            shutil.rmtree(PLACE / record.name, ignore_errors=True)
            shutil.copytree(record, PLACE / record.name)
    kept = [run for run in json.loads((PLACE / "truth.json").read_text())["runs"] if run["name"] == "spirals-short"]
    (PLACE / "truth.json").write_text(json.dumps(_truth(kept), indent=1) + "\n")


def _anonymous(record: Path) -> None:
    """Without the names of this machine: where a process lives or not must not depend on where the fixture is read."""
    for name in ("run.json", "api.json"):
        if (path := record / name).exists():
            told = {**json.loads(path.read_text()), "host": HOST, "user": "me", "cwd": "/work", "argv": ["train.py"]}
            path.write_text(json.dumps({**told, "command": "train.py", "git": None}, indent=2) + "\n")


def _older(record: Path) -> None:
    """As if it had been written long ago: what was killed a minute ago may still live, for all that is known elsewhere."""
    for path in record.glob("metrics*.jsonl"):
        path.write_text(
            re.sub(
                r'"time": (\d+)\.(\d{3}),',
                lambda found: f'"time": {int(found[1]) - AGO_S}.{found[2]},',
                path.read_text(),
            )
        )


def _truth(kept: list[dict[str, Any]]) -> dict[str, Any]:
    ranks = {
        f"{rank}{name}": _series(values, step=10)
        for rank, add in (("", 0), ("rank1/", 1))
        for name, values in (
            ("loss", [loss + add for loss in LOSS]),
            ("epoch", [0.0, 0.0, 1.0, 1.0, 2.0]),
            ("time", [0.0, 0.25, 0.5, 0.75, 1.0]),
        )
    }
    return {
        "writer": "runspect",
        "what": "runspect's own record: run.json, api.json, metrics.jsonl, metrics-rankN.jsonl, console.log",
        "runs": [
            *kept,
            {
                "name": "two ranks", "root": "two-ranks", "status": "finished", "metrics": ranks, "exit": 0,
                "config": {"lr": 3e-4, "model": {"depth": 4}, "betas": [0.9, 0.999]}, "tags": ["ddp"], "project": "speed",
                "notes": "with NaN", "group": "scaling",
            },
            {
                "name": "killed", "root": "killed", "status": "killed", "config": {"lr": 1}, "exit": -9,
                "metrics": {"loss": _series([1 / (step + 1) for step in range(20)], step=1)},
            },
            {
                "name": "named by the program", "root": "joined", "status": "failed", "exit": 1,
                "config": {"lr": 0.1, "depth": 2}, "tags": ["given", "own"],
                "metrics": {
                    "train/loss": _series([3.0, 2.0, 1.0], step=1), "eval/acc": _series([0.0, 0.25, 0.5], step=1),
                },
            },
        ],
    }  # fmt: skip


def _series(values: list[float], step: int) -> dict[str, Any]:
    finite = [value for value in values if math.isfinite(value)]
    return {
        "count": len(values), "first_step": 0, "last_step": step * (len(values) - 1), "first": values[0],
        "last": values[-1], "min": min(finite), "max": max(finite), "nonfinite": len(values) - len(finite),
    }  # fmt: skip


if __name__ == "__main__":
    main()
