"""Saved views: files that people write, commit and share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect import views
from runspect.errors import NotFound, UsageError
from runspect.views import View, delete_view, find_views, own_folder, parse_view, render_view, save_view

_WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


def test_the_example_in_the_documentation() -> None:
    assert views.__doc__
    found = parse_view(views.__doc__.split("\n\n")[1])
    assert found == View(
        "tag:ablation state:finished",
        ("state", "lr", "val/loss:min"),
        ("-val/acc:max", "name"),
        ("seeds",),
        ("val/loss",),
        False,
        ("/home/me/exp",),
    )


@given(
    st.builds(
        View,
        query=_WORDS.map(str.strip),
        columns=st.lists(_WORDS, max_size=3).map(tuple),
        sort=st.lists(_WORDS, max_size=2).map(tuple),
        archived=st.booleans(),
    )
)
def test_what_is_written_is_read_again(view: View) -> None:
    assert parse_view(render_view(view)) == view


def test_ones_own_and_the_teams(tmp_path: Path) -> None:
    environ = {"RUNSPECT_HOME": str(tmp_path / "home")}
    runs = tmp_path / "exp" / "deep"
    runs.mkdir(parents=True)
    save_view("both", View(query="own"), own_folder(environ))
    save_view("both", View(query="theirs"), tmp_path / "exp" / views.SHARED)
    save_view("team", View(query="tag:x", default_for=(".",)), tmp_path / "exp" / views.SHARED)
    (tmp_path / "exp" / views.SHARED / "bad.toml").write_text("query = 'x'\nsrot = ['y']\n")
    found = find_views([str(runs)], environ)
    assert [(saved.name, saved.shared) for saved in found.saved] == [("both", False), ("team", True)]
    assert found.named("both").view.query == "own"
    assert len(found.faults) == 1
    assert "bad.toml: line 2: unknown key 'srot'; did you mean 'sort'" in found.faults[0]
    with pytest.raises(NotFound, match="line 2"):
        found.named("bad")
    with pytest.raises(NotFound, match="there are @both, @team"):
        found.named("none")
    assert (default := found.default_of([str(tmp_path / "exp")])) is not None
    assert default.name == "team"
    assert found.default_of([str(runs)]) is None
    assert found.default_of([str(runs), str(tmp_path / "exp")]) is None
    delete_view(found.named("both"))
    assert find_views([str(runs)], environ).named("both").view.query == "theirs"


def test_a_default_of_ones_own(tmp_path: Path) -> None:
    environ = {"RUNSPECT_HOME": str(tmp_path)}
    save_view("mine", View(default_for=("/exp/a/",)), own_folder(environ))
    assert find_views([], environ).default_of(["/exp/a"]) is not None
    assert find_views([], environ).default_of(["/exp"]) is None


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a b", "x" * 65, "a\n"])
def test_names_that_no_view_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="a view's name"):
        save_view(name, View(), tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        save_view("a", View(), tmp_path / "file" / "views")
