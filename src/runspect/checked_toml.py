"""TOML that people write, checked: every fault names its line, and near names where a key is unknown."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from runspect.dataclass import dataclass
from runspect.errors import UsageError

Keys = tuple[str, ...]
"""The way to a value: `("datasets", "cifar10", "objective")`."""

_T = TypeVar("_T")

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEYS = re.compile(rf"\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*")
_ONE = re.compile(_KEY)
_STRING = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|\#.*')
_BRACKETS = {"[": 1, "{": 1, "]": -1, "}": -1}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the file, and where in the file its keys stand."""

    values: Mapping[str, Any]
    lines: Mapping[Keys, int]
    """The line, from 1, of each key and table of the whole file."""
    keys: Keys = ()
    """Where this table is in the file."""

    def line(self, *keys: str) -> int | None:
        """The line of a key in this table, or that of the nearest table around it; None for the file's own table."""
        way = (*self.keys, *keys)
        return next((self.lines[way[:end]] for end in range(len(way), 0, -1) if way[:end] in self.lines), None)

    def fault(self, text: str, *keys: str) -> NoReturn:
        """Refuse the value of a key.

        Raises:
            UsageError: Always.
        """
        line = self.line(*keys)
        raise UsageError(f"line {line}: {text}" if line else text)

    def only(self, known: Iterable[str]) -> None:
        """Refuse a key that is not among `known`.

        Raises:
            UsageError: There is one; says the nearest known.
        """
        names = sorted(known)
        for key in self.values:
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(names)}"
                self.fault(f"unknown key {_shown(self.keys, key)}{hint}", key)

    def read(self, key: str, reader: Callable[[Table, str], _T], otherwise: _T) -> _T:
        """The value of `key` by `reader`, or `otherwise` where the file does not say."""
        return reader(self, key) if key in self.values else otherwise


def parse_toml(text: str) -> Table:
    """The tables of a file's text.

    Raises:
        UsageError: It is no TOML; says the line.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"no valid TOML: {error}") from error
    return Table(values, _lines(text))


def read_toml(path: Path) -> Table | None:
    """The tables of a file, or None when there is none.

    Raises:
        UsageError: It cannot be read or is no TOML; says the file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    try:
        return parse_toml(text)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def flag(table: Table, key: str) -> bool:
    """A value that is true or false."""
    value = table.values[key]
    if not isinstance(value, bool):
        table.fault(f"{_shown(table.keys, key)} must be true or false, not {value!r}", key)
    return value


def word(table: Table, key: str) -> str:
    """A value that is text and not empty."""
    value = table.values[key]
    if not isinstance(value, str) or not value.strip():
        table.fault(f"{_shown(table.keys, key)} must be a word in quotes, not {value!r}", key)
    return value.strip()


def words(table: Table, key: str) -> tuple[str, ...]:
    """A value that is a list of texts; a single one counts as a list."""
    value = table.values[key]
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(item, str) and item for item in listed):
        table.fault(f"{_shown(table.keys, key)} must be a list of words in quotes, not {value!r}", key)
    return tuple(listed)


def whole(most: int) -> Callable[[Table, str], int]:
    """A reader of a whole number from 0 to `most`."""

    def read(table: Table, key: str) -> int:
        value = table.values[key]
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            table.fault(f"{_shown(table.keys, key)} must be a whole number from 0 to {most:,}, not {value!r}", key)
        return value

    return read


def choice(*allowed: str) -> Callable[[Table, str], str]:
    """A reader of a value that is one of `allowed`."""

    def read(table: Table, key: str) -> str:
        value = table.values[key]
        if value not in allowed:
            near = difflib.get_close_matches(str(value), allowed, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            table.fault(
                f"{_shown(table.keys, key)} must be {' or '.join(map(repr, allowed))}, not {value!r}{hint}", key
            )
        return str(value)

    return read


def subtable(table: Table, key: str) -> Table:
    """A value that is a table of its own."""
    value = table.values[key]
    if not isinstance(value, dict):
        way = ".".join((*table.keys, key))
        table.fault(
            f"{_shown(table.keys, key)} must be a table: [{way}] and then KEY = VALUE on lines of their own", key
        )
    return Table(value, table.lines, (*table.keys, key))


def _shown(keys: Keys, key: str) -> str:
    return repr(".".join((*keys, key)))


def _lines(text: str) -> dict[Keys, int]:
    """The line of each key; the text is known to be TOML."""
    found: dict[Keys, int] = {}
    above: Keys = ()
    depth, closing = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        rest = line
        if closing:
            _, end, rest = line.partition(closing)
            if not end:
                continue
            closing = ""
        elif depth == 0 and (key := _KEYS.match(line.lstrip().lstrip("["))):
            if line.lstrip().startswith("["):
                above = _parts(key[1])
                found.setdefault(above, number)
                continue
            way = (*above, *_parts(key[1]))
            for end_at in range(len(above) + 1, len(way) + 1):
                found.setdefault(way[:end_at], number)
        closing, steps = _unclosed(rest)
        depth += steps
    return found


def _unclosed(text: str) -> tuple[str, int]:
    """The mark that ends a string begun in `text` and not ended there, "" for none; and how many brackets stay open."""
    depth, at = 0, 0
    while at < len(text):
        if found := _STRING.match(text, at):
            if found[0] in ('"""', "'''"):
                end = text.find(found[0], found.end())
                if end < 0:
                    return found[0], depth
                at = end + 3
                continue
            at = found.end()
            continue
        depth += _BRACKETS.get(text[at], 0)
        at += 1
    return "", depth


def _parts(text: str) -> Keys:
    return tuple(_unquoted(part) for part in _ONE.findall(text))


def _unquoted(part: str) -> str:
    if part[:1] in "\"'":
        return next(iter(tomllib.loads(f"{part} = 0")))
    return part
