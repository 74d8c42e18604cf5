"""Column specs: the words that name a column, the same as in a query.

`lr` · `cfg.lr` · `val/loss` · `val/loss:min` · `val/loss:min.step` · `test/acc@min(val/loss)` · `~val/loss` ·
`train/loss - val/loss` · `Δval/loss` and `Δ%val/loss`, against the baseline, also as `delta(val/loss)`, `delta%(val/loss)`
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from runspect.columns.computed import yields
from runspect.columns.formula import Formula, Operand, Operation, operands, parse_formula
from runspect.columns.names import NameKind, Names, UnknownName, find, near
from runspect.columns.quantities import duration
from runspect.columns.table import BY_NAME
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.objective import Direction, direction
from runspect.roles import Align

Kind = Literal["field", "word", "param", "fact", "metric", "at", "spark", "formula", "delta"]
"""`word` may still be a param, a metric or a fact: `resolve` decides that against the names in scope."""

Aggregate = Literal["last", "first", "min", "max", "best", "mean", "n", "nan"]

AGGREGATES: tuple[tuple[Aggregate, str], ...] = (
    ("last", "the newest value"),
    ("first", "the first value"),
    ("min", "the smallest finite value"),
    ("max", "the largest finite value"),
    ("best", "the smallest or largest, by the metric's direction"),
    ("mean", "the mean of the last tenth of the finite values"),
    ("n", "how many points there are"),
    ("nan", "how many values are NaN or infinite"),
)

STEPPED = frozenset(("last", "first", "min", "max", "best", "nan"))
"""Aggregates that happened at a step: `.step` asks for it."""

_NAMED: tuple[NameKind, ...] = ("param", "metric", "fact")
_AT = re.compile(r"(?P<name>.+)@(?P<aggregate>min|max|best|first|last)\((?P<other>.+)\)", re.DOTALL)
_DELTA = re.compile(r"(?:Δ|delta)(?P<percent>%?)\((?P<name>.+)\)|Δ(?P<share>%?)(?P<word>.+)", re.DOTALL)
_AGGREGATE = re.compile(
    rf"(?P<name>.+):(?P<aggregate>{'|'.join(name for name, _ in AGGREGATES)})(?P<step>\.step)?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the run table."""

    spec: str
    kind: Kind
    name: str
    """The built-in field, param, fact or metric."""
    title: str
    width: int
    align: Align = "left"
    aggregate: Aggregate = "last"
    step: bool = False
    """The step of the aggregate instead of its value."""
    other: str = ""
    """`A@min(B)`: the metric B by which the step is chosen."""
    formula: Operation | None = None
    """What is computed, of a column that is."""
    percent: bool = False
    """Of a change against the baseline."""
    stated: Direction | None = None
    """Which way it is better, where the policy says; else its name tells."""


ALSO_CALLED = {"tag": "tags", "notes": "note", "tool": "tools", "dir": "path", "starred": "star"}
"""Words of the query language for columns; a param, metric or fact that is called so wins."""


ELSEWHERE = {
    "status": "state", "duration": "took", "runtime": "took", "elapsed": "took", "created": "started", "start": "started",
    "start_time": "started", "end": "ended", "end_time": "ended", "finished": "ended", "id": "uid", "run_id": "uid",
    "user": "owner", "experiment": "group", "sweep": "group", "directory": "path", "epoch": "steps", "step": "steps",
}  # fmt: skip
"""What other tools call some built-in columns: offered where a name is unknown."""

_CALLED = re.compile(
    r"(?P<word>last|first|min|max|best|mean)\((?P<inner>.+)\)|(?P<name>.+)[._](?P<end>last|first|min|max|best|mean)"
)


