"""What was tried and led nowhere: values of params that never came near the best, and hypotheses that did not hold.

A value of a param is a dead end on a data set when at least 3 runs with it are over, none of them came near the record of its
time, and another value of that param did. Near is: better, equal, or worse by no more than seeds alone make of it, where that
is known. A hypothesis is one when its verdict is refuted, or when it has no verdict though at least 3 of its runs are over and
none came near. That is what happened, not what must: each says of how many runs, and values that were only ever tried
together stand together, for nobody can tell which of them it was.

Pure: values in, values out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from runspect.dataclass import dataclass
from runspect.model import Json
from runspect.objective import Direction
from runspect.practice.trajectory import Result

FEWEST = 3
"""Runs below which nothing is said."""
OVER = ("finished", "unknown", "gone")
"""States of runs that had their chance; many tools write no end. Those that failed, crashed or were killed say nothing of a config."""

Why = Literal["refuted", "never near"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run that is over, beside the record of its time."""

    rid: int
    value: float
    when: float
    bar: float | None
    """The record just before its result; None of the first."""
    allowed: float | None = None
    """So much worse is within noise; None where noise is unknown."""

    def gap(self, way: Direction) -> float | None:
        """By how much it fell short, less than 0 where it was better."""
        if self.bar is None:
            return None
        return self.value - self.bar if way == "down" else self.bar - self.value

    def is_near(self, way: Direction) -> bool:
        """Whether it was better than the record, or as good within noise."""
        gap = self.gap(way)
        return gap is None or gap <= (self.allowed or 0.0)


@dataclass(frozen=True, slots=True)
class Setting:
    """A param with a value."""

    param: str
    value: Json


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """Settings that were only tried together, or a hypothesis."""

    why: Why
    runs: tuple[int, ...]
    """In the order of time; of a refuted hypothesis also those that never ended, or none."""
    best: Attempt | None
    """The one that came nearest."""
    settings: tuple[Setting, ...] = ()
    hypothesis: str = ""
    """Its id; "" of settings."""

    @property
    def n(self) -> int:
        """Runs that it is said of."""
        return len(self.runs)


def dead_settings(
    tried: Iterable[tuple[Setting, Sequence[int]]], attempts: Mapping[int, Attempt], way: Direction
) -> tuple[DeadEnd, ...]:
    """The settings that never came near, those with most runs first.

    Args:
        tried: Each setting with the rids that have it.
        attempts: By rid; runs that are not in it do not count.
    """
    near = {rid for rid, each in attempts.items() if each.is_near(way)}
    listed = [(setting, tuple(rid for rid in rids if rid in attempts)) for setting, rids in tried]
    alive = {setting.param for setting, rids in listed if any(rid in near for rid in rids)}
    together: dict[tuple[int, ...], list[Setting]] = {}
    for setting, rids in listed:
        if len(rids) >= FEWEST and setting.param in alive and not any(rid in near for rid in rids):
            in_time = tuple(sorted(rids, key=lambda rid: (attempts[rid].when, rid)))
            together.setdefault(in_time, []).append(setting)
    found = [
        DeadEnd("never near", rids, nearest(rids, attempts, way), tuple(sorted(settings, key=lambda each: each.param)))
        for rids, settings in together.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.n, [setting.param for setting in each.settings])))


def dead_hypothesis(
    id: str, verdict: str | None, rids: Sequence[int], attempts: Mapping[int, Attempt], way: Direction
) -> DeadEnd | None:
    """A hypothesis that led nowhere; None of any other.

    Args:
        verdict: The one that counts; None while there is none.
        rids: Its runs.
    """
    judged = tuple(sorted((rid for rid in rids if rid in attempts), key=lambda rid: (attempts[rid].when, rid)))
    if verdict == "refuted":
        return DeadEnd("refuted", tuple(rids), nearest(judged, attempts, way), hypothesis=id)
    if verdict is not None or len(judged) < FEWEST or any(attempts[rid].is_near(way) for rid in judged):
        return None
    return DeadEnd("never near", judged, nearest(judged, attempts, way), hypothesis=id)


def nearest(rids: Iterable[int], attempts: Mapping[int, Attempt], way: Direction) -> Attempt | None:
    """The attempt that fell short by the least of the record of its time."""
    return min(
        (attempts[rid] for rid in rids if rid in attempts),
        key=lambda each: (gap if (gap := each.gap(way)) is not None else float("-inf"), each.when, each.rid),
        default=None,
    )


def attempts(
    results: Iterable[Result],
    bars: Mapping[int, Result | None],
    over: frozenset[int],
    allowed: Mapping[int, float],
) -> dict[int, Attempt]:
    """The runs that are over, beside the records of their times (`trajectory.bars`).

    Args:
        over: The runs that had their chance.
        allowed: By rid, what is within noise; those whose noise is unknown are not in it.
    """
    return {
        each.rid: Attempt(
            each.rid, each.value, each.when, bar.value if (bar := bars[each.rid]) is not None else None,
            allowed.get(each.rid),
        )
        for each in results
        if each.rid in over
    }  # fmt: skip
