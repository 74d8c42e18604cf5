"""The best results ever reached: runs on one version of one data set, ranked by one metric.

Pure: values in, values out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from runspect.dataclass import dataclass
from runspect.objective import Direction

DIGEST = 12
"""Characters of a version that are shown."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What results are compared in: a version of a data set; where none is recorded, the project or the directory."""

    dataset: str | None
    version: str | None = None
    """None where the runs tell none."""
    place: str = ""
    """The project, or the directory below what was asked for, of runs without a data set; "" for all the rest."""

    @property
    def title(self) -> str:
        """`cifar10@9f2c17d0a1b2`, digests cut; `resnet (no data set)`."""
        if self.dataset is None:
            return f"{self.place} (no data set)" if self.place else "no data set recorded"
        digests = ", ".join(part.strip()[:DIGEST] for part in (self.version or "").split(","))
        return f"{self.dataset}@{digests}" if digests else self.dataset


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a run before it is measured."""

    rid: int
    dataset: str | None
    version: str | None
    project: str | None
    top: str
    """The first directory of its path, "" where it lies no deeper."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A run in the ranking; equal values share a rank."""

    rank: int
    rid: int
    value: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The runs that have a finite value, best first."""

    placed: tuple[Placed, ...]
    without: int
    """Runs that have none."""

    @property
    def ties(self) -> int:
        """How many share the best value."""
        return sum(each.rank == 1 for each in self.placed)

    @property
    def lead(self) -> float | None:
        """By how much the best is ahead of the second run, 0 where they are equal; None of fewer than two."""
        return abs(self.placed[1].value - self.placed[0].value) if len(self.placed) > 1 else None


def units(runs: Sequence[Found]) -> dict[Unit, list[int]]:
    """The runs (rids, in their order) that may be compared, units with most runs first, those without a data set last.

    Runs that name a data set but no version are a unit of their own: nobody knows which version they are on. Of runs
    without a data set those of a project are one, else those below a directory that holds two or more of them.
    """
    tops = Counter(run.top for run in runs if run.dataset is None and not run.project)
    found: dict[Unit, list[int]] = {}
    for run in runs:
        if run.dataset is not None:
            unit = Unit(run.dataset, run.version)
        else:
            unit = Unit(None, None, run.project or (run.top if tops[run.top] > 1 else ""))
        found.setdefault(unit, []).append(run.rid)
    return dict(sorted(found.items(), key=lambda entry: (entry[0].dataset is None, -len(entry[1]), entry[0].title)))


def rank(rids: Sequence[int], values: Mapping[int, float | None], way: Direction) -> Ranking:
    """The runs by their value; of equal ones the first in `rids` comes first."""
    told = [(value, rid) for rid in rids if (value := values.get(rid)) is not None and math.isfinite(value)]
    told.sort(key=lambda entry: entry[0] if way == "down" else -entry[0])
    placed: list[Placed] = []
    for at, (value, rid) in enumerate(told):
        shares = placed and placed[-1].value == value
        placed.append(Placed(placed[-1].rank if shares else at + 1, rid, value))
    return Ranking(tuple(placed), len(rids) - len(told))
