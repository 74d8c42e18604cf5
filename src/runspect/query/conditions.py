"""One value against one expression of the index: the SQL of a single comparison.

Each function takes an expression over a row, without parameters of its own, and returns SQL that may be NULL.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable
from datetime import datetime

from runspect.columns.names import near
from runspect.errors import QueryError
from runspect.query import values
from runspect.query.operators import Operator
from runspect.query.regex import fault, from_glob
from runspect.query.tree import Pattern, Text, Value
from runspect.query.values import Clock

Param = str | float | datetime
Sql = tuple[str, tuple[Param, ...]]

CLOSE = "abs({x} - CAST(? AS DOUBLE)) <= 1e-6 * abs(CAST(? AS DOUBLE))"
"""Equality of measured numbers: most tools write 32-bit floats, where 0.1 is 0.10000000149."""

NAN = "isnan({x})"
_NONE = ("none", "null")


def number_condition(operator: Operator, x: str, value: Value, *, measured: bool = False) -> Sql:
    """A number: `12k`, `1e-3`, `nan`. NaN is neither less nor more than anything.

    Raises:
        QueryError: The value is no number.
    """
    wanted = None if isinstance(value, Pattern) else values.number(value.text)
    if wanted is None or operator.number is None:
        raise wrong(value, "a number")
    if math.isnan(wanted):
        return (NAN.format(x=x), ()) if not operator.ordering else ("FALSE", ())
    if operator.ordering:
        return f"({operator.number.format(x=x)} AND NOT isnan({x}))", (wanted,)
    if measured and math.isfinite(wanted):
        return CLOSE.format(x=x), (wanted, wanted)
    return operator.number.format(x=x), (wanted,)


def text_condition(operator: Operator, x: str, value: Value, *, whole: bool = False) -> Sql:
    """Text, letter case apart: a literal, a glob, or a regular expression. `whole`: `:` does not look for parts."""
    if isinstance(value, Pattern) or operator.regex:
        pattern = value.regex if isinstance(value, Pattern) else value.text
        if operator.ordering:
            raise wrong(value, f"a word or a number after `{operator.symbol}`")
        if said := fault(pattern):
            raise QueryError(f"{pattern!r} is no regular expression here: {said}", *value.span)
        return f"regexp_matches({x}, ?, 'is')", (pattern,)
    if is_glob(value) and not operator.ordering:
        return f"regexp_full_match({x}, ?, 'is')", (from_glob(value.text),)
    if whole and operator.symbol == ":":
        return f"lower({x}) = lower(?)", (value.text,)
    template = operator.text or ""
    return template.format(x=x), (value.text,)


def name_condition(operator: Operator, x: str, value: Value) -> Sql:
    """A run's name, or an end of it behind a `/`: who asks below a watched directory sees that shorter name."""
    if isinstance(value, Pattern) or operator.regex or operator.ordering:
        return text_condition(operator, x, value)
    if is_glob(value):
        return f"regexp_full_match({x}, ?, 'is')", (f"(.*/)?{from_glob(value.text)}",)
    if operator.symbol == ":":
        return text_condition(operator, x, value)
    return f"(lower({x}) = lower(?) OR ends_with(lower({x}), concat('/', lower(?))))", (value.text, value.text)


def prefix_condition(operator: Operator, x: str, value: Value) -> Sql:
    """An id such as a commit by its beginning, or by more of it than was recorded."""
    if isinstance(value, Pattern) or operator.regex or is_glob(value):
        return text_condition(operator, x, value)
    if operator.ordering:
        raise QueryError(f"`{operator.symbol}` does not compare commits; use `commit:3843b2b`", *value.span)
    return f"(starts_with(lower({x}), lower(?)) OR (length({x}) >= 7 AND starts_with(lower(?), lower({x}))))", (
        value.text,
        value.text,
    )


def anywhere_condition(x: str, value: Value) -> Sql:
    """A bare word as a part of some text."""
    if isinstance(value, Pattern):
        if said := fault(value.regex):
            raise QueryError(f"{value.regex!r} is no regular expression here: {said}", *value.span)
        return f"regexp_matches({x}, ?, 'is')", (value.regex,)
    if is_glob(value):
        return f"regexp_matches({x}, ?, 'is')", (from_glob(value.text),)
    return f"contains(lower({x}), lower(?))", (value.text,)


