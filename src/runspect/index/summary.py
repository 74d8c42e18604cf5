"""What the table needs to know of a series, from the points that count.

A run may tell one metric in several segments (a file and its writer, one generation of it). Among the segments of the
most precise reader, in the order of their writers' start, a later one wins from its own first step on.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from runspect.charts import sparkline
from runspect.dataclass import dataclass, field

Steps = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FEW_SUMMED = 8
FEW_VALUES = 256
"""So few are compared in Python: NumPy lets other threads run at each `argmin`, and waits for them afterwards."""
FEWEST_TOGETHER, MOST_TOGETHER = 8, 1 << 20
"""Series of fewer values, and fewer series, are renewed one by one; so many values at once at most."""
KEPT_VALUES = 16_384
"""Values of a growing series that stay in memory; a longer one is read back from the index to renew its outline."""


@dataclass(frozen=True, slots=True)
class SegmentPoints:
    """One metric in one segment, in file order. `order` sorts the segments of a run."""

    segment: int
    order: tuple[float, str]
    """When the writer began (seconds since 1970, 0 where unknown) and the file's path."""
    steps: Steps
    times: Floats
    """Seconds since 1970; NaN where unknown."""
    values: Floats
    precision: int = 1
    purge_from: int | None = None


_DIGITS = re.compile(r"\d+")
_ROTATED = re.compile(r"(?<=\.log|\.out|\.err|\.txt)\.(\d{1,3})$")
_OLDEST = 999


def order_of(start: float | None, path: str) -> tuple[float, str]:
    """Sorts segments by their writer's start, then by path with its numbers as numbers: part-2 before part-10.

    A rotated log comes before the one that was begun anew: train.log.2, train.log.1, train.log.
    """
    rotated = _ROTATED.search(path)
    whole, age = (path[: rotated.start()], int(rotated[1])) if rotated else (path, 0)
    return (start or 0.0, _DIGITS.sub(lambda match: match[0].zfill(20), whole) + f"\0{_OLDEST - age:03}")


@dataclass(frozen=True, slots=True)
class Winning:
    """The points that count, segment after segment."""

    steps: Steps
    times: Floats
    values: Floats
    segments: Steps
    """The segment of each point."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One row of `series`. Lowest and highest are over finite values and None where there are none."""

    n: int = 0
    nonfinite: int = 0
    first_nonfinite_step: int | None = None
    first_step: int | None = None
    first_v: float | None = None
    last_step: int | None = None
    last_t: float | None = None
    last_v: float | None = None
    lo: float | None = None
    lo_step: int | None = None
    hi: float | None = None
    hi_step: int | None = None
    mean_tail: float | None = None
    spark: str = ""


def winning_limits(parts: Sequence[SegmentPoints]) -> list[tuple[SegmentPoints, int | None]]:
    """The segments that count for a metric in their order, each with the step from which on it does not; None: all of it does.

    Of the points of a segment only the first is looked at.
    """
    told = [part for part in parts if len(part.steps)]
    if not told:
        return []
    best = max(part.precision for part in told)
    # a segment without points of this metric may still void earlier ones
    ranked = sorted(
        (part for part in parts if part.precision == best and (len(part.steps) or part.purge_from is not None)),
        key=lambda part: (part.order, part.segment),
    )
    limit: int | None = None
    limited: list[tuple[SegmentPoints, int | None]] = []
    for part in reversed(ranked):
        limited.append((part, limit))
        begins = [int(part.steps[0])] if len(part.steps) else []
        begins += [part.purge_from] if part.purge_from is not None else []
        begins += [limit] if limit is not None else []
        limit = min(begins)
    return [(part, limit) for part, limit in reversed(limited) if len(part.steps)]


def winning_masks(parts: Sequence[SegmentPoints]) -> list[tuple[SegmentPoints, Mask]]:
    """The segments that count for a metric in their order, each with a mask of its points that count."""
    return [
        (part, np.ones(len(part.steps), dtype=bool) if limit is None else part.steps < limit)
        for part, limit in winning_limits(parts)
    ]


