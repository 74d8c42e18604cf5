"""A query as a condition in SQL over a row `r` of `runs_now`.

No name and no value of the query is ever part of the SQL text: all are parameters. Each condition is true or false,
never NULL, so that `not` means "all other runs".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from runspect.columns import Column, Names, UnknownName, parse_column, resolve, value_sql
from runspect.columns.names import NameKind, find
from runspect.columns.names import near as near_names
from runspect.columns.spec import AGGREGATES, bound
from runspect.columns.sql import VALUES
from runspect.errors import QueryError, UsageError
from runspect.objective import Direction
from runspect.query import values
from runspect.query.conditions import (
    Sql,
    age_condition,
    anywhere_condition,
    duration_condition,
    flag_wanted,
    mixed_condition,
    moment_condition,
    number_condition,
    state_condition,
    text_condition,
    wrong,
)
from runspect.query.fields import BY_NAME, HAS_ANY, TEXT_OF, Field
from runspect.query.operators import BY_SYMBOL, Operator
from runspect.query.parse import parse
from runspect.query.tree import And, Anywhere, Compare, Everything, In, Not, Or, Pattern, Span, Text, Tree, Value
from runspect.query.values import Clock

OPPOSITE = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

_NUMBER_OF = "coalesce(c.num, TRY_CAST(trim(c.val, '\"') AS DOUBLE))"
_PARAM_TEXT = TEXT_OF.format("c.val")
_EAV: dict[str, tuple[str, str]] = {"param": ("cfg_now", "key"), "fact": ("facts_now", "name")}
_SERIES = "r.rid IN (SELECT s.rid FROM series_now s WHERE s.name = ? AND {condition})"
_AT_ROWS = (
    "SELECT s.rid AS rid, arg_max(p.v, struct_pack(step := p.step, seg := p.segment)) AS v"
    " FROM series_now s JOIN points_now p ON p.rid = s.rid"
    " WHERE p.name = ? AND s.name = ? AND p.step <= s.{step} GROUP BY s.rid"
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """`SELECT r.rid FROM runs_now r WHERE <sql>` with `params` for its question marks."""

    sql: str
    params: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Context:
    names: Names
    clock: Clock
    directions: Mapping[str, Direction] = field(default_factory=dict)


def compile_query(
    text: str,
    names: Names,
    *,
    now: float | None = None,
    zone: tzinfo | None = None,
    directions: Mapping[str, Direction] | None = None,
) -> Compiled:
    """The condition of a query; archived runs are not left out here.

    Args:
        now: Seconds since 1970 by which ages and dates are read; the present by default.
        zone: The zone of dates; this machine's by default.
        directions: Directions of metrics that are not to be guessed.

    Raises:
        QueryError: The query cannot be understood, with the place of the offending token.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError("this character is no text", error.start, error.end) from error
    return compile_tree(parse(text), names, now=now, zone=zone, directions=directions)


def compile_tree(
    tree: Tree,
    names: Names,
    *,
    now: float | None = None,
    zone: tzinfo | None = None,
    directions: Mapping[str, Direction] | None = None,
) -> Compiled:
    """As `compile_query`, from a tree."""
    clock = Clock(time.time() if now is None else now, zone)
    sql, params = _tree(tree, _Context(names, clock, directions or {}))
    return Compiled(sql, params)


def _tree(tree: Tree, context: _Context) -> Sql:
    match tree:
        case Everything():
            return "TRUE", ()
        case Anywhere(value):
            return _anywhere(value)
        case Not(part):
            sql, params = _tree(part, context)
            return f"NOT ({sql})", params
        case And(parts):
            return _join(" AND ", [_tree(part, context) for part in parts])
        case Or(parts):
            return _join(" OR ", [_tree(part, context) for part in parts])
        case In(name, listed, span):
            return _compare(name, BY_SYMBOL["="], listed, span, context)
        case Compare(name, op, value, span):
            return _compare(name, BY_SYMBOL[op], (value,), span, context)


