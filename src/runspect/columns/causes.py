"""Why a run ended badly, in a few words that many runs share: from the reason of its state and what its logs say."""

from __future__ import annotations

import re

from runspect.columns.lens import Lens
from runspect.columns.names import Names
from runspect.dataclass import dataclass
from runspect.model import Json
from runspect.objective import direction

BAD_ENDS = ("failed", "killed", "crashed")
"""States that have a cause."""

DIVERGED = ("finished", "unknown")
"""States that have the cause NaN where a metric that is better when lower, a loss, ended in NaN or infinity."""

CAUSE_FACTS = ("console_verdict", "end_reason")
"""Facts that may tell more than the reason."""

BROKEN = "NaN"
"""The cause when nothing else is known and a metric ended in NaN or infinity."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A label for what a text says; the part of the text that `{}` stands for is the pattern's group."""

    label: str
    pattern: str
    """Must mean the same to Python and to RE2; letter case apart."""
    clear: bool = True
    """False for what only says that there was a failure: a metric that ended in NaN tells more."""


CAUSES: tuple[Cause, ...] = (
    Cause("out of memory", r"out of memory|outofmemory|\boom\b|oom[-_ ]?kill"),
    Cause("time limit", r"time ?limit|timed? ?out|walltime"),
    Cause("preempted", r"preempt"),
    Cause("NaN", r"\bnan\b|non-?finite|diverged"),
    Cause("node failure", r"node ?fail|node (?:is )?down|host (?:is )?unreachable"),
    Cause("disk full", r"no space left|disk quota|\benospc\b"),
    Cause("CUDA error", r"cuda error|device-side assert|cudnn_status|nccl (?:error|timeout)|ncclsystemerror"),
    Cause("interrupted", r"interrupt|ctrl-?c|sigint|signal 2\b|exit code 130\b"),
    Cause("cancelled", r"cancell?ed"),
    Cause("killed by signal {}", r"signal ([0-9]+)"),
    Cause("killed by signal 9", r"sigkill|exit code (?:-9|137)\b"),
    Cause("killed by signal 15", r"sigterm|terminated|exit code (?:-15|143)\b"),
    Cause("killed by signal 11", r"sigsegv|segmentation fault|exit code (?:-11|139)\b"),
    Cause("killed by signal 6", r"sigabrt|exit code (?:-6|134)\b"),
    Cause("{}", r"\b([a-z_][a-z0-9_]*(?:error|exception))\b"),
    Cause("exception", r"traceback|raised an error|exception", clear=False),
    Cause("no end record", r"no end record", clear=False),
    Cause("stopped early", r"stopped at step", clear=False),
    Cause("exit code {}", r"exit code (-?[0-9]+)", clear=False),
)


def cause(state: str, said: str, *, broken: bool, diverged: bool = False) -> str | None:
    """The cause of a state; None of one that has none.

    Args:
        broken: A metric ended in NaN or infinity.
        diverged: One that is better when lower did.
    """
    if state not in BAD_ENDS:
        return BROKEN if diverged and state in DIVERGED else None
    for row in CAUSES:
        if not row.clear and broken:
            return BROKEN
        if found := re.search(row.pattern, said, re.IGNORECASE):
            return row.label.format(*found.groups())
    return BROKEN if broken else state


def cause_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """The same as `SELECT rid, v` over the index."""
    cases = "".join(f" WHEN {_test(row)} THEN {_label(row)}" for row in CAUSES if row.clear)
    vague = "".join(f" WHEN {_test(row)} THEN {_label(row)}" for row in CAUSES if not row.clear)
    told = "".join(
        f" LEFT JOIN (SELECT rid, val FROM facts_now WHERE name = '{fact}') f{at} ON f{at}.rid = r.rid"  # noqa: S608 - constants
        for at, fact in enumerate(CAUSE_FACTS)
    )
    words = ", ".join(f"trim(f{at}.val, '\"')" for at in range(len(CAUSE_FACTS)))
    ends, well = (", ".join(f"'{state}'" for state in states) for states in (BAD_ENDS, DIVERGED))
    losses = [name for name in names.metrics if is_loss(name, lens)]
    sql = (
        f"WITH bad AS MATERIALIZED (SELECT r.rid, r.state, r.reason FROM runs_now r WHERE r.state IN ({ends}))"  # noqa: S608 - constants
        f" SELECT t.rid AS rid, CASE{cases} WHEN b.rid IS NOT NULL THEN '{BROKEN}'{vague} ELSE t.state END AS v"
        f" FROM (SELECT r.rid, r.state, concat_ws(' ', r.reason, {words}) AS said FROM bad r{told}) t"
        # the view would look for the newest rows of all runs
        " LEFT JOIN (SELECT DISTINCT s.rid FROM series s JOIN (SELECT rid, mid, max(upd) AS upd FROM series"
        " WHERE rid IN (SELECT rid FROM bad) GROUP BY rid, mid) USING (rid, mid, upd)"
        " WHERE s.live AND NOT isfinite(s.last_v)) b ON b.rid = t.rid"
        # few runs have any such row, so that the newest ones are looked for among these alone
        f" UNION ALL SELECT DISTINCT s.rid, '{BROKEN}' FROM series s JOIN (SELECT rid, mid, max(upd) AS upd FROM series WHERE rid IN"
        " (SELECT rid FROM series WHERE NOT isfinite(last_v)) GROUP BY rid, mid) USING (rid, mid, upd)"
        " JOIN metrics m ON m.mid = s.mid AND list_contains(?::VARCHAR[], m.name)"
        f" WHERE s.live AND NOT isfinite(s.last_v) AND s.rid IN (SELECT r.rid FROM runs_now r WHERE r.state IN ({well}))"
    )
    return sql, (losses,)


def is_loss(metric: str, lens: Lens) -> bool:
    """Whether a metric is better when it is lower."""
    return direction(metric, lens.directions) == "down"


def _test(row: Cause) -> str:
    return f"regexp_matches(t.said, '{row.pattern}', 'i')"


def _label(row: Cause) -> str:
    before, group, after = row.label.partition("{}")
    return f"'{before}' || regexp_extract(t.said, '{row.pattern}', 1, 'i') || '{after}'" if group else f"'{row.label}'"