def winning(parts: Sequence[SegmentPoints]) -> Winning:
    """The points that count, abandoned tails of earlier segments dropped."""
    masked = winning_masks(parts)
    if not masked:
        return Winning(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0, np.int64))
    if len(masked) == 1 and masked[0][1].all():
        part = masked[0][0]
        return Winning(part.steps, part.times, part.values, np.full(len(part.steps), part.segment, np.int64))
    return Winning(
        np.concatenate([part.steps[keep] for part, keep in masked]),
        np.concatenate([part.times[keep] for part, keep in masked]),
        np.concatenate([part.values[keep] for part, keep in masked]),
        np.concatenate([np.full(int(keep.sum()), part.segment, np.int64) for part, keep in masked]),
    )


def summarise(points: Winning) -> Summary:
    """The summary of points that count."""
    running = Running()
    running.add(points.steps, points.times, points.values)
    return running.summary()


def mean_tail(values: Floats) -> float | None:
    """Mean of the last tenth of the finite values, of at least one; None where none is finite."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    tail = finite[-max(1, len(finite) // 10) :]
    if len(tail) < FEW_SUMMED:
        total = 0.0
        for each in tail.tolist():  # as NumPy, which adds so few one by one; `sum` of Python 3.12 is more exact
            total += each
        if math.isfinite(total):
            return total / len(tail)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(tail.mean())
    # values near the largest double overflow the sum, not the mean
    return mean if np.isfinite(mean) else float((tail / len(tail)).sum())


@dataclass(slots=True)
class Running:
    """A summary that grows with its series; mutable, of one thread."""

    scalars: Summary = field(default_factory=Summary)
    values: list[Floats] | None = field(default_factory=list)
    """All values so far, or None when they are too many to keep: then `renew` must be called now and then."""
    held: int = 0
    first: tuple[Steps, Floats, Floats] | None = None
    """The first points, as long as the scalars tell no more of them than how many they are and how far they reach."""

    @classmethod
    def resumed(cls, scalars: Summary, values: Floats | None) -> Running:
        """Go on from a stored summary; `values` are all its values, None when they are too many."""
        kept = None if values is None or len(values) > KEPT_VALUES else [values]
        return cls(scalars, kept, 0 if kept is None else len(kept[0]))

    @property
    def stale(self) -> bool:
        """Whether mean and outline wait for `renew`."""
        return self.values is None

    def add(self, steps: Steps, times: Floats, values: Floats) -> None:
        """Append points behind all earlier ones."""
        if not len(steps):
            return
        if self.scalars.n == 0 and self.values is not None and FEWEST_TOGETHER <= len(values) <= KEPT_VALUES:
            self.first = steps, times, values
            self.scalars = Summary(n=len(values), last_step=int(steps[-1]))
        else:
            self._count_first()
            self.scalars = _extended(self.scalars, steps, times, values)
        if self.values is None:
            return
        if self.held + len(values) > KEPT_VALUES:
            self.renew(np.concatenate([*self.values, values]))
            self.values, self.held = None, 0
        else:
            self.values.append(values)
            self.held += len(values)

    def renew(self, values: Floats) -> None:
        """Compute mean and outline from all values that count."""
        self._count_first()
        if len(values) == 1 and math.isfinite(values[0]):
            self.scalars = replace(self.scalars, mean_tail=float(values[0]), spark=sparkline.FLAT)
            return
        self.scalars = replace(self.scalars, mean_tail=mean_tail(values), spark=sparkline.digits(values))

    def summary(self) -> Summary:
        """The summary of all points so far; mean and outline are as of the last `renew` when `stale`."""
        if self.values:
            self.renew(self.joined())
        return self.scalars

    def _count_first(self) -> None:
        if self.first is not None:
            self.scalars, self.first = _extended(Summary(), *self.first), None

    def joined(self) -> Floats:
        """All values so far, of a series that keeps them."""
        kept = self.values or []
        if len(kept) > 1:
            self.values = kept = [np.concatenate(kept)]
        return kept[0] if kept else np.zeros(0)


def renew_all(grown: Iterable[Running]) -> None:
    """`summary` of many series: for those that are equally long, NumPy's calls cost little more than for one."""
    alike: dict[int, list[Running]] = {}
    for running in grown:
        alike.setdefault(running.held if running.values is not None else 0, []).append(running)
    for length, group in alike.items():
        if length < FEWEST_TOGETHER or len(group) < FEWEST_TOGETHER:
            for running in group:
                running.summary()
            continue
        most = max(1, MOST_TOGETHER // length)
        for at in range(0, len(group), most):
            _renew_together(group[at : at + most])


def _renew_together(group: Sequence[Running]) -> None:
    values = np.stack([running.joined() for running in group])
    finite = np.asarray(np.isfinite(values).all(axis=1))
    for running in itertools.compress(group, (~finite).tolist()):
        running.summary()
    chosen = values[finite]
    with np.errstate(over="ignore", invalid="ignore"):
        means = chosen[:, -max(1, values.shape[1] // 10) :].mean(axis=1).tolist()
    outlines, lowest, highest = sparkline.outlines(chosen), chosen.argmin(axis=1), chosen.argmax(axis=1)
    for number, running in enumerate(itertools.compress(group, finite.tolist())):
        own, mean = chosen[number], means[number]
        tail = mean if math.isfinite(mean) else mean_tail(own)
        if running.first is None:
            running.scalars = replace(running.scalars, mean_tail=tail, spark=outlines[number])
        else:
            running.scalars = _beginning(running.first, lowest[number], highest[number], tail, outlines[number])
            running.first = None


def _beginning(
    points: tuple[Steps, Floats, Floats], lowest: int, highest: int, tail: float | None, outline: str
) -> Summary:
    """The summary of a series' first points, all of them finite; `lowest` and `highest` are places among them."""
    steps, times, values = points
    return Summary(
        len(values), 0, None, int(steps[0]), float(values[0]), int(steps[-1]), _last_known(times, None),
        float(values[-1]), float(values[lowest]), int(steps[lowest]), float(values[highest]), int(steps[highest]), tail,
        outline,
    )  # fmt: skip


def _extended(before: Summary, steps: Steps, times: Floats, values: Floats) -> Summary:
    count = len(values)
    if count == 1 and before.n == 0 and math.isfinite(value := float(values[0])):
        step = int(steps[0])
        last_t = _last_known(times, None)
        return Summary(1, 0, None, step, value, step, last_t, value, value, step, value, step, None, "")
    finite = np.isfinite(values)
    known = int(np.count_nonzero(finite))
    odd_step, lo, lo_step, hi, hi_step = (
        before.first_nonfinite_step, before.lo, before.lo_step, before.hi, before.hi_step
    )  # fmt: skip
    if known < count and odd_step is None:
        odd_step = int(steps[int(np.argmin(finite))])
    if known:
        lowest, highest = _extremes(values, finite, known)
        if lo is None or values[lowest] < lo:
            lo, lo_step = float(values[lowest]), int(steps[lowest])
        if hi is None or values[highest] > hi:
            hi, hi_step = float(values[highest]), int(steps[highest])
    first = before.n == 0
    return Summary(
        n=before.n + count,
        nonfinite=before.nonfinite + count - known,
        first_nonfinite_step=odd_step,
        first_step=int(steps[0]) if first else before.first_step,
        first_v=float(values[0]) if first else before.first_v,
        last_step=int(steps[-1]),
        last_t=_last_known(times, before.last_t),
        last_v=float(values[-1]),
        lo=lo,
        lo_step=lo_step,
        hi=hi,
        hi_step=hi_step,
        mean_tail=before.mean_tail,
        spark=before.spark,
    )


def _extremes(values: Floats, finite: Mask, known: int) -> tuple[int, int]:
    """Places of the lowest and the highest finite value, of several equal ones the first."""
    if known < len(values):
        return int(np.argmin(np.where(finite, values, np.inf))), int(np.argmax(np.where(finite, values, -np.inf)))
    if len(values) > FEW_VALUES:
        return int(np.argmin(values)), int(np.argmax(values))
    listed = values.tolist()
    return listed.index(min(listed)), listed.index(max(listed))


def _last_known(times: Floats, before: float | None) -> float | None:
    last = float(times[-1])
    return before if np.isnan(last) else last
