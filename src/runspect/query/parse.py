"""Query text → tree, by recursive descent: or ← and ← not ← term."""

from __future__ import annotations

from runspect.columns.formula import Formula, formula_at, plain_operand, shifted
from runspect.errors import QueryError
from runspect.query.fields import BY_NAME
from runspect.query.lexer import NOT_LIKE, Token, tokens
from runspect.query.operators import BY_SYMBOL, near_operators
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
from runspect.query.values import DATE_WORDS

MOMENTS = frozenset(name for name, field in BY_NAME.items() if field.type == "moment")
"""Fields that are dates."""

MAX_DEPTH = 60
"""Nested brackets and nots; more is no query of a person."""


def parse(text: str) -> Tree:
    """The tree of a query; the empty one is `Everything`.

    Raises:
        QueryError: With the place of the offending token and what was expected there.
    """
    parser = _Parser(tokens(text))
    if parser.peek().kind == "end":
        return Everything()
    tree = parser.either(0)
    parser.expect_end()
    return tree


class _Parser:
    """Walks over the tokens of one query."""

    def __init__(self, found: tuple[Token, ...]) -> None:
        self._tokens = found
        self._at = 0

    def peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def either(self, depth: int) -> Tree:
        """`a or b | c`."""
        parts = [self._all(depth)]
        while self.peek().kind == "|" or self.peek().keyword == "or":
            self._next()
            parts.append(self._all(depth))
        return _joined(Or, parts)

    def expect_end(self) -> None:
        token = self.peek()
        if token.kind != "end":
            raise _unexpected(token, "and, or, or another condition")

    def _all(self, depth: int) -> Tree:
        """`a b and c`."""
        parts = [self._not(depth)]
        while True:
            if self.peek().keyword == "and" or self.peek().kind == "&":
                self._next()
            elif self.peek().kind in ("end", "|", ")") or self.peek().keyword == "or":
                return _joined(And, parts)
            parts.append(self._not(depth))

    def _not(self, depth: int) -> Tree:
        token = self.peek()
        if depth > MAX_DEPTH:
            raise QueryError("the query is nested too deeply", token.start, token.end)
        if token.keyword == "not":
            self._next()
            return Not(self._not(depth + 1))
        if token.kind == "-":
            if token.text == "-" and self.peek(1).start != token.end:
                raise QueryError(
                    "expected a word right after `-`, or a comparison behind what is computed", token.start, token.end
                )
            self._next()
            return Not(self._not(depth + 1))
        return self._term(depth)

    def _term(self, depth: int) -> Tree:
        token = self._next()
        if token.kind == "(":
            tree = self.either(depth + 1)
            closing = self._next()
            if closing.kind != ")":
                raise _unexpected(closing, "`)`")
            return tree
        if token.kind == "regex":
            return Anywhere(Pattern(token.text, (token.start, token.end)))
        if token.kind == "formula":
            operator = self._next()
            return self._balance(_formula(token), (token.start, token.end), operator)
        if token.kind not in ("word", "string") or token.keyword:
            raise _unexpected(token, "a word or a condition such as `lr < 1e-3`")
        return self._condition(token)

    def _condition(self, first: Token) -> Tree:
        name, end = first.text, first.end
        # "val/loss:min < 3" and "train:loss < 3": the colon belongs to the name when a comparison follows
        while self._colon_in_name(end):
            self._next()
            part = self._next()
            name, end = f"{name}:{part.text}", part.end
        follower = self.peek()
        if follower.kind == "operator":
            self._next()
            if not name:
                raise QueryError("a field needs a name", first.start, first.end)
            if self.peek().kind == "formula":
                return self._balance(
                    plain_operand(name, first.start, quoted=first.kind == "string"), (first.start, end), follower
                )
            value = self._date(name) or self._value(follower)
            if follower.text == NOT_LIKE:
                return Not(Compare(name, "~", value, (first.start, end)))
            return Compare(name, BY_SYMBOL[follower.text].symbol, value, (first.start, end))
        if follower.keyword == "in" and self.peek(1).kind in ("[", "("):
            self._next()
            return In(name, self._list(), (first.start, end))
        if follower.keyword == "not" and self.peek(1).keyword == "in" and self.peek(2).kind in ("[", "("):
            self._next()
            self._next()
            return Not(In(name, self._list(), (first.start, end)))
        if follower.keyword == "in":
            raise _unexpected(self.peek(1), "`[` and a list of values after `in`")
        return Anywhere(Text(first.text, first.kind == "string", (first.start, first.end)))

    def _balance(self, left: Formula, span: Span, operator: Token) -> Tree:
        token = self._next()
        if token.kind == "formula":
            right = _formula(token)
        elif token.kind in ("word", "string"):
            right = plain_operand(token.text, token.start, quoted=token.kind == "string")
        else:
            raise _unexpected(token, f"a number or a column after `{operator.text}`")
        return Balance(left, BY_SYMBOL[operator.text].symbol, right, (span, (token.start, token.end)))

    def _colon_in_name(self, end: int) -> bool:
        colon, part, after = self.peek(), self.peek(1), self.peek(2)
        adjacent = colon.kind == "operator" and colon.text == ":" and colon.start == end and part.start == colon.end
        listed = after.keyword == "in" and self.peek(3).kind in ("[", "(")
        return adjacent and part.kind == "word" and (after.kind == "operator" or listed)

    def _date(self, name: str) -> Text | None:
        """`started >= last week`: two words that are one date."""
        first, second = self.peek(), self.peek(1)
        if name.lower() not in MOMENTS or first.kind != "word" or second.kind != "word":
            return None
        date = f"{first.text}-{second.text}"
        if date.lower() not in DATE_WORDS:
            return None
        self._next()
        self._next()
        return Text(date, False, (first.start, second.end))

    def _value(self, before: Token) -> Value:
        token = self._next()
        if token.kind == "regex":
            return Pattern(token.text, (token.start, token.end))
        if token.kind in ("word", "string"):
            return Text(token.text, token.kind == "string", (token.start, token.end))
        if token.kind == "operator" and before.kind == "operator" and before.end == token.start:
            written = before.text + token.text
            raise QueryError(f"no operator is {written!r}", before.start, token.end, near_operators(written))
        if token.kind == "[" and before.kind == "operator":
            raise QueryError(
                "any of several values is `in [a, b]`; a list that is a value stands in quotes", *_span(token)
            )
        raise _unexpected(token, f"a value after `{before.text}`")

    def _list(self) -> tuple[Value, ...]:
        opening = self._next()
        closing, values = ("]" if opening.kind == "[" else ")"), [self._value(opening)]
        while self.peek().kind == ",":
            self._next()
            values.append(self._value(opening))
        token = self._next()
        if token.kind != closing:
            raise _unexpected(token, f"`,` or `{closing}`")
        return tuple(values)

    def _next(self) -> Token:
        token = self.peek()
        self._at += 1
        return token


def _span(token: Token) -> Span:
    return token.start, token.end


def _formula(token: Token) -> Formula:
    found = formula_at(token.text, 0)
    if found is None:
        raise _unexpected(token, "something computed")
    return shifted(found[0], token.start)


def _joined(kind: type[And] | type[Or], parts: list[Tree]) -> Tree:
    """One node of all parts; a bracketed part of the same kind is no node of its own."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Tree] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return kind(tuple(flat))


def _unexpected(token: Token, wanted: str) -> QueryError:
    if token.kind == "end":
        return QueryError(f"the query ends early: expected {wanted}", token.start, token.end)
    return QueryError(f"expected {wanted}, not {token.text!r}", token.start, token.end)
