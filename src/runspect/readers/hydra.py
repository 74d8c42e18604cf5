"""Hydra's `.hydra` directory: the job's config, its overrides, its place in a sweep. Its parent is the run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
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
_PLAIN_OVERRIDES = re.compile(r"(?:- \w[\w./@+-]*=[\w./+-]+\n)+", re.ASCII)
"""Overrides that YAML reads as the texts that they are."""
_OUTSIDE = re.compile(r"^[^ \n]", re.MULTILINE)
"""A line that does not stand below the first one."""
_SECTION = {name: re.compile(rf"^  {name}:\n(?:    .*\n)+(?=  \S|\Z)", re.MULTILINE) for name in ("job", "runtime")}
_TOLD = {
    "job": re.compile(r"^    (?:name|num|override_dirname):.*\n(?:     .*\n)*", re.MULTILINE),
    "runtime": re.compile(r"^    (?:version|cwd):.*\n(?:     .*\n)*", re.MULTILINE),
}
_ON_ONE_LINE = re.compile(r" +(\w+): ((?:[\w./+]|-\w)[^\n:#&*]*|\?\?\?|'[^'\n]*')\n")
"""A value that ends where its line does, and means the same wherever it stands."""
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_TEXT = re.compile(r"/[\w./-]*|[a-z]\w*[=_./][\w.,=/_-]*|\d+\.\d+\.\d+", re.ASCII)


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
    if path.name == "overrides.yaml":
        return Batch(Cursor(), facts=_overrides(text))
    if path.name == "hydra.yaml" and (wanted := _wanted(text)) is not None:
        return Batch(Cursor(), facts=_job_facts(wanted))
    found = yaml_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no Hydra config", 0)
    if path.name == "hydra.yaml":
        return Batch(Cursor(), facts=_job_facts(found))
    return Batch(Cursor(), params=flatten(resolved(found)))


def _overrides(text: str) -> dict[str, Json]:
    if _PLAIN_OVERRIDES.fullmatch(text):
        return {"args": [line[2:] for line in text.splitlines()]}
    found = yaml_plain.load(text)
    return {"args": [str(item) for item in found]} if isinstance(found, list) and found else {}


def _wanted(text: str) -> dict[str, dict[str, Json]] | None:
    """What facts are made of in a hydra.yaml; None where it does not stand in the layout that Hydra writes.

    All else of it is Hydra's own settings, a hundred lines that are the same in all jobs of a sweep.
    """
    if not text.startswith("hydra:\n") or not text.endswith("\n") or _OUTSIDE.search(text, 1):
        return None
    found: dict[str, dict[str, Json]] = {}
    for name, section in _SECTION.items():
        sections = section.findall(text)
        told: list[str] = _TOLD[name].findall(sections[0]) if len(sections) == 1 else []
        values = list(map(_ON_ONE_LINE.fullmatch, told))
        found[name] = {match[1]: _scalar(match[2]) for match in values if match is not None}
        if not told or len(found[name]) < len(values):
            return None
    return found


@lru_cache(maxsize=256)
def _scalar(text: str) -> Json:
    """What YAML makes of a value: most are plainly texts or numbers."""
    if _NUMBER.fullmatch(text):
        return int(text)
    return text if _TEXT.fullmatch(text) else yaml_plain.load(text)


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
