"""The operators of the language, one row each: what they mean for numbers, text and times."""

from __future__ import annotations

from typing import Literal

from runspect.dataclass import dataclass

Bound = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator. In each template `{x}` is a column of the index and `?` the value.

    A template is None where the operator makes no sense. A time value is a span (a day, a month, an instant):
    `bounds` says which of its ends the `?` of `moment` are.
    """

    symbol: str
    help: str
    number: str | None
    text: str | None
    moment: str | None
    bounds: tuple[Bound, ...]
    ordering: bool = False
    negates: bool = False
    """The field is there, and the templates do not hold."""
    regex: bool = False
    """The value is a regular expression."""


OPERATORS: tuple[Operator, ...] = (
    Operator(
        ":",
        "is; in free text, holds",
        "{x} = ?",
        "contains(lower({x}), lower(?))",
        "{x} >= ? AND {x} < ?",
        ("low", "high"),
    ),
    Operator("=", "is exactly", "{x} = ?", "lower({x}) = lower(?)", "{x} >= ? AND {x} < ?", ("low", "high")),
    Operator(
        "!=",
        "is there, but another",
        "{x} = ?",
        "lower({x}) = lower(?)",
        "{x} >= ? AND {x} < ?",
        ("low", "high"),
        negates=True,
    ),
    Operator("<", "is less, or earlier than", "{x} < ?", "lower({x}) < lower(?)", "{x} < ?", ("low",), ordering=True),
    Operator(
        "<=", "is at most, or not after", "{x} <= ?", "lower({x}) <= lower(?)", "{x} < ?", ("high",), ordering=True
    ),
    Operator(">", "is more, or after", "{x} > ?", "lower({x}) > lower(?)", "{x} >= ?", ("high",), ordering=True),
    Operator(
        ">=", "is at least, or not before", "{x} >= ?", "lower({x}) >= lower(?)", "{x} >= ?", ("low",), ordering=True
    ),
    Operator("~", "matches the regular expression", None, "regexp_matches({x}, ?, 'is')", None, (), regex=True),
)

BY_SYMBOL = {operator.symbol: operator for operator in OPERATORS}


def near_operators(written: str) -> tuple[str, ...]:
    """The operators of which all characters are in `written`, the longest first: `<=` for `=<`."""
    held = [operator.symbol for operator in OPERATORS if set(operator.symbol) <= set(written)]
    return tuple(sorted(held, key=lambda symbol: (-len(symbol), written.find(symbol[0]))))
