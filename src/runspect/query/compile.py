"""A query as a condition in SQL over a row `r` of `runs_now`.

No name and no value of the query is ever part of the SQL text: all are parameters. Each condition is true or false,
never NULL, so that `not` means "all other runs".
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import tzinfo
from fnmatch import fnmatchcase

from runspect.columns import Lens, Names, UnknownName
from runspect.columns.lens import PLAIN
from runspect.dataclass import dataclass
from runspect.errors import QueryError
from runspect.query.balance import balance
from runspect.query.built_in import anywhere, built_in, has
from runspect.query.conditions import Sql, wrong
from runspect.query.context import Context, column_of, join
from runspect.query.fields import BY_NAME, Field, field_of
from runspect.query.named import named
from runspect.query.operators import BY_SYMBOL, Operator
from runspect.query.parse import parse
from runspect.query.tree import (
    And,
    Anywhere,
    Balance,
    Compare,
    Everything,
    In,
    Not,
    Or,
    Pattern,
    Span,
    Text,
    Tree,
    Value,
)
from runspect.query.values import Clock


@dataclass(frozen=True, slots=True)
class Compiled:
    """`SELECT r.rid FROM runs_now r WHERE <sql>` with `params` for its question marks."""

    sql: str
    params: tuple[object, ...]


def compile_query(
    text: str,
    names: Names,
    *,
    now: float | None = None,
    zone: tzinfo | None = None,
    lens: Lens = PLAIN,
) -> Compiled:
    """The condition of a query; archived runs are not left out here.

    Args:
        now: Seconds since 1970 by which ages and dates are read; that of the lens, or the present, by default.
        zone: The zone of dates; this machine's by default.
        lens: What is not to be guessed, such as the directions of metrics.

    Raises:
        QueryError: The query cannot be understood, with the place of the offending token.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError("this character is no text", error.start, error.end) from error
    return compile_tree(parse(text), names, now=now, zone=zone, lens=lens)


def compile_tree(
    tree: Tree,
    names: Names,
    *,
    now: float | None = None,
    zone: tzinfo | None = None,
    lens: Lens = PLAIN,
) -> Compiled:
    """As `compile_query`, from a tree."""
    present = lens.now if now is None else now
    clock = Clock(time.time() if present is None else present, zone)
    sql, params = _tree(tree, Context(names, clock, replace(lens, now=clock.now)))
    return Compiled(sql, params)


def _tree(tree: Tree, context: Context) -> Sql:
    match tree:
        case Everything():
            return "TRUE", ()
        case Anywhere(value):
            return anywhere(value)
        case Not(part):
            sql, params = _tree(part, context)
            return f"NOT ({sql})", params
        case And(parts):
            return join(" AND ", [_tree(part, context) for part in parts])
        case Or(parts):
            return join(" OR ", [_tree(part, context) for part in parts])
        case In() | Balance() | Compare():
            return _leaf(tree, context)


def _leaf(tree: In | Balance | Compare, context: Context) -> Sql:
    """A condition; where no name is known yet, one on a name is true of no run."""
    try:
        match tree:
            case In(name, listed, span):
                return _compare(name, BY_SYMBOL["="], listed, span, context)
            case Compare(name, op, value, span):
                return _compare(name, BY_SYMBOL[op], (value,), span, context)
            case Balance():
                return balance(tree, context)
    except QueryError as error:
        if not context.names and isinstance(error.__cause__, UnknownName):
            return "FALSE", ()
        raise


def _has(value: Value, operator: Operator, context: Context) -> Sql:
    if value == Text("alert"):
        return _alerted(Text("*", span=value.span), BY_SYMBOL[":"], context) if context.lens.alerts else ("FALSE", ())
    return has(value, operator, context)


def _alerted(value: Value, operator: Operator, context: Context) -> Sql:
    """`alert:NAME`: what the query of that name matches, of any that fits a glob."""
    alerts = context.lens.alerts
    if isinstance(value, Pattern) or operator.symbol not in (":", "=", "!="):
        raise QueryError("write alert:NAME, or alert:* for any", *value.span)
    if not alerts:
        raise QueryError("no alert is known: name queries in [alerts] of runspect.toml", *value.span)
    fitting = [name for name in alerts if fnmatchcase(name.lower(), value.text.lower())]
    if not fitting:
        raise wrong(value, f"one of the alerts {', '.join(alerts)}", tuple(alerts))
    inner = replace(context, lens=replace(context.lens, alerts={}))  # an alert that names alerts might name itself
    sql, params = join(" OR ", [_alert(name, alerts[name], inner, value.span) for name in fitting])
    return (f"NOT ({sql})" if operator.negates else sql), params


def _alert(name: str, query: str, context: Context, span: Span) -> Sql:
    try:
        return _tree(parse(query), context)
    except QueryError as error:
        if isinstance(error.__cause__, UnknownName):  # no run here has what it asks for
            return "FALSE", ()
        raise QueryError(f"the alert {name!r} of the policy: {error}", *span) from error


def _compare(name: str, operator: Operator, listed: tuple[Value, ...], span: Span, context: Context) -> Sql:
    """Any of the values, against a field, param, metric or fact."""
    known = field_of(name, context.names)
    if known is not None and known.name == "vs" and (part := _part(operator, listed)) is not None:
        known, rest = part
        return built_in(known, operator, (rest,), context) if rest.text else has(Text(known.name), operator, context)
    if known is not None and known.type == "alert":
        return join(" OR ", [_alerted(value, operator, context) for value in listed])
    if known is not None and known.type == "has":
        return join(" OR ", [_has(value, operator, context) for value in listed])
    if known is not None:
        return built_in(known, operator, listed, context)
    column = column_of(name, span, context)
    if column.kind == "field":
        raise QueryError(f"{name!r} cannot be asked for", *span)
    return named(column, operator, listed, span, context)


def _part(operator: Operator, listed: tuple[Value, ...]) -> tuple[Field, Text] | None:
    """`vs:champion`, `vs:noise:within`: the field, and the value behind it."""
    value = listed[0]
    if operator.symbol != ":" or len(listed) != 1 or not isinstance(value, Text) or value.quoted:
        return None
    word, _, rest = value.text.partition(":")
    known = BY_NAME.get(f"vs:{word.lower()}")
    return None if known is None else (known, Text(rest, False, value.span))
