"""The raw value of a column from what is told of a run: the same as `columns.value_sql` finds in the index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from runspect.columns import Column, Names, UnknownName, resolve
from runspect.columns.spec import bound
from runspect.columns.sql import VALUES
from runspect.index.reads.told import Series, Told, Word
from runspect.index.rows import seconds
from runspect.model import Json

Value = Callable[[Told], Json]


def value_of(column: Column, names: Names) -> Value | None:
    """How to find the column's raw value; None where only the index can, for it takes points."""
    try:
        found = resolve(column, names)
    except UnknownName:
        return _absent
    name = found.name
    match found.kind:
        case "field":
            return _FIELDS.get(name)
        case "param":
            return lambda told: _val(told.params.get(name))
        case "fact":
            return lambda told: _val(told.facts.get(name))
        case "spark":
            return lambda told: _spark(told.series.get(name))
        case "metric":
            return _metric(found)
        case _:
            return None


def _metric(column: Column) -> Value:
    aggregate = bound(column)
    if aggregate is None:
        return _absent
    value, step = VALUES[aggregate]
    name, chosen = column.name, step if column.step else value

    def read(told: Told) -> Json:
        series = told.series.get(name)
        return None if series is None else getattr(series, chosen)

    return read


def _absent(told: Told) -> Json:
    return None


def _val(word: Word | None) -> str | None:
    return None if word is None else word.val


def _spark(series: Series | None) -> str | None:
    if series is None or series.spark is None:
        return None
    return series.spark + (f" NaN@{series.first_nonfinite_step or 0}" if series.nonfinite > 0 else "")


def _age(told: Told) -> float | None:
    return seconds(told.head.started or told.head.updated)


def _took(told: Told) -> float | None:
    began, end = told.head.started, told.head.ended or told.head.updated
    if began is None or end is None:
        return None
    return _epoch(end) - _epoch(began) if end >= began else 0.0


def _epoch(stamp: datetime) -> float:
    return seconds(stamp) or 0.0


_FIELDS: dict[str, Value] = {
    "state": lambda told: told.head.state,
    "name": lambda told: told.name,
    "age": _age,
    "took": _took,
    "tags": lambda told: told.tags or None,
    "note": lambda told: told.said.get("note") or _val(told.facts.get("notes")),
    "star": lambda told: told.said.get("star"),
    "project": lambda told: told.project,
    "group": lambda told: told.head.grp,
    "started": lambda told: seconds(told.head.started),
    "ended": lambda told: seconds(told.head.ended),
    "updated": lambda told: seconds(told.head.updated),
    "steps": lambda told: told.head.steps,
    "host": lambda told: told.head.host,
    "owner": lambda told: told.head.owner,
    "path": lambda told: told.head.path,
    "tools": lambda told: told.head.tools,
    "reason": lambda told: told.head.reason,
    "parent": lambda told: told.head.parent,
    "problems": lambda told: told.head.problems,
    "uid": lambda told: told.head.uid,
}
"""The built-in columns that need no look at the index; one that is missing here is read with its SQL."""
