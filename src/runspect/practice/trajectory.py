"""The best so far over time: every improvement of the record on one version of one data set, and what it was before.

Pure: values in, values out. A result counts from the moment on at which its run had the value, where that is told, else from
the end of the run on. Most runs cannot have set a record whatever that moment was, for another one that was over before they
began was as good: `contenders` leaves those out, so that moments are looked up of few runs.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from runspect.dataclass import dataclass
from runspect.objective import Direction


@dataclass(frozen=True, slots=True)
class Lasted:
    """A run with its value and the time that it took; seconds since 1970, UTC."""

    rid: int
    value: float
    """Finite."""
    began: float
    ended: float
    """Its newest record, where it has not ended."""


@dataclass(frozen=True, slots=True)
class Result:
    """A value and when it was reached."""

    rid: int
    value: float
    when: float


@dataclass(frozen=True, slots=True)
class Improvement:
    """A new record."""

    rid: int
    value: float
    when: float
    before: Result | None
    """The record that it broke; None of the first result."""
    tries: int
    """Results since that record that were none, the runs in between."""

    @property
    def delta(self) -> float | None:
        """Its value less that of the record before; None where that is beyond what a number holds."""
        return None if self.before is None else _finite(self.value - self.before.value)

    @property
    def percent(self) -> float | None:
        """The same in percent of the record before; None where that was 0."""
        if self.before is None or self.delta is None or not self.before.value:
            return None
        return _finite(100 * (self.delta / abs(self.before.value)))

    @property
    def held(self) -> float | None:
        """Seconds that the record before had stood."""
        return None if self.before is None else self.when - self.before.when


def is_better(value: float, other: float, way: Direction) -> bool:
    """Whether one value is better than another; equal ones are not."""
    return value < other if way == "down" else value > other


def contenders(runs: Sequence[Lasted], way: Direction) -> list[int]:
    """The rids of those runs that may have set a record at some moment between their begin and their end."""
    over = sorted(runs, key=lambda run: (run.ended, run.rid))
    ends = [run.ended for run in over]
    records: list[float] = []
    for run in over:
        records.append(run.value if not records or is_better(run.value, records[-1], way) else records[-1])
    found = []
    for run in runs:
        # what ended just when it began may have come after it: that order is decided by value and rid
        known = bisect_left(ends, min(run.began, run.ended))
        if not known or is_better(run.value, records[known - 1], way):
            found.append(run.rid)
    return found


def trajectory(results: Iterable[Result], way: Direction) -> tuple[Improvement, ...]:
    """The improvements in the order of time; of equal moments the better result comes first, of equal results the lower rid."""
    found: list[Improvement] = []
    record: Result | None = None
    tries = 0
    for each in _in_time(results, way):
        if record is None or is_better(each.value, record.value, way):
            found.append(Improvement(each.rid, each.value, each.when, record, tries))
            record, tries = each, 0
        else:
            tries += 1
    return tuple(found)


def bars(results: Iterable[Result], way: Direction) -> dict[int, Result | None]:
    """What each run had to beat: the record just before its result; None of the first result."""
    found: dict[int, Result | None] = {}
    record: Result | None = None
    for each in _in_time(results, way):
        found[each.rid] = record
        if record is None or is_better(each.value, record.value, way):
            record = each
    return found


def results(runs: Iterable[Lasted], moments: Mapping[int, float | None]) -> list[Result]:
    """The results of runs, at the moment that is told, else at the end."""
    return [Result(run.rid, run.value, _inside(moments.get(run.rid), run)) for run in runs if math.isfinite(run.value)]


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _inside(moment: float | None, run: Lasted) -> float:
    """A moment of a damaged or foreign clock is none."""
    return moment if moment is not None and run.began <= moment <= run.ended else run.ended


def _in_time(results: Iterable[Result], way: Direction) -> list[Result]:
    better = 1 if way == "down" else -1
    return sorted(results, key=lambda each: (each.when, better * each.value, each.rid))
