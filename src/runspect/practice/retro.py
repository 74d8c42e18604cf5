"""Looking back: what is still to be asked of runs that were over before anybody wrote down what they were to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from runspect.columns import number_text
from runspect.columns.cells import value_text
from runspect.model import Json

Question = Literal["hypothesis", "verdict", "note"]
ASKED = "retro"
"""Key of `run:UID`: all was asked once, whatever was answered."""

_MOST_CHANGES = 4
_MOST_METRICS = 3


def questions(hypothesis: str | None, said: Mapping[str, Json] | None, *, asked: bool) -> tuple[Question, ...]:
    """What is to be asked of a run, in this order; none once all was, or where nothing is missing.

    A note is asked for with a verdict, and again where the walk was broken off between the two.

    Args:
        hypothesis: What it was to show, if that is known.
        said: The verdict that counts for it, as `verdict_about` of `show --json`.
    """
    if asked:
        return ()
    wanted: tuple[Question, ...] = () if hypothesis else ("hypothesis",)
    if said is None:
        return (*wanted, "verdict", "note")
    return (*wanted, "note") if said["retrospective"] and said["run"] and not said["note"] else wanted


def changes_text(params: Mapping[str, Json], before: Mapping[str, Json] | None) -> str:
    """What changed in the params since the run before: `lr 0.1 → 0.01, +warmup 500, -dropout`."""
    if before is None:
        return ""
    parts = []
    for key in sorted(params.keys() | before.keys()):
        if key not in before:
            parts.append(f"+{key} {_value(params[key])}")
        elif key not in params:
            parts.append(f"-{key}")
        elif params[key] != before[key]:
            parts.append(f"{key} {_value(before[key])} → {_value(params[key])}")
    more = len(parts) - _MOST_CHANGES
    return ", ".join(parts[:_MOST_CHANGES]) + (f" and {more} more" if more > 0 else "")


def results_text(metrics: Mapping[str, Mapping[str, Json]], usual: Sequence[str]) -> str:
    """How the run ended, in the usual metrics first: `val/loss 0.31 (0.29 to 0.80)`."""
    names = [*(name for name in usual if name in metrics), *(name for name in metrics if name not in usual)]
    told = [
        f"{name} {number_text(metrics[name]['last'])} ({number_text(metrics[name]['min'])} to {number_text(metrics[name]['max'])})"
        for name in names[:_MOST_METRICS]
    ]
    return ", ".join(told)


def _value(value: Json) -> str:
    text = number_text(value) if isinstance(value, float) else value_text(value)
    return text if len(text) <= 40 else text[:39] + "…"
