"""Whether a run may come to a stage: each criterion of its gates, met or not, with what speaks for that.

Pure: values in, values out. A criterion of which something is missing is unknown, and a gate with one is not passed. Where a
data set has no champion yet nothing has to be beaten. A report is handed in with the promotion: until then a gate that wants
one is passed as far as the run itself goes, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Literal, cast

from runspect.columns.cells import duration_text, metric_text
from runspect.counted import counted
from runspect.dataclass import dataclass, field
from runspect.model import Json
from runspect.objective import Direction
from runspect.policy.gates import (
    Change,
    Criterion,
    Ended,
    Gate,
    Guard,
    Origin,
    Part,
    Report,
    Seeds,
    Spent,
    Threshold,
)
from runspect.practice.best_words import share_text
from runspect.practice.versus import compare, guarded
from runspect.practice.versus_words import change_text, guard_text

Status = Literal["pass", "fail", "unknown"]
Word = Literal["passes", "fails", "open"]
LIVE = ("running", "quiet")
DIGEST = 12
"""Characters of a digest that are shown."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that is handed in with a promotion."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The champion that a run is measured against."""

    name: str
    measures: Mapping[str, float | None]
    seeds: Callable[[str], Sequence[float]] = lambda spec: ()
    """The values of its seed group, its own among them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A run as gates see it."""

    state: str
    reason: str = ""
    place: str = ""
    """What results are compared in: the data set and its version."""
    objective: str = ""
    """The column spec by which runs on its data set are judged; "" where nothing tells."""
    measures: Mapping[str, float | None] = field(default_factory=dict)
    """By column spec; a spec that names nothing here is missing."""
    ways: Mapping[str, Direction | None] = field(default_factory=dict)
    """By column spec."""
    reference: Reference | None = None
    """None where there is no champion, or the run is the champion itself."""
    is_champion: bool = False
    seeds: int | None = None
    """Finished runs of its config with different seeds; None of a run without a config."""
    seed_values: Callable[[str], Sequence[float]] = lambda spec: ()
    provenance: int | None = None
    parts: Mapping[str, int] = field(default_factory=dict)
    """Percent of each part of its origin that is recorded."""
    spent: Mapping[str, float | None] = field(default_factory=dict)
    """Seconds that it `took`, and device seconds that it `cost`."""
    report: Handed | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one criterion."""

    criterion: Criterion
    status: Status
    say: Callable[[], str]
    """What speaks for it, in words."""
    value: Json = None
    reference: Json = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gates before a stage say of a run."""

    stage: str
    gates: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> int:
        """Criteria that are met."""
        return sum(each.status == "pass" for each in self.findings)

    @property
    def is_met(self) -> bool:
        """Whether every criterion is met, the report too."""
        return all(each.status == "pass" for each in self.findings)

    @property
    def word(self) -> Word:
        """As far as the run itself goes: a report that is not there yet does not count."""
        told = [each.status for each in self.findings if not isinstance(each.criterion, Report)]
        return "fails" if "fail" in told else "open" if "unknown" in told else "passes"

    @property
    def text(self) -> str:
        """`candidate passes 5/6`: the value of the column."""
        return f"{self.stage} {self.word} {self.passed}/{len(self.findings)}"


def ways_to(gates: Sequence[Gate], stages: Sequence[str], now: str, to: str, dataset: str | None, project: str | None) -> list[Gate]:  # fmt: skip
    """The gates between the stage that a run is in and the one that it is to come to, as far as they are about it."""
    begin = stages.index(now) + 1 if now in stages else 0
    wanted = stages[begin : stages.index(to) + 1]
    return [gate for gate in gates if gate.stage in wanted and _is_about(gate, dataset, project)]


def next_stage(stages: Sequence[str], now: str) -> str:
    """The stage behind one; "" behind the last one and behind a word that is none."""
    at = stages.index(now) if now in stages else len(stages)
    return stages[at + 1] if at + 1 < len(stages) else ""


def judge(stage: str, gates: Sequence[Gate], subject: Subject) -> Outcome:
    """What the gates say of a run."""
    criteria = list(gates[0].criteria if len(gates) == 1 else dict.fromkeys(_all(gates)))
    if subject.state in LIVE and not any(isinstance(criterion, Ended) for criterion in criteria):
        criteria.append(Ended(()))
    return Outcome(stage, tuple(gate.name for gate in gates), tuple(check(each, subject) for each in criteria))


def _all(gates: Sequence[Gate]) -> Iterator[Criterion]:
    for gate in gates:
        yield from gate.criteria


def check(criterion: Criterion, subject: Subject) -> Finding:
    """One criterion."""
    return _CHECKS[type(criterion)](criterion, subject)


def _is_about(gate: Gate, dataset: str | None, project: str | None) -> bool:
    return _fits(gate.datasets, dataset) and _fits(gate.projects, project)


def _fits(globs: Iterable[str], value: str | None) -> bool:
    wanted = tuple(globs)
    return not wanted or any(fnmatchcase((value or "").lower(), glob.lower()) for glob in wanted)


def _threshold(criterion: Threshold, subject: Subject) -> Finding:
    value = subject.measures.get(criterion.spec)
    if value is None:
        return _missing(criterion, subject, criterion.spec)
    holds = {"<": value < criterion.bound, "<=": value <= criterion.bound, ">": value > criterion.bound,
             ">=": value >= criterion.bound}[criterion.op]  # fmt: skip

    def say() -> str:
        short = "" if holds or not math.isfinite(value) else f", {metric_text(abs(value - criterion.bound))} short"
        return f"{metric_text(value)}{short}"

    return Finding(criterion, "pass" if holds else "fail", say, value, criterion.bound)


def _change(criterion: Change, subject: Subject) -> Finding:
    spec = criterion.spec or subject.objective
    if not spec:
        return Finding(criterion, "unknown", lambda: "nothing tells by what runs on its data set are judged")
    if (found := _unmeasured(criterion, subject, spec)) is not None:
        return found
    reference = cast("Reference", subject.reference)
    value, other, way = subject.measures.get(spec), reference.measures.get(spec), subject.ways.get(spec)
    change = compare(value, other, way)
    status: Status = "unknown"
    if change.delta is not None and way is not None and change.reference is not None:
        gain = -change.delta if way == "down" else change.delta
        wanted = criterion.by.value * (abs(change.reference) if criterion.by.is_share else 1.0)
        # a gain of just what is wanted counts however the subtraction rounds
        status = "pass" if gain >= wanted or math.isclose(gain, wanted, rel_tol=1e-9) else "fail"
    elif value is not None and not math.isfinite(value):
        status = "fail"

    def say() -> str:
        if way is None:
            return f"nothing tells which way {spec} is better: [directions] in the policy"
        if change.value is None or change.reference is None:
            return f"{metric_text(value)} against {metric_text(other)} of {reference.name}"
        told = compare(value, other, way, reference.seeds(spec), subject.seed_values(spec))
        return f"{metric_text(value)} against {metric_text(other)} of {reference.name}: {change_text(told)}"

    return Finding(criterion, status, say, value, other)


def _guard(criterion: Guard, subject: Subject) -> Finding:
    spec = criterion.spec
    if (found := _unmeasured(criterion, subject, spec)) is not None:
        return found
    reference = cast("Reference", subject.reference)
    value, other, by = subject.measures.get(spec), reference.measures.get(spec), criterion.by
    told = guarded(spec, subject.ways.get(spec), value, other, 100 * by.value if by.is_share else by.value, relative=by.is_share)  # fmt: skip
    status: Status = "unknown" if told.worse is None else "fail" if told.worse else "pass"
    if value is not None and not math.isfinite(value):
        status = "fail"

    def say() -> str:
        if value is not None and not math.isfinite(value):
            return metric_text(value)
        return f"{guard_text(told)}, against {reference.name}"

    return Finding(criterion, status, say, value, other)


def _unmeasured(criterion: Change | Guard, subject: Subject, spec: str) -> Finding | None:
    """What is to be said where there is nothing to be measured, or nothing to measure it by."""
    if spec not in subject.measures or subject.measures[spec] is None:
        return _missing(criterion, subject, spec)
    value = subject.measures[spec]
    if subject.is_champion:
        return Finding(criterion, "pass", lambda: f"{metric_text(value)}; it is the champion itself", value)
    if subject.reference is None:
        place = f" on {subject.place}" if subject.place else ""
        return Finding(
            criterion,
            "pass",
            lambda: f"{metric_text(value)}; there is no champion{place} yet, so nothing to beat",
            value,
        )
    if subject.reference.measures.get(spec) is None:
        name = subject.reference.name
        return Finding(criterion, "unknown", lambda: f"{metric_text(value)}; the champion {name} has no {spec}", value)
    return None


def _missing(criterion: Criterion, subject: Subject, spec: str) -> Finding:
    nowhere = spec not in subject.measures
    return Finding(criterion, "unknown", lambda: f"no run has {spec}" if nowhere else f"the run has no finite {spec}")


def _seeds(criterion: Seeds, subject: Subject) -> Finding:
    if subject.seeds is None:
        return Finding(criterion, "unknown", lambda: "no config is recorded, so nobody knows which runs repeat it")
    n = subject.seeds
    return Finding(
        criterion, "pass" if n >= criterion.least else "fail",
        lambda: f"{counted(n, 'seed')} of this config finished", n, criterion.least,
    )  # fmt: skip


def _origin(criterion: Origin, subject: Subject) -> Finding:
    score = subject.provenance
    if score is None:
        return Finding(criterion, "unknown", lambda: "not known")
    return Finding(
        criterion, "pass" if score >= criterion.least else "fail", lambda: f"{score} of 100", score, criterion.least
    )


def _part(criterion: Part, subject: Subject) -> Finding:
    share = subject.parts.get(criterion.part, 0)
    told = {0: "not recorded", 100: "recorded"}.get(share, f"only {share_text(share).lstrip('+')} of it")
    return Finding(criterion, "pass" if share >= 100 else "fail", lambda: told, share, 100)


def _spent(criterion: Spent, subject: Subject) -> Finding:
    spent = subject.spent.get(criterion.what)
    if spent is None:
        return Finding(criterion, "unknown", lambda: "when it began or ended is not recorded")
    unit = " of device time" if criterion.what == "cost" else ""
    return Finding(
        criterion, "pass" if spent <= criterion.most else "fail", lambda: f"{duration_text(spent)}{unit}", spent,
        criterion.most,
    )  # fmt: skip


def _ended(criterion: Ended, subject: Subject) -> Finding:
    reason = f": {subject.reason}" if subject.reason and subject.reason != subject.state else ""
    holds = subject.state in criterion.states if criterion.states else subject.state not in LIVE
    status: Status = "pass" if holds else "unknown" if subject.state == "unknown" else "fail"
    return Finding(criterion, status, lambda: f"{subject.state}{reason}", subject.state)


def _report(criterion: Report, subject: Subject) -> Finding:
    handed = subject.report
    if handed is None:
        return Finding(criterion, "unknown", lambda: "none is handed in yet: --report FILE")
    return Finding(criterion, "pass", lambda: f"{handed.path}, sha256 {handed.sha256[:DIGEST]}", handed.sha256)


_CHECKS: Mapping[type, Callable[..., Finding]] = {
    Threshold: _threshold, Change: _change, Guard: _guard, Seeds: _seeds, Origin: _origin, Part: _part, Spent: _spent,
    Ended: _ended, Report: _report,
}  # fmt: skip
