"""What passes, fails and is skipped, case by case."""

from __future__ import annotations

import pytest

from runspect.practice.check.cases import Case, Compared, cases_of
from runspect.practice.versus import compare, guarded

SEEDS = (0.30, 0.31, 0.32)
"""σ 0.01 of 3 seeds: within noise up to 0.0608."""


def cases(
    compared: Compared,
    tolerance: float = 0.0,
    *,
    state: str = "finished",
    relative: bool = False,
    noise: bool = True,
) -> list[Case]:
    return list(cases_of(state, "exit code 0", compared, tolerance, relative=relative, noise=noise))


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("finished", "passed"),
        ("unknown", "passed"),
        ("running", "passed"),
        ("failed", "failed"),
        ("killed", "failed"),
        ("crashed", "failed"),
    ],
)
def test_how_it_ended_is_a_case(state: str, outcome: str) -> None:
    first = cases(Compared("loss:min", compare(1.0, 1.0, "down")), state=state)[0]
    assert (first.what, first.outcome, first.why) == ("state", outcome, f"{state}: exit code 0")


@pytest.mark.parametrize(
    ("value", "tolerance", "relative", "noise", "outcome"),
    [
        (0.30, 0.0, False, True, "passed"),
        (0.35, 0.0, False, True, "passed"),  # within noise
        (0.35, 0.0, False, False, "failed"),
        (0.35, 0.05, False, False, "passed"),  # just what is allowed
        (0.40, 0.0, False, True, "failed"),
        (0.40, 0.10, False, True, "passed"),
        (0.40, 30.0, True, True, "failed"),
        (0.40, 34.0, True, True, "passed"),
    ],
)
def test_a_loss_fails_beyond_tolerance_and_noise(
    value: float, tolerance: float, relative: bool, noise: bool, outcome: str
) -> None:
    change = compare(value, 0.30, "down", SEEDS)
    case = cases(Compared("loss:min", change), tolerance, relative=relative, noise=noise)[1]
    assert case.outcome == outcome, case.why
    assert (case.value, case.reference, case.seeds) == (value, 0.30, 3)


@pytest.mark.parametrize(
    ("compared", "outcome", "why"),
    [
        (Compared("", None), "skipped", "nothing tells by which metric"),
        (Compared("loss", None, absent="there is no production run on c10"), "skipped", "no production run"),
        (Compared("loss", None, absent="on another data set", absence_fails=True), "failed", "another data set"),
        (Compared("loss", compare(float("nan"), 1.0, "down")), "failed", "no finite value"),
        (Compared("loss", compare(1.0, None, "down")), "skipped", "reference has no finite value"),
        (Compared("loss", compare(1.0, 2.0, None)), "skipped", "which way"),
    ],
)
def test_what_cannot_be_compared_says_why(compared: Compared, outcome: str, why: str) -> None:
    case = cases(compared)[1]
    assert case.outcome == outcome
    assert why in case.why


def test_guards_are_cases_of_their_own() -> None:
    guards = (
        guarded("acc", "up", 0.90, 0.91, 2.0, relative=True),
        guarded("latency", "down", 12.0, 10.0),
        guarded("missing", "down", None, 10.0),
        guarded("new", "down", 10.0, None),
    )
    found = cases(Compared("loss", compare(1.0, 2.0, "down"), guards))[2:]
    assert [(case.what, case.outcome) for case in found] == [
        ("acc", "passed"),
        ("latency", "failed"),
        ("missing", "failed"),
        ("new", "skipped"),
    ]
    assert [case.why for case in found] == [
        "0.9100 → 0.9000, -1.1 %, holds",
        "10.00 → 12.00, +20 %, worse",
        "it has no finite value",
        "not recorded by the reference",
    ], "the name stands beside it"
