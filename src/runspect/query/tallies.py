"""Conditions on fields that are a few words of a known list: how many a run has, or whether it has one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from runspect.columns import Lens, Names
from runspect.columns.lint import broken_rows, lint_rows
from runspect.columns.tidy import kind_rows, many_rows
from runspect.errors import QueryError
from runspect.model import Json
from runspect.query import values
from runspect.query.conditions import Param, Sql, is_glob, number_condition, text_condition, wrong
from runspect.query.context import Context, join
from runspect.query.fields import Field
from runspect.query.operators import Operator
from runspect.query.tree import Pattern, Text, Value

Rows = Callable[[Names, Lens], tuple[str, tuple[Json, ...]]]

_WORDS: Mapping[str, Rows] = {"lint": broken_rows, "tidy": kind_rows}
"""`SELECT rid, v`, a row for each word."""
_MANY: Mapping[str, Rows] = {"lint": lint_rows, "tidy": many_rows}
"""`SELECT rid, v`: how many."""


def tally(known: Field, operator: Operator, listed: tuple[Value, ...], context: Context) -> Sql:
    """Any of the values, each a number of words or a word."""
    found = join(" OR ", [_one(known, operator, value, context) for value in listed])
    return (f"NOT {found[0]}", found[1]) if operator.negates else found


def has_any(known: Field, context: Context) -> Sql:
    """The runs that have one at all."""
    rows, params = _WORDS[known.name](context.names, context.lens)
    return f"r.rid IN (SELECT q.rid FROM ({rows}) q)", _plain(params)  # noqa: S608 - rows of the computed columns


def _one(known: Field, operator: Operator, value: Value, context: Context) -> Sql:
    is_number = isinstance(value, Text) and not value.quoted and values.number(value.text) is not None
    if is_number:
        rows, params = _MANY[known.name](context.names, context.lens)
        condition, more = number_condition(operator, "q.v", value)
    elif operator.ordering:
        raise QueryError(f"`{operator.symbol}` compares how many: `{known.name} {operator.symbol} 1`", *value.span)
    else:
        rows, params = _WORDS[known.name](context.names, context.lens)
        condition, more = _word(known, operator, value)
    return f"(r.rid IN (SELECT q.rid FROM ({rows}) q WHERE {condition}))", (*_plain(params), *more)  # noqa: S608 - rows of the computed columns


def _word(known: Field, operator: Operator, value: Value) -> Sql:
    if isinstance(value, Pattern) or operator.regex or is_glob(value):
        return text_condition(operator, "q.v", value, whole=True)
    wanted = value.text.lower()
    found = [word for word in known.values if word == wanted] or [
        word for word in known.values if operator.symbol == ":" and wanted and word.startswith(wanted)
    ]
    if not found:
        raise wrong(value, f"a number or one of {', '.join(known.values)}", known.values)
    return f"q.v IN ({', '.join('?' * len(found))})", tuple(found)


def _plain(params: tuple[Json, ...]) -> tuple[Param, ...]:
    """Parameters of a column's SQL as those of a query."""
    return cast("tuple[Param, ...]", params)
