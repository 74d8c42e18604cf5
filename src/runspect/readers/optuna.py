"""What Optuna's storages have in common: how a trial is called, what its states and parameters mean.

A trial is a run, called `<study>/<number>`; its study is its group. Intermediate values are the series `intermediate`,
the objective is `value`, several ones are `values_0`, `values_1` … or what the study calls them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import Json
from runspect.readers import json_plain
from runspect.readers.claims import run_key
from runspect.readers.contract import Batch, Cursor
from runspect.readers.curves import Curves
from runspect.readers.flatten import plain
from runspect.readers.numbers import number
from runspect.readers.times import moment

INTERMEDIATE = "intermediate"
METRIC_NAMES = "study:metric_names"
"""The system attribute of a study that names its objectives."""
USER_ATTRIBUTES = "user_attrs."
OPEN = frozenset(("RUNNING", "WAITING"))
FIXED = "fixed_params"
"""The system attribute of a trial that was enqueued: the parameters that it is to have, as the objective sees them."""
_ENDS: Mapping[str, dict[str, Json]] = {
    "WAITING": {"end_state": "unknown", "end_reason": "waiting"},
    "RUNNING": {"end_state": "running", "end_reason": ""},
    "COMPLETE": {"end_state": "finished", "end_reason": ""},
    "PRUNED": {"end_state": "finished", "end_reason": "pruned"},
    "FAIL": {"end_state": "failed", "end_reason": ""},
}
CLOSE_S = 600.0
"""What changed between two reads is dated by the file's modification time if the file changed so lately before."""


@dataclass(slots=True)
class Study:
    """A study as far as it is known."""

    name: str
    directions: list[str] = field(default_factory=list)
    """"minimize" or "maximize", by objective."""
    objectives: list[str] = field(default_factory=list)
    """Names that the study gives to its objectives, if it does."""

    def objective(self, index: int) -> str:
        """What the metric of an objective is called."""
        if index < len(self.objectives):
            return self.objectives[index]
        return "value" if len(self.directions) < 2 and index == 0 else f"values_{index}"


@dataclass(slots=True)
class Trial:
    """What a piece of a storage told of one trial."""

    key: str
    facts: dict[str, Json] = field(default_factory=dict)
    params: dict[str, Json] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    curves: Curves = field(default_factory=Curves)

    def begin(self, study: Study, count: int, started: float | None) -> None:
        """The trial is there; it may still wait for its start."""
        self.facts |= {"name": self.key, "group": study.name, "run_id": str(count)}
        if study.directions:
            told = [f"{study.objective(at)}: {word}" for at, word in enumerate(study.directions)]
            self.facts["objectives"] = told
        self.start(started)
        if started is not None:
            self.ids = (f"optuna:{study.name}:{count}@{started:.6f}",)

    def start(self, started: float | None) -> None:
        """A worker took it up."""
        if started is not None:
            self.facts["started"] = started

    def end(self, state: str, ended: float | None) -> None:
        """It has this state now."""
        self.facts |= _ENDS.get(state, {})
        if ended is not None:
            self.facts["ended"] = ended

    def fix(self, params: Json) -> None:
        """It was enqueued with these parameters; what a worker then takes overrides them."""
        if isinstance(params, dict):
            self.params |= {str(name): value for name, value in params.items()}

    def beat(self, when: float | None) -> None:
        """It gave a sign of life."""
        told = self.facts.get("heartbeat")
        if when is not None:
            self.facts["heartbeat"] = max(when, told) if isinstance(told, float) else when

    def batch(self, cursor: Cursor, restart: bool) -> Batch:
        """As a piece of a store that others follow."""
        return Batch(
            cursor, self.key, self.curves.take(), self.params, self.facts, self.ids, restart=restart, more=True
        )


def key_of(study: Study, count: int) -> str:
    """The name of a trial, by which it is told apart."""
    return run_key(f"{study.name}/{count}")


def time_of(told: object) -> float | None:
    """A time; without a zone it is that of the machine that wrote it."""
    return moment(told) if isinstance(told, str) else None


def external(value: object, distribution: object) -> Json:
    """A parameter as the objective saw it: Optuna stores a float, of a categorical one the index of the choice."""
    try:
        kind = json_plain.load(distribution) if isinstance(distribution, str) else distribution
    except ReaderFault:
        kind = None
    name = str(kind.get("name")) if isinstance(kind, dict) else ""
    attributes = kind.get("attributes") if isinstance(kind, dict) else None
    stored = number(value)
    if stored is None or not np.isfinite(stored):
        return plain(value)
    if name.startswith("Int"):
        return int(stored)
    choices = attributes.get("choices") if isinstance(attributes, dict) else None
    if name.startswith("Categorical") and isinstance(choices, list) and 0 <= stored < len(choices):
        return plain(choices[int(stored)])
    return stored


def written_at(path: Path) -> float:
    """When a storage was last written, seconds since 1970; 0 where that cannot be told."""
    times = [0.0]
    for each in (path, path.with_name(f"{path.name}-wal")):
        try:
            status = each.stat()
        except OSError:
            continue
        if status.st_size:
            times.append(status.st_mtime)
    return max(times)


def change_time(before: float, written: float) -> float | None:
    """When that happened which the last read (of the file as `written_at` told then) did not show, or not long before.

    Optuna keeps no times of what a running trial reports. None: nothing was read before, so nothing is known to be new.
    """
    if before <= 0:
        return None
    return written if written - before <= CLOSE_S else before


def attribute(value_json: object) -> Json:
    """An attribute's value from its JSON text, or the text where it is none."""
    try:
        return plain(json_plain.load(value_json)) if isinstance(value_json, str) else plain(value_json)
    except ReaderFault:
        return plain(value_json)


def names_in(value: Json) -> list[str]:
    """The names of the objectives in `METRIC_NAMES`."""
    return [str(name) for name in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


def state_text(state: Mapping[str, Json]) -> str:
    """A cursor's state."""
    return json.dumps(state, separators=(",", ":"))
