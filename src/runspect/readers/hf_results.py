"""Hugging Face's all_results.json and its siblings: the marks of a training that came to its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.model import Claim, Json
from runspect.readers import json_plain
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.hf_trainer import CHECKPOINT
from runspect.readers.whole import read_whole

_ENDS = ("all_results.json", "train_results.json")
_NAMES = (*_ENDS, "eval_results.json", "test_results.json", "predict_results.json")


class HfResultsReader:
    """Status only: their numbers stand in the trainer's state or in the event files."""

    name = "hf-results"
    mode: Mode = "replace"
    precision = 3
    names = _NAMES

    def claim(self, entry: Entry) -> Claim | None:
        """By name, beside a trainer's state or checkpoints."""
        if entry.name not in _NAMES:
            return None
        beside = "trainer_state.json" in entry.siblings or any(CHECKPOINT.fullmatch(name) for name in entry.siblings)
        return weak(entry, self.name, "hf-trainer", kind="status", strength=2) if beside else None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """The end state, where the file is one that is written at the end."""
        return read_whole(path, cursor, self.name, _parse)


def _parse(path: Path, text: str) -> Batch:
    found = json_plain.load(text)
    ended = path.name in _ENDS and isinstance(found, dict) and "train_runtime" in found
    facts: dict[str, Json] = {"end_state": "finished", "end_reason": f"{path.name} was written"} if ended else {}
    return Batch(Cursor(), facts=facts)


READER = HfResultsReader()
