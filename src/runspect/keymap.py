"""Keys that people set: how they are written, and whether one of them would mean two things.

A key is one stroke (`x`, `/`, `ctrl+f`, `f5`, `slash`) or two, one after the other (`gf`, `g f`, `ctrl+x s`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from runspect.dataclass import dataclass

_MODIFIERS = frozenset(("ctrl", "alt", "shift"))
_NAMED = frozenset((
    "space", "enter", "tab", "escape", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown", "up", "down",
    "left", "right", *(f"f{number}" for number in range(1, 13)),
))  # fmt: skip
"""Keys that are no single character."""
_RENAMED = {
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus",
    "plus_sign": "plus", "low_line": "underscore",
}  # fmt: skip
"""Names of characters that Textual calls otherwise than Unicode."""
_CHARACTERS = tuple(map(chr, range(33, 127)))


class Keyed(Protocol):
    """A command as its keys see it."""

    @property
    def id(self) -> str:
        """Its name in the settings."""

    @property
    def key(self) -> str:
        """Its usual keys in canonical form, commas between them."""

    @property
    def views(self) -> Collection[str]:
        """Where it works."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A key that was set for `command`, and what it means besides, or begins, where both work."""

    command: str
    key: str
    other: str
    others: str
    """The key of the other command: the same, or one that begins like it."""
    view: str


def canonical(key: str) -> str | None:
    """A key as it is bound: strokes by their names, a blank between two; None where it is no key."""
    if (whole := _stroke(key)) is not None:
        return whole
    parts = key.split() if " " in key else list(key)
    strokes = [_stroke(part) for part in parts]
    return " ".join(filter(None, strokes)) if len(strokes) == 2 and all(strokes) else None


def in_effect(keys: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Command → its keys in canonical form, commas between them, of those that were set; "" where none is left."""
    return {command: ",".join(filter(None, map(canonical, given))) for command, given in keys}


def first_clash(keys: Iterable[tuple[str, Sequence[str]]], commands: Mapping[str, Keyed]) -> Clash | None:
    """The first key that was set and means something else, too; keys as they usually are do not count."""
    changed = in_effect(keys)
    told = {id: _parts(changed.get(id, command.key)) for id, command in commands.items()}
    for id in changed:
        new = [key for key in told[id] if key not in _parts(commands[id].key)]
        for key in new:
            for other, others in told.items():
                shared = sorted(set(commands[id].views) & set(commands[other].views))
                meant = next((one for one in others if _meet(key, one)), None) if other != id and shared else None
                if meant is not None:
                    return Clash(id, key, other, meant, shared[0])
    return None


def _stroke(text: str) -> str | None:
    *modifiers, key = text.split("+") if len(text) > 1 else (text,)
    if not set(modifiers) <= _MODIFIERS:
        return None
    name = key
    if len(key) == 1 and key.isprintable() and not key.isspace():
        name = _name_of(key)
    elif key not in _NAMED and key not in map(_name_of, _CHARACTERS):
        return None
    return "+".join((*modifiers, name))


def _name_of(character: str) -> str:
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name)


def _parts(keys: str) -> list[str]:
    return [key for key in keys.split(",") if key]


def _meet(one: str, other: str) -> bool:
    """Whether both are the same, or one of them begins the other."""
    return one == other or one.startswith(f"{other} ") or other.startswith(f"{one} ")
