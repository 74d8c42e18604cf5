"""What Detectron2 keeps beside its rows: the whole config, and which checkpoint is the last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import yaml_plain
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.whole import read_whole

LARGEST = 4 << 20
_CONFIG = (b"CUDNN_BENCHMARK:", b"DATALOADER:", b"DATASETS:")
"""First keys of a dumped config, whose keys are sorted."""
_LAST = re.compile(rb"\s*model_(?:final|\d{7})\.pth\s*")


class Detectron2FilesReader:
    """Params, goal and end."""

    name = "detectron2-files"
    mode: Mode = "replace"
    precision = 3
    names = ("config.yaml", "last_checkpoint")

    def claim(self, entry: Entry) -> Claim | None:
        """A config that Detectron2 dumped marks a run by itself; `last_checkpoint` adds to one."""
        if entry.name == "config.yaml" and all(key in entry.head() for key in _CONFIG):
            return Claim(self.name, entry.path, entry.directory, "tool", "config", 3, "detectron2")
        if entry.name == "last_checkpoint" and _LAST.fullmatch(entry.head()):
            return weak(entry, self.name, "detectron2", kind="status", strength=3)
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params or facts."""
        return read_whole(path, cursor, self.name, _end if path.name == "last_checkpoint" else _config, LARGEST)


def _config(_: Path, text: str) -> Batch:
    found = yaml_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no mapping of params", 0)
    params = flatten(found)
    facts: dict[str, Json] = {}
    if type(params.get("SOLVER.MAX_ITER")) is int:
        facts["max_steps"] = params["SOLVER.MAX_ITER"]
    if type(seed := params.get("SEED")) is int and seed >= 0:
        facts["seed"] = seed
    data = params.get("DATASETS.TRAIN")
    if isinstance(data, list) and data:
        facts["dataset"] = ", ".join(map(str, data))
    return Batch(Cursor(), params=params, facts=facts)


def _end(_: Path, text: str) -> Batch:
    """The final model is saved after the last iteration."""
    ended = text.strip() == "model_final.pth"
    facts: dict[str, Json] = {"end_state": "finished", "end_reason": "model_final.pth was saved"} if ended else {}
    return Batch(Cursor(), facts=facts)


READER = Detectron2FilesReader()
