"""Keras Tuner: a trial's trial.json with its hyperparameters, its best metrics and its status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import json_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.flatten import flatten
from runspect.readers.numbers import number
from runspect.readers.whole import read_whole

NAME, TOOL = "trial.json", "keras-tuner"
LARGEST = 32 << 20
_MARKS = (b'"trial_id"', b'"hyperparameters"')
_STATES = {"COMPLETED": "finished", "INVALID": "failed", "FAILED": "failed", "STOPPED": "killed"}


class KerasTunerReader:
    """A trial is a run; the project's oracle.json above is none."""

    name = TOOL
    mode: Mode = "replace"
    precision = 3
    names = (NAME,)

    def claim(self, entry: Entry) -> Claim | None:
        """By name, and by the directory's or what it holds: the walk may begin in the directory, or that be renamed."""
        if entry.name != NAME:
            return None
        if not entry.folder.startswith("trial_") and not all(mark in entry.head() for mark in _MARKS):
            return None
        hints = (("group", entry.above),) if entry.above != "." else ()
        return Claim(self.name, entry.path, entry.directory, "container", "series", 3, TOOL, hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """The whole trial as one batch."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _parse(path: Path, text: str) -> Batch:
    trial = json_plain.load(text)
    if not isinstance(trial, dict) or "trial_id" not in trial:
        raise ReaderFault("no trial", 0)
    # Hyperband's own `tuner/epochs` and `tuner/bracket` among them: they decide how long the trial trains.
    params = flatten(_inner(trial, "hyperparameters", "values"))
    return Batch(Cursor(), points=_points(_inner(trial, "metrics", "metrics")), params=params, facts=_facts(trial))


def _points(metrics: Mapping[str, Any]) -> dict[str, Points]:
    """Each metric by the step at which it was reported, the mean over the executions of a trial."""
    found: dict[str, Points] = {}
    for name, metric in metrics.items():
        rows = metric.get("observations") if isinstance(metric, Mapping) else None
        told = [row for row in map(_observed, rows if isinstance(rows, list) else []) if row is not None]
        if told:
            steps, values = zip(*told, strict=True)
            nowhen = np.full(len(told), np.nan)
            found[str(name)] = Points(np.array(steps, dtype=np.int64), nowhen, np.array(values, dtype=np.float64))
    return found


def _observed(row: Any) -> tuple[int, float] | None:
    if not isinstance(row, Mapping):
        return None
    step, value = number(row.get("step")), row.get("value")
    values = [
        known for each in (value if isinstance(value, Sequence) else [value]) if (known := number(each)) is not None
    ]
    if not values or step is None or not abs(step) < 2**53:
        return None
    return int(step), sum(values) / len(values)


def _facts(trial: Mapping[str, Any]) -> dict[str, Json]:
    facts: dict[str, Json] = {"run_id": str(trial["trial_id"])}
    for fact, key in (("best_metric", "score"), ("best_step", "best_step")):
        if number(trial.get(key)) is not None:
            facts[fact] = trial[key]
    status, message = trial.get("status"), trial.get("message")
    if state := _STATES.get(str(status)):
        facts["end_state"] = state
        last = message.strip().rpartition("\n")[2] if isinstance(message, str) else ""
        facts["end_reason"] = last[:200] or f"the tuner recorded {status}"
    return facts


def _inner(trial: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    value: Any = trial
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


READER = KerasTunerReader()
