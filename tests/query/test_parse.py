"""Text → tree → text."""

from __future__ import annotations

import pytest
from hypothesis import given

from runspect.columns.formula import Operand, Operation
from runspect.errors import QueryError
from runspect.query.parse import parse
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
    Text,
    Tree,
    literal,
    render,
    render_value,
)
from tests.query import trees

A, B = Operand("a"), Operand("b")


@given(trees.trees)
def test_a_rendered_tree_parses_to_itself(tree: Tree) -> None:
    assert parse(render(tree)) == tree


@given(trees.queries)
def test_any_text_is_a_tree_or_an_error_with_a_place(text: str) -> None:
    try:
        tree = parse(text)
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(text)
        assert str(error)
    else:
        assert parse(render(tree)) == tree


@given(trees.values)
def test_spans_are_where_values_stand(value: Text | Pattern) -> None:
    text = "lr = " + render_value(value) + " and x"
    tree = parse(text)
    assert isinstance(tree, And) and isinstance(tree.parts[0], Compare)
    start, end = tree.parts[0].value.span
    assert text[start:end] == render_value(value)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Everything()),
        ("  ", Everything()),
        ("resnet baseline", And((Anywhere(Text("resnet")), Anywhere(Text("baseline"))))),
        ("lr<1e-3", Compare("lr", "<", Text("1e-3"))),
        ("lr >= 1e-3 | lr == 3e-4", Or((Compare("lr", ">=", Text("1e-3")), Compare("lr", "=", Text("3e-4"))))),
        ("-tag:broken", Not(Compare("tag", ":", Text("broken")))),
        ("NOT a AND b", And((Not(Anywhere(Text("a"))), Anywhere(Text("b"))))),
        ("a b or c", Or((And((Anywhere(Text("a")), Anywhere(Text("b")))), Anywhere(Text("c"))))),
        ("val/loss:min < 0.3", Compare("val/loss:min", "<", Text("0.3"))),
        ("val/loss:min.step>9", Compare("val/loss:min.step", ">", Text("9"))),
        ("train:loss:min in [1]", In("train:loss:min", (Text("1"),))),
        ("val/loss:min", Compare("val/loss", ":", Text("min"))),
        ("a@min(b) > 1", Compare("a@min(b)", ">", Text("1"))),
        ("metrics/mAP50-95(B) > .5", Compare("metrics/mAP50-95(B)", ">", Text(".5"))),
        ("opt in [adamw, 'l i', /x/]", In("opt", (Text("adamw"), Text("l i", True), Pattern("x")))),
        ("opt in (a)", In("opt", (Text("a"),))),
        ("name:/resnet(50|101)/", Compare("name", ":", Pattern("resnet(50|101)"))),
        ("path:/data/exp", Compare("path", ":", Text("/data/exp"))),
        ("x = -5", Compare("x", "=", Text("-5"))),
        ("started > 2026-11-01T10:30", Compare("started", ">", Text("2026-11-01T10:30"))),
        ('"my key" = 5', Compare("my key", "=", Text("5"))),
        ('note:"a \\"b\\" c"', Compare("note", ":", Text('a "b" c', True))),
        ("a - b < 3", Balance(Operation("-", A, B), "<", Operand("3"))),
        ("a < b * 0.5", Balance(A, "<", Operation("*", B, Operand("0.5")))),
        (
            "x (a + b) * 2 >= 1h",
            And(
                (Anywhere(Text("x")), Balance(Operation("*", Operation("+", A, B), Operand("2")), ">=", Operand("1h")))
            ),
        ),
        ("(a - b < 3)", Balance(Operation("-", A, B), "<", Operand("3"))),
        ("a - (b - a) != 0", Balance(Operation("-", A, Operation("-", B, A)), "!=", Operand("0"))),
        ("'my key' / b > 1", Balance(Operation("/", Operand("my key", True), B), ">", Operand("1"))),
        ("a - b - a < 1", Balance(Operation("-", Operation("-", A, B), A), "<", Operand("1"))),
        (
            "x:min - a@min(b).step > -2",
            Balance(Operation("-", Operand("x:min"), Operand("a@min(b).step")), ">", Operand("-2")),
        ),
        ("a * b", And((Anywhere(Text("a")), Anywhere(Text("*")), Anywhere(Text("b"))))),
        ("a -b", And((Anywhere(Text("a")), Not(Anywhere(Text("b")))))),
        ("val/loss-x < 3", Compare("val/loss-x", "<", Text("3"))),
        ("re-run-2", Anywhere(Text("re-run-2"))),
        ("not(a|b)", Not(Or((Anywhere(Text("a")), Anywhere(Text("b")))))),
        ("a && b", And((Anywhere(Text("a")), Anywhere(Text("b"))))),
        ("a=1&&b==2 & c", And((Compare("a", "=", Text("1")), Compare("b", "=", Text("2")), Anywhere(Text("c"))))),
        ("a || b", Or((Anywhere(Text("a")), Anywhere(Text("b"))))),
        ("!tag:x", Not(Compare("tag", ":", Text("x")))),
        ("!(a | b)", Not(Or((Anywhere(Text("a")), Anywhere(Text("b")))))),
        ("! has:note", Not(Compare("has", ":", Text("note")))),
        ("a <> 1", Compare("a", "!=", Text("1"))),
        ("a === 1", Compare("a", "=", Text("1"))),
        ("a !~ x", Not(Compare("a", "~", Text("x")))),
        ("a not in [1]", Not(In("a", (Text("1"),)))),
        (
            "a < b * 2&&!b - a > 0",
            And(
                (
                    Balance(A, "<", Operation("*", B, Operand("2"))),
                    Not(Balance(Operation("-", B, A), ">", Operand("0"))),
                )
            ),
        ),
        ("name:/x/&&b", And((Compare("name", ":", Pattern("x")), Anywhere(Text("b"))))),
        ("r&d", Anywhere(Text("r&d"))),
        ("wow!", Anywhere(Text("wow!"))),
        ("((a b) c)", And((Anywhere(Text("a")), Anywhere(Text("b")), Anywhere(Text("c"))))),
    ],
)
def test_what_is_written_is_what_is_meant(text: str, tree: Tree) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("lr >", (4, 4), "expected a value after `>`"),
        ("lr > )", (5, 6), "expected a value after `>`"),
        ("(a", (2, 2), "expected `)`"),
        ("a )", (2, 3), "not ')'"),
        ("a or", (4, 4), "expected a word or a condition"),
        ("> 3", (0, 1), "expected a word or a condition"),
        ("opt in adam", (7, 11), "expected `[`"),
        ("opt in [a", (9, 9), "expected `,` or `]`"),
        ("opt in []", (8, 9), "expected a value"),
        ('note:"open', (5, 10), "quote is not closed"),
        ("- a", (0, 1), "right after `-`"),
        ("a && ", (5, 5), "expected a word or a condition"),
        ("a =< 1", (2, 4), "no operator is '=<'"),
        ("a >> 1", (2, 4), "no operator is '>>'"),
        ("(" * 100 + "a" + ")" * 100, (61, 62), "nested too deeply"),
    ],
)
def test_errors_point_at_the_token(text: str, place: tuple[int, int], said: str) -> None:
    with pytest.raises(QueryError, match=said.replace("(", "\\(").replace(")", "\\)").replace("[", "\\[")) as caught:
        parse(text)
    assert (caught.value.start, caught.value.end) == place


def test_a_literal_means_exactly_itself() -> None:
    for text in ("plain", "two words", "a*b", "/x/", "and", '"', "-5", "", "名", "a&&b", "&", "!x", "a|b"):
        value = literal(text)
        assert value.text == text
        assert parse(f"lr = {render(Anywhere(value))}") == Compare("lr", "=", value)


@pytest.mark.parametrize(
    ("query", "meant"),
    [("lr =< 1", "<="), ("lr => 1", ">="), ("lr ~= x", "~"), ("lr >> 1", ">"), ("lr :> 1", ">")],
)
def test_an_operator_that_does_not_exist_is_told_its_near_ones(query: str, meant: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert meant in caught.value.near
