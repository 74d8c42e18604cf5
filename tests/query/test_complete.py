"""Completion: fields, then operators, then values that were observed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.columns import Names
from runspect.errors import QueryError
from runspect.query import compile_query
from runspect.query.complete import Completion, complete
from tests.query import trees

NAMES = Names(
    params=("lr", "opt", "optimizer.wd", "name"),
    metrics=("val/loss", "train/loss"),
    facts=("git_commit",),
    tags=("ablation", "two words"),
)


def observed(kind: str, name: str) -> Sequence[tuple[str, int]]:
    """Values as the index tells them: JSON text for params and facts."""
    known = {
        ("param", "opt"): [('"adamw"', 12), ('"sgd m"', 1), ("null", 1)],
        ("param", "lr"): [("0.001", 9), ("[1, 2]", 1)],
        ("fact", "git_commit"): [('"abc"', 3)],
        ("field", "host"): [("box1", 3)],
        ("field", "cause"): [("out of memory", 2), ("ValueError", 1)],
        ("tag", "tag"): [("ablation", 7), ("two words", 1)],
    }
    return known.get((kind, name), [])


def at_end(query: str) -> Completion:
    return complete(query, len(query), NAMES, observed)


@pytest.mark.parametrize("query", ["opt = opt", "opt:adamw", "has:lr", "tag:ablation", "lr < lr:min"])
def test_a_whole_value_is_followed_by_nothing(query: str) -> None:
    assert [text for text, _ in at_end(query).items if text.startswith(" ")] == []


def test_an_empty_line_offers_what_the_runs_have_and_then_the_fields() -> None:
    assert [text for text, _ in at_end("").items][:7] == [
        "val/loss", "train/loss", "lr", "opt", "optimizer.wd", "name", "path",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "start", "first"),
    [
        ("", 0, "val/loss"),
        ("va", 0, "val/loss"),
        ("lr < 1 an", 7, "and"),
        ("not st", 4, "state:"),
        ("(los", 1, "val/loss"),
        ("cfg.n", 0, "cfg.name"),
        ("wd", 0, "optimizer.wd"),
        ("val/loss:m", 9, "min"),
        ("val/loss:min ", 13, ":"),
        ("opt ", 4, ":"),
        ("val/loss:min < tr", 15, "train/loss"),
        ("val/loss < train/loss - va", 24, "val/loss"),
        ("took > ", 7, "30m"),
        ("cause:", 6, '"out of memory"'),
        ("cause = V", 8, "ValueError"),
        ("com", 0, "commit"),
        ("started >= last", 11, "last-week"),
        ("opt = ", 6, "adamw"),
        ("opt in [", 8, "adamw"),
        ("opt in [adamw, s", 15, '"sgd m"'),
        ('opt = "sg', 6, '"sgd m"'),
        ("lr = [", 6, "val/loss"),
        ("lr:0", 3, "0.001"),
        ("git_commit:", 11, "abc"),
        ("tag:", 4, "ablation"),
        ("-tag:tw", 5, '"two words"'),
        ("host = ", 7, "box1"),
        ("has:val", 4, "val/loss"),
        ("state:f", 6, "finished"),
        ("started > y", 10, "yesterday"),
        ("opt = lr ", 9, "val/loss"),
        ("lr", 2, " :"),
        ("opt=a -lr", 9, " :"),
        ("val/loss:mean", 13, " :"),
    ],
)
def test_what_comes_first(query: str, start: int, first: str) -> None:
    found = at_end(query)
    assert (found.start, found.items[0][0]) == (start, first)


def test_values_come_with_counts() -> None:
    assert at_end("opt = ").items == (("adamw", "12 runs"), ('"sgd m"', "1 run"), ("null", "1 run"))


def test_nothing_is_offered_where_nothing_is_known() -> None:
    assert at_end("unknown = ").items == ()
    assert at_end("note:").items == ()


def test_what_follows_the_position_plays_no_part() -> None:
    assert complete("st and lr < 1", 2, NAMES, observed) == complete("st", 2, NAMES, observed)


@pytest.mark.parametrize(
    "query", ["", "va", "opt = ", "opt in [", "tag:", "has:", "state:", "started > ", "val/loss:", "l"]
)
def test_what_is_offered_can_be_understood(query: str) -> None:
    found = at_end(query)
    assert found.items
    for text, _ in found.items:
        whole = query[: found.start] + text
        tail = "]" if "[" in whole else ""
        for ending in (tail, " 1", " x", " < 1", " yes", " failed", "lr"):
            try:
                compile_query(whole + ending, NAMES, now=0.0, zone=UTC)
                break
            except QueryError:
                continue
        else:
            pytest.fail(whole)


@given(trees.queries, st.integers(-3, 60))
def test_any_text_at_any_place(text: str, position: int) -> None:
    found = complete(text, position, trees.NAMES, observed)
    assert 0 <= found.start <= max(0, position)
    assert all(item and told for item, told in found.items)


def test_the_parts_of_a_comparison_are_offered_behind_its_colon() -> None:
    found = [text for text, _ in at_end("vs:").items]
    assert found[:3] == ["champion", "baseline", "best"] and "noise" in found
    assert [text for text, _ in at_end("vs:ch").items] == ["champion"]
    assert [text for text, _ in at_end("vs:noise = ").items] == ["within", "beyond", "unknown"]
