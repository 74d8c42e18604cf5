"""The patterns we let through are the patterns that RE2 takes."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.query.regex import fault, from_glob

_PIECES = (
    "a", "z", ".", "*", "+", "?", "|", "(", ")", "[", "]", "^", "$", "{", "}", "{2}", "{2,5}", "{,3}", "{1001}", "\\",
    "\\d", "\\b",
    "\\x41", "\\Z", "\\z", "\\pL", "\\1", "(?:", "(?=", "(?P<n>", "(?P=n)", "(?i)", "(?i:", "(?x)", "(?#c)", "-",
    "[^", "[[:alpha:]]",
    "\\u0041", "\\N", "[a-\\d]", "[]]", "é", "&&", "--", "*+", "0", "\\07", "\\Q", "\n", "(?s-i:", "(?<n>",
)  # fmt: skip


@given(
    st.one_of(
        st.lists(st.sampled_from(_PIECES), max_size=8).map("".join),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    )
)
def test_re2_takes_what_we_let_through(pattern: str) -> None:
    if fault(pattern) is None:
        with duckdb.connect() as connection:
            connection.execute("SELECT regexp_matches('some text', ?, 'is')", [pattern]).fetchall()


@pytest.mark.parametrize(
    "pattern",
    ["resnet(50|101)", "^a.*z$", "\\d+\\.\\d{2}", "[A-Z_]+", "(?i)x", "a|b", "[^/]*", "\\bx\\b", "名.", "(?P<n>x)", ""],
)
def test_ordinary_patterns_are_let_through(pattern: str) -> None:
    assert fault(pattern) is None


@pytest.mark.parametrize(
    "pattern", ["(", "[", "*", "a{2", "(?=x)", "(?!x)", "(a)\\1", "a++", "a{999}{999}", "\\Z", "(?P=n)"]
)
def test_faulty_patterns_are_named(pattern: str) -> None:
    if pattern == "a{2":
        assert fault(pattern) is None  # braces that count nothing are themselves
    else:
        assert fault(pattern)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
)
def test_globs(glob: str, text: str) -> None:
    pattern = from_glob(glob)
    assert fault(pattern) is None
    assert re.fullmatch(pattern, glob, re.DOTALL)
    if "*" not in glob and "?" not in glob:
        assert (re.fullmatch(pattern, text, re.DOTALL) is not None) == (text == glob)
    with duckdb.connect() as connection:
        assert connection.execute("SELECT regexp_full_match(?, ?, 'is')", [glob, pattern]).fetchall() == [(True,)]
