"""Comet's offline experiments: `<key>.zip`, made when an experiment ends.

It holds `experiment.json` (`start_time`, `stop_time` in ms, `tags`, `project_name`) and `messages.json`, a line
`{"type": "metric_msg", "payload": {"local_timestamp", "metric": {"metricName", "metricValue", "step", "epoch"}}}` each.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers import console, json_plain
from runspect.readers.bounded_zip import MAGIC, holds, members
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points, with_offset
from runspect.readers.flatten import plain
from runspect.readers.jsonl import object_of
from runspect.readers.lines import text_of
from runspect.readers.numbers import number

EXPERIMENT, MESSAGES = "experiment.json", "messages.json"
SYSTEM = "sys."
"""Begins the names of the curves that Comet draws of the machine."""
MOST_CONSOLE = 16 << 10
"""Characters of the console's end that are looked at."""
_KEY = re.compile(r"[0-9A-Za-z]{32,50}(?:-\w+)?\.zip")
_BOOKKEEPING = frozenset(("curr_step", "curr_epoch", "offline_experiment", "process duration"))
_SYSTEM_TEXTS = {
    "hostname": "host", "user": "user", "os": "os", "python_version": "python", "python_exe": "executable",
}  # fmt: skip
_GIT = {"parent": "git_commit", "branch": "git_branch", "origin": "git_remote"}


@dataclass(slots=True)
class _Told:
    params: dict[str, Json] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)
    curves: dict[str, tuple[list[int], list[float], list[float]]] = field(default_factory=dict)
    console: str = ""


class CometReader:
    """Read whole: an archive is written once."""

    name = "comet"
    mode: Mode = "replace"
    precision = 3

    def claim(self, entry: Entry) -> Claim | None:
        """By the names of its members: in the head if they are small, else in the list at the end."""
        if not _KEY.fullmatch(entry.name) or not entry.head().startswith(MAGIC):
            return None
        try:
            if not holds(entry.absolute, (EXPERIMENT, MESSAGES)):
                return None
        except OSError:
            entry.head_failed = True
            return None
        return Claim(self.name, entry.path, entry.path, "tool", "series", 2, "comet")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch."""
        end = with_offset(cursor, path.stat().st_size)
        try:
            yield replace(_parse(path), cursor=end)
        except ReaderFault as fault:
            problem = Problem(str(path), fault.offset, self.name, fault.what, "nothing was read from it")
            yield Batch(end, problems=(problem,))


READER = CometReader()


def _parse(path: Path) -> Batch:
    found = members(path, (EXPERIMENT, MESSAGES))
    if EXPERIMENT not in found:
        raise ReaderFault("an archive without an experiment.json")
    told, torn = _Told(), 0
    for line in found.get(MESSAGES, b"").split(b"\n"):
        message = object_of(line)
        torn += message is None and bool(line.strip())
        payload = message.get("payload") if message else None
        take = _MESSAGES.get(str(message.get("type"))) if message else None
        if take is not None and isinstance(payload, dict):
            take(payload, told)
    experiment = json_plain.load(text_of(found[EXPERIMENT]))
    facts = {**told.facts, **(_facts(experiment) if isinstance(experiment, dict) else {})}
    if verdict := console.verdict(told.console):
        facts["console_verdict"] = verdict
    else:
        facts |= {"end_state": "finished", "end_reason": "the experiment was ended"}
    what = f"{torn} lines of {MESSAGES} that are no JSON objects"
    problems = (Problem(str(path), None, READER.name, what, "skipped"),) if torn else ()
    points = {name: _points(curve) for name, curve in told.curves.items()}
    ids = (f"comet:{facts['run_id']}",) if "run_id" in facts else ()
    return Batch(Cursor(), points=points, params=told.params, facts=facts, ids=ids, problems=problems)


def _facts(found: Mapping[str, Any]) -> dict[str, Json]:
    names = {"offline_id": "run_id", "project_name": "project", "workspace": "entity"}
    facts = _texts(found, names)
    for key, fact in (("start_time", "started"), ("stop_time", "ended")):
        if isinstance(found.get(key), int | float):
            facts[fact] = found[key] / 1000
    if isinstance(found.get("tags"), list) and found["tags"]:
        facts["tags"] = [str(tag) for tag in found["tags"]]
    return facts


def _take_metric(payload: dict[str, Any], told: _Told) -> None:
    metric = payload.get("metric")
    if not isinstance(metric, dict):
        return
    name, value, step = metric.get("metricName"), number(metric.get("metricValue")), metric.get("step")
    if not isinstance(name, str) or name.startswith(SYSTEM) or name in _BOOKKEEPING or value is None:
        return
    context = payload.get("context") or metric.get("context")
    full = f"{context}_{name}" if isinstance(context, str) and not name.startswith(f"{context}_") else name
    steps, times, values = told.curves.setdefault(full, ([], [], []))
    known = isinstance(step, int) and abs(step) < 1 << 62
    steps.append(int(step or 0) if known else steps[-1] + 1 if steps else 0)
    moment = payload.get("local_timestamp")
    times.append(moment / 1000 if isinstance(moment, int | float) else np.nan)
    values.append(value)


def _take_parameter(payload: dict[str, Any], told: _Told) -> None:
    param = payload.get("param", payload.get("params"))
    name = param.get("paramName") if isinstance(param, dict) else None
    if isinstance(param, dict) and isinstance(name, str) and name not in _BOOKKEEPING:
        value = plain(param.get("paramValue"))
        # Comet keeps and shows a list as its text.
        told.params[name.replace("|", ".")] = str(value) if isinstance(value, list) else value


def _take_other(payload: dict[str, Any], told: _Told) -> None:
    key, value = payload.get("key"), plain(payload.get("value", payload.get("val")))
    if key == "Name":
        told.facts["name"] = value
    elif isinstance(key, str) and key not in _BOOKKEEPING:
        told.params.setdefault(key, value)


def _take_system(payload: dict[str, Any], told: _Told) -> None:
    told.facts |= _texts(payload, _SYSTEM_TEXTS)
    if isinstance(payload.get("pid"), int):
        told.facts["pid"] = payload["pid"]
    command = payload.get("command")
    if isinstance(command, list) and command:
        told.facts["command"] = shlex.join(str(word) for word in command)


def _take_git(payload: dict[str, Any], told: _Told) -> None:
    inner = payload.get("git_metadata", payload)
    told.facts |= _texts(inner, _GIT) if isinstance(inner, dict) else {}


def _take_console(payload: dict[str, Any], told: _Told) -> None:
    if isinstance(payload.get("output"), str):
        told.console = (told.console + payload["output"])[-MOST_CONSOLE:]


def _take_file(payload: dict[str, Any], told: _Told) -> None:
    told.facts |= _texts(payload, {"file_name": "program"})


_MESSAGES: dict[str, Callable[[dict[str, Any], _Told], None]] = {
    "metric_msg": _take_metric,
    "parameter_msg": _take_parameter,
    "log_other": _take_other,
    "system_details": _take_system,
    "git_metadata": _take_git,
    "standard_output": _take_console,
    "file_name": _take_file,
}


def _texts(found: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Json]:
    return {fact: found[key] for key, fact in names.items() if isinstance(found.get(key), str) and found[key]}


def _points(curve: tuple[list[int], list[float], list[float]]) -> Points:
    steps, times, values = curve
    return Points(np.array(steps, np.int64), np.array(times, np.float64), np.array(values, np.float64))
