"""Alerts of the policy in queries: by name, by glob, negated, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from runspect.columns.lens import PLAIN
from runspect.errors import QueryError
from runspect.index.reads import alerted, order, window
from runspect.model import SortKey
from runspect.query import compile_query
from tests.query.history import NOW, History, Run

ALERTS = {"good": "loss < 0.5", "odd.one": "nothing/like:this > 3", "tagged": "tag:x | loss > 2", "again": "alert:good"}
LENS = replace(PLAIN, alerts={key: ALERTS[key] for key in ("good", "odd.one", "tagged")})
NESTED = replace(PLAIN, alerts=ALERTS)


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    opened = History([Run("a", metrics={"loss": [1.0, 0.25]}), Run("b", metrics={"loss": [3.0]})])
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("alert:good", {"a"}),
        ("alert = GOOD", {"a"}),
        ("alert != good", {"b"}),
        ("-alert:good", {"b"}),
        ("alert:odd.one", set()),
        ("alert in [good, tagged]", {"a", "b"}),
    ],
)
def test_an_alert_is_what_its_query_matches(history: History, query: str, names: set[str]) -> None:
    assert history.ask(query, lens=LENS) == names


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("alert:god", "expected one of the alerts good, odd.one"),
        ("alert > 3", "write alert:NAME"),
        ("alert:/x/", "write alert:NAME"),
        ("alert:again", "the alert 'again' of the policy: no alert is known"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(history: History, query: str, said: str) -> None:
    with pytest.raises(QueryError, match=said) as caught:
        compile_query(query, history.names, now=NOW, lens=NESTED)
    assert caught.value.end <= len(query)


def test_without_alerts_it_says_where_they_are_named(history: History) -> None:
    with pytest.raises(QueryError, match=r"\[alerts\] of runspect.toml"):
        compile_query("alert:good", history.names, now=NOW)
    assert history.ask("has:alert") == set()
    assert history.ask("has:alert", lens=LENS) == {"a", "b"}


def test_the_column_names_the_alerts_that_match(history: History) -> None:
    found = alerted(history.connection, (), NESTED)
    assert list(found.values()) == ["good", "tagged"]
    lens = replace(NESTED, alerted=lambda: found)
    rids = order(history.connection, (), lens=lens).rids
    rows = window(history.connection, (), rids, ("name", "alert", "archived"), lens=lens)
    assert sorted(row.values for row in rows) == [("a", ["good"], None), ("b", ["tagged"], None)]
    by = order(history.connection, (), sort=[SortKey("alert", descending=True)], lens=lens).rids
    assert [found[rid] for rid in by] == ["tagged", "good"]


def test_a_run_of_several_alerts_tells_them_in_the_order_of_the_policy(history: History) -> None:
    lens = replace(PLAIN, alerts={"slow": "took > 1m", "good": "loss < 0.5", "none": "name:nobody"})
    assert sorted(alerted(history.connection, (), lens).values()) == ["slow", "slow, good"]
    assert alerted(history.connection, ("/nowhere",), lens) == {}