def otherwise(spec: str, names: Names) -> tuple[str, ...]:
    """How an unknown spec is written here: `took` for `duration`, `val/loss:min` for `min(val/loss)` and `val/loss.min`."""
    if spec.lower() in ELSEWHERE:
        return (ELSEWHERE[spec.lower()],)
    called = _CALLED.fullmatch(spec)
    if called is None:
        return ()
    metric, aggregate = called["inner"] or called["name"], called["word"] or called["end"]
    return (f"{metric}:{aggregate}",) if metric in names.metrics else ()


def parse_column(spec: str) -> Column:
    """The column that `spec` names.

    Raises:
        UsageError: The spec is empty or asks for the step of something that has none.
    """
    text = spec.strip()
    if not text or text == "~":
        raise UsageError("a column needs a name")
    if text in BY_NAME:
        row = BY_NAME[text]
        return Column(text, "field", text, row.title, row.width, row.align)
    if text[0] == "~":
        return Column(text, "spark", text[1:], text, 12)
    if formula := parse_formula(text):
        return _titled(Column(text, "formula", text, "", 9, "right", formula=formula))
    if delta := _DELTA.fullmatch(text):
        inner = parse_column(delta["name"] or delta["word"])
        if inner.kind == "delta":
            raise UsageError("a change has no change")
        return _titled(
            Column(text, "delta", inner.spec, "", 9, "right", percent=bool(delta["percent"] or delta["share"]))
        )
    if at := _AT.fullmatch(text):
        return _titled(Column(text, "at", at["name"], "", 9, "right", _aggregate(at["aggregate"]), False, at["other"]))
    if found := _AGGREGATE.fullmatch(text):
        aggregate, step = _aggregate(found["aggregate"]), bool(found["step"])
        if step and aggregate not in STEPPED:
            raise UsageError(f"{aggregate} has no step; ask for it of {', '.join(sorted(STEPPED))}")
        return _titled(Column(text, "metric", found["name"], "", 9, "right", aggregate, step))
    return Column(text, "word", text, text, 9)


def resolve(column: Column, names: Names) -> Column:
    """The column with its full name and its kind decided.

    Raises:
        UnknownName: Nothing in scope has that name, or several have.
    """
    if column.kind == "field" and yields(column.name, names):
        column = replace(column, kind="word", width=9)
    if column.kind in ("field", "param", "fact"):
        return column
    if column.kind == "delta":
        return _against(column, names)
    if column.formula is not None:
        return _computed(column, column.formula, names)
    if column.spec in names.metrics and column.kind == "metric" and column.name not in names.metrics:
        # a metric whose own name ends like an aggregate
        return replace(column, name=column.spec, aggregate="last", step=False)
    if column.kind == "word":
        try:
            kind, name = find(column.name, names)
        except UnknownName as error:
            if column.name not in ALSO_CALLED or error.candidates:
                raise
            return replace(parse_column(ALSO_CALLED[column.name]), spec=column.spec)
        return replace(column, kind=kind, name=name, align="right" if kind == "metric" else column.align)
    return replace(column, name=_metric(column.name, names), other=column.other and _metric(column.other, names))


def meant(spec: str, names: Names) -> Column:
    """The column of a spec that a person typed; as it stands where no name is known yet.

    Raises:
        UsageError: It is none; the message says which names may have been meant.
    """
    column = parse_column(spec)
    try:
        return resolve(column, names)
    except UnknownName as error:
        if not names:
            return column
        metric, _, word = spec.rpartition(":")
        if metric in names.metrics:
            listed = tuple(name for name, _ in AGGREGATES)
            close, said = near(word, listed), f"a metric has no {word!r}, but {', '.join(listed)}"
        else:
            close = otherwise(spec, names) or (() if error.candidates else _near_names(column, names))
            said = str(error)
        raise UsageError(said + (f"; did you mean {' or '.join(close[:3])}?" if close else "")) from error


def _near_names(column: Column, names: Names) -> tuple[str, ...]:
    if column.formula is not None or column.kind == "delta":
        return ()  # the whole text is no name
    everything = (*names.metrics, *names.params, *names.facts)
    return near(column.name, everything if column.kind != "word" else (*BY_NAME, *everything))


