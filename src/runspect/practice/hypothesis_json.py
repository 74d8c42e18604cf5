"""Hypotheses as the JSON objects of `hypothesis --json`, and back; times are ISO 8601 UTC, keys are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from runspect.model import Json
from runspect.practice.hypotheses import Hypothesis, Trial, Verdict, lead_text, ordered, shares


def list_object(hypotheses: Sequence[Hypothesis], now: float) -> dict[str, Json]:
    """`hypothesis list --json`: the hypotheses in the order of `ordered`, and the counts of `shares` over them."""
    counts = shares(hypotheses, now)
    return {
        "hypotheses": [hypothesis_object(each, now) for each in ordered(hypotheses, now)],
        "summary": {**asdict(counts), "share": counts.share},
    }


def hypothesis_object(told: Hypothesis, now: float) -> dict[str, Json]:
    """One hypothesis with its runs."""
    point = any(trial.first is not None for trial in told.trials)
    return {
        "id": told.id,
        "text": told.text,
        "status": told.status(now),
        "verdict": verdict_object(told.answer),
        "written": moment(told.written),
        "who": told.who,
        "by": moment(told.due),
        "project": told.project or None,
        "metric": told.metric or None,
        "branch": told.branch or None,
        "tags": list(told.tags),
        "retrospective": told.retrospective,
        "recorded": told.recorded,
        "closed": verdict_object(told.dropped),
        "lead_s": told.lead,
        "lead": lead_text(told.lead, point=point),
        "runs": [trial_object(trial, told) for trial in told.trials],
    }


def trial_object(trial: Trial, told: Hypothesis) -> dict[str, Json]:
    """A run that tests a hypothesis."""
    lead = None if trial.result is None or told.written is None else trial.result - told.written
    return {
        "rid": trial.rid,
        "uid": trial.uid,
        "name": trial.name,
        "how": trial.how,
        "started": moment(trial.started),
        "first": moment(trial.first),
        "lead_s": lead,
        "lead": lead_text(lead, point=trial.first is not None),
        "verdict": verdict_object(trial.verdict),
    }


def verdict_object(told: Verdict | None) -> dict[str, Json] | None:
    """A verdict with who, when and why."""
    if told is None:
        return None
    return {
        "verdict": told.word or None, "note": told.note, "who": told.who, "when": moment(told.when),
        "retrospective": told.retrospective, "run": told.run or None,
    }  # fmt: skip


def moment(seconds: float | None) -> str | None:
    """A time as ISO 8601, UTC."""
    if seconds is None:
        return None
    return f"{datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
