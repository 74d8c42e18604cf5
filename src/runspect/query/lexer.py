"""Query text → tokens with their places.

A word ends at a blank, a comparison, a comma, a bar or a bracket that it did not open itself: `metrics/mAP50(B)` and
`test/acc@min(val/loss)` are one word each. After an operator a word may hold colons (a time, an address). What is
computed on one side of a comparison is one token: `train/loss - val/loss`.

Habits from elsewhere are taken in their plain meaning: `&&`, `||`, `!`, `==`, `<>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from runspect.columns.formula import formula_at
from runspect.dataclass import dataclass
from runspect.errors import QueryError
from runspect.query.tree import KEYWORDS

TokenKind = Literal["word", "string", "regex", "formula", "operator", "(", ")", "[", "]", ",", "|", "&", "-", "end"]

OPERATOR_TEXTS = ("===", "!==", "!=", "<>", "<=", ">=", "==", "=~", "!~", "=", "<", ">", "~", ":")
BALANCING = ("!=", "<", ">", "=")
"""How comparisons begin of which a side may be computed."""
SPELLINGS = {"==": "=", "===": "=", "=~": "~", "<>": "!=", "!==": "!="}
"""Other ways to write an operator, taken as the plain one."""
AND = "&&"
NOT_LIKE = "!~"
"""Two that are written otherwise here: with a blank, and with `not` and `~`."""

_CLOSING = {"(": ")", "[": "]"}
_ENDS = frozenset(" \t\r\n\f\v,|)]")
_MARKS = ("!=", NOT_LIKE, AND)
"""What ends a word though its characters may be parts of one."""
_BREAKS = frozenset('=<>~:"') | _ENDS


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query; `text` is what it means (quotes and escapes gone), the span is where it stands."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def keyword(self) -> str:
        """and, or, not, in; "" for any other token."""
        return self.text.lower() if self.kind == "word" and self.text.lower() in KEYWORDS else ""


def tokens(text: str) -> tuple[Token, ...]:
    """All tokens of `text`, an `end` token last.

    Raises:
        QueryError: A quote is not closed.
    """
    return tuple(_scan(text))


def _scan(text: str) -> Iterator[Token]:
    at, value_next = 0, False
    previous: Token | None = None
    while at < len(text):
        char = text[at]
        if char.isspace():
            at += 1
            continue
        token = _computed(text, at, value_next, previous) or _token(text, at, value_next)
        yield token
        previous = token
        inside = token.kind in ("[", ",")
        value_next = token.kind == "operator" or (inside and (value_next or token.kind == ",")) or token.keyword == "in"
        at = token.end
    yield Token("end", "", len(text), len(text))


def _computed(text: str, at: int, value_next: bool, previous: Token | None) -> Token | None:
    """A formula that is a side of a comparison."""
    if value_next:
        balanced = previous is not None and previous.kind == "operator" and previous.text.startswith(BALANCING)
        found = formula_at(text, at) if balanced else None
    else:
        found = formula_at(text, at)
        rest = text[found[1] :].lstrip() if found is not None else ""
        if not rest.startswith(BALANCING) or rest.startswith("=~"):
            return None
    return Token("formula", text[at : found[1]], at, found[1]) if found is not None else None


def _token(text: str, at: int, value_next: bool) -> Token:
    char = text[at]
    if char in "([)],|":
        kind: TokenKind = char  # type: ignore[assignment]  # each of these characters is its own kind
        return Token(kind, char, at, at + (2 if text.startswith("||", at) else 1))
    if char in "\"'":
        return _string(text, at)
    if text.startswith(AND, at) or (char == "&" and _ends_word(text, at + 1)):
        return Token("&", text[at : at + 2].strip(), at, at + (2 if text.startswith(AND, at) else 1))
    if char == "/" and (regex := _regex(text, at)) is not None:
        return regex
    if value_next and char not in _BREAKS - {"~", ":"}:
        return _word(text, at, frozenset(":"))
    for operator in OPERATOR_TEXTS:
        if text.startswith(operator, at):
            return Token("operator", SPELLINGS.get(operator, operator), at, at + len(operator))
    if char in "-!":
        return Token("-", char, at, at + 1)
    return _word(text, at, frozenset())


def _word(text: str, start: int, also: frozenset[str]) -> Token:
    at = start
    while at < len(text):
        char = text[at]
        if char.isspace() or text.startswith(_MARKS, at) or (char in _BREAKS and char not in also and at > start):
            break
        if char in _CLOSING:
            end = _balanced(text, at) if text[start:at].lower() not in KEYWORDS and at > start else at
            if end == at:
                break
            at = end
            continue
        at += 1
    return Token("word", text[start : max(at, start + 1)], start, max(at, start + 1))


def _balanced(text: str, start: int) -> int:
    """The offset behind the bracket that closes the one at `start`, or `start` when a blank or the end comes first."""
    open_brackets = []
    for at in range(start, len(text)):
        char = text[at]
        if char in _CLOSING:
            open_brackets.append(_CLOSING[char])
        elif char in ")]":
            if open_brackets.pop() != char:
                return start
            if not open_brackets:
                return at + 1
        elif char.isspace() or char in "\"'":
            return start
    return start


def _ends_word(text: str, at: int) -> bool:
    return at >= len(text) or text[at] in _ENDS or text.startswith(AND, at)


def _string(text: str, start: int) -> Token:
    kept: list[str] = []
    quote, at = text[start], start + 1
    while at < len(text):
        char = text[at]
        if char == quote:
            return Token("string", "".join(kept), start, at + 1)
        if char == "\\" and text[at + 1 : at + 2] in (quote, "\\"):
            at += 1
        kept.append(text[at])
        at += 1
    raise QueryError(f"the quote is not closed: add {quote}", start, len(text))


def _regex(text: str, start: int) -> Token | None:
    """`/…/` whose closing slash ends the word; None when there is none, as in a path."""
    kept: list[str] = []
    at = start + 1
    while at < len(text):
        char = text[at]
        if char == "/" and at > start + 1 and _ends_word(text, at + 1):
            return Token("regex", "".join(kept), start, at + 1)
        if char == "\\" and at + 1 < len(text):
            kept.append("/" if text[at + 1] == "/" else text[at : at + 2])
            at += 2
            continue
        kept.append(char)
        at += 1
    return None
