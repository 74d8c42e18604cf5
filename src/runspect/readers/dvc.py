"""DVC: which data a run was made from, by digest: `dvc.lock` of the pipeline, `data.dvc` of data that is tracked by hand.

`dvc.lock` (schema 2.0) holds for each stage that ran the paths that it depends on and their md5: data, code, and what other
stages made of it. The data of a run is what the stage that trains depends on, code and settings aside. A `.dvc` file names
one file or directory beside it. Both are YAML and only read; where several could be meant nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import yaml_plain
from runspect.readers.claims import extension, weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.whole import read_whole

LOCK, TRACKED = "dvc.lock", ".dvc"
MOST = 8
"""Inputs that are named, at most; more are files of one data set each by itself."""
_TRAINS = re.compile(r"(?:^|[_\W])(?:pre|re)?(?:train|fit|fine_?-?tune)", re.IGNORECASE)
_NO_DATA = frozenset(
    ("py", "ipynb", "sh", "r", "jl", "yaml", "yml", "toml", "ini", "cfg", "md", "lock", "rs", "cpp", "cu", "c")
)
"""Endings of code and settings."""
_MODELS = frozenset(
    ("pt", "pth", "ckpt", "pkl", "pickle", "joblib", "onnx", "h5", "keras", "safetensors", "bin", "gguf", "model")
)
_DIRECTORY = ".dir"
"""Behind the digest of a directory."""

Input = tuple[str, str]
"""Name and digest."""


class DvcReader:
    """Reads each file whole; neither holds a series."""

    name = "dvc"
    mode: Mode = "replace"
    precision = 0
    names = (LOCK, f"*{TRACKED}")

    def claim(self, entry: Entry) -> Claim | None:
        """For the run beside it or the only one below: `dvc.lock`, or the only `.dvc` file of a directory, unless a model is what it tracks."""
        if entry.name != LOCK:
            tracked = [name for name in entry.siblings if name.endswith(TRACKED) and name != TRACKED]
            inside = entry.name.removesuffix(TRACKED)
            if (
                inside in ("", entry.name)
                or len(tracked) != 1
                or LOCK in entry.siblings
                or extension(inside) in _MODELS
            ):
                return None
        return weak(entry, self.name, "", kind="status", strength=2, hints=(("above", "yes"),))

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of facts."""
        return read_whole(path, cursor, self.name, _parse)


def _parse(path: Path, text: str) -> Batch:
    found = yaml_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no mapping", 0)
    inputs = _of_lock(found) if path.name == LOCK else _of_tracked(found)
    versions = ", ".join(dict.fromkeys(digest for _, digest in inputs if digest))
    told = {"dataset": ", ".join(dict.fromkeys(name for name, _ in inputs)), "dataset_version": versions}
    return Batch(Cursor(), facts={name: value for name, value in told.items() if value})


def _of_lock(lock: Mapping[str, Json]) -> list[Input]:
    """The data of the one stage that trains; of a pipeline of one stage it is that one."""
    stages = lock.get("stages")
    known = (
        {name: stage for name, stage in stages.items() if isinstance(stage, dict)} if isinstance(stages, dict) else {}
    )
    training = [stage for name, stage in known.items() if _TRAINS.search(name)] if len(known) > 1 else [*known.values()]
    if len(training) != 1:
        return []
    found = _inputs(training[0].get("deps"))
    return found if len(found) <= MOST else []


def _of_tracked(tracked: Mapping[str, Json]) -> list[Input]:
    found = _inputs(tracked.get("outs"))
    return found if len(found) == 1 else []


def _inputs(listed: Json) -> list[Input]:
    found = []
    for each in listed if isinstance(listed, list) else ():
        path = each.get("path") if isinstance(each, dict) else None
        if not isinstance(each, dict) or not isinstance(path, str):
            continue
        name = path.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
        if not name or extension(name) in _NO_DATA | _MODELS:
            continue
        digest = next((each[key] for key in (each.get("hash"), "md5", "etag", "checksum") if each.get(key)), "")
        found.append((name, str(digest).removesuffix(_DIRECTORY)))
    return found


READER = DvcReader()
