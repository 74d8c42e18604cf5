"""How many of the runs of each week keep each rule, and whether that gets better.

Weeks are those of ISO 8601, from Monday, in UTC. A rule's share is taken over the runs that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from runspect.columns.lint_rules import RULES, Lint, Rule, Sign
from runspect.dataclass import dataclass
from runspect.model import Json
from runspect.practice.lint.findings import Subject

_JUDGED = int(Sign.JUDGED)


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule over the runs of a week."""

    about: int = 0
    """Runs that the rule is about."""
    kept: int = 0

    @property
    def share(self) -> float | None:
        """0 to 1; None without runs."""
        return self.kept / self.about if self.about else None


@dataclass(frozen=True, slots=True)
class Week:
    """The runs that began in one week."""

    monday: date
    runs: int
    rules: tuple[Kept, ...]
    """In the order of `Coverage.rules`."""

    @property
    def name(self) -> str:
        """`2026-W48`."""
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Weeks from the oldest to the present one, and each rule over all of them."""

    rules: tuple[Rule, ...]
    weeks: tuple[Week, ...]

    @property
    def total(self) -> tuple[Kept, ...]:
        """Each rule over all weeks."""
        return _added([week.rules for week in self.weeks], len(self.rules))

    @property
    def trends(self) -> tuple[float | None, ...]:
        """By how much the share of each rule is higher over the newer half of the weeks than over the older one.

        -1 to 1; None where one half has no run that the rule is about. With an odd number of weeks the middle one counts
        for neither.
        """
        half = len(self.weeks) // 2
        older = _added([week.rules for week in self.weeks[:half]], len(self.rules))
        newer = _added([week.rules for week in self.weeks[len(self.weeks) - half :]], len(self.rules))
        return tuple(
            None if before.share is None or after.share is None else after.share - before.share
            for before, after in zip(older, newer, strict=True)
        )

    def as_json(self) -> dict[str, Json]:
        """As `lint --weeks --json` has it."""
        return {
            "weeks": [
                {
                    "week": week.name, "monday": week.monday.isoformat(), "runs": week.runs,
                    "rules": {rule.id: _kept(kept) for rule, kept in zip(self.rules, week.rules, strict=True)},
                }
                for week in self.weeks
            ],
            "rules": {
                rule.id: {"title": rule.title, **_kept(kept), "trend": trend}
                for rule, kept, trend in zip(self.rules, self.total, self.trends, strict=True)
            },
        }  # fmt: skip


def coverage(subjects: Iterable[Subject], lint: Lint, weeks: int, now: float) -> Coverage:
    """The runs of so many weeks, the present one among them; rules that are off are shown, too, if they can be checked."""
    rules = tuple(rule for rule in RULES if lint.can_check(rule))
    first = _monday(now) - timedelta(weeks=weeks - 1)
    runs = [0] * weeks
    counts = [[[0, 0] for _ in rules] for _ in range(weeks)]
    for subject in subjects:
        if subject.when is None or not subject.signs & _JUDGED:
            continue
        at = (_monday(subject.when) - first).days // 7
        if not 0 <= at < weeks:
            continue
        runs[at] += 1
        for rule, count in zip(rules, counts[at], strict=True):
            if rule.is_about(subject.signs):
                count[0] += 1
                count[1] += not rule.is_broken(subject.signs)
    return Coverage(
        rules,
        tuple(
            Week(first + timedelta(weeks=at), runs[at], tuple(Kept(about, kept) for about, kept in counts[at]))
            for at in range(weeks)
        ),
    )


def _monday(when: float) -> date:
    """The Monday of the week of a moment, UTC."""
    day = datetime.fromtimestamp(when, UTC).date()
    return day - timedelta(days=day.weekday())


def _added(weeks: Sequence[tuple[Kept, ...]], many: int) -> tuple[Kept, ...]:
    return tuple(
        Kept(sum(week[at].about for week in weeks), sum(week[at].kept for week in weeks)) for at in range(many)
    )


def _kept(kept: Kept) -> dict[str, Json]:
    return {"about": kept.about, "kept": kept.kept, "share": kept.share}
