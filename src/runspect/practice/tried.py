"""Whether a config was tried before: runs with an equal one, then those whose config is nearest.

Pure: values in, values out. A config file mostly states only what departs from the program's defaults, while a run records
all of it. So where one side lacks a param, the *recorded default* stands in for it: the value that all runs have that tell
this param, if these are at least half of all. Distance is a sum over the params that differ: numbers by how much of the
range that was ever tried lies between them (by their logarithms where all are positive), anything else wholly; what names
the kind of thing that is trained counts threefold, what one side does not tell half.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from runspect.dataclass import dataclass
from runspect.diff import same
from runspect.model import Json
from runspect.practice.configs import Change

LEAST_STEP = 0.1
"""Two numbers that differ are at least so far apart, however little it is."""
UNSAID = 0.5
KIND = 3.0
_KINDS = re.compile(
    r"(?:.*[._/])?(?:model|model_name|arch|architecture|backbone|network|net|task|loss|loss_fn|criterion|optimizer|optim|opt|"
    r"algo|algorithm|policy|env|env_id|dataset|dataset_name)(?:[._](?:name|type|_target_))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the history says of a param."""

    runs: int
    """Runs that tell it."""
    only: Json = None
    """The value that all of them have; None where they differ."""
    low: float | None = None
    high: float | None = None
    """The range of its numbers."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run with a config (of `configs.telling`), and its data set where it is told."""

    rid: int
    config: Mapping[str, Json]
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A run beside the config: `one` of a change is the wanted value, `other` that of the run."""

    rid: int
    distance: float
    """0 of an equal config."""
    changes: tuple[Change, ...]
    defaults: tuple[str, ...]
    """Params for which the recorded default stood in."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The config that is looked for."""

    config: Mapping[str, Json]
    """Of `configs.telling`."""
    dataset: str | None = None
    partial: bool = False
    """Only the params that it names are compared."""


def matches(
    asked: Asked, candidates: Sequence[Candidate], known: Mapping[str, Known], configs: int
) -> tuple[Match, ...]:
    """The candidates, the nearest first; equal ones in the order that they came in.

    Args:
        known: Of each param that any run tells.
        configs: How many runs tell a config.
    """
    defaults = {key: each.only for key, each in known.items() if each.only is not None and 2 * each.runs >= configs}
    found = [_match(asked, candidate, known, defaults) for candidate in candidates]
    return tuple(sorted(found, key=lambda match: match.distance))


def _match(asked: Asked, candidate: Candidate, known: Mapping[str, Known], defaults: Mapping[str, Json]) -> Match:
    keys = asked.config.keys() if asked.partial else asked.config.keys() | candidate.config.keys()
    changes: list[Change] = []
    stood_in: list[str] = []
    for key in sorted(keys):
        one = asked.config.get(key, defaults.get(key))
        other = candidate.config.get(key, defaults.get(key))
        if one is not None and other is not None and same(one, other):
            if key not in asked.config or key not in candidate.config:
                stood_in.append(key)
            continue
        changes.append(Change(key, asked.config.get(key), candidate.config.get(key)))
    told = candidate.dataset is not None or asked.partial
    if asked.dataset is not None and told and asked.dataset != candidate.dataset:
        changes = [Change("dataset", asked.dataset, candidate.dataset), *(c for c in changes if c.param != "dataset")]
    distance = math.fsum(_apart(change, known.get(change.param)) for change in changes)
    return Match(candidate.rid, distance, tuple(changes), tuple(stood_in))


def _apart(change: Change, known: Known | None) -> float:
    weight = KIND if _KINDS.fullmatch(change.param) else 1.0
    if change.one is None or change.other is None:
        return weight * UNSAID
    one, other = _number(change.one), _number(change.other)
    if one is None or other is None:
        return weight
    low = min(value for value in (one, other, known.low if known else None) if value is not None)
    high = max(value for value in (one, other, known.high if known else None) if value is not None)
    if low > 0:
        one, other, low, high = math.log(one), math.log(other), math.log(low), math.log(high)
    share = abs(one - other) / (high - low) if high > low else 1.0
    return weight * max(LEAST_STEP, share)


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None
