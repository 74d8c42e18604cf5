"""What the gate commands share: their lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runspect.cli.saying import local_text
from runspect.cli.table import plain_table
from runspect.masking import printable

MARKS = {"pass": "✓", "fail": "✗", "unknown": "?"}


def gate_lines(gate: Mapping[str, Any], total: int) -> Iterator[str]:
    """Each criterion with what speaks for it."""
    rows = [
        [MARKS[each["status"]], printable(each["criterion"]), printable(each["evidence"])] for each in gate["criteria"]
    ]
    yield from (f"  {line}" for line in plain_table(["", "", ""], rows, total - 2))


def heading(name: str, before: str, gate: Mapping[str, Any]) -> str:
    """`resnet50-s1: exploration → candidate, passes 6 of 6 (gate production)`."""
    word = gate["word"] if gate["word"] != "passes" or gate["passes"] else "passes but for its report"
    gates = ", ".join(gate["gates"])
    return f"{printable(name)}: {before} → {gate['to']}, {word}, {gate['passed']} of {gate['of']} (gate {gates})"


def history_line(each: Mapping[str, Any]) -> str:
    """`2026-11-26 04:10  ann  candidate → production  v3  passes 6/6: why`."""
    version = f"  {printable(each['model']['name'])} v{each['version']}" if each["version"] is not None else ""
    gate = each["gate"]
    counts = f"  gate {gate['passed']}/{gate['of']}" if gate else ""
    forced = ", forced" if each["forced"] else ""
    why = "taken back" if each["taken_back"] else printable(each["why"])
    return (
        f"{local_text(each['when'])}  {printable(each['who'])}  {each['from']} → {each['stage']}"
        f"{version}{counts}{forced}: {why}"
    )
