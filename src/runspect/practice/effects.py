"""Which changes tend to help: differences of the result between runs whose configs differ in exactly one param.

Pure: values in, values out. Runs that differ only in what makes no config (seeds, paths, names) are one **arm**, with the mean
of their results: k seeds here and k there are one comparison, not k times k. Two arms of one place (one version of one data
set) that differ in a single param are a **pair**. Any other two differ in several things at once: their difference cannot be
laid to one of them, so they are counted as confounded and show no effect. As everywhere, a *recorded default* stands in for a
param that an arm does not tell: the value that all runs of the place have which tell it, if these are at least half of them.

Arms that have everything but one param in common are a **setting** of it. The pairs of one change (500 -> 2000) come from
different settings and share no arm, so the sign test may count them. All changes of a number together (its **trend**: from
each value of a setting to the next) do share arms, so there each setting has one vote, the median of its steps.

Pairs are found by hashing each config with one param left out: n arms and k params take n k steps, not n squared.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Literal, TypeGuard

import numpy as np
from numpy.typing import NDArray

from runspect.dataclass import dataclass
from runspect.model import Json
from runspect.objective import Direction
from runspect.practice.sign_test import Tally, tally, tally_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Turn = Literal["raised", "lowered", "changed"]

ALL_PAIRS = 12
"""Up to so many values within a setting each is paired with each; of more, each with the next, so that none are counted n times."""
MOST_CHANGES = 50
"""Changes of one param that are told: those with most pairs."""


@dataclass(frozen=True, slots=True)
class Column:
    """A param that makes a config, over all runs."""

    param: str
    levels: tuple[Json, ...]
    """Its values (of `configs.typed`), each once."""
    codes: Ints
    """For each run the place of its value in `levels`; -1 where it does not tell the param."""


@dataclass(frozen=True, slots=True)
class Arm:
    """Runs of one config."""

    value: float
    """The mean of their results."""
    runs: tuple[int, ...]
    """Their places in what was given."""


@dataclass(frozen=True, slots=True)
class Change:
    """From one value of a param to another, all else equal; told in the direction that helped more often."""

    before: Json
    """None where the param is not told."""
    after: Json
    turn: Turn
    tally: Tally
    """Over its pairs."""
    pairs: tuple[tuple[int, int], ...]
    """The arms before and after, by their places in `Effects.arms`; those that gained most first."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A number in one direction, whatever the values."""

    turn: Turn
    steps: int
    """From a value of a setting to the next one."""
    tally: Tally
    """Over the settings, each with the median of its steps."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one param did."""

    param: str
    changes: tuple[Change, ...]
    """The best supported ones first: by the sign test, then by their number of pairs."""
    more: int
    """Changes that are not told."""
    trend: Trend | None
    """None of a param that is no number, and where one change says it all."""
    pairs: int
    """Of arms that differ in this param alone."""
    confounded: int
    """Pairs of arms that differ in it, but in others too."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a history says of one result."""

    effects: tuple[Effect, ...]
    """The best supported ones first."""
    arms: tuple[Arm, ...]
    pairs: int
    confounded: int
    """Pairs of arms of one place that differ in several params."""
    alone: int
    """Arms that no other one differs from in a single param."""


@dataclass(frozen=True, slots=True)
class _Arms:
    """The arms as arrays: one entry each."""

    values: Floats
    places: Ints
    hashes: Hashes
    """Of the whole config, the place included: the sum of its parts, modulo 2^64."""
    parts: tuple[Hashes, ...]
    """What each column adds to it."""
    codes: tuple[Ints, ...]
    """One array a column; a param that is not told has the code behind the last level."""
    of_run: Ints
    """For each run its arm."""


def effects(columns: Sequence[Column], values: Floats, places: Ints, way: Direction) -> Effects:
    """The paired differences of a history.

    Args:
        columns: The params that make a config.
        values: The result of each run, finite.
        places: For each run the number of what it may be compared within.
        way: Which way the result is better.
    """
    arms = _arms(columns, values, places)
    paired = np.zeros(len(arms.values), dtype=np.bool_)
    made = (_effect(column, arms, at, way, paired) for at, column in enumerate(columns))
    found = sorted((effect for effect in made if effect is not None), key=_support)
    clean = sum(effect.pairs for effect in found)
    return Effects(tuple(found), _listed(arms), clean, _pairs_within(arms.places) - clean, int((~paired).sum()))


