"""Saved views in queries: what is asked, and where a fault is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.errors import NotFound, QueryError
from runspect.query.parse import parse
from runspect.views import SavedView, View, Views
from runspect.workspace.viewing import completions, expand

QUERIES = {
    "low": "lr < 1e-3 | lr = 1",
    "tagged": "tag:x",
    "both": "@low @tagged",
    "all": "",
    "loop": "-@pool",
    "pool": "@loop a",
}
VIEWS = Views(tuple(SavedView(name, Path("/x"), View(query=text), False) for name, text in QUERIES.items()), ())


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("@low", "lr < 1e-3 | lr = 1"),
        ("@all", ""),
        ("@all lr:1", " lr:1"),
        ("-@low opt:adam", "-(lr < 1e-3 | lr = 1) opt:adam"),
        ("(@tagged or name:a)", "((tag:x) or name:a)"),
        ("@both", "(lr < 1e-3 | lr = 1) (tag:x)"),
        ("test/acc@min(val/loss) > 3", "test/acc@min(val/loss) > 3"),
        ('"@low" owner:me@host note in [@low, b] @low:3', '"@low" owner:me@host note in [@low, b] @low:3'),
        ('@low "open', '@low "open'),
    ],
)
def test_a_view_stands_for_its_query(typed: str, asked: str) -> None:
    assert expand(typed, lambda: VIEWS).text == asked


def test_faults_point_at_what_was_typed() -> None:
    expanded = expand("a @low b @tagged cc", lambda: VIEWS)
    assert expanded.text == "a (lr < 1e-3 | lr = 1) b (tag:x) cc"
    parse(expanded.text)
    at = expanded.text.index
    assert (expanded.typed(at("a ")), expanded.typed(at(" b") + 1), expanded.typed(at("cc"))) == (0, 7, 17)
    assert (expanded.typed(at("1e-3")), expanded.typed(at("1e-3") + 4, end=True)) == (2, 6)
    assert (expanded.typed(at("tag")), expanded.typed(at("tag") + 5, end=True)) == (9, 16)
    assert expanded.typed(len(expanded.text), end=True) == 19


def test_views_that_mean_nothing() -> None:
    with pytest.raises(NotFound, match="no view is called 'nobody'; there are @low"):
        expand("@nobody", lambda: VIEWS)
    with pytest.raises(QueryError, match="in a circle"):
        expand("@loop", lambda: VIEWS)


def test_names_are_offered() -> None:
    found = completions("lr:1 -@lo", 9, lambda: VIEWS)
    assert found is not None
    assert found.start == 6
    assert [text for text, _ in found.items] == ["@low", "@loop"]
    assert completions("a@min", 5, lambda: VIEWS) is None
    assert completions("name", 4, lambda: VIEWS) is None
