"""Comet's offline experiments: `<key>.zip`, made when an experiment ends.

It holds `experiment.json` (`start_time`, `stop_time` in ms, `tags`, `project_name`) and `messages.json`, a line
`{"type": "metric_msg", "payload": {"local_timestamp", "metric": {"metricName", "metricValue", "step", "epoch"}}}` each.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers import console, json_plain
from runspect.readers.bounded_zip import MAGIC, holds, members, read_archive
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.curves import Curves
from runspect.readers.flatten import plain
from runspect.readers.json_lines import object_of
from runspect.readers.lines import text_of
from runspect.readers.numbers import number
from runspect.readers.told import texts

EXPERIMENT, MESSAGES = "experiment.json", "messages.json"
SYSTEM = "sys."
"""Begins the names of the curves that Comet draws of the machine."""
MOST_CONSOLE = 16 << 10
"""Characters of the console's end that are looked at."""
_KEY = re.compile(r"[0-9A-Za-z]{32,50}(?:-\w+)?\.zip")
_BOOKKEEPING = frozenset(("curr_step", "curr_epoch", "offline_experiment", "process duration", "hasNestedParams"))
_SYSTEM_TEXTS = {
    "hostname": "host", "user": "user", "os": "os", "python_version": "python", "python_exe": "executable",
}  # fmt: skip
_GIT = {"parent": "git_commit", "branch": "git_branch", "origin": "git_remote"}


@dataclass(slots=True)
class _Told:
    params: dict[str, Json] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)
    curves: Curves = field(default_factory=Curves)
    last: dict[str, float] = field(default_factory=dict)
    """The last step of each series: values without a step follow it."""
    console: str = ""


class CometReader:
    """Read whole: an archive is written once."""

    name = "comet"
    mode: Mode = "replace"
    precision = 3
    names = ("*.zip",)

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
        return read_archive(path, cursor, self.name, _parse)


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
    ids = (f"comet:{facts['run_id']}",) if "run_id" in facts else ()
    return Batch(Cursor(), points=told.curves.take(), params=told.params, facts=facts, ids=ids, problems=problems)


def _facts(found: Mapping[str, Any]) -> dict[str, Json]:
    names = {"offline_id": "run_id", "project_name": "project", "workspace": "entity"}
    facts = texts(found, names)
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
    step = step if isinstance(step, int | float) else told.last.get(full, -1) + 1
    told.last[full] = step
    moment = payload.get("local_timestamp")
    told.curves.add(full, step, moment / 1000 if isinstance(moment, int | float) else None, value)


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
    told.facts |= texts(payload, _SYSTEM_TEXTS)
    if isinstance(payload.get("pid"), int):
        told.facts["pid"] = payload["pid"]
    command = payload.get("command")
    if isinstance(command, list) and command:
        told.facts["command"] = shlex.join(str(word) for word in command)


def _take_git(payload: dict[str, Any], told: _Told) -> None:
    inner = payload.get("git_metadata", payload)
    told.facts |= texts(inner, _GIT) if isinstance(inner, dict) else {}


def _take_console(payload: dict[str, Any], told: _Told) -> None:
    if isinstance(payload.get("output"), str):
        told.console = (told.console + payload["output"])[-MOST_CONSOLE:]


def _take_file(payload: dict[str, Any], told: _Told) -> None:
    told.facts |= texts(payload, {"file_name": "program"})


_MESSAGES: dict[str, Callable[[dict[str, Any], _Told], None]] = {
    "metric_msg": _take_metric,
    "parameter_msg": _take_parameter,
    "log_other": _take_other,
    "system_details": _take_system,
    "git_metadata": _take_git,
    "standard_output": _take_console,
    "file_name": _take_file,
}