def _arms(columns: Sequence[Column], values: Floats, places: Ints) -> _Arms:
    _, places = np.unique(places, return_inverse=True)
    chance = np.random.default_rng(20240)  # any numbers will do, but the same ones each time
    hashes = _numbered(chance, places)
    codes = [_told(column, places) for column in columns]
    parts = [_numbered(chance, code) for code in codes]
    for part in parts:
        hashes = hashes + part
    _, first, of_run, counts = np.unique(hashes, return_index=True, return_inverse=True, return_counts=True)
    means = np.bincount(of_run, values, minlength=len(counts)) / np.maximum(counts, 1)
    return _Arms(
        means,
        places[first],
        hashes[first],
        tuple(part[first] for part in parts),
        tuple(code[first] for code in codes),
        of_run,
    )


def _numbered(chance: np.random.Generator, codes: Ints) -> Hashes:
    """A random number in place of each code: sums of them are equal where configs are, and else hardly ever."""
    return chance.integers(0, 2**64, int(codes.max(initial=-1)) + 1, dtype=np.uint64)[codes]


def _told(column: Column, places: Ints) -> Ints:
    """The codes, the recorded default of a place where a run tells none; what is told nowhere has the code behind all."""
    absent, codes = len(column.levels), column.codes
    told = codes >= 0
    many = int(places.max(initial=-1)) + 1
    runs, tell = np.bincount(places, minlength=many), np.bincount(places[told], minlength=many)
    low, high = np.full(many, absent), np.full(many, -1)
    np.minimum.at(low, places[told], codes[told])
    np.maximum.at(high, places[told], codes[told])
    default = np.where((low == high) & (2 * tell >= runs), high, absent)
    return np.where(told, codes, default[places])


def _listed(arms: _Arms) -> tuple[Arm, ...]:
    runs: list[list[int]] = [[] for _ in arms.values]
    for run, arm in enumerate(arms.of_run.tolist()):
        runs[arm].append(run)
    return tuple(Arm(value, tuple(each)) for value, each in zip(arms.values.tolist(), runs, strict=True))