def mixed_condition(operator: Operator, num: str, text: str, value: Value) -> Sql:
    """A param or fact, which may be a number, a word or a list: compared as a number where both sides are one."""
    wanted = None if isinstance(value, Pattern) or value.quoted or operator.regex else values.number(value.text)
    if wanted is None:
        if isinstance(value, Text) and not value.quoted and value.text.lower() in _NONE and not operator.ordering:
            return f"lower({text}) IN (?, ?)", _NONE
        found, params = text_condition(operator, text, value)
        return (f"({num} IS NULL AND {found})" if operator.ordering else found), params
    as_number, number_params = number_condition(operator, num, value)
    if operator.ordering:
        return as_number, number_params
    as_text, text_params = text_condition(operator, text, value)
    guard = f"{num} IS NULL AND " if operator.symbol == ":" else ""
    return f"(coalesce({as_number}, FALSE) OR ({guard}{as_text}))", (*number_params, *text_params)


def moment_condition(operator: Operator, x: str, value: Value, clock: Clock) -> Sql:
    """A date, a day's name, or how long ago."""
    span = None if isinstance(value, Pattern) else values.moment(value.text, clock)
    if span is None or operator.moment is None:
        raise wrong(value, "a date such as 2026-11-01 or yesterday, or how long ago, such as 2d", values.DATE_WORDS)
    return operator.moment.format(x=x), tuple(span.low if end == "low" else span.high for end in operator.bounds)


def duration_condition(operator: Operator, x: str, value: Value) -> Sql:
    """A length of time; `=` means "shown as": `took = 2h` is at least two, less than three hours."""
    wanted = None if isinstance(value, Pattern) else values.duration(value.text)
    if wanted is None or operator.number is None or operator.moment is None:
        raise wrong(value, "a duration such as 90s, 30m, 1h30m or 2d")
    if operator.ordering:
        return operator.number.format(x=x), (wanted.seconds,)
    return operator.moment.format(x=x), (wanted.seconds, wanted.seconds + wanted.unit)


def age_condition(operator: Operator, opposite: Operator, x: str, value: Value, clock: Clock) -> Sql:
    """How long since the moment `x`: older is earlier, so the comparison is turned round."""
    wanted = None if isinstance(value, Pattern) else values.duration(value.text)
    unit = 0.0 if operator.ordering or wanted is None else wanted.unit
    span = values.ago(wanted.seconds, unit, clock) if wanted is not None else None
    if span is None or opposite.moment is None:
        raise wrong(value, "an age such as 30m, 2d or 3w")
    return opposite.moment.format(x=x), tuple(span.low if end == "low" else span.high for end in opposite.bounds)


def state_condition(operator: Operator, x: str, value: Value, states: tuple[str, ...]) -> Sql:
    """A state by name, its beginning after `:`, `live`, a glob or a regular expression."""
    if operator.ordering:
        raise QueryError(f"`{operator.symbol}` does not compare states; use `state:failed`", *value.span)
    if isinstance(value, Pattern) or operator.regex:
        return text_condition(operator, x, value)
    found = list(filter(_state_test(operator, value), states))
    if not found:
        raise wrong(value, f"one of the states {', '.join(states)}", states)
    chosen = [real for state in found for real in (("running", "quiet") if state == "live" else (state,))]
    return f"{x} IN ({', '.join('?' * len(chosen))})", tuple(chosen)


def flag_wanted(value: Value) -> bool:
    """What yes or no a value means."""
    text = "" if isinstance(value, Pattern) else value.text.lower()
    if text in ("yes", "true", "1", "y", "on"):
        return True
    if text in ("no", "false", "0", "n", "off"):
        return False
    raise wrong(value, "yes or no", ("yes", "no"))


def is_glob(value: Value) -> bool:
    """Whether `*` or `?` in a value stand for other characters."""
    return isinstance(value, Text) and not value.quoted and any(char in value.text for char in "*?")


def wrong(value: Value, wanted: str, candidates: tuple[str, ...] = ()) -> QueryError:
    """The error for a value of the wrong kind."""
    text = value.regex if isinstance(value, Pattern) else value.text
    return QueryError(f"expected {wanted}, not {text!r}", *value.span, near(text, candidates))


def _state_test(operator: Operator, value: Text) -> Callable[[str], bool]:
    text = value.text.lower()
    if is_glob(value):
        return lambda state: fnmatch.fnmatchcase(state, text.replace("[", "[[]"))
    return lambda state: state == text or (operator.symbol == ":" and bool(text) and state.startswith(text))
