"""What Polyaxon (traceml, offline) keeps beside its curves: `run.plx.json`, `lineages.plx.json`, `outputs/env.json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from runspect.errors import ReaderFault
from runspect.model import Claim, ClaimKind, Json
from runspect.readers import json_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.flatten import flatten
from runspect.readers.numbers import number
from runspect.readers.told import texts
from runspect.readers.whole import read_whole

RUN, LINEAGES, ENVIRONMENT = "run.plx.json", "lineages.plx.json", "outputs/env.json"
_KINDS: dict[str, ClaimKind] = {RUN: "config", LINEAGES: "status"}
_ENVIRONMENT_MARKS = (b'"sys.argv"', b'"is_notebook"')
_STATES = {
    "succeeded": "finished", "done": "finished", "failed": "failed", "upstream_failed": "failed", "stopped": "killed",
    "skipped": "killed", "preempted": "killed",
}  # fmt: skip
_RUN_TEXTS = {
    "name": "name", "owner": "entity", "project": "project", "uuid": "run_id", "description": "notes",
}  # fmt: skip
_ENVIRONMENT_TEXTS = {
    "hostname": "host", "user": "user", "python_version": "python", "os": "os", "module_path": "cwd",
}  # fmt: skip
_CODE = {"commit": "git_commit", "branch": "git_branch", "url": "git_remote"}


class PolyaxonRunReader:
    """Reads what stands beside the curves. Its outputs count where no curve tells them."""

    name = "polyaxon-run"
    mode: Mode = "replace"
    precision = 1
    names = (*_KINDS, "env.json")

    def claim(self, entry: Entry) -> Claim | None:
        """By name; the environment, whose name others could use too, by what it holds."""
        if (kind := _KINDS.get(entry.name)) is not None:
            return Claim(self.name, entry.path, entry.directory, "tool", kind, 3, "polyaxon")
        if f"/{entry.path}".endswith(f"/{ENVIRONMENT}") and all(mark in entry.head() for mark in _ENVIRONMENT_MARKS):
            return Claim(self.name, entry.path, entry.above, "tool", "status", 3, "polyaxon")
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params and facts."""
        return read_whole(path, cursor, self.name, _parse)


READER = PolyaxonRunReader()


def _parse(path: Path, text: str) -> Batch:
    found = json_plain.load(text)
    if path.name == LINEAGES:
        return Batch(Cursor(), facts=_lineages(found))
    if not isinstance(found, dict):
        raise ReaderFault("no JSON object", 0)
    return _run(found) if path.name == RUN else Batch(Cursor(), facts=_environment(found))


def _run(found: Mapping[str, Any]) -> Batch:
    facts = texts(found, _RUN_TEXTS)
    for key, fact in (("started_at", "started"), ("finished_at", "ended")):
        if (when := _moment(found.get(key))) is not None:
            facts[fact] = when
    tags = found.get("tags")
    if isinstance(tags, list) and tags:
        facts["tags"] = [str(tag) for tag in tags]
    facts |= _end(found)
    inputs, outputs = found.get("inputs"), found.get("outputs")
    uuid = facts.get("run_id")
    return Batch(
        Cursor(),
        points=_outputs(outputs) if isinstance(outputs, Mapping) else {},
        params=flatten(inputs) if isinstance(inputs, Mapping) else {},
        facts=facts,
        ids=(f"polyaxon:{uuid}",) if uuid else (),
    )


def _end(found: Mapping[str, Any]) -> dict[str, Json]:
    """How the run ended, with the message of its last condition where it did not succeed."""
    state = _STATES.get(str(found.get("status")))
    if state is None:
        return {}
    conditions = found.get("status_conditions")
    last = conditions[-1] if isinstance(conditions, list) and conditions else {}
    message = last.get("message") if isinstance(last, Mapping) else None
    told: dict[str, Json] = {"end_state": state}
    if state != "finished" and isinstance(message, str) and message:
        told["end_reason"] = message[:200]
    return told


def _outputs(outputs: Mapping[str, Any]) -> dict[str, Points]:
    """Final values as curves of one point."""
    values = {str(name): value for name, cell in outputs.items() if (value := number(cell)) is not None}
    return {
        name: Points(np.zeros(1, np.int64), np.full(1, np.nan), np.array([value])) for name, value in values.items()
    }


def _environment(found: Mapping[str, Any]) -> dict[str, Json]:
    facts = texts(found, _ENVIRONMENT_TEXTS)
    if isinstance(found.get("pid"), int):
        facts["pid"] = found["pid"]
    args = found.get("sys.argv")
    if isinstance(args, list) and args:
        facts["command"] = " ".join(str(arg) for arg in args)
    if isinstance(found.get("traceml_version"), str):
        facts["writer"] = f"traceml {found['traceml_version']}"
    return facts


def _lineages(found: Json) -> dict[str, Json]:
    """Code and data that the run was made of."""
    facts: dict[str, Json] = {}
    for each in found if isinstance(found, list) else ():
        summary = each.get("summary") if isinstance(each, Mapping) else None
        if not isinstance(summary, Mapping):
            continue
        if each.get("kind") == "coderef":
            facts |= texts(summary, _CODE)
            if isinstance(summary.get("is_dirty"), bool):
                facts["git_dirty"] = summary["is_dirty"]
        elif each.get("kind") in ("data", "dataset") and isinstance(each.get("name"), str):
            facts["dataset"] = each["name"]
            facts |= texts(summary, {"hash": "dataset_version"})
    return facts


def _moment(told: object) -> float | None:
    try:
        return datetime.fromisoformat(told).timestamp() if isinstance(told, str) else None
    except (ValueError, OverflowError):
        return None