def _effect(column: Column, arms: _Arms, at: int, way: Direction, paired: NDArray[np.bool_]) -> Effect | None:
    """What one param did, or None where no two arms differ in it alone; notes in `paired` which arms do."""
    codes, settings = arms.codes[at], arms.hashes - arms.parts[at]
    order = np.lexsort((_ranks(column.levels, codes)[codes], settings))
    _, sizes = np.unique(settings, return_counts=True)
    clean = int((sizes * (sizes - 1) // 2).sum())
    if not clean:
        return None
    within = np.repeat(sizes, sizes)
    paired[order[within > 1]] = True
    before, after, are_next = _paired(settings[order], within)
    before, after = order[before], order[after]
    changes, more = _changes(column, arms.values, codes, before, after, way)
    numbers = np.array([*map(_is_number, column.levels), False])
    steps = are_next & numbers[codes[before]] & numbers[codes[after]]
    says_more = len(changes) > 1 or more > 0
    trend = _trend(arms.values, before[steps], after[steps], settings[before[steps]], way) if says_more else None
    differing = _pairs_within(arms.places) - _pairs_within(arms.places * (len(column.levels) + 1) + codes)
    return Effect(column.param, changes, more, trend, clean, differing - clean)


def _ranks(levels: Sequence[Json], codes: Ints) -> Ints:
    """The order in which the values of a setting stand: numbers by size, what is not told, the rest, the usual ones first."""
    runs = np.bincount(codes, minlength=len(levels) + 1)

    def key(code: int) -> tuple[int, float]:
        if code == len(levels):
            return 1, 0.0
        level = levels[code]
        return (0, float(level)) if _is_number(level) else (2, -float(runs[code]))

    ranks = np.zeros(len(levels) + 1, dtype=np.int64)
    ranks[sorted(range(len(levels) + 1), key=key)] = np.arange(len(levels) + 1)
    return ranks


def _paired(settings: Hashes, within: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Places of the arms before and after, and whether one follows the other, of arms in the order of their settings.

    Args:
        within: For each arm how many are in its setting.
    """
    before, after, are_next = [], [], []
    for step in range(1, min(int(within.max()), ALL_PAIRS)):
        same = settings[:-step] == settings[step:]
        first = np.flatnonzero(same if step == 1 else same & (within[:-step] <= ALL_PAIRS))
        before.append(first)
        after.append(first + step)
        are_next.append(np.full(len(first), step == 1))
    return np.concatenate(before), np.concatenate(after), np.concatenate(are_next)


def _changes(
    column: Column, values: Floats, codes: Ints, before: Ints, after: Ints, way: Direction
) -> tuple[tuple[Change, ...], int]:
    """The changes with most pairs, and how many others there are."""
    many = len(column.levels) + 1
    kinds, kind_of, counts = np.unique(codes[before] * many + codes[after], return_inverse=True, return_counts=True)
    by_kind, ends = np.argsort(kind_of, kind="stable"), np.cumsum(counts)
    levels = (*column.levels, None)
    chosen = np.argsort(-counts, kind="stable")[:MOST_CHANGES].tolist()
    found = []
    for kind in chosen:
        those = by_kind[ends[kind] - counts[kind] : ends[kind]]
        one, other = divmod(int(kinds[kind]), many)
        found.append(_change(levels[one], levels[other], values, before[those], after[those], way))
    return tuple(sorted(found, key=lambda change: _strength(change.tally))), len(kinds) - len(chosen)


def _change(one: Json, other: Json, values: Floats, before: Ints, after: Ints, way: Direction) -> Change:
    turn: Turn = "raised" if _is_number(one) and _is_number(other) else "changed"
    told = tally(values[before], values[after], way)
    if told.hinders:
        one, other, before, after = other, one, after, before
        turn, told = _turned(turn), tally(values[before], values[after], way)
    gains = values[after] - values[before]
    order = np.argsort(gains if way == "down" else -gains, kind="stable")
    pairs = zip(before[order].tolist(), after[order].tolist(), strict=True)
    return Change(one, other, turn, told, tuple(pairs))


def _trend(values: Floats, before: Ints, after: Ints, settings: Hashes, way: Direction) -> Trend | None:
    """A number raised, or lowered where that helped more often; None without a step."""
    if not len(before):
        return None
    _, setting_of, counts = np.unique(settings, return_inverse=True, return_counts=True)
    raised = _votes(values, before, after, setting_of, counts, way)
    if raised.hinders:
        return Trend("lowered", len(before), _votes(values, after, before, setting_of, counts, way))
    return Trend("raised", len(before), raised)


def _votes(values: Floats, before: Ints, after: Ints, setting_of: Ints, counts: Ints, way: Direction) -> Tally:
    """Each setting once, by the step in the middle of its steps (of an even number the mean of two)."""
    changes = values[after] - values[before]
    with np.errstate(all="ignore"):
        shares = np.where(values[before] == 0, np.nan, changes / np.abs(values[before]))
    return tally_of(_medians(changes, setting_of, counts), _medians(shares, setting_of, counts), way)


def _medians(values: Floats, group_of: Ints, counts: Ints) -> Floats:
    """The median of each group; NaN where one of its values is."""
    order = np.lexsort((values, group_of))
    begin, ordered = np.cumsum(counts) - counts, values[order]
    medians: Floats = (ordered[begin + (counts - 1) // 2] + ordered[begin + counts // 2]) / 2
    medians[np.isnan(ordered[begin + counts - 1])] = np.nan  # NaN comes last
    return medians


def _turned(turn: Turn) -> Turn:
    return {"raised": "lowered", "lowered": "raised"}.get(turn, turn)  # type: ignore[return-value]


def _pairs_within(groups: Ints) -> int:
    """Of how many pairs both are in one group."""
    _, counts = np.unique(groups, return_counts=True)
    return int((counts * (counts - 1) // 2).sum())


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _strength(told: Tally) -> tuple[float, int, float]:
    """Sorts the best supported first."""
    return (1.0 if told.p is None else told.p), -told.n, -abs(told.share or 0.0)


def _support(effect: Effect) -> tuple[tuple[float, int, float], str]:
    tallies = [change.tally for change in effect.changes] + ([effect.trend.tally] if effect.trend else [])
    return min(map(_strength, tallies)), effect.param
