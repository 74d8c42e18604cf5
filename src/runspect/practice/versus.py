"""A run against another one by one number: by how much, which way, and whether that is more than seeds make of it.

**The σ** is the sample standard deviation (n - 1 in the divisor) of the values of one seed group: ended runs on one version
of one data set whose configs differ only in the seed, each seed once. It is that of the reference's group where 3 seeds or
more have a value, else that of the run's own; it is not pooled, for that takes both configs to scatter alike, and the change
under test may be what makes one of them scatter. Of fewer than 3 seeds nothing is said but their number.

**Within noise** is a difference that two runs of one config show in 95 of 100 pairs: |delta| <= t * sqrt(2) * σ, t being
Student's quantile of 0.975 with n - 1 degrees of freedom, since σ is known from n seeds only. It is the repeatability limit of
ISO 5725-6, which takes n as large: 6.1 σ of 3 seeds, 3.9 of 5, 3.2 of 10, 2.8 of very many.

Pure: values in, values out.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from runspect.dataclass import dataclass
from runspect.objective import Direction

FEWEST_SEEDS = 3
"""Of fewer a standard deviation says next to nothing."""
LEVEL = 0.95
"""Share of the pairs of equal runs that differ by less than the limit."""

Outcome = Literal["better", "worse", "equal", "unknown"]
Kind = Literal["beyond", "within", "unknown"]
Whose = Literal["reference", "run"]


@dataclass(frozen=True, slots=True)
class Seeds:
    """What is known of a seed group."""

    n: int = 0
    """Seeds with a finite value."""
    sigma: float | None = None
    """Sample standard deviation; None of fewer than `FEWEST_SEEDS`."""
    recorded: bool = True
    """Whether the runs tell their seeds; else they are equal configs that were run again."""


NO_SEEDS = Seeds()


@dataclass(frozen=True, slots=True)
class Noise:
    """A difference beside what seeds alone make."""

    kind: Kind
    n: int
    """Seeds that σ is of; of an unknown one those of the larger group."""
    whose: Whose | None = None
    """Whose group σ is of; None where it is unknown."""
    sigma: float | None = None
    sigmas: float | None = None
    """The size of the difference in σ; None where σ is unknown or 0."""
    limit: float | None = None
    """Differences up to this are within noise."""
    recorded: bool = True
    """Whether those runs tell their seeds."""


@dataclass(frozen=True, slots=True)
class Change:
    """A value against that of a reference."""

    value: float | None
    reference: float | None
    way: Direction | None
    delta: float | None
    """Value less reference; None where one is missing or not finite."""
    percent: float | None
    """Of the reference's size; None where that is 0."""
    outcome: Outcome
    """By the plain numbers, noise aside; unknown as well where no direction is."""
    noise: Noise

    @property
    def gain(self) -> float | None:
        """By how many percent it is better, below 0 worse; None where that cannot be told."""
        return gain_of(self.value, self.reference, self.way)

    @property
    def verdict(self) -> Literal["better", "worse", "as good", "unknown"]:
        """With noise: what is within it, or equal, is as good; where noise is unknown the plain numbers count."""
        if self.outcome in ("better", "worse") and self.noise.kind != "within":
            return "better" if self.outcome == "better" else "worse"
        return "unknown" if self.outcome == "unknown" else "as good"


@dataclass(frozen=True, slots=True)
class Guarded:
    """A metric that must not get worse while the objective gets better."""

    metric: str
    way: Direction | None
    value: float | None
    reference: float | None
    delta: float | None
    percent: float | None
    allowed: float | None
    """By so much it may get worse, in its own unit; None where the reference has no value."""
    worse: bool | None
    """Whether it is worse by more than that; None where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Versus:
    """A run against a reference: the objective, and the guards beside it."""

    change: Change
    guards: tuple[Guarded, ...] = ()

    @property
    def worse_guards(self) -> tuple[str, ...]:
        """The metrics that got worse by more than they may."""
        return tuple(guard.metric for guard in self.guards if guard.worse)

    @property
    def is_bought(self) -> bool:
        """Whether the objective is better while a guard is worse."""
        return self.change.verdict == "better" and bool(self.worse_guards)

    @property
    def holds(self) -> bool:
        """Whether the run is better than the reference or as good, and no guard is worse."""
        return self.change.verdict in ("better", "as good") and not self.worse_guards


def compare(
    value: float | None,
    reference: float | None,
    way: Direction | None,
    reference_seeds: Sequence[float] = (),
    run_seeds: Sequence[float] = (),
) -> Change:
    """A value against a reference.

    Args:
        reference_seeds: The values of the reference's seed group, its own among them; those that are not finite do not count.
        run_seeds: Those of the run's.
    """
    return compared(value, reference, way, seeds_of(reference_seeds), seeds_of(run_seeds))


def compared(
    value: float | None,
    reference: float | None,
    way: Direction | None,
    reference_seeds: Seeds = NO_SEEDS,
    run_seeds: Seeds = NO_SEEDS,
) -> Change:
    """As `compare`, where the spread of the seeds is known."""
    one, other = _finite(value), _finite(reference)
    if one is None or other is None:
        return Change(one, other, way, None, None, "unknown", noise_of(None, reference_seeds, run_seeds))
    delta = one - other
    percent = 100 * delta / abs(other) if other else None
    outcome = outcome_of(one, other, way)
    return Change(one, other, way, delta, percent, outcome, noise_of(delta, reference_seeds, run_seeds))


def outcome_of(value: float | None, reference: float | None, way: Direction | None) -> Outcome:
    """Which is better by the plain numbers."""
    if way is None or value is None or reference is None or not (math.isfinite(value) and math.isfinite(reference)):
        return "unknown"
    if value == reference:
        return "equal"
    return "better" if (value < reference) == (way == "down") else "worse"


def gain_of(value: float | None, reference: float | None, way: Direction | None) -> float | None:
    """By how many percent of the reference's size a value is better, below 0 worse; None where that cannot be told."""
    one, other = _finite(value), _finite(reference)
    if one is None or not other or way is None:
        return None
    gain = 100 * (one - other) / abs(other)
    return -gain if way == "down" and gain else gain


