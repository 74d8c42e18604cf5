"""What a card says of a run's stages: each step on the way, and each criterion of the gate before the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

MARKS = {"pass": "✓", "fail": "✗", "unknown": "?"}
LOOKS = {"pass": "plain", "fail": "bad", "unknown": "warn"}


def stage_spans(run: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(label, text, look) of each line; none where nothing was said of its stage and no gate is about it."""
    gate = run.get("gate_about")
    return [*_steps(run.get("stage_history") or ()), *(_criteria(gate) if gate else ())]


def _steps(history: Any) -> Iterator[tuple[str, str, str]]:
    for each in history:
        version = f", {each['model']['name']} v{each['version']}" if each["version"] is not None else ""
        gate = f", gate {each['gate']['passed']}/{each['gate']['of']}" if each["gate"] else ""
        forced = ", forced" if each["forced"] else ""
        why = "taken back" if each["taken_back"] else each["why"]
        yield each["stage"], f"{why} ({each['who']}, {_moment(each['when'])}{version}{gate}{forced})", "plain"


def _criteria(gate: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield f"to {gate['to']}", f"{gate['passed']} of {gate['of']} criteria met", "accent"
    for each in gate["criteria"]:
        yield "", f"{MARKS[each['status']]} {each['criterion']}: {each['evidence']}", LOOKS[each["status"]]


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"
