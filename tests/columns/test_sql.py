"""Values and orders of columns, asked of a real DuckDB."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from runspect.columns import decode, parse_column, sort_term, value_sql
from runspect.columns.table import COLUMNS
from runspect.model import Json
from tests.query.history import NOW, History, Run

A = Run("a", {"lr": 0.1, "opt": "adam", "size": 10, "flag": True}, {"val/loss": [1.0, 0.2, 0.4], "acc": [0.1, 0.5,
    0.3]},
        {"dataset": "cifar"}, ["z", "b"], "hello", True, began=10, lasted=2, tools="wandb,tensorboard")  # fmt: skip
B = Run("b", {"lr": 0.02, "opt": "Lion", "size": 9, "mix": "x"}, {"val/loss": [0.5, math.nan]},
    {"notes": "the tool's"}, began=5, lasted=1,
        state="running", steps=7)  # fmt: skip
C = Run("C", {"mix": 3, "size": "large"}, {"val/loss": [math.nan]}, state="failed", began=None, steps=None)


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    found = History([A, B, C])
    yield found
    found.close()


def values(history: History, spec: str) -> list[Json]:
    column = parse_column(spec)
    sql, params = value_sql(column, history.names)
    rows = history.connection.execute(f"SELECT {sql} FROM runs_now r ORDER BY r.rid", list(params)).fetchall()
    return [decode(column, value) for (value,) in rows]


def order(history: History, spec: str, *, descending: bool = False) -> str:
    term = sort_term(parse_column(spec), history.names, descending=descending)
    selected = f"SELECT r.name, r.rid, {term.sql} AS k FROM runs_now r"
    sql = f"SELECT name FROM ({selected}) ORDER BY {term.order('k')}, rid"
    rows = history.connection.execute(sql, list(term.params)).fetchall()
    return "".join(name for (name,) in rows)


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ("name", ["a", "b", "C"]),
        ("state", ["finished", "running", "failed"]),
        ("age", [NOW - 36000, NOW - 18000, None]),
        ("took", [7200.0, 3600.0, None]),
        ("tags", [["b", "z"], None, None]),
        ("tools", [["wandb", "tensorboard"], ["tensorboard"], ["tensorboard"]]),
        ("note", ["hello", "the tool's", None]),
        ("star", [True, None, None]),
        ("lr", [0.1, 0.02, None]),
        ("opt", ["adam", "Lion", None]),
        ("flag", [True, None, None]),
        ("dataset", ["cifar", None, None]),
        ("val/loss:min", [0.2, 0.5, None]),
        ("val/loss:best", [0.2, 0.5, None]),
        ("val/loss:min - 0.1", [0.1, 0.4, None]),
        ("acc:max / (val/loss:min * 2)", [1.25, None, None]),
        ("took / 1h", [2.0, 1.0, None]),
        ("size + 1", [11.0, 10.0, None]),
        ("opt * 2", [None, None, None]),
        ("name * 2", [None, None, None]),
        ("nothing - 2", [None, None, None]),
        ("acc:best", [0.5, None, None]),
        ("val/loss:min.step", [1, 0, None]),
        ("val/loss:n", [3, 2, 1]),
        ("val/loss:nan.step", [None, 1, 0]),
        ("acc@min(val/loss)", [0.5, None, None]),
        ("val/loss@best(acc)", [0.2, None, None]),
        ("~val/loss", ["12345678", "12345678 NaN@1", "12345678 NaN@0"]),
        ("no such thing", [None, None, None]),
    ],
)
def test_values(history: History, spec: str, wanted: list[Json]) -> None:
    assert values(history, spec) == wanted


@pytest.mark.parametrize(
    ("spec", "up", "down"),
    [
        ("name", "abC", "Cba"),
        ("lr", "baC", "abC"),
        ("opt", "abC", "baC"),
        ("size", "baC", "abC"),
        ("mix", "Cba", "Cba"),
        ("val/loss", "abC", "abC"),
        ("val/loss:min", "abC", "baC"),
        ("acc@min(val/loss)", "abC", "abC"),
        ("age", "baC", "abC"),
        ("steps", "baC", "abC"),
        ("state", "baC", "Cab"),
        ("tags", "abC", "abC"),
        ("~val/loss", "abC", "abC"),
        ("no such thing", "abC", "abC"),
    ],
)
def test_orders_keep_what_is_absent_last(history: History, spec: str, up: str, down: str) -> None:
    assert (order(history, spec), order(history, spec, descending=True)) == (up, down)


@pytest.mark.parametrize("name", [row.name for row in COLUMNS])
def test_every_built_in_column_has_a_value_and_an_order(history: History, name: str) -> None:
    assert len(values(history, name)) == 3
    assert sorted(order(history, name)) == ["C", "a", "b"]


def test_a_metric_without_a_direction_has_no_best(history: History) -> None:
    sql, params = value_sql(parse_column("foo:best"), history.names)
    assert history.connection.execute(f"SELECT {sql}", list(params)).fetchall() == [(None,)]
