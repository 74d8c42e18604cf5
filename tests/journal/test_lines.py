"""Journal lines: encoded and decoded, and merged whatever their order."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.journal import Line, merge
from runspect.journal.checking import checked
from runspect.journal.history import History
from runspect.journal.lines import Odd, encode, read_line
from runspect.model import Json

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
line_values = st.builds(
    Line,
    id=st.text("abcdef0123456789", min_size=1, max_size=4),
    ts=st.integers(0, 50),
    who=st.sampled_from(["ada@box", "bob@box"]),
    target=st.sampled_from(["run:a", "run:b", "hyp:1"]),
    key=st.sampled_from(["note", "tag:x", "tag:y"]),
    value=json_values,
)


def unique(lines: list[Line]) -> list[Line]:
    """Ids are random in life: one id never names two ops."""
    return list({line.id: line for line in lines}.values())


many_lines = st.lists(line_values, max_size=20).map(unique)


@given(line_values)
def test_a_line_comes_back_as_it_was_written(line: Line) -> None:
    assert read_line(encode(line)) == line


@given(many_lines, st.randoms(use_true_random=False))
def test_merge_does_not_depend_on_the_order(lines: list[Line], random: object) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merge(shuffled) == merge(lines)


@given(many_lines, many_lines)
def test_merge_of_merges_is_the_merge(first: list[Line], second: list[Line]) -> None:
    second = [line for line in second if line.id not in {other.id for other in first}]
    halves = [*merge(first).values(), *merge(second).values()]
    assert merge(halves) == merge([*second, *first])


@given(many_lines)
def test_merge_of_repeats_is_the_merge(lines: list[Line]) -> None:
    assert merge([*lines, *lines]) == merge(lines)


@given(many_lines, st.randoms(use_true_random=False))
def test_history_agrees_with_merge_in_any_order_with_repeats(lines: list[Line], random: object) -> None:
    shuffled = [*lines, *lines]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    history = History()
    fresh = history.add(shuffled)
    assert len(fresh) == len(lines)
    assert {slot: history.winner(slot) for slot in merge(lines)} == merge(lines)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_op_and_no_error(raw: bytes) -> None:
    for piece in raw.split(b"\n"):
        found = read_line(piece)
        if isinstance(found, Line):
            checked(found, 1 << 62)


def test_an_op_of_a_newer_version_is_no_op_here() -> None:
    fields = json.loads(encode(Line("1", 1, "ada", "run:a", "note", "x")))
    assert read_line(json.dumps({**fields, "v": 2}).encode()) == Odd("of version 2: a newer runspect shows it")


def test_keys_of_a_newer_version_are_kept() -> None:
    fields = json.loads(encode(Line("1", 1, "ada", "run:a", "stage", "x")))
    line = read_line(json.dumps({**fields, "step": 17}).encode())
    assert isinstance(line, Line)
    assert json.loads(encode(line))["step"] == 17


@pytest.mark.parametrize(
    "changed",
    [
        {"ts": 1 << 70},  # would win over all that is ever said
        {"ts": -1},
        {"target": "what:a"},
        {"key": ""},
        {"id": ""},
        {"key": "half \ud800"},
        {"value": "\ud800"},
        {"key": "odd", "value": ["nul \0"]},
        {"who": "nul \0"},
        {"value": 17},
        {"key": "tag:x", "value": "yes"},
        {"key": "tag:", "value": True},
        {"key": "star", "value": 1},
        {"key": "verdict", "value": {"note": "x"}},
        {"key": "stage", "value": {"stage": 9}},
        {"key": "snapshot", "value": {"root": ".", "metrics": {"a": 5}}},
        {"key": "snapshot", "value": {"root": ".", "params": {"a": 1 << 90}}},
        {"key": "snapshot", "value": {"path": "x"}},
        {"target": "hyp:h", "key": "due", "value": 1e400},
        {"target": "project:p", "key": "baseline", "value": {}},
    ],
)
def test_what_others_write_counts_only_where_the_index_can_hold_it(changed: dict[str, Json]) -> None:
    fields = json.loads(encode(Line("1", 1, "ada", "run:a", "note", "x")))
    line = read_line(json.dumps({**fields, **changed}).encode())
    assert isinstance(line, Line)
    assert isinstance(checked(line, 1 << 62), Odd)


@pytest.mark.parametrize(
    ("target", "key", "value"),
    [
        ("run:a", "note", None),
        ("run:a", "hypothesis", False),
        ("run:a", "tag:x", None),
        ("run:a", "verdict", {"verdict": "refuted", "note": "", "retrospective": True}),
        ("run:a", "stage", {"stage": "production", "why": "x", "gate": {"passes": 3}, "model": None, "version": 2}),
        (
            "run:a",
            "snapshot",
            {"root": "/e", "path": "a", "params": {"lr": 1e-3, "l": [1]}, "metrics": {"loss": {"n": 3, "min": "NaN"}}},
        ),
        ("hyp:a", "due", 1.8e9),
        ("run:a", "what a newer one writes", {"any": ["thing"]}),
    ],
)
def test_what_runspect_writes_itself_counts(target: str, key: str, value: Json) -> None:
    line = Line("1", 1, "ada", target, key, value)
    assert checked(line, 1 << 62) == line
