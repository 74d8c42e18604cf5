"""Runs against the champion of their data set, the marked baseline and the best before them, over what `ground` found."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Literal

from runspect.columns import Column
from runspect.columns.versus import Part
from runspect.dataclass import dataclass, field
from runspect.index.reads import told
from runspect.index.reads.at_step import Curves, read_curves, values_at
from runspect.index.reads.ground import Ground, Group, Values
from runspect.index.reads.scope import Cursor
from runspect.model import Json
from runspect.practice.versus import (
    FEWEST_SEEDS,
    NO_SEEDS,
    Change,
    Guarded,
    Outcome,
    Seeds,
    Versus,
    compared,
    gain_of,
    guarded,
    outcome_of,
    seeds_of,
)

Against = Literal["champion", "baseline", "best"]
AGAINST: tuple[Against, ...] = ("champion", "baseline", "best")
"""What runs are compared with unasked; the first one that there is, is the main reference."""


@dataclass(frozen=True, slots=True)
class Records:
    """What was found over the same values; mutable."""

    before: dict[int, dict[int, int]] = field(default_factory=dict)
    """By unit: of each run the best one before it."""
    parts: dict[Part, Mapping[int, Json]] = field(default_factory=dict)
    """What columns say of all runs."""


class Comparing:
    """Compares on demand and remembers it; of one thread, as long as its cursor."""

    def __init__(
        self,
        cursor: Cursor,
        found: Ground,
        values: Values,
        runs: told.Runs = told.PLAIN,
        curves: Curves = read_curves,
        records: Records | None = None,
    ) -> None:
        """`records` is what comparisons over the same values found; it is added to."""
        self.found = found
        self.curves = curves
        crowned = [found.champions.get(unit) for unit in found.units]
        self._champions = [None if champion is None else champion.rid for champion in crowned]
        self._cursor = cursor
        self._values = values
        self._runs = runs
        self._records = Records() if records is None else records
        self._spreads: dict[tuple[Group, str, int | None], Seeds] = {}
        self.versus = lru_cache(maxsize=None)(self._versus)
        self.at_step = lru_cache(maxsize=None)(self._at_step)

    def reference(self, rid: int, against: Against) -> int | None:
        """The run that this one is to be compared with; it may be itself, or on another data set."""
        unit = self.found.unit_of.get(rid)
        if against == "baseline" or unit is None:
            return self.found.bases.get(rid)
        if against == "champion":
            return self._champions[unit]
        return self._best_before(unit).get(rid)

    def usable(self, rid: int, against: Against) -> int | None:
        """The reference, if it is another run on the same version of the same data set that has a value."""
        reference = self.reference(rid, against)
        return reference if reference is not None and self._is_usable(rid, reference) else None

    def main(self, rid: int) -> Against | None:
        """Against what a run counts as better: the champion, else the marked baseline, else the best before it."""
        return next((against for against in AGAINST if self.usable(rid, against) is not None), None)

    def measure(self, rid: int) -> int | None:
        """The main reference in a column, where all runs are to be measured by the same: None of the champion itself, and of
        the baseline itself where there is no champion."""
        for against in AGAINST:
            reference = self.reference(rid, against)
            if reference == rid:
                return None
            if reference is not None and self._is_usable(rid, reference):
                return reference
        return None

    def value(self, rid: int) -> float | None:
        """The objective of a run; None where nothing tells which way it is better, too."""
        judge = self.found.judge(rid)
        return None if judge is None else self._value(rid, judge.column)

    def gain(self, rid: int, against: Against) -> float | None:
        """By how many percent a run is better than the reference, below 0 worse."""
        reference = self.usable(rid, against)
        return None if reference is None else self.gain_over(rid, reference)

    def gain_over(self, rid: int, reference: int) -> float | None:
        """The same over a reference that is usable."""
        judge = self.found.judge(rid)
        if judge is None:
            return None
        if self.at_step(rid) is not None:
            return self.versus(rid, reference).change.gain
        return gain_of(self._value(rid, judge.column), self._value(reference, judge.column), judge.way)

    def part(self, rid: int, part: Part) -> Json:
        """The value of a column of `columns.versus`."""
        return _PARTS[part](self, rid)

    def by_run(self, part: Part) -> Mapping[int, Json]:
        """The same of all runs that have one."""
        parts = self._records.parts
        if part not in parts:
            value_of = _PARTS[part]
            told = ((rid, value_of(self, rid)) for rid in self.found.unit_of)
            parts[part] = {rid: value for rid, value in told if value is not None}
        return parts[part]

    @property
    def has_noise(self) -> bool:
        """Whether some config was run with seeds enough to tell what they make."""
        return any(len(runs) >= FEWEST_SEEDS for runs in self.found.siblings.values())

    def knows_noise(self, rid: int, reference: int) -> bool:
        """Whether seeds enough of one of two runs ended, so that comparing them is worth it: of most runs there is one seed."""
        groups = (self.found.group_of.get(each) for each in (reference, rid))
        return any(len(self.found.siblings.get(group, ())) >= FEWEST_SEEDS for group in groups if group is not None)

    def outcome(self, rid: int, reference: int) -> Outcome | None:
        """Which of two runs is better, where the plain numbers decide; None where seeds, guards or a step have a say."""
        judge = self.found.judge(rid)
        if judge is None or self.found.guards or self.at_step(rid) is not None or self.knows_noise(rid, reference):
            return None
        return outcome_of(self._value(rid, judge.column), self._value(reference, judge.column), judge.way)

    def _is_usable(self, rid: int, reference: int) -> bool:
        """Whether it is another run on the same version of the same data set that has a value."""
        found, judge = self.found, self.found.judge(rid)
        if judge is None or reference == rid or found.unit_of.get(reference) != found.unit_of[rid]:
            return False
        return _is_finite(self._value(reference, judge.column))

    def _versus(self, rid: int, reference: int) -> Versus:
        """One run against another by the objective of the first, at the same step while it is alive."""
        judge, step = self.found.judge(rid), self.at_step(rid)
        if judge is None:
            return Versus(compared(None, None, None))
        column = judge.column
        change = compared(
            self._value(rid, column),
            self._of(reference, column, step),
            judge.way,
            self._seeds(reference, column, step),
            self._seeds(rid, column, step),
        )
        return Versus(change, tuple(self._guards(rid, reference, step)) if change.delta is not None else ())

    def _guards(self, rid: int, reference: int, step: int | None) -> list[Guarded]:
        told = []
        for each in self.found.guards:
            guard, column = each.guard, each.column
            # how long a run took says nothing before it ends
            grows = step is not None and column is not None and column.kind == "field"
            value = None if column is None or grows else self._value(rid, column)
            other = None if column is None or grows else self._of(reference, column, step)
            told.append(guarded(guard.spec, each.way, value, other, guard.tolerance, relative=guard.relative))
        return told

    def _best_before(self, unit: int) -> dict[int, int]:
        before = self._records.before
        if unit not in before:
            before[unit] = self._bests_before(unit)
        return before[unit]

    def _bests_before(self, unit: int) -> dict[int, int]:
        """Of each run of a unit the best of those that began before it; of equal ones the first."""
        judge = self.found.judges[unit]
        if judge is None or judge.way is None:
            return {}
        sign = 1.0 if judge.way == "down" else -1.0
        values, aside = self._values[judge.column.spec], self.found.aside
        found: dict[int, int] = {}
        best, leader = math.inf, -1
        for rid in self.found.members[unit]:
            if leader >= 0:
                found[rid] = leader
            value = values.get(rid)
            if value is not None and math.isfinite(value) and sign * value < best and rid not in aside:
                best, leader = sign * value, rid
        return found

    def _at_step(self, rid: int) -> int | None:
        """The step by which a live run is compared; None of one that ended."""
        judge = self.found.judge(rid)
        if judge is None or not self.found.is_alive(rid):
            return None
        metric = judge.column.other if judge.column.kind == "at" else judge.column.name
        series = self._runs.series(self._cursor, [rid]).get(rid, {}).get(metric)
        return None if series is None else series.last_step

    def _value(self, rid: int, column: Column) -> float | None:
        return self._values[column.spec].get(rid)

    def _of(self, reference: int, column: Column, step: int | None) -> float | None:
        """The reference's value: as it was at the step where one counts."""
        if step is None:
            return self._value(reference, column)
        return values_at(self._cursor, (reference,), column, step, self.found.lens, self.curves).get(reference)

    def _seeds(self, rid: int, column: Column, step: int | None) -> Seeds:
        group = self.found.group_of.get(rid)
        if group is None:  # without a config nobody knows which runs are the same
            alone = self.found.states.get(rid) not in (None, "running", "quiet")
            return Seeds(1) if alone and _is_finite(self._value(rid, column)) else NO_SEEDS
        key = (group, column.spec, step)
        if key not in self._spreads:
            self._spreads[key] = self._spread(group, column, step)
        return self._spreads[key]

    def _spread(self, group: Group, column: Column, step: int | None) -> Seeds:
        rids, recorded = self.found.siblings.get(group, ()), group in self.found.seeded
        if step is None:
            values = [value for rid in rids if (value := self._value(rid, column)) is not None]
        else:
            values = [*values_at(self._cursor, rids, column, step, self.found.lens, self.curves).values()]
        return seeds_of(values, recorded=recorded)


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _main_gain(comparing: Comparing, rid: int) -> Json:
    reference = comparing.measure(rid)
    return None if reference is None else comparing.gain_over(rid, reference)


