"""What a query is compiled against, and the joints between pieces of SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from runspect.columns import Column, Lens, Names, UnknownName, parse_column, resolve
from runspect.columns.lens import PLAIN
from runspect.columns.names import near
from runspect.columns.quantities import duration
from runspect.columns.spec import AGGREGATES, otherwise
from runspect.dataclass import dataclass
from runspect.errors import QueryError, UsageError
from runspect.query.conditions import Sql
from runspect.query.fields import BY_NAME
from runspect.query.operators import Operator
from runspect.query.tree import Span, Value
from runspect.query.values import Clock


@dataclass(frozen=True, slots=True)
class Context:
    """The names in scope, the time, and what is not to be guessed."""

    names: Names
    clock: Clock
    lens: Lens = PLAIN


def column_of(name: str, span: Span, context: Context) -> Column:
    """The column that a field of the query names; an error at its place when there is none."""
    try:
        return resolve(parse_column(name), context.names)
    except UnknownName as error:
        known = context.names
        metric, _, word = name.rpartition(":")
        if metric in known.metrics:
            listed = tuple(aggregate for aggregate, _ in AGGREGATES)
            said = f"a metric has no {word!r}, but {', '.join(listed)}"
            raise QueryError(said, *span, near(word, listed)) from error
        if hint := glued(name, known):
            raise QueryError(hint, *span) from error
        everything = (*BY_NAME, *known.params, *known.metrics, *known.facts)
        meant = otherwise(name, known) or error.candidates or near(name, everything)
        raise QueryError(str(error), *span, meant) from error
    except UsageError as error:
        raise QueryError(str(error), *span) from error


def glued(text: str, names: Names) -> str | None:
    """What to say of `val/loss*0.5`, which computes nothing without blanks; None where both sides are not known."""
    for found in re.finditer(r"(?<=.)[-+*/](?=.)", text, re.DOTALL):
        left, right = text[: found.start()], text[found.end() :]
        if all(duration(side) is not None or _known(side, names) for side in (left, right)):
            return f"{text!r} is one name: to compute, write blanks around the operator: `{left} {found[0]} {right}`"
    return None


def _known(text: str, names: Names) -> bool:
    try:
        resolve(parse_column(text), names)
    except UsageError:
        return False
    return True


def any_of(operator: Operator, x: str, listed: Sequence[Value], condition: Callable[[Value], Sql]) -> Sql:
    """The condition for any of the values; turned into "there, and none of them" where the operator negates."""
    sql, params = join(" OR ", [condition(value) for value in listed])
    return (f"({x} IS NOT NULL AND NOT coalesce({sql}, FALSE))" if operator.negates else sql), params


def join(glue: str, parts: Sequence[Sql]) -> Sql:
    """All parts with `glue` between them, in brackets."""
    if len(parts) == 1:
        return parts[0]
    return f"({glue.join(sql for sql, _ in parts)})", tuple(param for _, params in parts for param in params)
