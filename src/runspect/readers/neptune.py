"""Neptune's legacy client (0.13 to 1.x), offline or not yet sent: `.neptune/<mode>/<run>/data-<n>.log`, a queue of operations.

A line is `{"obj": {"type": "LogFloats", "path": ["train", "loss"], "values": [{"value", "step", "ts"}]}, "version", "at"}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from runspect.dataclass import dataclass, field
from runspect.model import Claim, Json
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.curves import Curves
from runspect.readers.flatten import LONGEST_TEXT, plain
from runspect.readers.jsonl import read_values
from runspect.readers.numbers import number
from runspect.readers.times import moment

PARAMETERS = frozenset(("parameters", "params", "hparams", "hyperparameters", "config", "args"))
"""First parts of paths below which people put the configuration; they are no part of a param's name."""
_LOG = re.compile(r"data-\d+\.log")
_SIGNATURE = re.compile(rb'\{"obj": ?\{"type": ?"\w+", ?"path": ?\[')
_SESSION = re.compile(r"exec-\d+-.*")
"""Directories of the several processes that wrote one run."""
_SYSTEM = {
    "name": "name", "description": "notes", "hostname": "host", "owner": "user", "id": "run_id",
    "custom_run_id": "run_id",
}  # fmt: skip
_SHUT_DOWN = "Shutting down background jobs"


@dataclass(slots=True)
class _Told:
    """What operations told, and what the next ones must know of them."""

    last: dict[str, int] = field(default_factory=dict)
    """The last step of each series: values without a step follow it."""
    tags: list[str] = field(default_factory=list)
    failed: bool = False
    begun: float | None = None
    """Time of the first operation."""
    curves: Curves = field(default_factory=Curves)
    params: dict[str, Json] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)


class NeptuneReader:
    """Reads on by byte offset."""

    name = "neptune"
    mode: Mode = "append"
    precision = 3
    names = ("data-*.log",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and by the first operation; an empty one by the directories above."""
        if not _LOG.fullmatch(entry.name):
            return None
        head = entry.head()
        if not _SIGNATURE.match(head) and not (not head and "/.neptune/" in f"/{entry.path}"):
            return None
        return Claim(self.name, entry.path, _root(entry), "tool", "series", 2, "neptune")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a block of lines."""
        told = _remembered(cursor)
        for batch, rows in read_values(path, cursor, self.name, dict):
            for row in rows:
                _take(row, told)
            state = json.dumps({**json.loads(batch.cursor.state), **_memory(told)}, separators=(",", ":"))
            yield replace(
                batch,
                cursor=replace(batch.cursor, state=state),
                points=told.curves.take(),
                params=told.params,
                facts=told.facts,
                writer_start=told.begun,
            )
            told = _Told(told.last, told.tags, told.failed, told.begun)


READER = NeptuneReader()


def metadata_claim(entry: Entry, reader: str) -> Claim | None:
    """A claim on the `metadata.json` of such a directory, by what it holds."""
    marks = (b'"containerId"', b'"structureVersion"')
    if entry.name != "metadata.json" or not all(mark in entry.head() for mark in marks):
        return None
    return Claim(reader, entry.path, _root(entry), "tool", "status", 3, "neptune")


def _root(entry: Entry) -> str:
    return entry.above if _SESSION.fullmatch(entry.folder) else entry.directory


def _memory(told: _Told) -> dict[str, Json]:
    return {"last": told.last, "tags": told.tags, "failed": told.failed, "begun": told.begun}


def _remembered(cursor: Cursor) -> _Told:
    try:
        seen = json.loads(cursor.state) if cursor.state else {}
        last = {str(name): int(step) for name, step in seen.get("last", {}).items()}
        begun = None if seen.get("begun") is None else float(seen["begun"])
        return _Told(last, [str(tag) for tag in seen.get("tags", ())], bool(seen.get("failed")), begun)
    except (ValueError, TypeError, AttributeError):
        return _Told()


def _take(row: dict[str, Any], told: _Told) -> None:
    operation = row.get("obj")
    if not isinstance(operation, dict):
        return
    if told.begun is None and isinstance(row.get("at"), int | float):
        told.begun = float(row["at"])
    path = operation.get("path")
    if not isinstance(path, list) or not path or not all(isinstance(part, str) for part in path):
        return
    take = _OPERATIONS.get(str(operation.get("type")))
    if take is not None:
        take(path, operation, told)


def _log_floats(path: list[str], operation: dict[str, Any], told: _Told) -> None:
    if path[0] == "monitoring":
        return  # curves that the client draws of the machine
    name = "/".join(path)
    values = operation.get("values")
    for each in values if isinstance(values, list) else ():
        value = number(each.get("value")) if isinstance(each, dict) else None
        if value is None:
            continue
        step = _step(each.get("step"), told.last.get(name, -1))
        told.last[name] = step
        when = each.get("ts", each.get("timestamp"))
        told.curves.add(name, step, when if isinstance(when, int | float) else None, value)


def _step(told: object, last: int) -> int:
    """The step, one between two whole steps as the first of them; without one, it follows the last."""
    known = isinstance(told, int | float) and abs(told) < 1 << 62
    return int(told // 1) if known else last + 1  # type: ignore[operator]  # a number by now


def _log_strings(path: list[str], operation: dict[str, Any], told: _Told) -> None:
    """The client says goodbye on the console when a run is stopped, and so does every script that ends."""
    if path[0] == "monitoring" and _SHUT_DOWN in json.dumps(operation.get("values"))[:LONGEST_TEXT]:
        told.facts["end_state"] = "failed" if told.failed else "finished"


def _assign(path: list[str], operation: dict[str, Any], told: _Told) -> None:
    value = plain(operation.get("value"))
    if path[0] == "sys":
        _assign_system(path[-1], value, told)
    elif path[0] == "monitoring":
        if path[-1] == "pid" and str(value).isdecimal():
            told.facts["pid"] = int(str(value)[:18])
        elif path[-1] == "hostname":
            told.facts["host"] = value
    elif path == ["source_code", "entrypoint"]:
        told.facts["program"] = value
    elif path[0] != "source_code":
        told.params[".".join(path[1:] if path[0] in PARAMETERS and len(path) > 1 else path)] = value


def _assign_system(name: str, value: Json, told: _Told) -> None:
    if name == "failed":
        if value is True:
            told.failed, told.facts["end_state"] = True, "failed"
    elif name == "creation_time":
        if isinstance(value, str) and (when := moment(value)) is not None:
            told.facts["started"] = when
    elif name in _SYSTEM and value not in (None, ""):
        told.facts[_SYSTEM[name]] = value


def _add_strings(path: list[str], operation: dict[str, Any], told: _Told) -> None:
    values = operation.get("values")
    texts = [str(value) for value in values] if isinstance(values, list) else []
    if path == ["sys", "tags"]:
        told.tags = list(dict.fromkeys([*told.tags, *texts]))
        told.facts["tags"] = told.tags
    elif path == ["sys", "group_tags"] and texts:
        told.facts["group"] = ", ".join(texts)


_OPERATIONS: dict[str, Callable[[list[str], dict[str, Any], _Told], None]] = {
    "LogFloats": _log_floats,
    "LogStrings": _log_strings,
    "AddStrings": _add_strings,
    **dict.fromkeys(("AssignFloat", "AssignInt", "AssignBool", "AssignString", "AssignDatetime"), _assign),
}
