"""Whether the recommended run may come further, criterion by criterion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runspect.practice.report.document import Block, Cell, Section, Table, Tone, Words

_TONES: Mapping[str, Tone] = {"pass": "good", "fail": "bad", "unknown": "warn"}
_MARKS: Mapping[str, str] = {"pass": "✓ met", "fail": "✗ not met", "unknown": "? unknown"}


def gate_text(told: Mapping[str, Any]) -> str:
    """`gate to candidate: 5 of 6 met, passes`; that there is none is said as well."""
    if told["to"] is None:
        return f"in the last stage, {told['stage']}"
    gate = told["gate"]
    if gate is None or not gate["criteria"]:
        return f"no gate to {told['to']}"
    return f"gate to {told['to']}: {gate['passed']:,} of {gate['of']:,} met, {gate['word']}"


def gates(answers: Sequence[Mapping[str, Any]]) -> Section:
    """A table for each stage that is to come."""
    return Section("Gates", tuple(block for told in answers for block in _gate(told)) or (Words("unknown", "dim"),))


def _gate(told: Mapping[str, Any]) -> Iterator[Block]:
    said = gate_text(told)
    gate = told["gate"]
    is_asked = gate is not None and gate["criteria"]
    yield Words(f"{said[:1].upper()}{said[1:]}.", "strong" if is_asked else "dim")
    if not is_asked:
        return
    rows = tuple(
        (Cell(each["criterion"]), Cell(_MARKS[each["status"]], _TONES[each["status"]]), Cell(each["evidence"]))
        for each in gate["criteria"]
    )
    yield Table(("criterion", "", "evidence"), rows, note=f"Gates of the policy: {', '.join(gate['gates'])}.")
