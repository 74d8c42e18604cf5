"""Conditions on what runs have by names of their own: params, metrics and facts."""

from __future__ import annotations

from runspect.columns import Column, UnknownName, parse_column, resolve, value_sql
from runspect.columns.names import NameKind
from runspect.columns.spec import AGGREGATES, bound
from runspect.columns.sql import VALUES
from runspect.errors import QueryError, UsageError
from runspect.query import values
from runspect.query.conditions import Sql, mixed_condition, number_condition, wrong
from runspect.query.context import Context, any_of
from runspect.query.fields import TEXT_OF
from runspect.query.operators import Operator
from runspect.query.tree import Span, Text, Value

_NUMBER_OF = "coalesce(c.num, TRY_CAST(trim(c.val, '\"') AS DOUBLE))"
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
            operator, "c.rid", listed, lambda value: mixed_condition(operator, _NUMBER_OF, _TEXT, value)
        )
        return f"r.rid IN (SELECT c.rid FROM {table} c WHERE c.{key} = ? AND {condition})", (column.name, *params)  # noqa: S608 - our own table names
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


def _metric(column: Column, operator: Operator, listed: tuple[Value, ...], span: Span, context: Context) -> Sql:
    only = listed[0]
    if operator.symbol == ":" and isinstance(only, Text) and only.text.removesuffix(".step") in dict(AGGREGATES):
        # "val/loss:min" without a comparison: the runs that have it
        return _SERIES.format(condition="TRUE"), (column.name,)
    if operator.symbol == ":" and isinstance(only, Text) and values.number(only.text) is None:
        raise wrong(only, "a number, or last, first, min, max, best, mean, n or nan", tuple(dict(AGGREGATES)))
    aggregate = bound(column, context.directions)
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


def _number(column: Column, context: Context) -> Sql:
    """A column of the run as a finite or infinite number, else NULL."""
    if column.kind in _EAV:
        table, key = _EAV[column.kind]
        sql = f"(SELECT max({_NUMBER_OF}) FROM {table} c WHERE c.rid = r.rid AND c.{key} = ?)"  # noqa: S608 - our own table names
        params: tuple[str, ...] = (column.name,)
    else:
        value, found = value_sql(column, context.names, context.directions)
        sql, params = f"CAST({value} AS DOUBLE)", tuple(map(str, found))
    return f"nullif({sql}, CAST('NaN' AS DOUBLE))", params
