"""Hugging Face Trainer's trainer_state.json: the whole history, written anew at each checkpoint."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import json_plain, number_lists
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.jsonl import fold_objects
from runspect.readers.lines import text_of, utf8
from runspect.readers.series import Carry
from runspect.readers.whole import read_whole

LARGEST = 512 << 20
CHECKPOINT = re.compile(r"checkpoint-(\d+)")
_HISTORY = re.compile(r'"log_history"\s*:\s*\[\s*')
_GOAL = re.compile(rb'"max_steps":\s*(\d+)')
_FACTS = {
    "global_step": "reached_steps",
    "max_steps": "max_steps",
    "best_metric": "best_metric",
    "best_global_step": "best_step",
    "best_model_checkpoint": "best_checkpoint",
}


class HfTrainerReader:
    """Metrics by step from `log_history`, and how far the training came."""

    name = "hf-trainer"
    mode: Mode = "replace"
    precision = 3
    names = ("trainer_state.json",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name; a checkpoint's state speaks of the directory above it."""
        if entry.name != "trainer_state.json":
            return None
        match = CHECKPOINT.fullmatch(entry.folder)
        head = utf8(entry.head())
        hints = (("step", match[1] if match else ""), ("history", _digest(head)), ("goal", _goal(head)))
        root = entry.above if match else entry.directory
        return weak(entry, self.name, "hf-trainer", strength=2, root=root, hints=hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """The whole state as one batch."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _parse(path: Path, text: str) -> Batch:
    state = json_plain.load(text)
    if not isinstance(state, dict) or not isinstance(state.get("log_history", []), list):
        raise ReaderFault("no trainer state", 0)
    rows: list[dict[str, Any]] = [row for row in state.get("log_history", []) if isinstance(row, dict)]
    told = fold_objects(rows, Carry())
    problems = number_lists.problems(told.left, path, READER.name)
    return Batch(Cursor(), points=told.points, params=_trial(state), facts=_facts(state), problems=problems)


def _facts(state: dict[str, Any]) -> dict[str, Json]:
    facts = {fact: state[key] for key, fact in _FACTS.items() if state.get(key) not in (None, "", 0)}
    facts["reached_steps"] = state.get("global_step", 0)
    return {name: value for name, value in facts.items() if isinstance(value, (int, float, str))}


def _trial(state: dict[str, Any]) -> dict[str, Json]:
    trial = state.get("trial_params")
    return {str(key): value for key, value in trial.items()} if isinstance(trial, dict) else {}


def _goal(head: bytes) -> str:
    """The step at which the training is to end, where the head tells it."""
    match = _GOAL.search(head)
    return match[1].decode() if match else ""


def _digest(head: bytes) -> str:
    """A short digest of the first entry of the history: states of one run agree in it. "" when it is cut off."""
    text = text_of(head)
    match = _HISTORY.search(text)
    if match is None:
        return ""
    try:
        entry, _ = json.JSONDecoder().raw_decode(text, match.end())
    except (ValueError, RecursionError):
        return ""
    return f"{zlib.crc32(json.dumps(entry, sort_keys=True).encode()):08x}"


READER = HfTrainerReader()
