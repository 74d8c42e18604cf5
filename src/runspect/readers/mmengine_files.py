"""What MMEngine and mmcv keep beside their rows: the config as Python source, the text log, the result of a test."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from runspect.errors import ReaderFault
from runspect.model import Claim, ClaimKind, Json
from runspect.readers import console_metrics, json_plain, number_lists
from runspect.readers.claims import weak
from runspect.readers.console import HEAD as _HEAD
from runspect.readers.console import verdict
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points, with_offset
from runspect.readers.flatten import flatten
from runspect.readers.lines import text_of
from runspect.readers.literals import assignments
from runspect.readers.mmengine import SERIES, claim_at, place_of, session_start
from runspect.readers.mmengine_log import ends, goal, origin
from runspect.readers.single import single
from runspect.readers.whole import read_whole

LARGEST = 8 << 20
HEAD = 64 * _HEAD
"""Bytes of a log in which environment and config are looked for."""
TAIL = 32 << 10
_CODE = re.compile(rb"^\s*(import|from|def|class|if|for|with|@)\b", re.MULTILINE)
_DICTS = re.compile(
    rb"^(model|train_cfg|default_hooks|optim_wrapper|optimizer|data|train_dataloader) = dict\(", re.MULTILINE
)


class MmengineFilesReader:
    """Which of them a file is says its name and its place."""

    name = "mmengine-files"
    mode: Mode = "replace"
    precision = 3
    names = ("*.log", "*.json", "*.py")

    def claim(self, entry: Entry) -> Claim | None:
        """By the place in a work directory; a config must look like one that MMEngine dumped."""
        if f"{entry.name}.json" in entry.siblings and entry.name.endswith(".log"):
            return weak(entry, self.name, "mmcv", kind="console", strength=2)
        place = place_of(entry)
        if place is None:
            dumped = is_dumped_config(entry)
            return weak(entry, self.name, "config", kind="config", strength=2) if dumped else None
        kind = _kind(entry)
        return None if kind is None else claim_at(entry, place, self.name, kind)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params, facts or the values of a test."""
        start = session_start(path)
        if path.suffix == ".log":
            yield replace(_log(path, cursor), writer_start=start)
            return
        for batch in read_whole(path, cursor, self.name, _config if path.suffix == ".py" else _test, LARGEST):
            yield replace(batch, writer_start=start)


def config_facts(config: Mapping[str, Json]) -> dict[str, Json]:
    """Goal and dataset that a config of MMEngine or of mmcv states; `config` is flattened."""
    found: dict[str, Json] = {}
    for key in ("train_cfg.max_epochs", "train_cfg.max_iters", "runner.max_epochs", "runner.max_iters", "total_epochs"):
        value = config.get(key)
        if type(value) is int:
            found.setdefault("max_steps", value)
    for key in ("train_dataloader.dataset.type", "data.train.type", "dataset_type"):
        if isinstance(config.get(key), str):
            found.setdefault("dataset", config[key])
    return found


def is_dumped_config(entry: Entry) -> bool:
    """Whether a Python file holds nothing but assignments, `dict(…)` among them, as the tools dump their configs."""
    if not entry.name.endswith(".py") or entry.name == "config.py":
        return False
    head = entry.head()
    return bool(_DICTS.search(head)) and not _CODE.search(head)


def read_log(path: Path) -> tuple[int, dict[str, Json]]:
    """Size of a text log of the OpenMMLab tools and the facts of its head and tail.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = text_of(file.read(HEAD))
        file.seek(max(0, size - TAIL))
        tail = file.read(TAIL)
    facts = {**origin(head), **goal(head, text_of(tail)), **ends(head, text_of(tail))}
    if told := verdict(text_of(tail)):
        facts["console_verdict"] = told
    return size, facts


def _kind(entry: Entry) -> ClaimKind | None:
    if entry.folder == SERIES:
        return "config" if entry.name == "config.py" else None
    if entry.name.endswith(".log"):
        return "console"
    return "series" if entry.name.endswith(".json") else None


def _config(_: Path, text: str) -> Batch:
    params = flatten(assignments(text))
    return Batch(Cursor(), params=params, facts=config_facts(params))


def _test(path: Path, text: str) -> Batch:
    """The values of a test, which the tool writes as one object."""
    found = json_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no values of a test", 0)
    values, left = number_lists.last_values(flatten(found, "/"))
    points: dict[str, Points] = {f"test/{key}": single(0, value) for key, value in values.items()}
    return Batch(Cursor(), points=points, problems=number_lists.problems(left, path, READER.name))


def _log(path: Path, cursor: Cursor) -> Batch:
    """Facts; where the rows were not kept beside it, what the log prints of them."""
    size, facts = read_log(path)
    kept = (path.parent / SERIES).is_dir() or path.with_name(f"{path.name}.json").exists()
    points = {} if kept else _printed(path)
    return Batch(with_offset(cursor, size), facts=facts, points=points)


def _printed(path: Path) -> dict[str, Points]:
    found: dict[str, list[Points]] = {}
    for batch in console_metrics.READER.read(path, Cursor()):
        for name, points in batch.points.items():
            found.setdefault(name, []).append(points)
    return {
        name: Points(
            *(np.concatenate([getattr(each, field) for each in pieces]) for field in ("steps", "times", "values"))
        )
        for name, pieces in found.items()
    }


READER = MmengineFilesReader()
