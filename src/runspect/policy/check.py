"""The table `[check]` of the policy: what `runspect check` takes for a regression."""

from __future__ import annotations

from runspect.checked_toml import Table, flag, subtable, word
from runspect.columns.guards import Guard
from runspect.dataclass import dataclass
from runspect.policy.guards import guards, tolerance

PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Check:
    """How runs are checked in a pipeline."""

    against: str = PRODUCTION
    """production, best, baseline, a run, or a query of which the newest run counts."""
    tolerance: float = 0.0
    """By so much the objective may be worse: in its own unit, or in percent of the reference's size."""
    relative: bool = False
    """Whether that is in percent."""
    noise: bool = True
    """Whether a loss that seeds alone make is none."""
    metrics: tuple[Guard, ...] = ()
    """Metrics that must not get worse either, besides the policy's guards."""


NO_CHECK = Check()
"""Where the policy says nothing."""


def check_table(table: Table, key: str) -> Check:
    """The table.

    Raises:
        UsageError: Something in it is not understood; says the line.
    """
    found = subtable(table, key)
    found.only(("against", "tolerance", "noise", "metrics"))
    size, relative = found.read("tolerance", tolerance, (0.0, False))
    return Check(
        found.read("against", word, PRODUCTION),
        size,
        relative,
        found.read("noise", flag, True),
        found.read("metrics", guards, ()),
    )
