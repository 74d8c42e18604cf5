"""A cell of the table as a condition of the query language: the runs that have this value."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence

from runspect.columns import Column
from runspect.columns.table import BY_NAME
from runspect.errors import QueryError
from runspect.model import Json
from runspect.query import literal, parse, render
from runspect.query.tree import And, Compare, Everything, In, Not, Or, Text, Tree
from runspect.query.values import number

_FIELDS = {"tags": "tag"}
"""Columns whose field has another name."""
_SPECIAL = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}
"""Numbers that are not finite, as JSON has them."""
_WORDS = ("none", "null")


def conditions(column: Column, value: Json, uid: str) -> tuple[Tree, ...]:
    """What may tell the runs with this value, the plainest first; the first one that holds for the run is meant.

    None for a curve. Several where the cell alone does not say it: an age counts from the start or from the last write,
    a param that is null looks like one that is absent, and a name may be a shorter one than the index keeps.

    Args:
        value: The raw value, see `columns.value_sql`.
        uid: The run's lasting id.
    """
    name = _FIELDS.get(column.spec, column.spec)
    if column.kind == "spark":
        return (_lacks(column.name),) if value is None else ()
    if value is None or (value in ("", []) and column.kind == "field"):
        absent = _lacks(name if column.kind == "field" else _whole_name(column))
        return (absent, _equal(name, "null")) if column.kind in ("param", "fact") else (absent,)
    if column.kind == "field":
        return _of_field(column.name, name, value, uid)
    if isinstance(value, str) and column.kind in ("metric", "at"):
        return (Compare(name, "=", Text(_SPECIAL.get(value, value))),)
    return (Compare(name, "=", _exactly(value)),)


def without(tree: Tree) -> Tree:
    """The runs for which it does not hold."""
    return tree.part if isinstance(tree, Not) else Not(tree)


def has_one_of(name: str, values: Sequence[Json]) -> Tree:
    """The runs that have one of these values of a param; None stands for those without one."""
    told = tuple(dict.fromkeys(_exactly(value) for value in values if value is not None))
    found: tuple[Tree, ...] = (Compare(name, "=", told[0]) if len(told) == 1 else In(name, told),) if told else ()
    found += (_lacks(name),) if None in values else ()
    return found[0] if len(found) == 1 else Or(found)


def narrowed(query: str, added: Tree) -> str:
    """The query with a further condition, which stands there once; what was typed stays as it was."""
    try:
        before = parse(query)
    except QueryError:
        return f"({query}) {render(added)}"
    if isinstance(before, Everything):
        return render(added)
    if added == before or (isinstance(before, And) and added in before.parts):
        return query
    first = f"({query.strip()})" if isinstance(before, Or) else query.strip()
    return f"{first} ({render(added)})" if isinstance(added, Or) else f"{first} {render(added)}"


def _of_field(field: str, name: str, value: Json, uid: str) -> tuple[Tree, ...]:
    match BY_NAME[field].type:
        case "state":
            return (Compare("state", ":", Text(str(value))),)
        case "age":
            return tuple(Compare(each, ":", Text(_day(value))) for each in ("started", "updated"))
        case "moment":
            return (Compare(name, ":", Text(_day(value))),)
        case "duration":
            return (Compare(name, "=", Text(_shown_as(float(value)))),)
        case "number":
            return (Compare(name, "=", _exactly(value)),)
        case "flag":
            return (Compare(name, ":", Text("yes" if value is True else "no")),)
        case "set":
            members = value if isinstance(value, list) else [value]
            parts = tuple(_equal(name, str(member)) for member in members)
            return (parts[0] if len(parts) == 1 else And(parts),)
        case _:
            found = _equal(name, str(value))
            return (found, _equal("uid", uid)) if field == "name" else (found,)


def _equal(name: str, text: str) -> Tree:
    return Compare(name, "=", literal(text))


def _lacks(name: str) -> Tree:
    return Not(Compare("has", ":", literal(name)))


def _whole_name(column: Column) -> str:
    return column.name if column.kind in ("metric", "at") else column.spec


def _exactly(value: Json) -> Text:
    """A param's value as a word that means this value and nothing else."""
    if isinstance(value, bool):
        return Text("true" if value else "false")
    if isinstance(value, int | float):
        return Text(str(value) if isinstance(value, int) or math.isfinite(value) else str(value).lower())
    if isinstance(value, str):
        found = literal(value)
        is_other = number(value) is not None or value.lower() in _WORDS
        return Text(value, quoted=True) if is_other else found
    return Text(json.dumps(value, ensure_ascii=False), quoted=True)


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds))


def _shown_as(seconds: float) -> str:
    """A duration that stands for all that are shown like it: `19s`, `12m`, `1h02m`, `2d5h`."""
    whole = int(max(0.0, seconds))
    if whole < 100:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60}m"
    return f"{whole // 86400}d{whole % 86400 // 3600}h"