def seeds_of(values: Sequence[float], *, recorded: bool = True) -> Seeds:
    """The spread of the values of a seed group, as far as they are finite."""
    finite = [value for value in values if math.isfinite(value)]
    return Seeds(len(finite), statistics.stdev(finite) if len(finite) >= FEWEST_SEEDS else None, recorded)


def noise_of(delta: float | None, reference_seeds: Seeds, run_seeds: Seeds = NO_SEEDS) -> Noise:
    """A difference of two runs beside the spread of seeds."""
    groups: tuple[tuple[Whose, Seeds], ...] = (("reference", reference_seeds), ("run", run_seeds))
    known = next(((whose, seeds) for whose, seeds in groups if seeds.sigma is not None), None)
    if known is None or known[1].sigma is None or delta is None:
        larger = max((reference_seeds, run_seeds), key=lambda seeds: seeds.n) if known is None else known[1]
        return Noise("unknown", larger.n, recorded=larger.recorded)
    whose, n, sigma = known[0], known[1].n, known[1].sigma
    limit = limit_of(sigma, n)
    kind: Kind = "within" if abs(delta) <= limit else "beyond"
    return Noise(kind, n, whose, sigma, abs(delta) / sigma if sigma else None, limit, known[1].recorded)


def limit_of(sigma: float, n: int) -> float:
    """What two runs of one config differ by at most in 95 of 100 pairs, σ being known from `n` of them."""
    return _t_quantile((1 + LEVEL) / 2, n - 1) * math.sqrt(2) * sigma


def guarded(
    metric: str,
    way: Direction | None,
    value: float | None,
    reference: float | None,
    tolerance: float = 0.0,
    *,
    relative: bool = False,
) -> Guarded:
    """A guard against the reference's value.

    Args:
        tolerance: By so much it may get worse, in its own unit; with `relative` in percent of the reference's size.
    """
    one, other = _finite(value), _finite(reference)
    allowed = None if other is None else tolerance * abs(other) / 100 if relative else tolerance
    if one is None or other is None or allowed is None:
        return Guarded(metric, way, one, other, None, None, allowed, None)
    delta = one - other
    loss = None if way is None else delta if way == "down" else -delta
    # a value that is worse by just what is allowed stays allowed however the subtraction rounds
    worse = None if loss is None else loss > allowed and not math.isclose(loss, allowed, rel_tol=1e-9)
    return Guarded(metric, way, one, other, delta, 100 * delta / abs(other) if other else None, allowed, worse)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


@lru_cache(maxsize=256)
def _t_quantile(share: float, freedom: int) -> float:
    """The quantile (above 0.5) of Student's t, by bisection."""
    low, high = 0.0, 1.0
    while _t_share(high, freedom) < share:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _t_share(middle, freedom) < share else (low, middle)
    return (low + high) / 2


def _t_share(t: float, freedom: int) -> float:
    """P(T <= t) of Student's t with whole degrees of freedom: Abramowitz and Stegun 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    square = math.cos(angle) ** 2
    odd = freedom % 2
    term, total = (math.cos(angle) if odd else 1.0), 0.0
    for at in range(freedom // 2):
        total += term
        term *= square * (2 * at + 2) / (2 * at + 3) if odd else square * (2 * at + 1) / (2 * at + 2)
    between = 2 / math.pi * (angle + math.sin(angle) * total) if odd else math.sin(angle) * total
    return (1 + between) / 2
