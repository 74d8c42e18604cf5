"""A query in words: what is asked of a run, a condition a line."""

from __future__ import annotations

from collections.abc import Iterator

from runspect.columns.formula import render_formula
from runspect.query.operators import BY_SYMBOL
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
    Tree,
    Value,
    render_value,
)

_VERBS = {"=": "is", "!=": "is there, but is not", "<": "is less than", "<=": "is at most", ">": "is more than",
          ">=": "is at least", "~": "matches", ":": "is or holds"}  # fmt: skip


def words(tree: Tree) -> tuple[str, ...]:
    """Lines, indented by two blanks for each level."""
    return tuple(_lines(tree, 0))


def _lines(tree: Tree, depth: int) -> Iterator[str]:
    margin = "  " * depth
    match tree:
        case Everything():
            yield f"{margin}every run"
        case Anywhere(value):
            yield f"{margin}its name, path, a tag or a note {_holds(value)}"
        case Compare("has", _, value):
            yield f"{margin}it has {render_value(value)}"
        case Compare(name, op, value):
            yield f"{margin}{name} {_verb(op, value)} {render_value(value)}"
        case Balance(left, op, right):
            yield f"{margin}{render_formula(left)} {_VERBS[op]} {render_formula(right)}"
        case In(name, listed):
            yield f"{margin}{name} is one of {', '.join(map(render_value, listed))}"
        case Not(part):
            yield f"{margin}not:"
            yield from _lines(part, depth + 1)
        case And(parts) | Or(parts):
            yield f"{margin}{'all of' if isinstance(tree, And) else 'any of'}:"
            for part in parts:
                yield from _lines(part, depth + 1)


def _verb(op: str, value: Value) -> str:
    matched = isinstance(value, Pattern) or BY_SYMBOL[op].regex
    return "matches" if matched and not BY_SYMBOL[op].negates else _VERBS[op]


def _holds(value: Value) -> str:
    return f"{'matches' if isinstance(value, Pattern) else 'holds'} {render_value(value)}"
