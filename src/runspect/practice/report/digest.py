"""What happened in some days: runs, records, hypotheses, promotions, failures, and how long the cycle takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runspect.columns.cells import metric_text
from runspect.counted import counted
from runspect.dataclass import dataclass, field
from runspect.practice.report.document import Cell, Report, Section, Table, Tone, Words
from runspect.practice.report.history import changes_text, cycle, lead_text
from runspect.practice.report.rules import rules
from runspect.practice.report.words import BAD_ENDS, cut, utc

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Week:
    """What the digest is made of; the moments are ISO 8601, UTC."""

    since: str
    until: str
    query: str
    runs: Mapping[str, Any]
    """The answer to `happened`."""
    records: Sequence[Mapping[str, Any]] = ()
    """The answer to `trajectory`."""
    hypotheses: Sequence[Mapping[str, Any]] = ()
    """Of `hypothesis list --json`."""
    cycle: Mapping[str, Any] = field(default_factory=dict)
    """The answer to `cycle`."""
    lint: Mapping[str, Any] = field(default_factory=dict)
    """How many runs of each week keep the rules of the policy, as `lint --weeks --json` has it; {} where nobody asks."""

    def holds(self, moment: str | None) -> bool:
        """Whether a moment lies within."""
        return moment is not None and self.since <= moment[:19] <= self.until

    @property
    def improvements(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """(data set, improvement) of the days, oldest first."""
        found = [(told, each) for told in self.records for each in told["improvements"] if self.holds(each["when"])]
        return sorted(found, key=lambda pair: (pair[1]["when"], pair[1]["uid"]))

    @property
    def opened(self) -> list[Mapping[str, Any]]:
        """Hypotheses that were written down."""
        return [each for each in self.hypotheses if self.holds(each["written"])]

    @property
    def answered(self) -> list[Mapping[str, Any]]:
        """Hypotheses that were judged."""
        return [each for each in self.hypotheses if each["verdict"] and self.holds(each["verdict"]["when"])]

    @property
    def overdue(self) -> list[Mapping[str, Any]]:
        """Open hypotheses whose time box was over at the end of the days."""
        waiting = (each for each in self.hypotheses if each["status"] in ("open", "overdue"))
        return [each for each in waiting if each["by"] is not None and each["by"][:19] < self.until]


def digest(week: Week, head: Sequence[tuple[str, str]] = ()) -> Report:
    """The report on these days."""
    sections = (_runs(week), _records(week), _hypotheses(week), _stages(week), _failures(week), cycle(week.cycle))
    told = (rules(week.lint),) if week.lint else ()
    begin, end = week.since[:10], week.until[:10]
    if begin == end:
        begin, end = f"{begin} {week.since[11:16]}", f"{week.until[11:16]} UTC"
    title = f"Training runs from {begin} to {end}"
    return Report(title, summary(week), (*sections, *told), tuple(head))


def summary(week: Week) -> tuple[Words, ...]:
    """The counts in two sentences."""
    runs = week.runs
    if not runs["touched"]:
        first = f"None of {counted(runs['runs'])} began, wrote or ended."
    else:
        first = (
            f"{counted(runs['touched'])} of {runs['runs']:,} were at work: {runs['began']:,} began, {runs['ended']:,} ended, "
            f"{runs['failed']:,} of them badly."
        )
    moved = sum(not each["taken_back"] for each in runs["stages"])
    second = (
        f"{counted(len(week.improvements), 'new record')}; hypotheses: {len(week.opened):,} opened, {len(week.answered):,} answered, "
        f"{len(week.overdue):,} overdue; {counted(moved, 'change')} of stage."
    )
    scope = (Words(f"Only the runs of {week.query}; hypotheses of all.", "dim"),) if week.query else ()
    return Words(first, "strong"), Words(second), *scope


def _runs(week: Week) -> Section:
    projects = week.runs["projects"]
    if not projects:
        return Section("Runs", (Words("none", "dim"),))
    states = list(dict.fromkeys(state for each in projects for state in each["states"]))
    rows = tuple(
        (
            Cell(each["project"] or "without a project", "plain" if each["project"] else "dim"),
            Cell(f"{each['runs']:,}"),
            Cell(f"{each['began']:,}"),
            *(_count(each["states"].get(state, 0), state) for state in states),
        )
        for each in projects[:MOST_LISTED]
    )
    titles = ("project", "runs", "began", *states)
    return Section("Runs", (Table(titles, rows, frozenset(range(1, len(titles))), _left_out(projects)),))


def _count(runs: int, state: str) -> Cell:
    return Cell(f"{runs:,}", "bad" if state in BAD_ENDS else "plain") if runs else Cell("─", "dim")


def _records(week: Week) -> Section:
    found = week.improvements
    if not found:
        judged = sum(1 for each in week.records if each["metric"])
        return Section("New records", (Words(f"none on {counted(judged, 'data set')} that can be judged", "dim"),))
    rows = tuple(
        (
            Cell(told["title"]), Cell(str(told["metric"])), Cell(metric_text(each["value"]), "strong"), Cell(lead_text(each)),
            Cell(each["name"]), Cell(utc(each["when"])), Cell(changes_text(each)),
        )
        for told, each in found[-MOST_LISTED:]
    )  # fmt: skip
    return Section(
        "New records",
        (Table(("data set", "metric", "value", "against the record before", "run", "when", "what was changed"), rows,
               frozenset((2,)), _left_out(found)),),
    )  # fmt: skip


def _hypotheses(week: Week) -> Section:
    """One row for each that was opened, answered or is overdue."""
    rows = []
    for title, listed in (("answered", week.answered), ("overdue", week.overdue), ("opened", week.opened)):
        for each in listed[:MOST_LISTED]:
            rows.append(
                (
                    Cell(title, "warn" if title == "overdue" else "plain"),
                    Cell(each["id"]),
                    Cell(cut(each["text"])),
                    _state(each, title),
                )
            )
    if not rows:
        return Section("Hypotheses", (Words("none was opened, answered or overdue", "dim"),))
    left = sum(max(0, len(listed) - MOST_LISTED) for listed in (week.answered, week.overdue, week.opened))
    more = f"{left:,} more" if left else ""
    return Section("Hypotheses", (Table(("", "id", "hypothesis", ""), tuple(rows), note=more),))


def _state(each: Mapping[str, Any], title: str) -> Cell:
    verdict = each["verdict"]
    if title == "answered" and verdict:
        tones: Mapping[str, Tone] = {"supported": "good", "refuted": "bad"}
        note = f": {cut(verdict['note'], 100)}" if verdict["note"] else ""
        return Cell(f"{verdict['verdict']}{note} ({verdict['who']})", tones.get(verdict["verdict"], "plain"))
    if title == "overdue":
        return Cell(f"was to be answered by {each['by'][:10]}, {counted(len(each['runs']))}", "warn")
    box = f", to be answered by {each['by'][:10]}" if each["by"] else ", without a time box"
    return Cell(f"by {each['who'] or 'a record'}{box}, {counted(len(each['runs']))}")


def _stages(week: Week) -> Section:
    stages = week.runs["stages"]
    if not stages:
        return Section("Promotions", (Words("no stage was changed", "dim"),))
    rows = tuple(
        (
            Cell(each["name"]), Cell(f"{each['from']} → {each['stage']}{' (taken back)' if each['taken_back'] else ''}"),
            Cell(each["who"]), Cell(utc(each["when"])), Cell(cut(each["why"] or "no reason given")),
        )
        for each in stages[-MOST_LISTED:]
    )  # fmt: skip
    return Section("Promotions", (Table(("run", "stage", "who", "when", "why"), rows, note=_left_out(stages)),))


def _failures(week: Week) -> Section:
    runs = week.runs
    if not runs["failed"]:
        return Section("Failures", (Words(f"none of the {counted(runs['ended'], 'run')} that ended", "dim"),))
    rows = tuple(
        (
            Cell(each["cause"]), Cell(f"{each['runs']:,}"),
            Cell("; ".join(f"{run['name']} ({cut(run['reason'], 60)})" for run in each["examples"])),
        )
        for each in runs["causes"][:MOST_LISTED]
    )  # fmt: skip
    return Section("Failures", (Table(("cause", "runs", "newest"), rows, frozenset((1,)), _left_out(runs["causes"])),))


def _left_out(listed: Sequence[Any]) -> str:
    return f"{len(listed) - MOST_LISTED:,} more are left out." if len(listed) > MOST_LISTED else ""
