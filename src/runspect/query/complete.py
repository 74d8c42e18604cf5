"""What may follow at a place in a query: fields, then operators, then values that were observed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence

from runspect.columns import Names, UnknownName, parse_column, resolve
from runspect.columns.spec import AGGREGATES, STEPPED
from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.errors import QueryError, UsageError
from runspect.query.fields import BY_NAME, FIELDS, HAS_ANY, Field, field_of
from runspect.query.lexer import Token, tokens
from runspect.query.operators import OPERATORS
from runspect.query.tree import literal, render_name, render_value
from runspect.query.values import DATE_WORDS

LIMIT = 50
OWN = 3
"""Metrics, and params, that are offered before anything is typed."""

Observed = Callable[[str, str], Sequence[tuple[str, int]]]
"""(kind, name) → (value, runs that have it), most frequent first.

Values are JSON text or plain text; kinds are param, fact, field and tag.
"""

Item = tuple[str, str]
"""(text that replaces the token, what it is)."""

_FREE = frozenset(("moment", "age", "duration", "number", "prose"))
"""Field types whose observed values are of no use."""
_EXAMPLES = {
    "moment": (*((word, "day") for word in DATE_WORDS), ("2d", "two days ago")),
    "age": (("30m", "minutes"), ("2h", "hours"), ("2d", "days"), ("1w", "weeks")),
    "duration": (("30m", "minutes"), ("1h30m", "hours"), ("2d", "days")),
}


@dataclass(frozen=True, slots=True)
class Completion:
    """`items` replace the text between `start` and the position."""

    start: int
    items: tuple[Item, ...]


def complete(text: str, position: int, names: Names, values: Observed) -> Completion:
    """What may stand at `position` of the query `text`; what follows it plays no part."""
    before = text[: max(0, position)]
    try:
        found = tokens(before)[:-1]
    except QueryError as error:
        # an open quote: complete what is inside it
        found = (
            *tokens(before[: error.start])[:-1],
            Token("string", before[error.start + 1 :], error.start, len(before)),
        )
    if found and found[-1].kind == "formula" and found[-1].end == len(before):
        # the last operand of what is computed
        typed = re.split(r"[\s(]", found[-1].text)[-1]
        return Completion(len(before) - len(typed), _ranked(typed, _fields(names)))
    partial = found[-1] if found and found[-1].end == len(before) and found[-1].kind in ("word", "string") else None
    earlier = found[:-1] if partial else found
    start, typed = (partial.start, partial.text) if partial else (len(before), "")
    if (field := _asked(earlier)) is not None:
        name, opening = field
        offered = _ranked(typed, _values(name, opening, names, values))
        glued = partial is not None and opening == ":"  # `val/loss:min` is a name, too
        return _behind(before, found, names) if glued and not offered else Completion(start, offered)
    if partial is None and found and found[-1].kind in ("word", "string"):
        name, first = _joined(found)
        if _is_field(name, names) and (first == 0 or found[first - 1].kind != "operator"):
            return Completion(start, _operators(name, names))
    offered = _ranked(typed, _fields(names) if typed else _main(names))
    return _behind(before, found, names) if partial is not None and not offered else Completion(start, offered)


def _behind(before: str, found: Sequence[Token], names: Names) -> Completion:
    """What follows a name that is whole: operators, with the blank that keeps them apart from it."""
    name, first = _joined(found)
    if not _is_field(name, names) or (first and found[first - 1].kind == "operator"):
        return Completion(len(before), ())
    return Completion(len(before), tuple((f" {text}", what) for text, what in _operators(name, names)))


def _asked(earlier: Sequence[Token]) -> tuple[str, str] | None:
    """(field, operator) when the next token is a value, else None."""
    at = len(earlier) - 1
    if at >= 0 and earlier[at].kind in ("[", "(", ","):
        while at >= 0 and not earlier[at].keyword:
            at -= 1
        if at < 1 or earlier[at].keyword != "in":
            return None
        return _joined(earlier[:at])[0], "in"
    if at < 1 or earlier[at].kind != "operator" or earlier[at - 1].kind not in ("word", "string"):
        return None
    return _joined(earlier[:at])[0], earlier[at].text


def _joined(found: Sequence[Token]) -> tuple[str, int]:
    """The field that ends the tokens, and the index of its first: `val/loss:min` is three of them."""
    name, at = found[-1].text, len(found) - 1
    while at >= 2 and found[at - 1].text == ":" and found[at - 1].end == found[at].start == found[at - 2].end + 1:
        at -= 2
        name = f"{found[at].text}:{name}"
    return name, at


def _is_field(name: str, names: Names) -> bool:
    if name.lower() in BY_NAME:
        return True
    try:
        resolve(parse_column(name), names)
    except (UnknownName, UsageError):
        return False
    return True


def _main(names: Names) -> Iterable[Item]:
    """What may begin a condition where nothing is typed: some of what the runs have by names of their own, then all."""
    listed = list(_fields(names))
    own = [item for kind in ("metric", "param") for item in [each for each in listed if each[1] == kind][:OWN]]
    return dict.fromkeys((*own, *listed))


def _fields(names: Names) -> Iterable[Item]:
    for field in FIELDS:
        yield (f"{field.name}:" if field.type in ("set", "has", "prose", "flag", "state") else field.name), "field"
    for kind, listed in (("metric", names.metrics), ("param", names.params), ("fact", names.facts)):
        for name in listed:
            hidden = kind != "metric" and name.lower() in BY_NAME
            prefix = {"param": "cfg.", "fact": "fact."}.get(kind, "") if hidden else ""
            yield render_name(prefix + name), kind
    for word in ("and", "or", "not"):
        yield word, "word"


def _operators(name: str, names: Names) -> tuple[Item, ...]:
    known = field_of(name, names)
    free = known is None or known.type in ("text", "number", "moment", "age", "duration", "tally")
    shown = [row for row in OPERATORS if free or row.symbol in (":", "=", "!=")]
    listed = () if known is not None and known.type == "has" else (("in", "is one of [a, b]"),)
    return (*((row.symbol, row.help) for row in shown), *listed)


def _values(name: str, operator: str, names: Names, values: Observed) -> Iterable[Item]:
    known = field_of(name, names)
    if known is not None:
        return [*_field_values(known, names, values), *_others(known.type in ("number", "duration"), operator, names)]
    try:
        column = resolve(parse_column(name), names)
    except (UnknownName, UsageError):
        return ()
    if column.kind in ("param", "fact"):
        return [(_typed(text), counted(runs)) for text, runs in values(column.kind, column.name)]
    if column.kind == "metric" and operator == ":":
        stepped = [
            (f"{aggregate}.step", f"the step of it: {told}") for aggregate, told in AGGREGATES if aggregate in STEPPED
        ]
        return [*AGGREGATES, *stepped]
    return _others(column.kind in ("metric", "at", "formula", "delta"), operator, names)


def _others(number: bool, operator: str, names: Names) -> Iterable[Item]:
    """What a number can be compared with: metrics of the same run."""
    if not number or operator in (":", "~", "in"):
        return []
    return [(render_name(metric), "metric of the run") for metric in names.metrics]


def _field_values(known: Field, names: Names, values: Observed) -> Iterable[Item]:
    if known.name == "vs":
        return [(field.name.removeprefix("vs:"), field.help) for field in FIELDS if field.name.startswith("vs:")]
    if known.type == "has":
        listed = [
            *(field.name for field in FIELDS if field.type != "has"),
            *HAS_ANY,
            *names.metrics,
            *names.params,
            *names.facts,
        ]
        return [(render_name(name), "name") for name in dict.fromkeys(listed)]
    if known.values:
        return [(value, known.name) for value in known.values]
    if known.type in _EXAMPLES:
        return _EXAMPLES[known.type]
    if known.type in _FREE:
        return ()
    kind = "tag" if known.name == "tag" else "field"
    observed = [(_typed(text), counted(runs)) for text, runs in values(kind, known.name)]
    if kind == "tag" and not observed:
        return [(render_value(literal(tag)), "tag") for tag in names.tags]
    return observed


def _typed(text: str) -> str:
    """A value of the index (JSON text) as it can be typed in a query."""
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if isinstance(value, str):
        return render_value(literal(value))
    return render_value(literal(text)) if isinstance(value, (list, dict)) else text


def _ranked(typed: str, items: Iterable[Item]) -> tuple[Item, ...]:
    """Items that fit what is typed: those that begin with it, then those with such a part, then those that hold it."""
    folded = typed.casefold()

    def rank(item: Item) -> int:
        text = item[0].casefold().strip('"')
        if text.startswith(folded):
            return 0
        if any(mark + folded in text for mark in "/._-"):
            return 1
        return 2 if folded in text else 3

    ranked = [(rank(item), item) for item in items]
    fitting = [pair for pair in ranked if pair[0] < 3 and pair[1][0] != typed]
    return tuple(item for _, item in sorted(fitting, key=lambda pair: pair[0])[:LIMIT])
