"""Programs that record themselves, run as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SRC = str(Path(__file__).parent.parent.parent / "src")
RANKS = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "SLURM_PROCID", "SLURM_NTASKS", "RUNSPECT_RECORD", "RUNSPECT_RUNS")


def surroundings(**more: str) -> dict[str, str]:
    """The environment, without what would make the program a part of something else."""
    mine = {name: value for name, value in os.environ.items() if name not in RANKS}
    return {**mine, "PYTHONPATH": SRC, **more}


def started(
    place: Path, code: str, *, env: Mapping[str, str] | None = None, stdin: bool = False, python: str = sys.executable
) -> subprocess.Popen[str]:
    """Start a program in `place`; `runspect` is imported already."""
    return subprocess.Popen(
        [python, "-c", f"import runspect, sys, os, time\n{code}"],
        cwd=place, env=surroundings(**(env or {})), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
    )  # fmt: skip


def run(
    place: Path, code: str, *, env: Mapping[str, str] | None = None, python: str = sys.executable
) -> tuple[int, str, str]:
    """Run a program to its end: exit code, stdout, stderr."""
    process = started(place, code, env=env, python=python)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def only(place: Path) -> Path:
    """The one record below `place`."""
    (head,) = place.rglob("run.json")
    return head.parent


def head(record: Path) -> dict[str, Any]:
    """What `run.json` says."""
    found: dict[str, Any] = json.loads((record / "run.json").read_text())
    return found


def rows(record: Path, name: str = "metrics.jsonl") -> list[dict[str, Any]]:
    """The points of a record."""
    return [json.loads(line) for line in (record / name).read_text().splitlines()]
