"""Ludwig: description.json at the start, training_statistics.json at the end, model/training_progress.json between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import json_plain, number_lists
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.json_history import series_of
from runspect.readers.told import count, goal
from runspect.readers.whole import read_whole

TOOL = "ludwig"
DESCRIPTION, STATISTICS, PROGRESS = "description.json", "training_statistics.json", "training_progress.json"
LARGEST = 64 << 20
_CONFIGS = ("config", "model_definition")
"""Where the description keeps the settings, and where it did before 0.4."""
_TRAINERS = ("trainer", "training")
_FACTS = {
    "command": "command",
    "commit_hash": "git_commit",
    "random_seed": "seed",
    "dataset": "dataset",
    "input_data": "dataset",
    "data_csv": "dataset",
}


class LudwigReader:
    """Series by evaluation: an epoch unless the settings say otherwise."""

    name = TOOL
    mode: Mode = "replace"
    precision = 3
    names = (DESCRIPTION, STATISTICS, PROGRESS)

    def claim(self, entry: Entry) -> Claim | None:
        """By name, and by what the description says or what lies beside."""
        if entry.name == DESCRIPTION and b'"ludwig_version"' in entry.head():
            return Claim(self.name, entry.path, entry.directory, "tool", "config", 3, TOOL)
        if entry.name == STATISTICS and DESCRIPTION in entry.siblings:
            return Claim(self.name, entry.path, entry.directory, "tool", "series", 3, TOOL)
        if entry.name == PROGRESS and entry.folder == "model":
            return Claim(self.name, entry.path, entry.above, "weak", "status", 3, TOOL)
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of what the file is for."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _parse(path: Path, text: str) -> Batch:
    found = json_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("nothing of Ludwig", 0)
    if path.name == DESCRIPTION:
        settings: dict[str, Any] = next((found[key] for key in _CONFIGS if isinstance(found.get(key), dict)), {})
        return Batch(Cursor(), params=flatten(settings), facts=_facts(found, settings))
    if path.name == PROGRESS:
        epoch = count(found.get("epoch"))
        return Batch(Cursor(), facts={} if epoch is None else {"reached_steps": epoch})
    splits = {key: value for key, value in found.items() if isinstance(value, dict) and key != "evaluation_frequency"}
    facts: dict[str, Json] = {"end_state": "finished", "end_reason": f"{STATISTICS} was written"}
    told = series_of(splits)
    return Batch(
        Cursor(), points=told.points, facts=facts, problems=number_lists.problems(told.left, path, READER.name)
    )


def _facts(found: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Json]:
    facts: dict[str, Json] = {
        fact: found[key] for key, fact in _FACTS.items() if isinstance(found.get(key), (str, int)) and found[key] != ""
    }
    facts["writer"] = f"ludwig {found.get('ludwig_version')}"
    trainer: Mapping[str, Any] = next((settings[key] for key in _TRAINERS if isinstance(settings.get(key), dict)), {})
    return facts | goal(trainer.get("epochs"))


READER = LudwigReader()
