"""Conditions on the fields that every run has, and on bare words."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from runspect.columns import UnknownName, parse_column
from runspect.columns.computed import COMPUTED
from runspect.columns.datasets import canonical
from runspect.columns.names import NameKind, find
from runspect.errors import QueryError
from runspect.model import Json
from runspect.query.conditions import (
    Param,
    Sql,
    age_condition,
    anywhere_condition,
    duration_condition,
    flag_wanted,
    moment_condition,
    name_condition,
    number_condition,
    prefix_condition,
    state_condition,
    text_condition,
    wrong,
)
from runspect.query.context import Context, any_of, column_of, join
from runspect.query.fields import BY_NAME, HAS_ANY, Field, field_of
from runspect.query.named import has_name, other_column
from runspect.query.operators import BY_SYMBOL, Operator
from runspect.query.tallies import has_any, tally
from runspect.query.tree import Pattern, Text, Value

OPPOSITE = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""An age compared turns into a moment compared the other way."""


def built_in(known: Field, operator: Operator, listed: tuple[Value, ...], context: Context) -> Sql:
    """Any of the values, against a built-in field."""
    if known.type == "flag":
        return join(" OR ", [_flag(known, operator, value) for value in listed])
    if known.type == "tally":
        return tally(known, operator, listed, context)
    if operator.ordering and known.type in ("set", "prose"):
        raise QueryError(f"`{operator.symbol}` does not compare {known.name}; use `{known.name}:word`", *listed[0].span)

    if known.name == "dataset":
        listed = tuple(_dataset_meant(value, context) for value in listed)

    def one(value: Value) -> Sql:
        return _field_condition(known, operator, value, context)

    if known.computed:
        if known.type in ("number", "duration"):
            pair = other_column(parse_column(known.name), operator, listed, context)
            if pair is not None:
                return pair
        rows, row_params = COMPUTED[known.name](context.names, context.lens)
        condition, params = any_of(operator, "q.v", listed, one)
        return f"r.rid IN (SELECT q.rid FROM ({rows}) q WHERE {condition})", (*_plain(row_params), *params)  # noqa: S608 - rows of the computed columns
    if known.rows:
        condition, params = any_of(replace(operator, negates=False), known.sql, listed, one)
        sql = f"r.rid IN (SELECT q.rid FROM ({known.rows}) q WHERE {condition})"  # noqa: S608 - rows of the field table
        # with many values a run, `!=` means that none of them is it
        return (f"NOT ({sql})" if operator.negates else sql), params
    if known.type in ("number", "duration"):
        pair = other_column(parse_column(known.name), operator, listed, context)
        if pair is not None:
            return pair
    condition, params = any_of(operator, known.sql, listed, one)
    return f"coalesce({condition}, FALSE)", params


def has(value: Value, operator: Operator, context: Context) -> Sql:
    """`has:NAME`: the runs that have a field, param, metric or fact at all."""
    if isinstance(value, Pattern):
        raise wrong(value, "the name of a field, param or metric")
    if operator.symbol not in (":", "="):
        raise QueryError("write has:NAME", *value.span)
    known, anything = field_of(value.text, context.names), HAS_ANY.get(value.text.lower())
    if anything is not None:
        return f"r.rid IN ({anything})", ()
    if known is not None and known.type == "flag":
        return _flag(known, operator, Text("yes"))
    if known is not None and known.type == "tally":
        return has_any(known, context)
    if known is not None and known.computed:
        rows, params = COMPUTED[known.name](context.names, context.lens)
        return f"r.rid IN (SELECT q.rid FROM ({rows}) q WHERE q.v IS NOT NULL)", _plain(params)  # noqa: S608 - rows of the computed columns
    if known is not None and known.type != "has":
        if known.rows:
            return f"r.rid IN (SELECT q.rid FROM ({known.rows}) q WHERE CAST(q.v AS VARCHAR) <> '')", ()  # noqa: S608 - rows of the field table
        zero = "CAST(0 AS VARCHAR)" if known.name == "problems" else "''"
        return f"coalesce(CAST({known.sql} AS VARCHAR) NOT IN ('', {zero}), FALSE)", ()
    return join(" OR ", [has_name(kind, name) for kind, name in _named(value, context)])


def _dataset_meant(value: Value, context: Context) -> Value:
    """A path or another spelling means the data set that it names in a config; a glob stays one."""
    if not isinstance(value, Text) or (not value.quoted and any(char in value.text for char in "*?[")):
        return value
    return replace(value, text=canonical(value.text, context.lens.datasets))


def anywhere(value: Value) -> Sql:
    """In the name, the path, a tag or a note."""
    name, params = anywhere_condition("r.name", value)
    path, _ = anywhere_condition("r.path", value)
    member, _ = anywhere_condition("q.v", value)
    parts = [f"coalesce({name}, FALSE)", f"coalesce({path}, FALSE)"]
    parts += [f"r.rid IN (SELECT q.rid FROM ({BY_NAME[rows].rows}) q WHERE {member})" for rows in ("tag", "note")]  # noqa: S608 - rows of the field table
    return f"({' OR '.join(parts)})", params * 4


def _field_condition(known: Field, operator: Operator, value: Value, context: Context) -> Sql:
    if known.name == "owner" and context.lens.me and value == Text("me") and not (operator.ordering or operator.regex):
        return f"{known.sql} = ?", (context.lens.me,)
    match known.type:
        case "number":
            return number_condition(operator, known.sql, value)
        case "duration":
            return duration_condition(operator, known.sql, value)
        case "moment":
            return moment_condition(operator, known.sql, value, context.clock)
        case "age":
            opposite = BY_SYMBOL[OPPOSITE.get(operator.symbol, operator.symbol)]
            return age_condition(operator, opposite, known.sql, value, context.clock)
        case "state":
            return state_condition(operator, known.sql, value, known.values)
        case "prefix":
            return prefix_condition(operator, known.sql, value)
        case "set":
            return text_condition(operator, known.sql, value, whole=True)
        case _ if known.name == "name":
            return name_condition(operator, known.sql, value)
        case _:
            whole_path = known.name == "path" and isinstance(value, Text) and value.text.startswith("/")
            return text_condition(operator, "r.abspath" if whole_path else known.sql, value)


def _plain(params: tuple[Json, ...]) -> tuple[Param, ...]:
    """Parameters of a column's SQL as those of a query."""
    return cast("tuple[Param, ...]", params)


def _flag(known: Field, operator: Operator, value: Value) -> Sql:
    if operator.ordering or operator.regex:
        raise QueryError(f"`{operator.symbol}` does not compare {known.name}; use `{known.name}:yes`", *value.span)
    sql = f"r.rid IN (SELECT q.rid FROM ({known.rows}) q WHERE q.v = 'true')"  # noqa: S608 - rows of the field table
    return (sql if flag_wanted(value) != operator.negates else f"NOT ({sql})"), ()


def _named(value: Text, context: Context) -> list[tuple[NameKind, str]]:
    """Every kind of thing that has this name."""
    kinds: tuple[NameKind, ...] = ("param", "metric", "fact")
    found: list[tuple[NameKind, str]] = []
    for kind in kinds:
        try:
            found.append(find(value.text, context.names, (kind,)))
        except UnknownName:
            continue
    if found:
        return found
    column = column_of(value.text, value.span, context)
    return [("metric", column.name)]
