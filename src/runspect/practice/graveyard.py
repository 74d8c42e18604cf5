"""Runs that ended badly, by cause: how many, what they cost, an example, and whether it happens more often.

The cause is that of the column `cause`, so that `cause:X` finds the same runs. Below it the reasons are told as they were
given, with numbers, paths, addresses and times out, so that one fault is one line however often it happened.

Pure: values in, values out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from runspect.dataclass import dataclass
from runspect.practice.weeks import FEWEST_WEEKS, counts_by_week, last_weeks, theil_sen

REASONS = 3
"""Reasons that are told of a cause, at most."""
LONGEST = 160
"""Characters of a reason."""
FEWEST = 4
"""Runs of a cause below which no trend is told."""

Way = Literal["more", "fewer", "no trend", "too few"]

_OUT: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"\x1b\[[0-9;]*m", ""),
        (r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9:]{4,6})?)?", "T"),
        (r"\b[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?\b", "T"),
        (r"\b[a-z][a-z0-9+.-]*://[^\s'\"]+", "URL"),
        (r"(?<![\w.])(?:[A-Za-z]:\\|~?/|\.{1,2}/)[^\s'\",;:()]+", "PATH"),
        (r"(?<![\w/])[\w.-]+(?:/[\w.-]+)+\.[A-Za-z]\w{0,4}\b", "PATH"),
        (r"\b0x[0-9a-fA-F]+\b", "ADDRESS"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "ID"),
        (r"\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{12,64}\b", "ID"),
        (r"\b[0-9]+(?:\s*[x×]\s*[0-9]+)+\b", "N"),
        (r"(?<![\w.])[-+]?[0-9]+(?:[.,_][0-9]+)*(?:[eE][-+]?[0-9]+)?", "N"),
        (r"\bN(?:\s*,\s*N)+", "N"),
        (r"\s+", " "),
    )
)
_KEPT = re.compile(r"\b(?:exit code|signal) (-?[0-9]+)")
"""Numbers that are the cause."""


@dataclass(frozen=True, slots=True)
class Death:
    """A run that ended badly."""

    rid: int
    cause: str
    """As the column `cause` has it."""
    reason: str
    """What its state is told to come from, and what its logs say besides."""
    when: float | None
    """Its end, seconds since 1970, UTC."""
    took: float | None
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What several runs gave as their reason, what is particular out."""

    text: str
    runs: int


@dataclass(frozen=True, slots=True)
class Grave:
    """The runs of one cause."""

    cause: str
    rids: tuple[int, ...]
    """The newest first."""
    seconds: float
    """That they took together."""
    untimed: int
    """Runs of which it is not known how long they took."""
    last: Death
    reasons: tuple[Reason, ...]
    """The most frequent first."""
    per_week: tuple[int, ...]
    """In the weeks of the graveyard."""
    way: Way

    @property
    def runs(self) -> int:
        """How many."""
        return len(self.rids)


@dataclass(frozen=True, slots=True)
class Graveyard:
    """All of them."""

    graves: tuple[Grave, ...]
    """Those that took most time first."""
    weeks: tuple[float, ...]
    """The Mondays, 0:00 UTC, of the ISO weeks, up to that of the newest death."""

    @property
    def runs(self) -> int:
        """How many runs ended badly."""
        return sum(each.runs for each in self.graves)

    @property
    def seconds(self) -> float:
        """What they took."""
        return sum(each.seconds for each in self.graves)


def graveyard(deaths: Sequence[Death], most_weeks: int = 12) -> Graveyard:
    """The deaths by cause; the trend is that of the weeks that end with the newest one."""
    weeks = last_weeks((each.when for each in deaths if each.when is not None), most_weeks)
    by_cause: dict[str, list[Death]] = {}
    for each in deaths:
        by_cause.setdefault(each.cause, []).append(each)
    graves = [_grave(cause, each, weeks) for cause, each in by_cause.items()]
    return Graveyard(tuple(sorted(graves, key=lambda each: (-each.seconds, -each.runs, each.cause))), weeks)


def _grave(cause: str, deaths: Sequence[Death], weeks: Sequence[float]) -> Grave:
    newest = sorted(deaths, key=lambda each: (-(each.when if each.when is not None else float("-inf")), each.rid))
    moments = [each.when for each in deaths if each.when is not None]
    reasons = Counter(text for each in newest if (text := plain_reason(each.reason)))
    counts = counts_by_week(moments, weeks)
    return Grave(
        cause,
        tuple(each.rid for each in newest),
        sum(each.took or 0.0 for each in deaths),
        sum(each.took is None for each in deaths),
        newest[0],
        tuple(Reason(text, runs) for text, runs in reasons.most_common(REASONS)),
        counts,
        way(counts),
    )


def way(counts: Sequence[int]) -> Way:
    """Whether weekly counts go up or down, by the same slope as the cycle time: told of 4 weeks and 4 runs or more."""
    if len(counts) < FEWEST_WEEKS or sum(counts) < FEWEST:
        return "too few"
    line = theil_sen(range(len(counts)), counts)
    return {"up": "more", "down": "fewer"}.get(line.way if line else "", "no trend")  # type: ignore[return-value]


def plain_reason(text: str) -> str:
    """A reason without what is particular to the run: numbers are N, paths PATH, addresses ADDRESS, times T, ids ID.

    `exit code 3` and `signal 9` keep their numbers.
    """
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"{found[0][: found.start(1) - found.start()]}\0"

    text = _KEPT.sub(keep, text[: 4 * LONGEST].replace("\0", " "))
    for pattern, instead in _OUT:
        text = pattern.sub(instead, text)
    for each in kept:
        text = text.replace("\0", each.rpartition(" ")[2], 1)
    text = text.strip(" ,;:")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