def header(column: Column, directions: Mapping[str, Direction] | None = None) -> str:
    """The column's title; the best of a metric is called "lowest" or "highest", so that its direction is read in words.

    An arrow there would be taken for the one of the sort order.
    """
    if column.kind == "field" or column.kind == "spark":
        return column.title
    if column.kind == "at":
        return f"{column.name}@{column.aggregate}({column.other})"
    if column.kind == "delta":
        return f"Δ{'%' * column.percent}{header(parse_column(column.name), directions)}"
    if column.formula is not None:
        return _formula_title(column.formula, directions)
    if column.kind not in ("metric", "word") or (column.aggregate == "last" and not column.step):
        return column.name
    word = column.aggregate + (".step" if column.step else "")
    if word == "best" and (bound_to := bound(column, directions)) is not None:
        word = {"min": "lowest", "max": "highest"}[bound_to]
    return f"{column.name} {word}"


def literal_number(operand: Operand) -> float | None:
    """The number that an operand of a formula is, a length of time in seconds; None of a column."""
    found = None if operand.quoted else duration(operand.text)
    return None if found is None else found.seconds


def judged(column: Column, directions: Mapping[str, Direction] | None = None) -> Direction | None:
    """Whether the column is better down or up; what is computed has no direction but one that was stated."""
    if column.stated is not None:
        return column.stated
    if column.kind == "delta":
        return judged(parse_column(column.name), directions)
    if column.kind == "formula":
        return (directions or {}).get(column.spec)
    return direction(column.name, directions)


def bound(column: Column, directions: Mapping[str, Direction] | None = None) -> Aggregate | None:
    """The aggregate to read: `best` becomes min or max, or None when the direction is not known."""
    if column.aggregate != "best":
        return column.aggregate
    if column.kind == "at":
        better = direction(column.other, directions)
    else:
        better = column.stated or direction(column.name, directions)
    return None if better is None else "min" if better == "down" else "max"


def _against(column: Column, names: Names) -> Column:
    """The change if what changes is known; a name that only looks like one, if there is one."""
    if any(column.spec in names.of(kind) for kind in _NAMED):
        kind, name = find(column.spec, names)
        return replace(column, kind=kind, name=name)
    resolve(parse_column(column.name), names)
    return column


def _computed(column: Column, formula: Formula, names: Names) -> Column:
    """The column if all its operands are known; that of a name which only looks like a formula, if there is one."""
    if any(column.spec in names.of(kind) for kind in _NAMED):
        kind, name = find(column.spec, names)
        return replace(column, kind=kind, name=name, formula=None)
    for operand in operands(formula):
        if literal_number(operand) is None:
            resolve(parse_column(operand.text), names)
    return column


def _formula_title(formula: Formula, directions: Mapping[str, Direction] | None) -> str:
    """`val/loss min / train/loss min`, with the brackets that are needed."""
    if isinstance(formula, Operand):
        return formula.text if literal_number(formula) is not None else header(parse_column(formula.text), directions)
    left, right = (_formula_title(side, directions) for side in (formula.left, formula.right))
    if isinstance(formula.left, Operation) and formula.op in "*/" and formula.left.op in "+-":
        left = f"({left})"
    if isinstance(formula.right, Operation) and (formula.op in "*/" or formula.right.op in "+-"):
        right = f"({right})"
    return f"{left} {formula.op} {right}"


def _titled(column: Column) -> Column:
    title = header(column)
    return replace(column, title=title, width=min(max(len(title), 8), 16))


def _metric(name: str, names: Names) -> str:
    kinds: tuple[NameKind, ...] = ("metric",)
    return find(name, names, kinds)[1]


def _aggregate(word: str) -> Aggregate:
    found = next((name for name, _ in AGGREGATES if name == word), None)
    if found is None:
        raise UnknownName(f"no aggregate is called {word!r}", tuple(name for name, _ in AGGREGATES))
    return found
