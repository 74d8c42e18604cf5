"""The files beside SwanLab's log: config, metadata, requirements, the oldest versions' curves and diary.

`mode="local"` and versions before 0.6 keep a curve in `logs/<name>/<n>.json` (`{"data": [{"index", "data",
"create_time"}, …]}`) or `<n>.log` (such an object a line), `<n>` telling the last step that fits in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np

from runspect.errors import ReaderFault
from runspect.model import Claim, ClaimKind, Json, Problem
from runspect.readers import json_plain, yaml_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points, with_offset
from runspect.readers.flatten import flatten
from runspect.readers.numbers import number
from runspect.readers.swanlab_paths import METADATA, is_swanlabs, swanlab_place
from runspect.readers.times import utc
from runspect.readers.whole import read_whole

_KINDS: dict[str, ClaimKind] = {
    "files/config.yaml": "config",
    f"files/{METADATA}": "status",
    "files/requirements.txt": "status",
    "output.log": "status",
}
"""Files by their place in the run's directory."""
_CURVE = re.compile(r"logs/[^/]+/\d+\.(?:json|log)")
_WRAPPED = {"desc", "sort", "value"}
_RUNTIME = {
    "hostname": "host", "cwd": "cwd", "python_version": "python", "python_executable": "executable",
    "command": "command", "os_pretty": "os",
}  # fmt: skip
"""Since 0.10; before, the same stood at the top under the names below."""
_FLAT = {
    "hostname": "host", "cwd": "cwd", "python": "python", "executable": "executable", "command": "command", "os": "os",
    "git_remote": "git_remote",
}  # fmt: skip
_GIT = {"remote_url": "git_remote", "branch": "git_branch", "commit": "git_commit"}
_NAME = re.compile(r"Experiment_name: (\S.*?)\s*$", re.MULTILINE)
_ENDS = (
    (re.compile(r"experiment .{1,200} has been completed"), "finished", ""),
    (re.compile(r"KeyboardInterrupt by user"), "killed", "KeyboardInterrupt"),
    (re.compile(r"Error happend?ed while training"), "crashed", "the script raised an error"),
)