def _compare(name: str, operator: Operator, listed: tuple[Value, ...], span: Span, context: _Context) -> Sql:
    """Any of the values, against a field, param, metric or fact."""
    known = BY_NAME.get(name.lower())
    if known is not None and known.type == "has":
        return _join(" OR ", [_has(value, operator, context) for value in listed])
    if known is not None:
        return _field(known, operator, listed, context)
    column = _column(name, span, context)
    if column.kind == "field":
        raise QueryError(f"{name!r} cannot be asked for", *span)
    if pair := _other_column(column, operator, listed, context):
        return pair
    if column.kind in _EAV:
        table, key = _EAV[column.kind]
        condition, params = _any(
            operator, "c.rid", listed, lambda value: mixed_condition(operator, _NUMBER_OF, _PARAM_TEXT, value)
        )
        return f"r.rid IN (SELECT c.rid FROM {table} c WHERE c.{key} = ? AND {condition})", (column.name, *params)  # noqa: S608 - our own table names
    return _metric(column, operator, listed, span, context)


def _metric(column: Column, operator: Operator, listed: tuple[Value, ...], span: Span, context: _Context) -> Sql:
    only = listed[0]
    if operator.symbol == ":" and isinstance(only, Text) and only.text.removesuffix(".step") in dict(AGGREGATES):
        # "val/loss:min" without a comparison: the runs that have it
        return _SERIES.format(condition="TRUE"), (column.name,)
    aggregate = bound(column, context.directions)
    if aggregate is None:
        raise QueryError(f"it is not known whether {column.name!r} is better up or down: say :min or :max", *span)
    value, step = VALUES[aggregate]
    chosen = step if column.step else value
    x = "q.v" if column.kind == "at" else f"s.{chosen}"
    measured = not column.step and aggregate not in ("n", "nan")
    condition, params = _any(operator, x, listed, lambda value: number_condition(operator, x, value, measured=measured))
    if column.kind == "at":
        rows = _AT_ROWS.format(step=step)
        return f"r.rid IN (SELECT q.rid FROM ({rows}) q WHERE {condition})", (column.name, column.other, *params)  # noqa: S608 - our own names
    return _SERIES.format(condition=condition), (column.name, *params)


def _field(known: Field, operator: Operator, listed: tuple[Value, ...], context: _Context) -> Sql:
    if known.type == "flag":
        return _join(" OR ", [_flag(known, operator, value) for value in listed])
    if operator.ordering and known.type in ("set", "prose"):
        raise QueryError(f"`{operator.symbol}` does not compare {known.name}; use `{known.name}:word`", *listed[0].span)

    def one(value: Value) -> Sql:
        return _field_condition(known, operator, value, context)

    if known.rows:
        condition, params = _any(replace(operator, negates=False), known.sql, listed, one)
        sql = f"r.rid IN (SELECT q.rid FROM ({known.rows}) q WHERE {condition})"  # noqa: S608 - rows of the field table
        # with many values a run, `!=` means that none of them is it
        return (f"NOT ({sql})" if operator.negates else sql), params
    if known.type in ("number", "duration"):
        pair = _other_column(parse_column(known.name), operator, listed, context)
        if pair is not None:
            return pair
    condition, params = _any(operator, known.sql, listed, one)
    return f"coalesce({condition}, FALSE)", params


def _field_condition(known: Field, operator: Operator, value: Value, context: _Context) -> Sql:
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
        case "set":
            return text_condition(operator, known.sql, value, whole=True)
        case _:
            whole_path = known.name == "path" and isinstance(value, Text) and value.text.startswith("/")
            return text_condition(operator, "r.abspath" if whole_path else known.sql, value)


def _flag(known: Field, operator: Operator, value: Value) -> Sql:
    if operator.ordering or operator.regex:
        raise QueryError(f"`{operator.symbol}` does not compare {known.name}; use `{known.name}:yes`", *value.span)
    sql = f"r.rid IN (SELECT q.rid FROM ({known.rows}) q WHERE q.v = 'true')"  # noqa: S608 - rows of the field table
    return (sql if flag_wanted(value) != operator.negates else f"NOT ({sql})"), ()


def _has(value: Value, operator: Operator, context: _Context) -> Sql:
    if isinstance(value, Pattern):
        raise wrong(value, "the name of a field, param or metric")
    if operator.symbol not in (":", "="):
        raise QueryError("write has:NAME", *value.span)
    known, anything = BY_NAME.get(value.text.lower()), HAS_ANY.get(value.text.lower())
    if anything is not None:
        return f"r.rid IN ({anything})", ()
    if known is not None and known.type == "flag":
        return _flag(known, operator, Text("yes"))
    if known is not None and known.type != "has":
        if known.rows:
            return f"r.rid IN (SELECT q.rid FROM ({known.rows}) q WHERE CAST(q.v AS VARCHAR) <> '')", ()  # noqa: S608 - rows of the field table
        zero = "CAST(0 AS VARCHAR)" if known.name == "problems" else "''"
        return f"coalesce(CAST({known.sql} AS VARCHAR) NOT IN ('', {zero}), FALSE)", ()
    return _join(" OR ", [_has_name(kind, name) for kind, name in _named(value, context)])


