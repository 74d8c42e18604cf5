"""Unity ML-Agents: configuration.yaml of a run, and what run_logs/ keeps of its course; event files lie by behaviour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, ClaimKind, Json
from runspect.readers import json_plain, yaml_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.numbers import number
from runspect.readers.told import count
from runspect.readers.whole import read_whole

TOOL = "ml-agents"
SETTINGS, TIMERS, STATUS = "configuration.yaml", "timers.json", "training_status.json"
LARGEST = 16 << 20
_KEYS = (b"\nbehaviors:", b"\ncheckpoint_settings:")
_SOONEST, _LATEST = 946_684_800.0, 4_102_444_800.0


class MlAgentsReader:
    """The end is known by the steps of the last checkpoint, and by the time that timers.json got at the end."""

    name = TOOL
    mode: Mode = "replace"
    precision = 3
    names = (SETTINGS, TIMERS, STATUS)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and place; the settings by their keys."""
        if entry.name == SETTINGS and all(key in b"\n" + entry.head() for key in _KEYS):
            return self._claim(entry, entry.directory, "config")
        if entry.name in (TIMERS, STATUS) and entry.folder == "run_logs":
            return self._claim(entry, entry.above, "status")
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params or facts."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)

    def _claim(self, entry: Entry, root: str, kind: ClaimKind) -> Claim:
        return Claim(self.name, entry.path, root, "tool", kind, 3, TOOL)


def _parse(path: Path, text: str) -> Batch:
    found = yaml_plain.load(text) if path.name == SETTINGS else json_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("nothing of ML-Agents", 0)
    if path.name == SETTINGS:
        return Batch(Cursor(), params=flatten(found), facts=_plan(found))
    return Batch(Cursor(), facts=_timers(found) if path.name == TIMERS else _progress(found))


def _plan(settings: Mapping[str, Any]) -> dict[str, Json]:
    """The longest goal of all behaviours: the run ends when all have reached theirs."""
    behaviours = [each for each in _mapping(settings.get("behaviors")).values() if isinstance(each, Mapping)]
    goals = [known for each in behaviours if (known := count(each.get("max_steps")))]
    seed = count(_mapping(settings.get("env_settings")).get("seed"))
    facts: dict[str, Json] = {"max_steps": max(goals)} if goals else {}
    return facts | ({} if seed is None else {"seed": seed})


def _timers(found: Mapping[str, Any]) -> dict[str, Json]:
    told = _mapping(found.get("metadata"))
    facts: dict[str, Json] = {}
    for fact, key in (("started", "start_time_seconds"), ("ended", "end_time_seconds")):
        moment = number(told.get(key))
        if moment is not None and _SOONEST < moment < _LATEST:
            facts[fact] = moment
    version = told.get("mlagents_version")
    texts = {
        "python": str(told.get("python_version") or "").partition(" ")[0],
        "command": told.get("command_line_arguments"),
        "writer": f"mlagents {version}" if version else None,
    }
    return facts | {name: text for name, text in texts.items() if isinstance(text, str) and text}


def _progress(found: Mapping[str, Any]) -> dict[str, Json]:
    """The steps of the newest checkpoint of the behaviour that has come furthest."""
    steps = []
    for behaviour in found.values():
        saved = _mapping(behaviour).get("checkpoints")
        rows = [*(saved if isinstance(saved, list) else []), _mapping(behaviour).get("final_checkpoint")]
        steps += [known for row in rows if (known := count(_mapping(row).get("steps"))) is not None]
    return {"reached_steps": max(steps)} if steps else {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


READER = MlAgentsReader()
