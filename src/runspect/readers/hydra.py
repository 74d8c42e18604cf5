"""Hydra's `.hydra` directory: the job's config, its overrides, its place in a sweep. Its parent is the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import yaml_plain
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.interpolate import resolved
from runspect.readers.whole import read_whole

LARGEST = 8 << 20
_NAMES = ("config.yaml", "overrides.yaml", "hydra.yaml")


class HydraReader:
    """Three files, one reader: which one it is says its name."""

    name = "hydra"
    mode: Mode = "replace"
    precision = 3
    names = _NAMES

    def claim(self, entry: Entry) -> Claim | None:
        """`.hydra/config.yaml` marks a run by itself; the other two add to it. `hydra.output_subdir` may call it otherwise."""
        if entry.name not in _NAMES or not (entry.folder == ".hydra" or entry.siblings.issuperset(_NAMES)):
            return None
        hints = (("marker", "run"),) if entry.name == "config.yaml" else ()
        return Claim(self.name, entry.path, entry.above, "container", "config", 2, "hydra", hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Params of config.yaml, facts of the others."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _parse(path: Path, text: str) -> Batch:
    found = yaml_plain.load(text)
    if path.name == "overrides.yaml":
        return Batch(Cursor(), facts=_overrides(found))
    if not isinstance(found, dict):
        raise ReaderFault("no Hydra config", 0)
    if path.name == "hydra.yaml":
        return Batch(Cursor(), facts=_job_facts(found))
    return Batch(Cursor(), params=flatten(resolved(found)))


def _overrides(found: Json) -> dict[str, Json]:
    return {"args": [str(item) for item in found]} if isinstance(found, list) and found else {}


def _job_facts(found: Mapping[str, Any]) -> dict[str, Json]:
    hydra = found.get("hydra", found)
    job, runtime = _mapping(hydra, "job"), _mapping(hydra, "runtime")
    version = runtime.get("version")
    facts = {
        "job_type": job.get("name"),
        "cwd": runtime.get("cwd"),
        "sweep_number": job.get("num"),
        "override_dirname": job.get("override_dirname"),
        "writer": f"hydra {version}" if version else None,
    }
    return {name: value for name, value in facts.items() if _told(value)}


def _mapping(value: object, key: str) -> Mapping[str, Any]:
    inner = value.get(key) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _told(value: object) -> bool:
    """Whether Hydra filled it in: not absent, not "???", no reference to something else."""
    return value not in (None, "", "???") and not (isinstance(value, str) and "${" in value)


READER = HydraReader()
