"""Ray Tune's other files in a trial's directory: params.json, and error.txt where an attempt failed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import json_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.ray_tune import PARAMS, RESULT, is_trial, trial_claim
from runspect.readers.times import moment
from runspect.readers.whole import read_whole

ERROR = "error.txt"
LARGEST = 8 << 20
_FAILURE = re.compile(r"Failure # (\d+) \(occurred at ([\d_:-]+)\)")
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


class RayFilesReader:
    """A trial with params and no result is a run that never got to log."""

    name = "ray-files"
    mode: Mode = "replace"
    precision = 3
    names = (PARAMS, ERROR)

    def claim(self, entry: Entry) -> Claim | None:
        """By name, among the names of a trial's directory."""
        if entry.name == PARAMS and is_trial(entry):
            return trial_claim(entry, self.name, "config")
        if entry.name == ERROR and (is_trial(entry) or RESULT in entry.siblings) and b"Failure # " in entry.head():
            return trial_claim(entry, self.name, "status")
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Params, or how the trial failed."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _parse(path: Path, text: str) -> Batch:
    if path.name == ERROR:
        return Batch(Cursor(), facts=_failure(text))
    found: Any = json_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no params of a trial", 0)
    return Batch(Cursor(), params=flatten(found))


def _failure(text: str) -> dict[str, Json]:
    """The last failure: when, and the last line of its traceback."""
    failures = list(_FAILURE.finditer(text))
    if not failures:
        return {}
    shown = [_ESCAPES.sub("", line) for line in text[failures[-1].end() :].splitlines()]
    raised = next((line.strip() for line in reversed(shown) if line.strip()), "")
    facts: dict[str, Json] = {"end_state": "failed", "end_reason": raised[:200] or "error.txt was written"}
    when = moment(failures[-1][2])
    return facts | ({"ended": when} if when is not None else {})


READER = RayFilesReader()
