"""The raw value of a column from what is told of a run: the same as `columns.value_sql` finds in the index."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping

from runspect.columns import Column, Lens, Names, UnknownName, parse_column, resolve
from runspect.columns.computed import COMPUTED
from runspect.columns.formula import Formula, Operand
from runspect.columns.lens import PLAIN
from runspect.columns.spec import bound, literal_number
from runspect.columns.sql import VALUES
from runspect.columns.table import BY_NAME
from runspect.errors import UsageError
from runspect.index.reads.computed import computed
from runspect.index.reads.spans import took
from runspect.index.reads.told import Series, Told, Word
from runspect.index.rows import seconds
from runspect.model import Json
from runspect.objective import Direction

Value = Callable[[Told], Json]


Number = Callable[[Told], float | None]


def value_of(column: Column, names: Names, lens: Lens = PLAIN) -> Value | None:
    """How to find the column's raw value; None where only the index can, for it takes points or other runs."""
    try:
        return _value_of(resolve(column, names), names, lens)
    except (UnknownName, UsageError):
        return _absent


def _value_of(found: Column, names: Names, lens: Lens) -> Value | None:
    name = found.name
    match found.kind:
        case "field" if name in COMPUTED:
            return computed(name, lens)
        case "field":
            return _FIELDS.get(name)
        case "param":
            return lambda told: _val(told.params.get(name))
        case "fact":
            return lambda told: _val(told.facts.get(name))
        case "spark":
            return lambda told: _spark(told.series.get(name))
        case "metric":
            return _metric(found, lens.directions)
        case "formula":
            return None if found.formula is None else _formula(found.formula, names, lens)
        case _:
            return None


def _formula(formula: Formula, names: Names, lens: Lens) -> Number | None:
    """As `columns.formula_sql`."""
    if isinstance(formula, Operand):
        literal = literal_number(formula)
        if literal is not None:
            return lambda told: literal
        return _number(resolve(parse_column(formula.text), names), names, lens)
    left, right = _formula(formula.left, names, lens), _formula(formula.right, names, lens)
    if left is None or right is None:
        return None
    compute = _COMPUTE[formula.op]

    def read(told: Told) -> float | None:
        one, other = left(told), right(told)
        return None if one is None or other is None else compute(one, other)

    return read


def _number(found: Column, names: Names, lens: Lens) -> Number | None:
    """As `columns.number_sql`.

    Raises:
        UsageError: The column is no number, whatever the run.
    """
    kind = BY_NAME[found.name].type if found.kind == "field" else ""
    if found.kind == "spark" or (kind and kind not in ("number", "moment", "age", "duration")):
        raise UsageError(f"{found.spec} is no number")
    value = _value_of(found, names, lens)
    if value is None:
        return None
    now = time.time() if lens.now is None else lens.now

    def read(told: Told) -> float | None:
        number = _as_number(value(told), worded=found.kind in ("param", "fact"))
        return number if number is None or kind != "age" else now - number

    return read


def _as_number(value: Json, *, worded: bool) -> float | None:
    if worded and isinstance(value, str):
        value = _loaded(value)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if math.isnan(value) else float(value)


def _loaded(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _divided(one: float, other: float) -> float | None:
    return one / other if other else None


_COMPUTE: Mapping[str, Callable[[float, float], float | None]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": _divided,
}


def _metric(column: Column, directions: Mapping[str, Direction]) -> Value:
    aggregate = bound(column, directions)
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


_FIELDS: dict[str, Value] = {
    "state": lambda told: told.head.state,
    "name": lambda told: told.name,
    "age": _age,
    "took": took,
    "tags": lambda told: told.tags or None,
    "note": lambda told: told.said.get("note") or _val(told.facts.get("notes")),
    "star": lambda told: told.said.get("star"),
    "archived": lambda told: told.said.get("archive"),
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