def _named(value: Text, context: _Context) -> list[tuple[NameKind, str]]:
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
    column = _column(value.text, value.span, context)
    return [("metric", column.name)]


def _has_name(kind: NameKind, name: str) -> Sql:
    if kind == "metric":
        return _SERIES.format(condition="TRUE"), (name,)
    table, key = _EAV[kind]
    return f"r.rid IN (SELECT c.rid FROM {table} c WHERE c.{key} = ?)", (name,)  # noqa: S608 - our own table names


def _anywhere(value: Value) -> Sql:
    """In the name, the path, a tag or a note."""
    name, params = anywhere_condition("r.name", value)
    path, _ = anywhere_condition("r.path", value)
    member, _ = anywhere_condition("q.v", value)
    parts = [f"coalesce({name}, FALSE)", f"coalesce({path}, FALSE)"]
    parts += [f"r.rid IN (SELECT q.rid FROM ({BY_NAME[rows].rows}) q WHERE {member})" for rows in ("tag", "note")]  # noqa: S608 - rows of the field table
    return f"({' OR '.join(parts)})", params * 4


def _other_column(column: Column, operator: Operator, listed: tuple[Value, ...], context: _Context) -> Sql | None:
    """`val/loss:min < train/loss:min`: the value is a number of the same run; None when it is a value."""
    value = listed[0]
    if len(listed) != 1 or not isinstance(value, Text) or value.quoted or operator.number is None:
        return None
    only_numbers = column.kind in ("metric", "at", "field")
    if values.number(value.text) is not None or not (operator.ordering or only_numbers):
        return None
    if values.duration(value.text) is not None:
        return None
    try:
        other = resolve(parse_column(value.text), context.names)
    except (UnknownName, UsageError):
        return None
    if operator.symbol == ":" or (other.kind == "field" and other.name not in ("steps", "problems", "took")):
        return None
    left, left_params = _number(column, context)
    right, right_params = _number(other, context)
    condition = operator.number.replace("?", "{y}").format(x=left, y=right)
    if operator.negates:
        condition = f"NOT ({condition})"
    return f"coalesce({condition}, FALSE)", (*left_params, *right_params)


def _number(column: Column, context: _Context) -> Sql:
    """A column of the run as a finite or infinite number, else NULL."""
    if column.kind in _EAV:
        table, key = _EAV[column.kind]
        sql = f"(SELECT max({_NUMBER_OF}) FROM {table} c WHERE c.rid = r.rid AND c.{key} = ?)"  # noqa: S608 - our own table names
        params: tuple[str, ...] = (column.name,)
    else:
        value, found = value_sql(column, context.names, context.directions)
        sql, params = f"CAST({value} AS DOUBLE)", tuple(map(str, found))
    return f"nullif({sql}, CAST('NaN' AS DOUBLE))", params


def _column(name: str, span: Span, context: _Context) -> Column:
    try:
        return resolve(parse_column(name), context.names)
    except UnknownName as error:
        known = context.names
        everything = (*BY_NAME, *known.params, *known.metrics, *known.facts)
        offered = error.near if error.ambiguous else near_names(name, everything) or error.near
        raise QueryError(str(error), *span, offered) from error
    except UsageError as error:
        raise QueryError(str(error), *span) from error


def _any(operator: Operator, x: str, listed: tuple[Value, ...], condition: Callable[[Value], Sql]) -> Sql:
    """The condition for any of the values; turned into "there, and none of them" where the operator negates."""
    sql, params = _join(" OR ", [condition(value) for value in listed])
    return (f"({x} IS NOT NULL AND NOT coalesce({sql}, FALSE))" if operator.negates else sql), params


def _join(glue: str, parts: list[Sql]) -> Sql:
    if len(parts) == 1:
        return parts[0]
    return f"({glue.join(sql for sql, _ in parts)})", tuple(param for _, params in parts for param in params)
