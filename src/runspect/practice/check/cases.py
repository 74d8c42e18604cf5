"""What is checked of one run: that it ended well, its objective, and each metric that must not get worse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from runspect.columns.cells import metric_text
from runspect.dataclass import dataclass
from runspect.practice.versus import Change, Guarded, guarded
from runspect.practice.versus_words import change_text, guard_text

Outcome = Literal["passed", "failed", "skipped"]
BAD_ENDS = ("failed", "killed", "crashed", "gone")
"""States of runs that no pipeline may let through."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was checked."""

    what: str
    """`state`, or the column spec of a metric."""
    outcome: Outcome
    why: str
    """In words, whatever the outcome; a skipped one says why it could not be checked."""
    value: float | None = None
    reference: float | None = None
    percent: float | None = None
    """Change against the reference, of its size."""
    sigmas: float | None = None
    """The size of the change in standard deviations of the seeds; None where that is unknown."""
    seeds: int | None = None
    """Seeds that these are of."""


@dataclass(frozen=True, slots=True)
class Named:
    """A run by its names."""

    uid: str
    name: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A run with all that was checked of it."""

    uid: str
    name: str
    path: str
    """Below the directory that was asked for."""
    state: str
    dataset: str
    """With its version; "" where none is recorded."""
    reference: Named | None
    """None where there is none to compare with."""
    step: int | None
    """The step by which it was compared while it is alive; None of one that ended."""
    cases: tuple[Case, ...]

    def count(self, outcome: Outcome) -> int:
        """Cases that came out so."""
        return sum(case.outcome == outcome for case in self.cases)


@dataclass(frozen=True, slots=True)
class Checking:
    """All runs of a check."""

    against: str
    """As it was asked: production, best, …."""
    runs: tuple[Checked, ...]

    def count(self, outcome: Outcome) -> int:
        """Cases of all runs that came out so."""
        return sum(run.count(outcome) for run in self.runs)


@dataclass(frozen=True, slots=True)
class Compared:
    """A run against its reference, before it is judged."""

    objective: str
    """The column spec; "" where nothing tells by what the run is judged."""
    change: Change | None
    """None where there is no reference."""
    guards: Sequence[Guarded] = ()
    absent: str = ""
    """Why there is no reference; "" where there is one."""
    absence_fails: bool = False
    """Whether a missing reference is a failure, since it was named."""


def cases_of(
    state: str, reason: str, compared: Compared, tolerance: float, *, relative: bool, noise: bool
) -> Iterator[Case]:
    """The cases of one run.

    Args:
        reason: Why it is said to be in its state.
        tolerance: By so much the objective may be worse; with `relative` in percent of the reference's size.
        noise: Whether a loss that seeds alone make is none.
    """
    yield _state_case(state, reason)
    if not compared.objective:
        yield Case("objective", "skipped", "nothing tells by which metric it is judged; name one as objective")
        return
    if compared.change is None:
        yield _without_reference(compared)
        return
    yield _objective_case(compared.objective, compared.change, tolerance, relative=relative, noise=noise)
    for guard in compared.guards:
        yield _guard_case(guard)


def _state_case(state: str, reason: str) -> Case:
    return Case("state", "failed" if state in BAD_ENDS else "passed", f"{state}: {reason}" if reason else state)


def _without_reference(compared: Compared) -> Case:
    return Case(compared.objective, "failed" if compared.absence_fails else "skipped", compared.absent)


def _objective_case(spec: str, change: Change, tolerance: float, *, relative: bool, noise: bool) -> Case:
    told = (change.value, change.reference, change.percent, change.noise.sigmas, change.noise.n)
    if change.value is None:
        return Case(spec, "failed", "it has no finite value", *told)
    if change.reference is None:
        return Case(spec, "skipped", "the reference has no finite value", *told)
    if change.way is None:
        return Case(spec, "skipped", "nothing tells which way it is better; see [directions] of the policy", *told)
    loss = guarded(spec, change.way, change.value, change.reference, tolerance, relative=relative)
    values = f"{metric_text(change.reference)} → {metric_text(change.value)}, {change_text(change)}"
    if not loss.worse:
        allowed = tolerance and change.outcome == "worse"
        return Case(
            spec, "passed", values + f", {_allowed(tolerance, relative=relative)} is allowed" * bool(allowed), *told
        )
    if noise and change.noise.kind == "within":
        return Case(spec, "passed", values, *told)
    more = f", more than {_allowed(tolerance, relative=relative)}" if tolerance else ""
    return Case(spec, "failed", values + more, *told)


def _allowed(tolerance: float, *, relative: bool) -> str:
    return f"{tolerance:g}{' %' * relative}"


def _guard_case(guard: Guarded) -> Case:
    told = (guard.value, guard.reference, guard.percent)
    if guard.value is None and guard.reference is not None:
        return Case(guard.metric, "failed", "it has no finite value", *told)
    why = guard_text(guard).removeprefix(guard.metric).lstrip(": ")  # the name stands beside it
    if guard.worse is None:
        return Case(guard.metric, "skipped", why, *told)
    return Case(guard.metric, "failed" if guard.worse else "passed", why, *told)
