"""Conditions on what runs have by names of their own: params, metrics and facts."""

from __future__ import annotations

from typing import cast

from runspect.columns import Column, UnknownName, parse_column, resolve
from runspect.columns.formula import Operand
from runspect.columns.names import NameKind
from runspect.columns.spec import AGGREGATES, bound
from runspect.columns.sql import NUMBER_OF, VALUES, delta_rows, number_sql
from runspect.columns.table import BY_NAME as BUILT_IN
from runspect.errors import QueryError, UsageError
from runspect.query import values
from runspect.query.balance import weighed
from runspect.query.conditions import Param, Sql, mixed_condition, number_condition, wrong
from runspect.query.context import Context, any_of, glued
from runspect.query.fields import TEXT_OF
from runspect.query.operators import Operator
from runspect.query.tree import Span, Text, Value

_TEXT = TEXT_OF.format("c.val")
_EAV: dict[str, tuple[str, str]] = {"param": ("cfg_now", "key"), "fact": ("facts_now", "name")}
_SERIES = "r.rid IN (SELECT s.rid FROM series_now s WHERE s.name = ? AND {condition})"
_AT_ROWS = (
    "SELECT s.rid AS rid, arg_max(p.v, struct_pack(step := p.step, seg := p.segment)) AS v"
    " FROM series_now s JOIN points_now p ON p.rid = s.rid"
    " WHERE p.name = ? AND s.name = ? AND p.step <= s.{step} GROUP BY s.rid"
)


def named(column: Column, operator: Operator, listed: tuple[Value, ...], span: Span, context: Context) -> Sql:
    """Any of the values, against a param, metric or fact."""
    if pair := other_column(column, operator, listed, context):
        return pair
    if column.kind in _EAV:
        table, key = _EAV[column.kind]
        condition, params = any_of(
            operator, "c.rid", listed, lambda value: mixed_condition(operator, NUMBER_OF, _TEXT, value)
        )
        return f"r.rid IN (SELECT c.rid FROM {table} c WHERE c.{key} = ? AND {condition})", (column.name, *params)  # noqa: S608 - our own table names
    if column.kind in ("formula", "delta"):
        return _computed(column, operator, listed, context)
    return _metric(column, operator, listed, span, context)


def has_name(kind: NameKind, name: str) -> Sql:
    """The runs that have this name at all."""
    if kind == "metric":
        return _SERIES.format(condition="TRUE"), (name,)
    table, key = _EAV[kind]
    return f"r.rid IN (SELECT c.rid FROM {table} c WHERE c.{key} = ?)", (name,)  # noqa: S608 - our own table names


def other_column(column: Column, operator: Operator, listed: tuple[Value, ...], context: Context) -> Sql | None:
    """`val/loss:min < train/loss:min`: the value is a number of the same run; None when it is a value."""
    value = listed[0]
    if len(listed) != 1 or not isinstance(value, Text) or value.quoted or operator.number is None:
        return None
    only_numbers = column.kind in ("metric", "at", "field", "delta")
    if values.number(value.text) is not None or not (operator.ordering or only_numbers):
        return None
    if values.duration(value.text) is not None:
        return None
    try:
        other = resolve(parse_column(value.text), context.names)
    except (UnknownName, UsageError) as error:
        if said := glued(value.text, context.names):
            raise QueryError(said, *value.span) from error
        return None
    if operator.symbol == ":" or (other.kind == "field" and BUILT_IN[other.name].type not in ("number", "duration")):
        return None
    try:
        return weighed(
            operator,
            Operand(column.spec, quoted=True),
            Operand(other.spec, quoted=True),
            context,
        )
    except UsageError as error:
        raise QueryError(str(error), *value.span) from error


def _computed(column: Column, operator: Operator, listed: tuple[Value, ...], context: Context) -> Sql:
    if column.kind == "delta":
        rows, params = delta_rows(column, context.names, context.lens)
    else:
        value, params = number_sql(column, context.names, context.lens)
        rows = f"SELECT r.rid, {value} AS v FROM runs_now r"  # noqa: S608 - SQL of a column
    condition, more = any_of(operator, "q.v", listed, lambda one: number_condition(operator, "q.v", one))
    sql = f"r.rid IN (SELECT q.rid FROM ({rows}) q WHERE {condition})"  # noqa: S608 - SQL of a column
    return sql, (*cast("tuple[Param, ...]", params), *more)


def _metric(column: Column, operator: Operator, listed: tuple[Value, ...], span: Span, context: Context) -> Sql:
    only = listed[0]
    if operator.symbol == ":" and isinstance(only, Text) and only.text.removesuffix(".step") in dict(AGGREGATES):
        # "val/loss:min" without a comparison: the runs that have it
        return _SERIES.format(condition="TRUE"), (column.name,)
    if operator.symbol == ":" and isinstance(only, Text) and values.number(only.text) is None:
        raise wrong(only, "a number, or last, first, min, max, best, mean, n or nan", tuple(dict(AGGREGATES)))
    aggregate = bound(column, context.lens.directions)
    if aggregate is None:
        raise QueryError(f"it is not known whether {column.name!r} is better up or down: say :min or :max", *span)
    value, step = VALUES[aggregate]
    chosen = step if column.step else value
    x = "q.v" if column.kind == "at" else f"s.{chosen}"
    measured = not column.step and aggregate not in ("n", "nan")
    condition, params = any_of(operator, x, listed, lambda one: number_condition(operator, x, one, measured=measured))
    if column.kind == "at":
        rows = _AT_ROWS.format(step=step)
        return f"r.rid IN (SELECT q.rid FROM ({rows}) q WHERE {condition})", (column.name, column.other, *params)  # noqa: S608 - our own names
    return _SERIES.format(condition=condition), (column.name, *params)
