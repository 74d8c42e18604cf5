"""RL Baselines3 Zoo: the arguments and hyperparameters that it keeps in `<env>_<n>/<env>/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, Json
from runspect.readers import yaml_plain
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.numbers import number
from runspect.readers.stable_baselines import SB3
from runspect.readers.whole import read_whole

LARGEST = 4 << 20
ARGS, HYPERPARAMETERS = "args.yml", "config.yml"


class RlZooReader:
    """Two YAML dumps of ordered dicts, one directory below the run."""

    name = "rl-zoo"
    mode: Mode = "replace"
    precision = 3
    names = (ARGS, HYPERPARAMETERS)

    def claim(self, entry: Entry) -> Claim | None:
        """By the names of the file and of the two directories above it."""
        inner, outer = entry.folder, entry.above.rpartition("/")[2]
        if entry.name not in (ARGS, HYPERPARAMETERS) or not re.fullmatch(re.escape(inner) + r"_\d+", outer):
            return None
        return weak(entry, self.name, SB3, kind="config", strength=3, root=entry.above)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params; both files name the steps to be trained, the arguments say -1 for the default."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _parse(path: Path, text: str) -> Batch:
    found = _mapping(yaml_plain.load(text))
    if not found:
        raise ReaderFault("no settings of the zoo", 0)
    goal, seed = number(found.get("n_timesteps")), number(found.get("seed"))
    facts: dict[str, Json] = {}
    if goal is not None and goal > 0:
        facts["max_steps"] = int(goal)
    if seed is not None and seed >= 0:
        facts["seed"] = int(seed)
    return Batch(Cursor(), params=flatten(found), facts=facts)


def _mapping(value: Any) -> dict[str, Any]:
    """A dumped OrderedDict: its pairs, perhaps in a list of arguments."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        return _mapping(value[0])
    pairs = value if isinstance(value, list) else []
    return {str(pair[0]): pair[1] for pair in pairs if isinstance(pair, list) and len(pair) == 2}


READER = RlZooReader()