class SwanlabFilesReader:
    """Reads each file whole: none grows beyond some hundred kilobytes."""

    name = "swanlab-files"
    mode: Mode = "replace"
    precision = 3
    names = (*(place.rpartition("/")[2] for place in _KINDS), "[0-9]*.json", "[0-9]*.log")

    def claim(self, entry: Entry) -> Claim | None:
        """By place in a SwanLab run's directory; stronger than a config's name, and than W&B's files of that name."""
        place = swanlab_place(entry)
        if place is None or not is_swanlabs(entry, place):
            return None
        kind = _KINDS.get(place.inside) or ("series" if _CURVE.fullmatch(place.inside) else None)
        if kind is None:
            return None
        return Claim(self.name, entry.path, place.root, "tool", kind, 3, "swanlab")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params, facts or points."""
        if path.name == "requirements.txt":
            yield Batch(with_offset(cursor, path.stat().st_size), facts={"packages": "files/requirements.txt"})
        elif path.parent.parent.name == "logs" and _told_elsewhere(path.parent.parent.parent):
            yield Batch(with_offset(cursor, path.stat().st_size))
        else:
            yield from read_whole(path, cursor, self.name, _parse)


READER = SwanlabFilesReader()


def _parse(path: Path, text: str) -> Batch:
    if path.name == "output.log":
        return Batch(Cursor(), facts=_diary(text))
    if path.name == METADATA:
        found = json_plain.load(text)
        if not isinstance(found, dict):
            raise ReaderFault("no JSON object", 0)
        return Batch(Cursor(), facts=_metadata(found))
    if path.name == "config.yaml":
        return _config(yaml_plain.load(text))
    return _curve(path, text)


def _told_elsewhere(run: Path) -> bool:
    """Whether a log tells the same curves under their names; here they are numbered."""
    return any(each.suffix == ".swanlab" for each in run.iterdir())


def _config(found: Json) -> Batch:
    if not isinstance(found, dict):
        raise ReaderFault("no mapping of params", 0)
    shown = {
        key: value["value"] if isinstance(value, dict) and "value" in value and set(value) <= _WRAPPED else value
        for key, value in found.items()
    }
    return Batch(Cursor(), params=flatten(shown))


def _curve(path: Path, text: str) -> Batch:
    """One metric, named after its directory."""
    problems: tuple[Problem, ...] = ()
    if path.suffix == ".json":
        found = json_plain.load(text)
        rows = found.get("data") if isinstance(found, dict) else None
    else:
        rows, torn = _lines(text)
        problems = _torn(path, torn) if torn else ()
    if not isinstance(rows, list):
        raise ReaderFault("no list of values", 0)
    kept = [
        (row["index"], utc(row.get("create_time")), value)
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("index"), int) and abs(row["index"]) < 1 << 62
        and (value := number(row.get("data"))) is not None
    ]  # fmt: skip
    if not kept:
        return Batch(Cursor(), problems=problems)
    steps, times, values = zip(*kept, strict=True)
    points = Points(
        np.array(steps, np.int64),
        np.array([np.nan if when is None else when for when in times]),
        np.array(values, np.float64),
    )
    return Batch(Cursor(), points={unquote(path.parent.name): points}, problems=problems)


def _torn(path: Path, count: int) -> tuple[Problem, ...]:
    return (Problem(str(path), None, READER.name, f"{count} lines that are no JSON", "skipped"),)


def _lines(text: str) -> tuple[list[Json], int]:
    """The values of the whole lines, and how many lines held none."""
    rows: list[Json] = []
    torn = 0
    for line in text.splitlines(keepends=True):
        try:
            if line.endswith("\n"):
                rows.append(json_plain.load(line))
        except ReaderFault:
            torn += 1
    return rows, torn


def _metadata(found: Mapping[str, Any]) -> dict[str, Json]:
    runtime, hardware = _part(found, "runtime"), _part(found, "hardware")
    told: dict[str, Json] = {fact: found.get(name) for name, fact in _FLAT.items()}
    told |= {fact: runtime[name] for name, fact in _RUNTIME.items() if runtime.get(name)}
    told |= {fact: value for name, fact in _GIT.items() if (value := _part(found, "git").get(name))}
    facts: dict[str, Json] = {name: value for name, value in told.items() if isinstance(value, str) and value}
    git = found.get("git_info")
    if isinstance(git, list) and len(git) == 2:
        facts |= {name: each for name, each in zip(("git_branch", "git_commit"), git, strict=True) if each}
    pid = runtime.get("pid", found.get("pid"))
    if isinstance(pid, int):
        facts["pid"] = pid
    if version := _part(found, "swanlab").get("version"):
        facts["writer"] = f"swanlab {version}"
    return facts | _machine(hardware.get("cpu", found.get("cpu"))) | _accelerators(found, hardware)


def _machine(cpu: object) -> dict[str, Json]:
    if isinstance(cpu, int):
        return {"cpu_count": cpu}
    if not isinstance(cpu, Mapping):
        return {}
    count = cpu.get("logical_count") or cpu.get("cores")
    facts = {"cpu": cpu.get("brand"), "cpu_count": count if isinstance(count, int) else None}
    return {name: value for name, value in facts.items() if value}


def _accelerators(found: Mapping[str, Any], hardware: Mapping[str, Any]) -> dict[str, Json]:
    """GPUs: a list of objects since 0.10, names in lists before."""
    listed = hardware.get("accelerators")
    gpu = _part(found, "gpu")
    if isinstance(listed, list):
        names = [each.get("name") or each.get("type") for each in listed if isinstance(each, Mapping)]
    else:
        names = _part(gpu, "nvidia").get("type") or gpu.get("type") or []
    kept = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return {"gpu": kept[0], "gpu_count": len(kept)} if kept else {}


def _diary(text: str) -> dict[str, Json]:
    """Name and end of the run in what SwanLab told the user (0.1 to 0.3)."""
    facts: dict[str, Json] = {}
    if match := _NAME.search(text):
        facts["name"] = match[1]
    for pattern, state, reason in _ENDS:
        if pattern.search(text):
            facts["end_state"] = state
            if reason:
                facts["end_reason"] = reason
    return facts


def _part(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = found.get(key)
    return inner if isinstance(inner, Mapping) else {}
