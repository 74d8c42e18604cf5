"""Sacred's FileStorageObserver: `<base>/<number>/{run,config,metrics,info}.json` and `cout.txt`.

`run.json` is written at the start, every 10 s (`heartbeat`) and at the end (`status`); its times are UTC without saying
so. `metrics.json` holds `{name: {"steps": […], "timestamps": […], "values": […]}}`. `info.json` is whatever the program
put there; PyMARL and its kin log their series into it, as `name` and `name_T` (the steps). Values of NumPy come as
jsonpickle wrote them. The number is no id: every directory counts from 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from runspect.errors import ReaderFault
from runspect.model import Claim, ClaimKind, Json
from runspect.readers import json_plain, number_lists
from runspect.readers.claims import columns_hint
from runspect.readers.contract import HEAD_BYTES, Batch, Cursor, Entry, Mode, Points
from runspect.readers.first_values import first_of, values_hint
from runspect.readers.flatten import flatten
from runspect.readers.jsonpickled import plain_of
from runspect.readers.numbers import number
from runspect.readers.sacred_run import run_facts
from runspect.readers.series import Carry, Group, fold
from runspect.readers.single import single
from runspect.readers.times import moment
from runspect.readers.whole import read_whole

LARGEST = 256 << 20
MOST_COMPARED = 8 << 20
"""Bytes of a file whose first values are told."""
_KINDS: dict[str, ClaimKind] = {
    "run.json": "status",
    "config.json": "config",
    "metrics.json": "series",
    "info.json": "series",
}
_STARTED = re.compile(rb'"start_time": "([\d:.T-]{19,26})"')
_STOPPED = re.compile(rb'"stop_time": "([\d:.T-]{19,26})"')
_SERIES = re.compile(rb'"([^"\n]{1,80})": [\[{]')
_MARKS = (b'"experiment"', b'"command"', b'"artifacts"')
"""Keys at the head of every run.json, whose keys are sorted."""
_QUEUED_MARKS = (b'"base_dir"', b'"experiment"', b'"command"')
"""Of one that waits (`--queue`), which has no artifacts yet and no cout.txt."""


class SacredReader:
    """Four files, one reader: which one it is says its name."""

    name = "sacred"
    mode: Mode = "replace"
    precision = 3
    names = tuple(_KINDS)
    marks_end = True
    beat_s = 10.0
    """sacred/run.py: `beat_interval`"""

    def claim(self, entry: Entry) -> Claim | None:
        """`run.json` by its keys; the others, and an empty one, beside it and `cout.txt`."""
        kind = _KINDS.get(entry.name)
        if kind is None:
            return None
        beside = "cout.txt" in entry.siblings and "run.json" in entry.siblings
        if entry.name == "run.json":
            head = entry.head()
            queued = "config.json" in entry.siblings and all(mark in head for mark in _QUEUED_MARKS)
            beside = all(mark in head for mark in _MARKS) or queued or (beside and not head.strip(b"\0 \r\n"))
        if not beside:
            return None
        return Claim(self.name, entry.path, entry.directory, "container", kind, 3, "sacred", _hints(entry))

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of facts, params or series."""
        return read_whole(path, cursor, self.name, _PARSERS.get(path.name, _info), LARGEST)


def _hints(entry: Entry) -> tuple[tuple[str, str], ...]:
    """When the run began, or what its series are: that tells which event files elsewhere are its own."""
    if entry.name == "run.json":
        found = {"begun": _STARTED.search(entry.head()), "over": _STOPPED.search(entry.head())}
        moments = {name: moment(f"{match[1].decode()}+00:00") for name, match in found.items() if match}
        return tuple((name, f"{told:.3f}") for name, told in moments.items() if told is not None)
    if entry.name in ("metrics.json", "info.json"):
        names = columns_hint(name.decode("utf-8", "replace") for name in _SERIES.findall(entry.head()))
        return (*names, *_first_values(entry)) if names else ()
    return ()


def _first_values(entry: Entry) -> tuple[tuple[str, str], ...]:
    """What event files of the same run must agree with. Each list stands whole before the next, so all is read."""
    if entry.size > MOST_COMPARED:
        return ()
    try:
        text = entry.head().decode() if entry.size < HEAD_BYTES else entry.absolute.read_text("utf-8")
        return values_hint(first_of(_PARSERS[entry.name](entry.absolute, text).points))
    except (OSError, ValueError, ReaderFault):
        return ()  # half written: asked again once it is read


def _run(path: Path, text: str) -> Batch:
    found = _mapping(text)
    values, left = number_lists.last_values(flatten({"result": found.get("result")}, "/"))
    points = {name: single(0, value) for name, value in values.items()}
    problems = number_lists.problems(left, path, READER.name)
    return Batch(Cursor(), points=points, facts=run_facts(found), problems=problems)


def _config(_: Path, text: str) -> Batch:
    return Batch(Cursor(), params=flatten(_mapping(text)))


def _metrics(_: Path, text: str) -> Batch:
    points: dict[str, Points] = {}
    for name, level in _mapping(text).items():
        if isinstance(level, dict):
            points.update(_stepped(str(name), level.get("steps"), level.get("timestamps"), level.get("values")))
    return Batch(Cursor(), points=points)


def _info(path: Path, text: str) -> Batch:
    """What the program kept itself: lists of numbers are series, at the steps of `name_T` or at their places."""
    found = flatten(_mapping(text), "/")
    points: dict[str, Points] = {}
    left: number_lists.Left = set()
    for name, cells in found.items():
        if name.endswith("_T") and name.removesuffix("_T") in found:
            continue
        if isinstance(cells, list):
            steps = found.get(f"{name}_T")
            steps = steps if isinstance(steps, list) and len(steps) == len(cells) else list(range(len(cells)))
            series = _stepped(name, steps, None, cells)
            points.update(series)
            if not series and (why := number_lists.why_left(cells)):
                left.add((name, why))
        elif (value := number(cells)) is not None:
            points[name] = single(0, value)
    return Batch(Cursor(), points=points, problems=number_lists.problems(left, path, READER.name))


_PARSERS: dict[str, Callable[[Path, str], Batch]] = {
    "run.json": _run,
    "config.json": _config,
    "metrics.json": _metrics,
    "info.json": _info,
}


def _stepped(name: str, steps: Json, times: Json, values: Json) -> dict[str, Points]:
    """One series of parallel lists; lists of other lengths, or of no numbers, are none."""
    if not isinstance(steps, list) or not isinstance(values, list) or not values or len(steps) != len(values):
        return {}
    columns: dict[str, list[Any]] = {"step": steps}
    if isinstance(times, list) and len(times) == len(values):
        columns["timestamp"] = [f"{time}+00:00" if isinstance(time, str) else time for time in times]
    columns[name] = values
    group = Group(tuple(columns), list(columns.values()), np.arange(len(values), dtype=np.int64))
    points, _ = fold([group], len(values), Carry())
    return points


def _mapping(text: str) -> Mapping[str, Any]:
    found = plain_of(json_plain.load(text))
    if not isinstance(found, dict):
        raise ReaderFault("no JSON object", 0)
    return found


READER = SacredReader()
