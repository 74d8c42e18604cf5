"""AllenNLP: metrics_epoch_N.json of each epoch, and metrics.json, which is written when the training is over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import json_plain, number_lists
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.flatten import flatten
from runspect.readers.numbers import number
from runspect.readers.whole import read_whole

TOOL, LAST = "allennlp", "metrics.json"
LARGEST = 4 << 20
_EPOCH = re.compile(r"metrics_epoch_(\d{1,9})\.json")
_NO_METRICS = frozenset({"epoch", "best_epoch", "training_start_epoch", "training_epochs"})


class AllenNlpReader:
    """Each file is a point of each metric."""

    name = TOOL
    mode: Mode = "replace"
    precision = 3
    names = (LAST, "metrics_epoch_*.json")

    def claim(self, entry: Entry) -> Claim | None:
        """By name; metrics.json by the keys that no other tool's has."""
        known = _EPOCH.fullmatch(entry.name) is not None
        if entry.name == LAST:
            known = b'"best_epoch"' in entry.head() and b'"training_duration"' in entry.head()
        return Claim(self.name, entry.path, entry.directory, "tool", "series", 3, TOOL) if known else None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of one point a metric."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _parse(path: Path, text: str) -> Batch:
    found = json_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no metrics of an epoch", 0)
    match = _EPOCH.fullmatch(path.name)
    epoch = int(match[1]) if match else _whole(found.get("epoch"), 0)
    at, nowhen = np.array([epoch], dtype=np.int64), np.full(1, np.nan)
    values, left = number_lists.last_values(
        {key: cell for key, cell in flatten(found, "/").items() if key not in _NO_METRICS}
    )
    points = {name: Points(at, nowhen, np.array([value])) for name, value in values.items()}
    problems = number_lists.problems(left, path, TOOL)
    return Batch(Cursor(), points=points, facts={} if match else _end(found), problems=problems)


def _end(found: Mapping[str, Any]) -> dict[str, Json]:
    facts: dict[str, Json] = {"end_state": "finished", "end_reason": f"{LAST} was written"}
    if number(found.get("best_epoch")) is not None:
        facts["best_step"] = _whole(found["best_epoch"], 0)
    return facts


def _whole(value: object, otherwise: int) -> int:
    found = number(value)
    return int(found) if found is not None and abs(found) < 2**53 else otherwise


READER = AllenNlpReader()
