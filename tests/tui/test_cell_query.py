"""A cell as a condition: it means this value, and can be typed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.columns import Names, parse_column, resolve
from runspect.model import Json
from runspect.query import parse, render
from runspect.query.tree import Not
from runspect.tui.cell_query import conditions, narrowed, without

NAMES = Names(
    params=("lr", "opt", "my key", "layers", "name"), metrics=("val/loss", "val-acc (top 1)"), facts=("git_commit",)
)


def texts(spec: str, value: Json) -> list[str]:
    """The conditions for a cell, as they are typed."""
    found = conditions(resolve(parse_column(spec), NAMES), value, "path:1a2b")
    assert [parse(render(each)) for each in found] == list(found)
    return [render(each) for each in found]


@pytest.mark.parametrize(
    ("spec", "value", "typed"),
    [
        ("lr", 0.0003, ["lr = 0.0003"]),
        ("lr", 1e-05, ["lr = 1e-05"]),
        ("lr", -0.5, ["lr = -0.5"]),
        ("lr", 64, ["lr = 64"]),
        ("lr", "64", ['lr = "64"']),
        ("lr", True, ["lr = true"]),
        ("opt", "adamw", ["opt = adamw"]),
        ("opt", "adam w*", ['opt = "adam w*"']),
        ("opt", 'say "no"', ['opt = "say \\"no\\""']),
        ("opt", None, ["not has:opt", "opt = null"]),
        ("opt", "", ['opt = ""']),
        ("layers", [64, 32], ['layers = "[64, 32]"']),
        ("opt", "none", ['opt = "none"']),
        ("my key", 5, ['"my key" = 5']),
        ("my key", None, ['not has:"my key"', '"my key" = null']),
        ("cfg.name", "x", ["cfg.name = x"]),
        ("val/loss", 0.21126461029052734, ["val/loss = 0.21126461029052734"]),
        ("val/loss:min", "NaN", ["val/loss:min = nan"]),
        ("val/loss", "-Infinity", ["val/loss = -inf"]),
        ("val/loss", None, ["not has:val/loss"]),
        ("val-acc (top 1)", 0.5, ['"val-acc (top 1)" = 0.5']),
        ("val/loss:min.step", 300, ["val/loss:min.step = 300"]),
        ("git_commit", "0123abc", ["git_commit = 0123abc"]),
        ("state", "failed", ["state:failed"]),
        ("took", 3725.4, ["took = 1h2m"]),
        ("took", 19.7, ["took = 19s"]),
        ("steps", 20, ["steps = 20"]),
        ("tags", ["good", "my tag"], ['tag = good tag = "my tag"']),
        ("tags", None, ["not has:tag"]),
        ("name", "a b", ['name = "a b"', 'uid = "path:1a2b"']),
        ("project", "", ["not has:project"]),
        ("~val/loss", "87654321", []),
    ],
)
def test_a_cell_is_told_as_one_would_type_it(spec: str, value: Json, typed: list[str]) -> None:
    assert texts(spec, value) == typed


def test_times_are_told_by_their_day() -> None:
    day = time.strftime("%Y-%m-%d", time.localtime(1_700_000_000))
    assert texts("started", 1_700_000_000.25) == [f"started:{day}"]
    assert texts("age", 1_700_000_000.25) == [f"started:{day}", f"updated:{day}"]


@given(st.one_of(st.text(), st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.booleans()))
def test_any_value_can_be_typed(value: Json) -> None:
    texts("opt", value)


def test_conditions_are_added_once() -> None:
    (equal,) = conditions(resolve(parse_column("opt"), NAMES), "sgd", "")
    assert narrowed("", equal) == "opt = sgd"
    assert narrowed("lr<1e-3", equal) == "lr<1e-3 opt = sgd"
    assert narrowed("lr<1e-3 | tag:a", equal) == "(lr<1e-3 | tag:a) opt = sgd"
    assert narrowed("lr<1e-3 opt=sgd", equal) == "lr<1e-3 opt=sgd"
    assert narrowed("", without(equal)) == "not opt = sgd"
    assert without(Not(equal)) == equal