def _against(comparing: Comparing, rid: int, against: Against) -> Json:
    return comparing.gain(rid, against)


def _main(comparing: Comparing, rid: int) -> Versus | None:
    reference = comparing.measure(rid)
    if reference is None:
        return None
    versus = comparing.versus(rid, reference)
    return versus if versus.change.delta is not None else None


def _sigmas(comparing: Comparing, rid: int) -> Json:
    reference = comparing.measure(rid)
    if reference is None or not comparing.knows_noise(rid, reference):
        return None
    change = versus.change if (versus := _main(comparing, rid)) is not None else None
    if change is None or change.noise.sigmas is None:
        return None
    return -change.noise.sigmas if change.outcome == "worse" else change.noise.sigmas


def _noise(comparing: Comparing, rid: int) -> Json:
    reference = comparing.measure(rid)
    if reference is None or not _is_finite(comparing.value(rid)):
        return None
    if not comparing.knows_noise(rid, reference):
        return "unknown"
    versus = _main(comparing, rid)
    return None if versus is None else versus.change.noise.kind


def _verdict(comparing: Comparing, rid: int) -> Json:
    reference = comparing.measure(rid)
    outcome = None if reference is None else comparing.outcome(rid, reference)
    if outcome is not None:
        return _VERDICTS[outcome]  # most runs: their configs have one seed each
    versus = _main(comparing, rid)
    return None if versus is None else verdict_of(versus)


_VERDICTS: Mapping[Outcome, str | None] = {
    "better": "better",
    "worse": "worse",
    "equal": "as good",
    "unknown": None,
}
"""What an outcome comes to where nothing else has a say; the run has no value yet where it is unknown."""


def verdict_of(versus: Versus) -> str:
    """`better`, `as good`, `worse`, `unknown`; `better, guard worse` where it was bought."""
    return "better, guard worse" if versus.is_bought else _change_word(versus.change)


def _change_word(change: Change) -> str:
    return change.verdict


def _worse_guards(comparing: Comparing, rid: int) -> Json:
    if not comparing.found.guards:
        return None
    versus = _main(comparing, rid)
    return None if versus is None else ", ".join(versus.worse_guards) or None


_PARTS: Mapping[Part, Callable[[Comparing, int], Json]] = {
    "vs": _main_gain,
    "vs:champion": partial(_against, against="champion"),
    "vs:baseline": partial(_against, against="baseline"),
    "vs:best": partial(_against, against="best"),
    "vs:sigmas": _sigmas,
    "vs:noise": _noise,
    "vs:verdict": _verdict,
    "vs:guards": _worse_guards,
}
