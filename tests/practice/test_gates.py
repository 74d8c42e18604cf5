"""Each criterion of a gate: met, not met, not known, and what is said of it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.objective import Direction
from runspect.policy.gates import (
    Amount,
    Change,
    Criterion,
    Ended,
    Gate,
    Guard,
    Op,
    Origin,
    Part,
    Report,
    Seeds,
    Spent,
    Threshold,
)
from runspect.practice.gate_words import outcome_json, title
from runspect.practice.gates import Handed, Reference, Subject, check, judge, next_stage, ways_to

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
STAGES = ("exploration", "candidate", "production")


def subject(
    value: float | None = None,
    champion: float | None = None,
    way: Direction | None = "down",
    **told: object,
) -> Subject:
    """A finished run with `loss` at `value`, against a champion that has it at `champion`."""
    reference = None if champion is None else Reference("old", {"loss": champion})
    given_: dict[str, object] = {
        "state": "finished", "measures": {"loss": value}, "ways": {"loss": way}, "reference": reference, "objective": "loss",
    }  # fmt: skip
    return Subject(**(given_ | told))  # type: ignore[arg-type]


def said(criterion: Criterion, run: Subject) -> tuple[str, str]:
    found = check(criterion, run)
    return found.status, found.say()


@pytest.mark.parametrize(
    ("op", "below", "at", "above"),
    [
        ("<", "pass", "fail", "fail"),
        ("<=", "pass", "pass", "fail"),
        (">", "fail", "fail", "pass"),
        (">=", "fail", "pass", "pass"),
    ],
)
def test_a_threshold(op: Op, below: str, at: str, above: str) -> None:
    criterion = Threshold("loss", op, 0.5)
    assert [check(criterion, subject(value)).status for value in (0.4, 0.5, 0.6)] == [below, at, above]


def test_what_is_missing_is_not_known() -> None:
    criterion = Threshold("loss", "<", 0.5)
    assert said(criterion, subject(None)) == ("unknown", "the run has no finite loss")
    assert said(criterion, Subject("finished")) == ("unknown", "no run has loss")
    assert said(criterion, subject(0.75)) == ("fail", "0.7500, 0.2500 short")


def test_a_change_against_the_champion() -> None:
    share, plain = Change("", Amount(0.01, True)), Change("loss", Amount(0.01))
    assert said(share, subject(0.98, 1.0)) == (
        "pass",
        "0.9800 against 1.000 of old: -2 %, better, noise unknown (0 seeds)",
    )
    assert check(share, subject(0.99, 1.0)).status == "pass"
    assert check(share, subject(0.995, 1.0)).status == "fail"
    assert check(plain, subject(0.99, 1.0)).status == "pass"
    assert check(plain, subject(101.0, 100.0, "up")).status == "pass"
    assert check(share, subject(-1.02, -1.0)).status == "pass"
    assert check(share, subject(1.0, 0.0, "up")).status == "pass"
    assert check(Change("loss", Amount(0.0)), subject(1.0, 1.0)).status == "pass"


def test_a_change_that_cannot_be_told() -> None:
    criterion = Change("", Amount(0.01, True))
    first = said(criterion, subject(0.9, None, place="cifar10"))
    assert first == ("pass", "0.9000; there is no champion on cifar10 yet, so nothing to beat")
    assert said(criterion, subject(0.9, is_champion=True)) == ("pass", "0.9000; it is the champion itself")
    status, why = said(criterion, subject(0.9, 1.0, None))
    assert status == "unknown" and "[directions]" in why
    assert said(criterion, subject(None, 1.0))[0] == "unknown"
    assert said(criterion, subject(0.9, 1.0, objective=""))[0] == "unknown"
    status, why = said(criterion, subject(0.9, reference=Reference("old", {})))
    assert status == "unknown" and why == "0.9000; the champion old has no loss"


def test_noise_stands_beside_a_change() -> None:
    reference = Reference("old", {"loss": 1.0}, lambda spec: [1.0, 1.1, 0.9])
    assert "of 3 seeds: within noise" in said(Change("", Amount(0.0)), subject(0.99, reference=reference))[1]


@given(value=NUMBERS, champion=NUMBERS, tolerance=st.floats(0, 1e6), is_share=st.booleans(), up=st.booleans())
def test_a_guard_holds_as_long_as_the_loss_is_no_larger_than_allowed(
    value: float, champion: float, tolerance: float, is_share: bool, up: bool
) -> None:
    by = Amount(tolerance, is_share)
    loss = champion - value if up else value - champion
    allowed = tolerance * abs(champion) if is_share else tolerance
    status = check(Guard("loss", by), subject(value, champion, "up" if up else "down")).status
    if not math.isclose(loss, allowed, rel_tol=1e-6, abs_tol=1e-9):
        assert status == ("fail" if loss > allowed else "pass")


@given(
    values=st.tuples(NUMBERS, NUMBERS),
    champion=NUMBERS,
    amount=st.floats(0, 10),
    is_share=st.booleans(),
    up=st.booleans(),
)
def test_a_better_value_never_turns_a_pass_into_a_fail(
    values: tuple[float, float], champion: float, amount: float, is_share: bool, up: bool
) -> None:
    worse, better = sorted(values, reverse=not up)
    way: Direction = "up" if up else "down"
    for criterion in (Change("", Amount(amount, is_share)), Guard("loss", Amount(amount, is_share))):
        if check(criterion, subject(worse, champion, way)).status == "pass":
            assert check(criterion, subject(better, champion, way)).status == "pass"


def test_seeds_origin_and_cost() -> None:
    run = subject(0.1, seeds=2, provenance=70, parts={"commit": 100, "data": 50}, spent={"took": 3600.0, "cost": None})
    assert said(Seeds(3), run) == ("fail", "2 seeds of this config finished")
    assert said(Seeds(1), subject(0.1)) == ("unknown", "no config is recorded, so nobody knows which runs repeat it")
    assert said(Origin(70), run) == ("pass", "70 of 100")
    assert said(Part("commit"), run) == ("pass", "recorded")
    assert said(Part("data"), run) == ("fail", "only 50 % of it")
    assert said(Part("seed"), run) == ("fail", "not recorded")
    assert said(Spent("took", 3000), run) == ("fail", "1h00")
    assert said(Spent("cost", 3000), run)[0] == "unknown"


def test_how_it_ended() -> None:
    assert said(Ended(("finished",)), Subject("failed", "exit 1")) == ("fail", "failed: exit 1")
    assert check(Ended(("finished",)), Subject("unknown", "no end marker")).status == "unknown"
    assert check(Ended(("finished", "unknown")), Subject("unknown")).status == "pass"


def test_a_run_that_lives_passes_nothing() -> None:
    gate = Gate("g", "candidate", (Threshold("loss", "<", 1.0),))
    outcome = judge("candidate", [gate], subject(0.5, state="running"))
    assert (outcome.word, outcome.passed, len(outcome.findings), outcome.is_met) == ("fails", 1, 2, False)


def test_a_report_is_handed_in_with_the_promotion() -> None:
    gate = Gate("g", "candidate", (Threshold("loss", "<", 1.0), Report()))
    without = judge("candidate", [gate], subject(0.5))
    assert (without.text, without.is_met) == ("candidate passes 1/2", False)
    handed = judge("candidate", [gate], subject(0.5, report=Handed("review.md", 3, "abc")))
    assert (handed.text, handed.is_met) == ("candidate passes 2/2", True)
    assert judge("candidate", [gate], subject(5.0)).text == "candidate fails 0/2"
    assert judge("candidate", [gate], subject(None)).text == "candidate open 0/2"


def test_gates_are_those_on_the_way_and_about_the_run() -> None:
    gates = [
        Gate("a", "candidate", (Seeds(1),)),
        Gate("b", "production", (Seeds(2),), ("cifar*",)),
        Gate("c", "production", (Seeds(1), Seeds(3)), (), ("res*",)),
    ]

    def names(now: str, to: str, dataset: str | None, project: str | None) -> list[str]:
        return [gate.name for gate in ways_to(gates, STAGES, now, to, dataset, project)]

    assert names("exploration", "candidate", "cifar10", None) == ["a"]
    assert names("exploration", "production", "CIFAR10", "resnet") == ["a", "b", "c"]
    assert names("candidate", "production", None, "vgg") == []
    assert names("a word of an older policy", "candidate", None, None) == ["a"]
    assert [next_stage(STAGES, now) for now in (*STAGES, "x")] == ["candidate", "production", "", ""]
    outcome = judge("production", gates, subject(0.1, seeds=2))
    assert [title(each.criterion) for each in outcome.findings] == ["1 seed", "2 seeds", "3 seeds"]


def test_an_outcome_as_json_says_every_number_and_word() -> None:
    gate = Gate(
        "g", "candidate", (Threshold("loss", "<", 1.0), Change("", Amount(0.02, True)), Guard("loss", Amount(0.0)))
    )
    run = subject(0.5, 1.0)
    told = outcome_json(judge("candidate", [gate], run), run)
    assert (told["to"], told["gates"], told["passes"], told["word"], told["passed"], told["of"], told["champion"]) == (
        "candidate", ["g"], True, "passes", 3, 3, "old",
    )  # fmt: skip
    criteria = told["criteria"]
    assert isinstance(criteria, list)
    assert [each["criterion"] for each in criteria if isinstance(each, dict)] == [
        "loss < 1",
        "loss better than the champion by 2 %",
        "loss not worse than the champion at all",
    ]
    assert isinstance(criteria[1], dict) and (criteria[1]["value"], criteria[1]["reference"]) == (0.5, 1.0)
