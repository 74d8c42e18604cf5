"""Lines and faults of TOML that people write."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.checked_toml import Keys, parse_toml, subtable, words
from runspect.errors import UsageError

TEXT = '''# a comment with [brackets] and = signs
a = 1
b.c = "x = 2"
many = [
  "[no.table]",  # nor = this
  "d = 4",
]
long = """
[not.a.table]
e = 5
""" # f = 6
inline = { g = 7, h = [8] }

["quoted name".'x y']
i = 'has # no comment'
[[rules]]
j = 9
'''


def test_every_key_has_its_line() -> None:
    lines = parse_toml(TEXT).lines
    assert lines == {
        ("a",): 2,
        ("b",): 3,
        ("b", "c"): 3,
        ("many",): 4,
        ("long",): 8,
        ("inline",): 12,
        ("quoted name", "x y"): 14,
        ("quoted name", "x y", "i"): 15,
        ("rules",): 16,
        ("rules", "j"): 17,
    }


def test_a_fault_names_the_line_and_the_near_name() -> None:
    table = parse_toml("\n[tags]\nalowed = ['x']\n")
    with pytest.raises(UsageError, match=r"line 3: unknown key 'tags\.alowed'; did you mean 'allowed'"):
        subtable(table, "tags").only(("allowed",))
    with pytest.raises(UsageError, match="line 2: 'tags' must be a list of words"):
        words(table, "tags")
    with pytest.raises(UsageError, match=r"no valid TOML: .*line 1"):
        parse_toml("a = \n")


def _written(table: dict[str, Any], above: Keys = ()) -> list[str]:
    """The lines of a table, scalars first."""
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    lines = [f"{_quoted(key)} = {_value(value)}" for key, value in plain.items()]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += ["[" + ".".join(map(_quoted, (*above, key))) + "]", *_written(value, (*above, key))]
    return lines


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _value(value: object) -> str:
    if isinstance(value, list):
        return "[" + ",\n  ".join(map(_value, value)) + "]"
    return _quoted(value) if isinstance(value, str) else str(value)


_TEXTS = st.text(st.sampled_from("ab=#[]{}.'\"\\ "), max_size=6)
_TABLES = st.recursive(
    st.dictionaries(_TEXTS, st.integers() | _TEXTS | st.lists(_TEXTS, max_size=3), max_size=4),
    lambda inner: st.dictionaries(_TEXTS, inner | st.integers(), max_size=3),
    max_leaves=6,
)


@given(_TABLES)
def test_whatever_the_names_their_lines_are_right(table: dict[str, Any]) -> None:
    text = "\n".join(_written(table))
    lines = text.splitlines()
    assert tomllib.loads(text) == table
    for keys, line in parse_toml(text).lines.items():
        assert _quoted(keys[-1]) in lines[line - 1]

    def check(inner: dict[str, Any], above: Keys) -> None:
        for key, value in inner.items():
            assert (*above, key) in parse_toml(text).lines
            if isinstance(value, dict):
                check(value, (*above, key))

    check(table, ())
