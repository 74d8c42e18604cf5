"""Saved views in queries: what is asked, and where a fault is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runspect.errors import NotFound, QueryError, UsageError
from runspect.query.parse import parse
from runspect.query.tree import And, Anywhere, Compare, Everything, Not, Or, Text, Tree, render
from runspect.views import SavedView, View, Views
from runspect.workspace.viewing import check_saved, completions, expand
from tests.query import trees

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
        ("@all lr:1", "(uid:*) lr:1"),
        ("-@all", "-(uid:*)"),
        ("!@low&&@tagged", "!(lr < 1e-3 | lr = 1)&&(tag:x)"),
        ("note in (@low, b)", "note in (@low, b)"),
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


def test_a_view_that_leads_back_to_itself_is_not_saved() -> None:
    check_saved("new", "@both lr:1", VIEWS)
    check_saved("new", "@loop", VIEWS)  # a circle of others, which is theirs
    check_saved("low", 'lr < 1 name:"@low" "@low" @later', VIEWS)
    with pytest.raises(UsageError, match="the view @low would name itself; instead of @low write its query: lr < 1e-3"):
        check_saved("low", "@low opt:adam", VIEWS)
    with pytest.raises(UsageError, match="the view @low would name itself through the views that it names"):
        check_saved("low", "a -@both", VIEWS)
    with pytest.raises(UsageError, match=r"@new would name itself$"):
        check_saved("new", "@new", VIEWS)


def test_names_are_offered() -> None:
    found = completions("lr:1 -@lo", 9, lambda: VIEWS)
    assert found is not None
    assert found.start == 6
    assert [text for text, _ in found.items] == ["@low", "@loop"]
    assert completions("a@min", 5, lambda: VIEWS) is None
    assert completions("name", 4, lambda: VIEWS) is None


_V = Anywhere(Text("@v"))


@given(st.recursive(st.one_of(st.just(_V), trees.leaves), trees.grown, max_leaves=6), trees.trees)
def test_a_view_in_any_place_of_a_query_is_its_tree_in_that_place(tree: Tree, view: Tree) -> None:
    assume(_named(tree) <= {"@v"} and not _named(view))
    views = Views((SavedView("v", Path("/x"), View(query=render(view)), False),), ())
    expanded = expand(render(tree), lambda: views)
    inside = Compare("uid", ":", Text("*")) if view == Everything() else view
    assert parse(expanded.text) == (view if tree == _V else _put(inside, tree))


def _named(tree: Tree) -> set[str]:
    """The views that a tree names."""
    match tree:
        case Anywhere(Text(word, False)) if word.startswith("@"):
            return {word}
        case Not(part):
            return _named(part)
        case And(parts) | Or(parts):
            return set().union(*map(_named, parts))
        case _:
            return set()


def _put(view: Tree, tree: Tree) -> Tree:
    """The tree with the view's in place of its name."""
    match tree:
        case Anywhere(Text("@v", False)):
            return view
        case Not(part):
            return Not(_put(view, part))
        case And(parts) | Or(parts):
            return trees.flat(type(tree), [_put(view, part) for part in parts])
        case _:
            return tree
