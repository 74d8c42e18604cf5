"""CatBoost's `catboost_info/`: a table of errors for each set, and `catboost_training.json` with the goal.

The tables are named like the event files beside them (`learn/Logloss`, `test1/AUC:1`), which hold the same values as
float32.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import json_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.csv_table import CsvReader
from runspect.readers.whole import read_whole

TRAINING = "catboost_training.json"
_TABLE = re.compile(r"(?P<set>learn|test(?:_\d+)?)_error\.tsv")
_SET = re.compile(r":(\d{1,3})$")
TIMES = "time_left.tsv"


class CatboostReader:
    """A table of errors: `iter`, then a column for each metric."""

    name = "catboost"
    mode: Mode = "append"
    precision = 3
    names = ("*_error.tsv", TIMES)

    def claim(self, entry: Entry) -> Claim | None:
        """By the name and the first column."""
        if _TABLE.fullmatch(entry.name) is None and entry.name != TIMES:
            return None
        if not entry.head().startswith(b"iter\t"):
            return None
        return Claim(self.name, entry.path, entry.directory, "weak", "series", 3, "catboost")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """As a table, its metrics behind the name of the set."""
        match = _TABLE.fullmatch(path.name)
        front = match["set"] if match else "time"
        for batch in CsvReader().read(path, cursor):
            problems = tuple(replace(problem, reader=self.name) for problem in batch.problems)
            told = {name.removeprefix(f"{front}/"): series for name, series in batch.points.items()}
            sets = _sets(told)
            points = {f"{front}{sets.get(name, '')}/{name}": series for name, series in told.items()}
            yield replace(batch, problems=problems, points=points)


def _sets(names: Iterable[str]) -> dict[str, int]:
    """Of several test sets the number of each column's: `AUC:0` is the first one's, `test`; the last has no number."""
    numbers = {name: int(match[1]) for name in names if (match := _SET.search(name))}
    last = max(numbers.values(), default=-1) + 1
    return {name: number for name in names if (number := numbers.get(name, last)) > 0}


class CatboostTrainingReader:
    """How far the training was to go, and how far it came."""

    name = "catboost-training"
    mode: Mode = "replace"
    precision = 3
    names = (TRAINING,)

    def claim(self, entry: Entry) -> Claim | None:
        """By its name."""
        if entry.name != TRAINING or b'"iteration_count"' not in entry.head():
            return None
        return Claim(self.name, entry.path, entry.directory, "weak", "status", 3, "catboost")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Facts alone: the errors stand in the tables, too."""
        return read_whole(path, cursor, self.name, _training)


def _training(_: Path, text: str) -> Batch:
    told = json_plain.load(text)
    meta = told.get("meta") if isinstance(told, dict) else None
    if not isinstance(meta, dict):
        raise ReaderFault("no JSON object with meta", 0)
    facts: dict[str, Json] = {}
    if type(meta.get("iteration_count")) is int:
        facts["max_steps"] = meta["iteration_count"]
    rows = told.get("iterations")
    last = rows[-1] if isinstance(rows, list) and rows else None
    if isinstance(last, dict) and type(last.get("iteration")) is int:
        facts["reached_steps"] = last["iteration"] + 1
    return Batch(Cursor(), facts=facts)


READER = CatboostReader()
