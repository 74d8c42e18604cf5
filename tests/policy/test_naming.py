"""Names against the policy's pattern: what the recorder makes of a pattern always follows it, in Python and in RE2."""

from __future__ import annotations

import re
import time
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.policy.naming import shape
from runspect.recorder.launch.naming import fault, filled, numbered
from runspect.recorder.layout import as_file_name

FIELDS = (
    "{model}",
    "{date}",
    "{time}",
    "{number}",
    "{number:03}",
    "{number:3}",
    "{seed}",
    "{lr}",
    "{hypothesis}",
    "{user}",
    "{host}",
)
PATTERNS = st.lists(
    st.one_of(st.sampled_from(FIELDS), st.text(st.sampled_from("abz-_. +()[]*é|"), max_size=4)), min_size=1, max_size=5
).map("".join)
WORDS = st.text(st.characters(categories=("Ll", "Nd")), min_size=1, max_size=8)


def follows(name: str, expression: str) -> bool:
    """As the index looks: the name, or the last part of one that is a path."""
    return any(re.fullmatch(expression, each) for each in (name, name.rpartition("/")[2]))


@given(PATTERNS, WORDS, st.integers(0, 99), st.integers(1, 5000), st.floats(0, 4e9))
def test_a_name_that_the_recorder_made_follows_its_pattern(
    pattern: str, word: str, seed: int, number: int, now: float
) -> None:
    if fault(pattern):
        return
    argv = ["python", "train.py", "--model", word, "--lr", "3e-4", "--seed", str(seed)]
    name, missing = filled(pattern, argv, hypothesis=f"is {word}", project="p", user="ann", here=Path("/"), now=now)
    made = as_file_name(numbered(name, number))
    if missing or made == "run":
        return
    expression = shape(pattern)
    assert follows(made, expression)
    assert follows(f"sweep/{made}", expression)
    (found,) = duckdb.execute("SELECT regexp_full_match(?, ?, 's')", (made, expression)).fetchone() or (None,)
    assert found


@given(PATTERNS, st.text(st.sampled_from("ab1-_./ é\n{"), max_size=12))
def test_python_and_the_index_agree_on_any_name(pattern: str, name: str) -> None:
    if fault(pattern):
        return
    expression = shape(pattern)
    last = name.rpartition("/")[2]
    rows = duckdb.execute("SELECT regexp_full_match(unnest([?, ?]), ?, 's')", (name, last, expression)).fetchall()
    assert any(found for (found,) in rows) == follows(name, expression)


@pytest.mark.parametrize(
    ("name", "is_right"),
    [
        ("resnet50-2026-11-26-001", True),
        ("sweep/resnet50-2026-11-26-1234", True),
        ("resnet50-2026-11-26-01", False),
        ("resnet50-2026-13-26-001", False),
        ("2026-11-26-001", False),
        ("my model-2026-11-26-001", False),
        ("resnet50-2026-11-26-001-again", False),
        ("", False),
    ],
)
def test_model_date_and_number(name: str, is_right: bool) -> None:
    assert follows(name, shape("{model}-{date}-{number:03}")) is is_right


def test_today_is_a_date() -> None:
    assert follows(time.strftime("%Y-%m-%d"), shape("{date}"))
