"""Keys that people set."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from textual.keys import _character_to_key

from runspect.keymap import Clash, canonical, first_clash, in_effect


@dataclass(frozen=True)
class Command:
    id: str
    key: str
    views: frozenset[str]


RUNS, BOTH = frozenset({"runs"}), frozenset({"runs", "logs"})
COMMANDS = {
    row.id: row
    for row in (
        Command("tag", "t", BOTH),
        Command("filter", "slash", BOTH),
        Command("search", "slash", frozenset({"logs"})),
        Command("top", "g g,home", RUNS),
        Command("hide", "backslash", RUNS),
        Command("error", "e", frozenset({"logs"})),
    )
}


def test_characters_are_called_as_textual_calls_them() -> None:
    for code in range(33, 127):
        assert canonical(chr(code)) == _character_to_key(chr(code))
        assert canonical(f"alt+{chr(code)}") in (f"alt+{_character_to_key(chr(code))}", None)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("gf", "g f"),
        ("g f", "g f"),
        ("g/", "g slash"),
        ("ctrl+x s", "ctrl+x s"),
        ("space g", "space g"),
        ("up", "up"),
        ("f1", "f1"),
        ("pp", "p p"),
        ("slash", "slash"),
        ("ö", "ö"),
        ("ctrl+shift+f5", "ctrl+shift+f5"),
        ("g g g", None),
        ("abc", None),
        ("ctrl-f", None),
        ("hyper+x", None),
        ("", None),
        (" ", None),
        ("\x07", None),
    ],
)
def test_a_key_is_one_stroke_or_two(key: str, meant: str | None) -> None:
    assert canonical(key) == meant


@pytest.mark.parametrize(
    ("keys", "clash"),
    [
        ({}, None),
        ({"tag": ["t"]}, None),
        ({"tag": ["x"]}, None),
        ({"hide": ["t"]}, Clash("hide", "t", "tag", "t", "runs")),
        ({"hide": ["t"], "tag": ["x"]}, None),
        ({"hide": ["t"], "tag": []}, None),
        ({"hide": ["e"]}, None),
        ({"hide": ["/"]}, Clash("hide", "slash", "filter", "slash", "runs")),
        ({"hide": ["x"], "top": ["x"]}, Clash("hide", "x", "top", "x", "runs")),
        ({"hide": ["g"]}, Clash("hide", "g", "top", "g g", "runs")),
        ({"hide": ["g"], "top": ["home"]}, None),
        ({"hide": ["gh"]}, None),
        ({"hide": ["gg"]}, Clash("hide", "g g", "top", "g g", "runs")),
        ({"hide": ["ta"]}, Clash("hide", "t a", "tag", "t", "runs")),
        ({"error": ["g"]}, None),
        ({"search": ["/"]}, None),
    ],
)
def test_a_key_means_one_thing_in_one_place(keys: dict[str, list[str]], clash: Clash | None) -> None:
    assert first_clash(list(keys.items()), COMMANDS) == clash


def test_keys_in_effect() -> None:
    assert in_effect([("a", ["/", "gf"]), ("b", [])]) == {"a": "slash,g f", "b": ""}
