"""What the picker of columns lists: each column with what it is, how many runs have it and how many values it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from runspect.columns import Column
from runspect.columns.table import COLUMNS
from runspect.counted import counted
from runspect.tui.cell_maker import SHOWN_OTHERWISE
from runspect.tui.widgets.picker import Choice
from runspect.workspace import Choices

Distinct = Mapping[tuple[str, str], tuple[int, int]]
"""(kind, name) → (runs that have it, distinct values), see `Workspace.distinct`."""


def column_choices(shown: Sequence[Column], choices: Choices | None, distinct: Distinct | None = None) -> list[Choice]:
    """The columns that are shown, in their order, then all others.

    Args:
        distinct: How many values columns have; None as long as that is not known.
    """
    counts = dict(distinct or {})
    if choices is not None:
        counts |= {("param", name): (runs, values) for name, runs, values in choices.params}
        counts = {("metric", name): (runs, 0) for name, runs in choices.metrics} | counts
    found = [
        Choice(column.spec, column.spec, ", ".join(filter(None, ("shown", _told(column.kind, column.name, counts)))))
        for column in shown
    ]
    known = {choice.value for choice in found}
    return [*found, *(choice for choice in _others(choices, counts) if choice.value not in known)]


def _others(choices: Choices | None, counts: Distinct) -> Iterator[Choice]:
    for row in COLUMNS:
        if row.name not in (*SHOWN_OTHERWISE, "name"):
            told = _told("field", row.name, counts)
            yield Choice(row.name, row.name, f"{told}: {row.help}" if told else row.help)
    if choices is None:
        return
    for name, _, _ in choices.params:
        yield Choice(name, name, f"param, {_told('param', name, counts)}")
    for name, _ in choices.metrics:
        yield Choice(name, name, f"metric, {_told('metric', name, counts)}")
        for spec in (f"{name}:best", f"{name}:min", f"{name}:max", f"~{name}"):
            yield Choice(spec, spec, f"metric, {counted(counts['metric', name][0])}")
    for name, runs in choices.facts:
        yield Choice(name, name, f"fact, {_told('fact', name, counts) or counted(runs)}")


def _told(kind: str, name: str, counts: Distinct) -> str:
    runs, values = counts.get(("metric" if kind in ("at", "spark") else kind, name), (0, -1))
    if values < 0:
        return ""
    if not runs:
        return "no run has it"
    return counted(runs) if not values or kind in ("at", "spark") else valued(runs, values)


def valued(runs: int, values: int) -> str:
    """So many values in so many runs, in words."""
    return f"{counted(values, 'value')} in {counted(runs)}"
