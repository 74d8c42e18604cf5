"""What gates ask for and what they found, in words and as JSON."""

from __future__ import annotations

import math

from runspect.columns.cells import duration_text
from runspect.counted import counted
from runspect.model import Json
from runspect.policy.gates import Amount, Change, Criterion, Ended, Guard, Origin, Part, Seeds, Spent, Threshold
from runspect.practice.gates import Outcome, Subject


def title(criterion: Criterion, objective: str = "") -> str:
    """What is asked for, in words."""
    match criterion:
        case Threshold(spec, op, bound):
            return f"{spec} {op} {bound:g}"
        case Change(spec, by):
            better = f"better than the champion by {amount_text(by)}" if by.value else "no worse than the champion"
            return f"{spec or objective or 'the objective'} {better}"
        case Guard(spec, by):
            worse = f"by more than {amount_text(by)}" if by.value else "at all"
            return f"{spec} not worse than the champion {worse}"
        case Seeds(least):
            return counted(least, "seed")
        case Origin(least):
            return f"provenance at least {least}"
        case Part(part):
            return f"{part} recorded"
        case Spent(what, most):
            return f"{what} at most {duration_text(most)}"
        case Ended(states):
            return f"ended {' or '.join(states)}" if states else "ended"
        case _:
            return "a report"


def amount_text(by: Amount) -> str:
    """`1 %` or `0.01`."""
    return f"{100 * by.value:g} %" if by.is_share else f"{by.value:g}"


def outcome_json(outcome: Outcome, subject: Subject) -> dict[str, Json]:
    """As `runspect gate --json` shows it and as it is kept with a promotion."""
    return {
        "to": outcome.stage,
        "gates": list(outcome.gates),
        "passes": outcome.is_met,
        "word": outcome.word,
        "passed": outcome.passed,
        "of": len(outcome.findings),
        "champion": subject.reference.name if subject.reference is not None else None,
        "criteria": [
            {
                "criterion": title(each.criterion, subject.objective),
                "status": each.status,
                "evidence": each.say(),
                "value": _plain(each.value),
                "reference": _plain(each.reference),
            }
            for each in outcome.findings
        ],
    }


def _plain(value: Json) -> Json:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
