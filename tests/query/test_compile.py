"""The language tied to DuckDB: all that is understood prepares, and no value is ever part of the SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC

import duckdb
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runspect.columns import Names
from runspect.columns.formula import Operand, Operation
from runspect.errors import QueryError
from runspect.query import compile_query, compile_tree
from runspect.query.fields import FIELDS
from runspect.query.operators import OPERATORS
from runspect.query.tree import Anywhere, Balance, Compare, In, Pattern, Text, Tree, render
from tests.query import trees
from tests.query.history import NOW, History, Run


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    runs = History(
        [Run("one", {"lr": 0.1, "optimizer.name": "adam"}, {"val/loss": [1.0, 0.5]}, tags=["ablation"], note="n")]
    )
    yield runs
    runs.close()


def run(history: History, sql: str, params: tuple[object, ...]) -> None:
    history.connection.execute(f"SELECT r.rid FROM runs_now r WHERE {sql}", list(params)).fetchall()


@given(trees.queries)
def test_any_text_runs_or_is_an_error_with_a_place(history: History, text: str) -> None:
    try:
        found = compile_query(text, trees.NAMES, now=NOW, zone=UTC)
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(text)
    else:
        run(history, found.sql, found.params)


@given(trees.trees)
def test_any_tree_runs_or_is_an_error(history: History, tree: Tree) -> None:
    try:
        found = compile_tree(tree, trees.NAMES, now=NOW, zone=UTC)
    except QueryError as error:
        assert str(error)
    else:
        run(history, found.sql, found.params)
        assert compile_query(render(tree), trees.NAMES, now=NOW, zone=UTC) == found


_VALUES = {
    "text": "x", "state": "failed", "number": "12k", "moment": "2026-11-01", "age": "2d", "duration": "1h30m",
    "set": "x",
    "prose": "x", "flag": "yes", "has": "lr", "prefix": "3843b2b", "alert": "x", "tally": "2",
}  # fmt: skip
_TEXTS = ("text", "set", "prose", "prefix")
_UNORDERED = ("state", "set", "prose", "flag", "has", "prefix", "alert")


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda row: row.symbol)
@pytest.mark.parametrize("field", FIELDS, ids=lambda row: row.name)
def test_every_field_with_every_operator(history: History, field: object, operator: object) -> None:
    assert field in FIELDS and operator in OPERATORS
    row, op = FIELDS[FIELDS.index(field)], OPERATORS[OPERATORS.index(operator)]
    try:
        found = compile_query(f"{row.name} {op.symbol} {_VALUES[row.type]}", trees.NAMES, now=NOW, zone=UTC)
    except QueryError as error:
        assert row.type in _UNORDERED or op.regex, error
        assert (error.start, error.end) == (
            len(row.name) + len(op.symbol) + 2,
            len(row.name) + len(op.symbol) + 2 + len(_VALUES[row.type]),
        )
    else:
        run(history, found.sql, found.params)


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda row: row.symbol)
@pytest.mark.parametrize(
    "name", ["lr", "dataset", "val/loss", "val/loss:best", "val/loss:min.step", "test/acc@min(val/loss)"]
)
def test_every_kind_of_name_with_every_operator(history: History, name: str, operator: object) -> None:
    op = OPERATORS[OPERATORS.index(operator)]
    if op.regex and name not in ("lr", "dataset"):
        return
    found = compile_query(f"{name} {op.symbol} 0.5", trees.NAMES, now=NOW, zone=UTC)
    run(history, found.sql, found.params)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.sampled_from(["lr", "facts.git_commit", *(row.name for row in FIELDS if row.type in _TEXTS)]),
)
def test_no_value_is_part_of_the_sql(value: str, name: str) -> None:
    marked = f"qz7{value}"
    trees_of_it: list[Tree] = [
        Compare(name, "=", Text(marked, True)),
        Compare(name, "!=", Text(marked, True)),
        In(name, (Text(marked, True), Text("qz7*"))),
        Compare(name, ":", Text(marked, True)),
        Compare(name, ":", Pattern("qz7.*[a-z]")),
        Compare(name, "~", Text("qz7")),
        Anywhere(Text(marked, True)),
        Anywhere(Pattern("qz7")),
    ]
    for tree in trees_of_it:
        found = compile_tree(tree, trees.NAMES, now=NOW, zone=UTC)
        assert "qz7" not in found.sql
        assert any("qz7" in str(param) for param in found.params)


def test_neither_numbers_nor_dates_nor_durations_are_part_of_the_sql() -> None:
    for query in (
        "lr = 97531", "val/loss:min < 97531", "steps > 97531", "took > 97531s", "age < 97531s", "cost > 97531s", "differs = 97531",
        "left < 97531s", "test/acc@min(val/loss) > 97531", "Δval/loss > 97531", "val/loss - 97531 > lr", "problems in [97531]",
    ):  # fmt: skip
        found = compile_query(query, trees.NAMES, now=NOW, zone=UTC)
        assert "97531" not in found.sql and found.params, query
    assert "1997" not in compile_query("started > 1997-05-31", trees.NAMES, now=NOW, zone=UTC).sql


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_no_name_is_part_of_the_sql(name: str) -> None:
    marked = f"qz7{name}"
    names = Names(params=(marked,), metrics=(f"m{marked}",), facts=(f"f{marked}",))
    assume(":" not in name and "@" not in name and name == name.rstrip())
    for spec in (marked, f"m{marked}:min", f"f{marked}"):
        found = compile_tree(Compare(spec, ">", Text("1")), names, now=NOW, zone=UTC)
        assert "qz7" not in found.sql
        assert any(marked in str(param) for param in found.params)


@given(trees.balances)
def test_nothing_that_is_computed_is_part_of_the_sql(history: History, tree: Balance) -> None:
    marked = Names(params=tuple(f"qz7{name}" for name in trees.NAMES.params), metrics=("qz7/loss",))
    renamed = replace(tree, left=Operation("*", Operand("qz7/loss"), Operand("qz7lr")), right=Operand("97531"))
    found = compile_tree(renamed, marked, now=NOW, zone=UTC)
    assert "qz7" not in found.sql and "97531" not in found.sql
    assert {"qz7/loss", "qz7lr", 97531.0} <= set(found.params)


def test_as_many_question_marks_as_parameters(history: History) -> None:
    found = compile_query("a lr=1 tag:b|(note:c -name:d) opt*", trees.NAMES, now=NOW, zone=UTC)
    assert found.sql.count("?") == len(found.params)
    with pytest.raises(duckdb.Error):
        run(history, found.sql, found.params[1:])


@pytest.mark.parametrize(
    ("query", "token", "near"),
    [
        ("lrr < 1", "lrr", "lr"),
        ("valloss < 1", "valloss", "val/loss"),
        ("min(val/loss) < 1", "min(val/loss)", "val/loss:min"),
        ("val/loss.best < 1", "val/loss.best", "val/loss:best"),
        ("status:failed", "status", "state"),
        ("duration > 1h", "duration", "took"),
        ("lr = [1, 2]", "[", None),
        ("stat = failed", "stat", "state"),
        ("state:faild", "faild", "failed"),
        ("loss < 1", "loss", "val/loss"),
        ("cfg.val/loss < 1", "cfg.val/loss", None),
        ("val/loss = good", "good", None),
        ("val/loss:mean.step = 1", "val/loss:mean.step", None),
        ("train/loss:best@x < 1", "train/loss:best@x", None),
        ("name:/(?=x)/", "/(?=x)/", None),
        ("name ~ [", "[", None),
        ("started > sometime", "sometime", None),
        ("took > long", "long", None),
        ("star:perhaps", "perhaps", None),
        ("steps = x", "x", None),
        ("tag < b", "b", None),
        ("has:nothing", "nothing", None),
        ("started > 9999-99-99", "9999-99-99", None),
        ("age > 1000000y", "1000000y", None),
        ("started > last", "last", None),
        ("val/loss*0.5 < 1", "val/loss*0.5", None),
        ("val/loss < train/loss*2", "train/loss*2", None),
        ("val/loss < nothing * 2", "nothing", None),
        ("lr < state * 2", "state", None),
        ("lr - val/losss < 0", "val/losss", "val/loss"),
        ("val/loss - lr ~ x", "-", None),
    ],
)
def test_errors_name_the_token_and_what_is_near(query: str, token: str, near: str | None) -> None:
    with pytest.raises(QueryError) as caught:
        compile_query(query, trees.NAMES, now=NOW, zone=UTC)
    assert query[caught.value.start : caught.value.end] == token
    assert near is None or near in caught.value.near
