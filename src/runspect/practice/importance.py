"""Which params move a metric over a set of runs: rank correlation for numbers, effect size for categories.

Pure: values in, values out. Both measures work on ranks, so that one diverged run does not decide:
Spearman's rho for a param that is a number with three values or more, and the square root of epsilon squared of
Kruskal and Wallis, adjusted for the number of groups (Kelley 1935), for any other. Both lie between 0 and 1 and are
compared as `strength`. A history of training is no experiment: whoever tries one thing changes another with it, so
each param names those that moved along with it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from runspect.dataclass import dataclass
from runspect.model import Json

Floats = NDArray[np.float64]
Kind = Literal["number", "category"]

LEAST = 4
"""Runs below which nothing is said of a param."""
MOST_LEVELS = 20
"""Different values above which a category says nothing: every run has its own."""
TOGETHER = 0.8
"""From this association on, two params cannot be told apart."""
NAMED = 5
"""Params that are named as moving along, at most."""


@dataclass(frozen=True, slots=True)
class Level:
    """Runs with one value of a category."""

    value: str
    """JSON text."""
    n: int
    median: float


@dataclass(frozen=True, slots=True)
class Effect:
    """How one param goes with the metric."""

    param: str
    kind: Kind
    n: int
    """Runs that have both the param and a finite value of the metric."""
    strength: float
    """0 to 1."""
    rising: bool | None
    """Of a number: whether the metric grows with it; None of a category."""
    chance: float
    """The strength that a param without any effect stays below 19 times of 20, with this many runs."""
    levels: tuple[Level, ...]
    """Of a category: its values, best supported first; () of a number."""
    together: tuple[tuple[str, float], ...]
    """Params that moved along with it, and how closely (0.8 to 1); their effects cannot be told apart."""

    @property
    def stands_out(self) -> bool:
        """Whether it is more than chance would give."""
        return self.strength > self.chance


def importance(params: Mapping[str, Sequence[Json]], values: Sequence[float | None]) -> tuple[Effect, ...]:
    """The effects of the params, strongest first; those that chance could explain come after all others.

    Args:
        params: For each param its value in each run; None where a run has no such param.
        values: The metric of each run, in the same order; runs with None or a value that is not finite are left out.
    """
    metric = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    has = np.isfinite(metric)
    columns = {name: _Column.of(name, found, has) for name, found in sorted(params.items())}
    told = {name: column for name, column in columns.items() if column is not None}
    effects = [_effect(column, metric, told) for column in told.values()]
    return tuple(sorted(effects, key=lambda effect: (not effect.stands_out, -effect.strength, effect.param)))


@dataclass(frozen=True, slots=True)
class _Column:
    """A param that differs among the runs that have it."""

    name: str
    kind: Kind
    has: NDArray[np.bool_]
    """Runs that have the param and the metric."""
    data: Floats
    """One entry a run: the number, or the number of the category."""
    words: tuple[str, ...]
    """Of a category: what each number stands for."""

    @classmethod
    def of(cls, name: str, values: Sequence[Json], measured: NDArray[np.bool_]) -> _Column | None:
        """None for a param that does not differ, is rare, or is another in nearly every run."""
        has = measured & np.array([value is not None for value in values], dtype=np.bool_)
        chosen = [values[i] for i in np.flatnonzero(has).tolist()]
        if len(chosen) < LEAST:
            return None
        data = np.full(len(values), math.nan)
        numbers = [float(value) for value in chosen if isinstance(value, int | float) and not isinstance(value, bool)]
        if len(numbers) == len(chosen) and all(map(math.isfinite, numbers)) and len(set(numbers)) > 2:
            data[has] = numbers
            return cls(name, "number", has, data, ())
        words = [json.dumps(value, sort_keys=True) for value in chosen]
        known = tuple(sorted(set(words)))
        if not 1 < len(known) <= min(MOST_LEVELS, len(words) // 2):
            return None
        places = {word: place for place, word in enumerate(known)}
        data[has] = [places[word] for word in words]
        return cls(name, "category", has, data, known)


def _effect(column: _Column, metric: Floats, others: Mapping[str, _Column]) -> Effect:
    has = column.has
    n = int(has.sum())
    x, y = column.data[has], metric[has]
    if column.kind == "number":
        rho = _spearman(x, y)
        strength, rising, chance = abs(rho), rho > 0, min(1.0, 1.96 / math.sqrt(n - 1))
        levels: tuple[Level, ...] = ()
    else:
        groups = len(set(x.tolist()))
        strength, rising, chance = _kruskal(x, y), None, _chance(groups, n)
        levels = _levels(column, y)
    return Effect(column.name, column.kind, n, strength, rising, chance, levels, _together(column, others))


def _together(column: _Column, others: Mapping[str, _Column]) -> tuple[tuple[str, float], ...]:
    found = []
    for other in others.values():
        both = column.has & other.has
        # two params of which few runs have both say nothing of each other
        if other.name == column.name or 2 * both.sum() < column.has.sum() or both.sum() < LEAST:
            continue
        close = _association(column, other, both)
        if close >= TOGETHER:
            found.append((other.name, close))
    return tuple(sorted(found, key=lambda entry: (-entry[1], entry[0]))[:NAMED])


def _association(one: _Column, other: _Column, both: NDArray[np.bool_]) -> float:
    x, y = one.data[both], other.data[both]
    if one.kind == other.kind == "number":
        return abs(_spearman(x, y))
    if one.kind == "category" and other.kind == "category":
        return _cramer(x, y)
    return _kruskal(x, y) if one.kind == "category" else _kruskal(y, x)


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, ties sharing their mean."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    shared: Floats = (ends - (counts - 1) / 2.0)[place]
    return shared


def _spearman(x: Floats, y: Floats) -> float:
    a, b = _ranks(x), _ranks(y)
    a, b = a - a.mean(), b - b.mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size else 0.0


def _kruskal(groups: Floats, y: Floats) -> float:
    """The square root of the share of the ranks' variance that lies between the groups, less what chance puts there."""
    ranks = _ranks(y)
    _, place = np.unique(groups, return_inverse=True)
    counts = np.bincount(place)
    k, n = len(counts), len(y)
    if k < 2 or n <= k:
        return 0.0
    means = np.bincount(place, ranks) / counts
    whole = float(((ranks - ranks.mean()) ** 2).sum())
    if not whole:
        return 0.0
    between = float((counts * (means - ranks.mean()) ** 2).sum())
    inside = (whole - between) / (n - k)
    return math.sqrt(max(0.0, min(1.0, (between - (k - 1) * inside) / whole)))


def _chance(groups: int, n: int) -> float:
    """`_kruskal` of groups that do not matter, 19 times of 20; chi squared by Wilson and Hilferty (1931)."""
    freedom = groups - 1
    chi = freedom * (1 - 2 / (9 * freedom) + 1.6449 * math.sqrt(2 / (9 * freedom))) ** 3
    share = min(1.0, chi / (n - 1))
    return math.sqrt(max(0.0, 1 - (1 - share) * (n - 1) / max(1, n - groups)))


def _cramer(x: Floats, y: Floats) -> float:
    """How closely two categories go together, 0 to 1."""
    _, a = np.unique(x, return_inverse=True)
    _, b = np.unique(y, return_inverse=True)
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / len(x)
    least = min(table.shape) - 1
    return math.sqrt(float(((table - expected) ** 2 / expected).sum()) / len(x) / least) if least else 0.0


def _levels(column: _Column, y: Floats) -> tuple[Level, ...]:
    codes = column.data[column.has]
    levels = (
        Level(word, int((codes == code).sum()), float(np.median(y[codes == code])))
        for code, word in enumerate(column.words)
    )
    return tuple(sorted(levels, key=lambda level: (-level.n, level.value)))
