"""Arithmetic over columns: `train/loss - val/loss`, `(val/loss:min + 1) / train/loss:min`.

An operator stands between blanks, for `-`, `/`, `+` and `*` may be parts of names, numbers and globs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from runspect.dataclass import dataclass, field

MAX_DEPTH = 20
"""Nested brackets; more is no formula of a person."""

_SUM, _PRODUCT = "+-", "*/"
_OPERATOR = re.compile(r"\s+([-+*/])(?=\s)\s*")
_CLOSING = {"(": ")", "[": "]"}
_ENDS = frozenset("=<>~,|\"'")
_MARKS = ("!=", "!~", "&&")
_WORDS = frozenset(("and", "or", "not", "in"))
_NEGATIVE = re.compile(r"-[0-9.]")
_PART = re.compile(r":[A-Za-z]+(?:\.step)?")


@dataclass(frozen=True, slots=True)
class Operand:
    """A number, a length of time or a column spec; a quoted one is always a column."""

    text: str
    quoted: bool = False
    start: int = field(default=0, compare=False)
    """Offset in the text that was parsed."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`left op right`; op is one of + - * /."""

    op: str
    left: Formula
    right: Formula


Formula = Operand | Operation


def formula_at(text: str, start: int) -> tuple[Operation, int] | None:
    """The longest formula that begins at an offset, and where it ends; None when nothing is computed there."""
    found = _sum(text, start, 0)
    return (found[0], found[1]) if found is not None and isinstance(found[0], Operation) else None


def parse_formula(text: str) -> Operation | None:
    """The formula that the whole text is, else None."""
    found = formula_at(text, 0) if _OPERATOR.search(text) else None
    return found[0] if found is not None and found[1] == len(text) else None


def render_formula(formula: Formula) -> str:
    """Text that parses to the formula."""
    if isinstance(formula, Operand):
        return _quote(formula.text) if formula.quoted else formula.text
    left, right = render_formula(formula.left), render_formula(formula.right)
    if _rank(formula.left) < _rank(formula):
        left = f"({left})"
    if _rank(formula.right) <= _rank(formula):
        right = f"({right})"
    return f"{left} {formula.op} {right}"


def operands(formula: Formula) -> Iterator[Operand]:
    """All of them, from left to right."""
    if isinstance(formula, Operand):
        yield formula
    else:
        yield from operands(formula.left)
        yield from operands(formula.right)


def shifted(formula: Formula, by: int) -> Formula:
    """The formula with its operands so many characters further on."""
    if isinstance(formula, Operand):
        return replace(formula, start=formula.start + by)
    return replace(formula, left=shifted(formula.left, by), right=shifted(formula.right, by))


def plain_operand(text: str, start: int, *, quoted: bool) -> Operand:
    """The operand that means `text`, quoted as it was or where it could not be read otherwise."""
    found = _operand(text, 0)
    return Operand(text, quoted or found is None or found[1] != len(text) or found[0].quoted, start)


def _rank(formula: Formula) -> int:
    """How closely it holds together."""
    return 2 if isinstance(formula, Operand) else int(formula.op in _PRODUCT)


def _sum(text: str, at: int, depth: int) -> tuple[Formula, int] | None:
    found = _product(text, at, depth)
    while found is not None and (more := _operator(text, found[1], _SUM)):
        right = _product(text, more[1], depth)
        if right is None:
            break
        found = Operation(more[0], found[0], right[0]), right[1]
    return found


def _product(text: str, at: int, depth: int) -> tuple[Formula, int] | None:
    found = _atom(text, at, depth)
    while found is not None and (more := _operator(text, found[1], _PRODUCT)):
        right = _atom(text, more[1], depth)
        if right is None:
            break
        found = Operation(more[0], found[0], right[0]), right[1]
    return found


def _atom(text: str, at: int, depth: int) -> tuple[Formula, int] | None:
    if text[at : at + 1] != "(":
        return _operand(text, at)
    found = _sum(text, _blanks(text, at + 1), depth + 1) if depth < MAX_DEPTH else None
    if found is None:
        return None
    end = _blanks(text, found[1])
    return (found[0], end + 1) if text[end : end + 1] == ")" else None


def _operator(text: str, at: int, which: str) -> tuple[str, int] | None:
    found = _OPERATOR.match(text, at)
    return (found[1], found.end()) if found and found[1] in which else None


def _operand(text: str, at: int) -> tuple[Operand, int] | None:
    if text[at : at + 1] in ('"', "'"):
        return _quoted(text, at)
    end = _word_end(text, at)
    word = text[at:end]
    bare = not word or word in (*_SUM, *_PRODUCT) or word.lower() in _WORDS
    odd = word.startswith(("-", "/", "!")) and not _NEGATIVE.match(word)
    # `name:/a - b/` and `note:"a - b"` ask for a text
    if bare or odd or word.endswith(":") or ":/" in word:
        return None
    return Operand(word, False, at), end


def _word_end(text: str, start: int) -> int:
    at, open_brackets = start, [""]
    while at < len(text):
        char = text[at]
        if char.isspace() or char in _ENDS or text.startswith(_MARKS, at):
            break
        if char in _CLOSING:
            if at == start:
                break
            open_brackets.append(_CLOSING[char])
        elif char in ")]":
            if open_brackets[-1] != char:
                break
            open_brackets.pop()
        at += 1
    return at if len(open_brackets) == 1 else start


def _quoted(text: str, start: int) -> tuple[Operand, int] | None:
    kept: list[str] = []
    quote, at = text[start], start + 1
    while at < len(text) and text[at] != quote:
        if text[at] == "\\" and text[at + 1 : at + 2] in (quote, "\\"):
            at += 1
        kept.append(text[at])
        at += 1
    if at >= len(text) or not kept:
        return None
    part = _PART.match(text, at + 1)
    end = part.end() if part else at + 1
    return Operand("".join(kept) + (part[0] if part else ""), True, start), end


def _blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
