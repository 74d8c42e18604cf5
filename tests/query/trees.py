"""Hypothesis strategies: trees of the query language, names in scope, and text that looks like queries."""

from __future__ import annotations

from hypothesis import strategies as st

from runspect.columns import Names
from runspect.columns.formula import Formula, Operand, Operation
from runspect.query.fields import ALIASES, FIELDS
from runspect.query.operators import OPERATORS
from runspect.query.tree import (
    KEYWORDS,
    And,
    Anywhere,
    Balance,
    Compare,
    Everything,
    In,
    Not,
    Or,
    Pattern,
    Text,
    Tree,
    Value,
)

NAMES = Names(
    params=("lr", "optimizer.name", "my key", "name", "depth"),
    metrics=("val/loss", "train/loss", "test/acc", "metrics/mAP50(B)", "a:b"),
    facts=("dataset", "git_commit"),
    tags=("ablation", "two words"),
)
SYMBOLS = tuple(row.symbol for row in OPERATORS)

_any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_plain = st.from_regex(r"[A-Za-z0-9_.*?@%+][A-Za-z0-9_./*?@%+-]{0,10}", fullmatch=True)
quoted = _any_text.map(lambda text: Text(text, quoted=True))
unquoted = _plain.filter(lambda text: text.lower() not in KEYWORDS).map(Text)
patterns = st.lists(
    st.sampled_from(["a", "r", "\\d", "/", " ", "(x|y)", ".*", '[/"]', "\\\\", "'"]), min_size=1, max_size=5
).map(lambda parts: Pattern("".join(parts)))
values: st.SearchStrategy[Value] = st.one_of(unquoted, quoted, patterns)
MEANT = (
    "12k", "3M", "1e-3", ".5", "nan", "inf", "50%", "90s", "2d", "1h30m", "2026-11-01", "2026-11", "2026-11-01T10:30",
    "yesterday", "monday", "last-week", "this-month", "now", "resnet*", "s?2", "*", "live", "fail", "yes", "off", "me",
    "none", "-5", "val/loss:min", "lr", "took", "3843b2b", "ablation",
)  # fmt: skip
"""Values that mean something to one kind of field or another."""
asked: st.SearchStrategy[Value] = st.one_of(st.sampled_from(MEANT).map(Text), values)
"""What may stand behind an operator."""
fields = st.one_of(
    st.sampled_from([*(field.name for field in FIELDS), *ALIASES]),
    st.sampled_from(
        [
            "lr",
            "state",
            "cfg.name",
            "metrics.val/loss",
            "facts.git_commit",
            "metrics/mAP50(B)",
            "OPTIMIZER.name",
            "test/acc@first(val/loss)",
            "val/loss - train/loss",
            "(val/loss:min + 1) / lr",
            "Δ(lr)",
            'a "quoted, name"',
            "back\\slash",
            "!x && y",
            "val/loss:min",
            "val/loss:best.step",
            "test/acc@min(val/loss)",
            "a:b",
            "in",
            "my key",
            "dataset",
            "commit",
            "left",
            "cause",
            "cost",
            "differs",
            "provenance",
            "Δval/loss",
            "Δ%val/loss:min",
            "delta(lr)",
            "started",
        ]
    ),
    _any_text.filter(bool),
)
operands = st.one_of(
    st.sampled_from(
        [
            "val/loss:min",
            "lr",
            "steps",
            "cost",
            "left",
            "differs",
            "provenance",
            "age",
            "Δ%val/loss",
            "val/loss:best.step",
            "test/acc@min(val/loss)",
            "metrics/mAP50(B)",
            "Δlr",
            "delta%(val/loss:max)",
            "problems",
            "started",
            "state",
            "2s",
            "1h30m",
            "12k",
            "50%",
            "0.5",
            "-1e-3",
        ]
    ).map(Operand),
    _any_text.filter(bool).map(lambda text: Operand(text, True)),
)
formulas: st.SearchStrategy[Formula] = st.recursive(
    operands, lambda inner: st.builds(Operation, st.sampled_from("+-*/"), inner, inner), max_leaves=5
)
balances = st.builds(
    Balance, formulas, st.sampled_from([row.symbol for row in OPERATORS if row.symbol not in (":", "~")]), formulas
).filter(
    lambda tree: isinstance(tree.left, Operation) or (isinstance(tree.right, Operation) and tree.left.text[0] != "-")
)
leaves: st.SearchStrategy[Tree] = st.one_of(
    values.map(Anywhere),
    st.builds(Compare, fields, st.sampled_from(SYMBOLS), asked),
    balances,
    st.builds(In, fields, st.lists(asked, min_size=1, max_size=3).map(tuple)),
)


def grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        inner.map(Not),
        several.map(lambda parts: flat(And, parts)),
        several.map(lambda parts: flat(Or, parts)),
    )


def flat(kind: type[And] | type[Or], parts: list[Tree]) -> Tree:
    return kind(tuple(one for part in parts for one in (part.parts if isinstance(part, kind) else (part,))))


trees: st.SearchStrategy[Tree] = st.one_of(st.just(Everything()), st.recursive(leaves, grown, max_leaves=8))

_PIECES = (
    "lr", "val/loss", ":min", ".step", "@min(", "state", "tag", "has", "started", "age", "took", "name", "1e-3",
    "12k", "2d",
    "yesterday", "failed", "and", "or", "not", "in", "nan", "cost", "left", "cause", "differs", "commit", "Δ", "last", "week", "depth", "dataset", "steps", "star", "yes", " ", " ", " ",
    "(", ")",
    "[", "]", ",", "|", "-", "=", "!=", "<", ">=", "~", ":", "/", "\"", "'", "*", "\\", "\x00", "é", "名", "\ud800",
    "💥", " - ", " * ", " / ", " + ", "&&", "&", "||", "!", "!~", "<>", "==",
)  # fmt: skip
queries = st.one_of(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join), st.text(max_size=30))
