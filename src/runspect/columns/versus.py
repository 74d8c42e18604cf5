"""Columns that say how a run does against others: the champion of its data set, the marked baseline, the best before it.

They take all runs of the scope, policy and journal: whoever answers brings them along in the lens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from runspect.model import Json

Part = Literal["vs", "vs:champion", "vs:baseline", "vs:best", "vs:sigmas", "vs:noise", "vs:verdict", "vs:guards"]
"""What there is of it; each is the word of a column and of a query."""

NUMBERS: tuple[Part, ...] = ("vs", "vs:champion", "vs:baseline", "vs:best", "vs:sigmas")
WORDS: tuple[Part, ...] = ("vs:noise", "vs:verdict", "vs:guards")
PARTS: tuple[Part, ...] = (*NUMBERS, *WORDS)


class Comparisons(Protocol):
    """How the runs of a scope do against others."""

    def part(self, rid: int, part: Part) -> Json:
        """One part of one run; None where there is nothing to compare with."""

    def by_run(self, part: Part) -> Mapping[int, Json]:
        """One part of all runs that have it."""

    @property
    def has_noise(self) -> bool:
        """Whether some config was run with seeds enough to tell what they make."""


class NoComparisons:
    """Where nobody looked."""

    def part(self, rid: int, part: Part) -> Json:
        """Nothing."""
        return None

    def by_run(self, part: Part) -> Mapping[int, Json]:
        """Nothing."""
        return {}

    @property
    def has_noise(self) -> bool:
        """No."""
        return False


def versus_rows(part: Part, comparisons: Comparisons) -> tuple[str, tuple[Json, ...]]:
    """A part of each run, as `SELECT rid, v`."""
    found = comparisons.by_run(part)
    kind = "DOUBLE" if part in NUMBERS else "VARCHAR"
    sql = f"SELECT u.rid, u.v FROM (SELECT unnest(?::BIGINT[]) AS rid, unnest(?::{kind}[]) AS v) u"  # noqa: S608 - constants
    return sql, ([*found], [*found.values()])
