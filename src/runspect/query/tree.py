"""A query as a tree of values, and the tree as text again.

Spans are character offsets in the text that was parsed; they play no part in equality.
"""

from __future__ import annotations

import re

from runspect.columns.formula import Formula, render_formula
from runspect.dataclass import dataclass, field

Span = tuple[int, int]
NOWHERE: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Text:
    """A word or a number as it was typed; a quoted one is taken literally (no glob, no number, no date)."""

    text: str
    quoted: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression between slashes."""

    regex: str
    span: Span = field(default=NOWHERE, compare=False)


Value = Text | Pattern


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty query: every run."""


@dataclass(frozen=True, slots=True)
class Anywhere:
    """A bare word: found in the name, the tags, the notes or the path."""

    value: Value


@dataclass(frozen=True, slots=True)
class Compare:
    """`name op value`; the name is a column spec or that of a query field."""

    name: str
    op: str
    value: Value
    span: Span = field(default=NOWHERE, compare=False)
    """Where the field stands."""


@dataclass(frozen=True, slots=True)
class Balance:
    """`left op right`, where at least one side is computed: `train/loss < val/loss * 0.5`."""

    left: Formula
    op: str
    """One of = != < <= > >=."""
    right: Formula
    spans: tuple[Span, Span] = field(default=(NOWHERE, NOWHERE), compare=False)
    """Where the sides stand."""


@dataclass(frozen=True, slots=True)
class In:
    """`name in [value, value]`: equal to any of them."""

    name: str
    values: tuple[Value, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The runs for which `part` does not hold, those without the field included."""

    part: Tree


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more parts, none of them an `And` itself."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more parts, none of them an `Or` itself."""

    parts: tuple[Tree, ...]


Tree = Everything | Anywhere | Compare | Balance | In | Not | And | Or

KEYWORDS = frozenset(("and", "or", "not", "in"))
_PLAIN = re.compile(r"[A-Za-z0-9_./@%+*?$#&\\^-]+")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")


def render(tree: Tree) -> str:
    """Text that parses to `tree`."""
    match tree:
        case Everything():
            return ""
        case Anywhere(value):
            return render_value(value)
        case Compare(name, ":", value):
            # a second colon would be taken for a part of the value
            return f"{_quote(name) if ':' in name else render_name(name)}:{render_value(value)}"
        case Compare(name, op, value):
            return f"{render_name(name)} {op} {render_value(value)}"
        case Balance(left, op, right):
            return f"{render_formula(left)} {op} {render_formula(right)}"
        case In(name, values):
            return f"{render_name(name)} in [{', '.join(map(render_value, values))}]"
        case Not(part):
            return f"not {_grouped(part)}"
        case And(parts):
            return " ".join(map(_grouped, parts))
        case Or(parts):
            return " or ".join(f"({render(part)})" if isinstance(part, Or) else render(part) for part in parts)


def render_name(name: str) -> str:
    """A field as it can be typed: quoted when it holds more than letters, digits and `_./-`."""
    plain, colon, aggregate = name.rpartition(":")
    if colon and _PLAIN_NAME.fullmatch(plain) and _PLAIN_NAME.fullmatch(aggregate):
        return name
    return name if _PLAIN_NAME.fullmatch(name) and name.lower() not in KEYWORDS else _quote(name)


def render_value(value: Value) -> str:
    """A value as it can be typed."""
    if isinstance(value, Pattern):
        return f"/{_slashes(value.regex)}/"
    return _quote(value.text) if value.quoted else value.text


def literal(text: str) -> Text:
    """`text` as a value that means exactly itself, with quotes only where they are needed."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in KEYWORDS
    return Text(
        text, quoted=not plain or text[0] in "-/" or text == "&" or any(part in text for part in ("*", "?", "&&"))
    )


def _grouped(part: Tree) -> str:
    if isinstance(part, Anywhere) and _computes(part.value):
        return f"({render(part)})"
    return f"({render(part)})" if isinstance(part, (And, Or)) else render(part)


def _computes(value: Value) -> bool:
    """Whether a word would be taken for an operator between its neighbours."""
    return (
        value.regex[:1].isspace() if isinstance(value, Pattern) else not value.quoted and value.text in ("+", "*", "/")
    )


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _slashes(regex: str) -> str:
    return re.sub(r"\\.|/", lambda found: "\\/" if found[0] == "/" else found[0], regex, flags=re.DOTALL)
