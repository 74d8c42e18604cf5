"""Settings that reinforcement-learning programs keep at a place of their own.

Spinning Up: config.json beside progress.txt. IsaacLab and rsl_rl: params/agent.yaml and params/env.yaml below the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim
from runspect.readers import json_plain, spinup, yaml_plain
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.told import goal
from runspect.readers.whole import read_whole

LARGEST = 8 << 20
SPINUP, AGENT, ENV = "config.json", "agent.yaml", "env.yaml"
ISAAC = "isaaclab"


class RlConfigsReader:
    """Params, and the goal of the training where they name it."""

    name = "rl-configs"
    mode: Mode = "replace"
    precision = 3
    names = (SPINUP, AGENT, ENV)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and place."""
        if entry.name == SPINUP and spinup.NAME in entry.siblings and entry.head().lstrip()[:1] == b"{":
            return weak(entry, self.name, spinup.TOOL, kind="config", strength=3)
        placed = entry.folder == "params" and {AGENT, ENV} <= entry.siblings
        if entry.name in (AGENT, ENV) and placed:
            return Claim(self.name, entry.path, entry.above, "tool", "config", 3, ISAAC)
        return None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params; those of IsaacLab's two files under `agent.` and `env.`."""
        return read_whole(path, cursor, self.name, _parse, LARGEST)


def _parse(path: Path, text: str) -> Batch:
    found = json_plain.load(text) if path.suffix == ".json" else yaml_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no settings", 0)
    if path.suffix == ".json":
        return Batch(Cursor(), params=flatten(found), facts=goal(found.get("epochs")))
    params = {f"{path.stem}.{key}": value for key, value in flatten(found).items()}
    return Batch(Cursor(), params=params, facts=goal(found.get("max_iterations")))


READER = RlConfigsReader()
