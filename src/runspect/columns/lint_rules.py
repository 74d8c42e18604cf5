"""The rules that runs are held against: what each is about, and what of them a policy asks for.

What is recorded of a run comes as *signs*, bits of one number. A rule is about the runs that have all the signs of `needs`;
it is broken by those of them that lack one of `wants`. What is said of a run that breaks one: `runspect.practice.lint`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import IntFlag
from fnmatch import fnmatchcase

from runspect.dataclass import dataclass, field

MOST_NAMES = 60
"""Metrics, and params, that a policy may ask for: each is a bit of a 64-bit number."""
STALE_S = 30 * 86400.0


class Sign(IntFlag):
    """Something that is known of a run."""

    JUDGED = 1
    """It began since the policy wants rules to hold."""
    OVER = 2
    """It neither runs nor is quiet: what it has not logged it will not log."""
    NAMED = 4
    """As the policy's pattern says."""
    COMMIT = 8
    SEED = 16
    CONFIG = 32
    """Any param."""
    METRICS = 64
    """Any metric."""
    STANDARD = 128
    """All metrics that the policy asks for."""
    REQUIRED = 256
    """All params that the policy asks for."""
    TESTS = 512
    """It has a hypothesis."""
    BEFORE = 1024
    """Which was written before its first result, or in retrospect and says so."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a run should have."""

    id: str
    title: str
    """What the runs that keep it have, for a heading."""
    needs: int
    """Signs; plain numbers, since each operation on flags takes a multiple of the time."""
    wants: int
    is_on: bool = True
    """Where no policy says."""

    def is_about(self, signs: int) -> bool:
        """Whether a run with these signs can keep or break it."""
        return signs & self.needs == self.needs

    def is_broken(self, signs: int) -> bool:
        """Whether a run with these signs breaks it."""
        return self.is_about(signs) and signs & self.wants != self.wants


_JUDGED = int(Sign.JUDGED)

RULES = (
    Rule("naming", "name", _JUDGED, int(Sign.NAMED)),
    Rule("metrics", "standard metrics", _JUDGED | int(Sign.OVER), int(Sign.STANDARD)),
    Rule("params", "required params", _JUDGED, int(Sign.REQUIRED)),
    Rule("config", "config", _JUDGED | int(Sign.METRICS), int(Sign.CONFIG)),
    Rule("commit", "commit", _JUDGED, int(Sign.COMMIT)),
    Rule("seed", "seed", _JUDGED, int(Sign.SEED)),
    Rule("hypothesis", "hypothesis", _JUDGED, int(Sign.TESTS), is_on=False),
    Rule("late", "hypothesis before the result", _JUDGED | int(Sign.TESTS), int(Sign.BEFORE)),
)
BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in RULES}
PROCESS = "process"
"""The rule about programs that train and write nothing that is read; it is about this machine, not about runs."""


@dataclass(frozen=True, slots=True)
class Lint:
    """What a policy asks for."""

    naming: str = ""
    """The pattern of names (`runspect.recorder.launch.naming`); "" for any."""
    names: str = ""
    """The same as a regular expression (RE2) for a whole name."""
    metrics: tuple[str, ...] = ()
    """Names, ends of names, or globs."""
    params: tuple[str, ...] = ()
    rules: Mapping[str, bool] = field(default_factory=dict)
    """Those that it turns on or off."""
    since: float = -math.inf
    """Runs that began earlier, seconds since 1970, are not held against the rules."""
    stale_s: float = STALE_S
    """Seconds of silence behind which a run of which nobody said anything is stale."""

    def can_check(self, rule: Rule) -> bool:
        """Whether there is anything to hold runs against."""
        asked = {"naming": self.names, "metrics": self.metrics, "params": self.params}
        return bool(asked.get(rule.id, True))

    def is_on(self, rule: str) -> bool:
        """Whether what breaks a rule is told."""
        known = BY_ID.get(rule)
        return self.rules.get(rule, known is None or known.is_on) and (known is None or self.can_check(known))

    def only(self, rules: Collection[str]) -> Lint:
        """The same with these rules alone, also where the policy has them off."""
        return replace(self, rules={rule: rule in rules for rule in (*BY_ID, PROCESS)})

    @property
    def on(self) -> tuple[Rule, ...]:
        """The rules that runs are held against."""
        return tuple(rule for rule in RULES if self.is_on(rule.id))


def means(wanted: str, name: str) -> bool:
    """Whether a metric or param is the one asked for: by its name, the end of it behind a dot or slash, or a glob; case aside."""
    wanted, name = wanted.casefold(), name.casefold()
    if any(char in wanted for char in "*?["):
        return fnmatchcase(name, wanted)
    return name == wanted or (name.endswith(wanted) and name[-len(wanted) - 1] in "./")
