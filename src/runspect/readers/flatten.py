"""Nested mappings as one level, and values as plain JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import PurePath
from typing import Any

from runspect.model import Json

DEEPEST = 32
"""Levels beyond which a config is not looked into: it refers to itself or wants to exhaust the stack."""
LARGEST_INT = 1024
"""Bits of an integer that is still a setting; Python refuses to print much larger ones."""
LONGEST_TEXT = 1 << 16
MOST = 5000
"""Params kept of one file."""


def flatten(mapping: Mapping[Any, Any], sep: str = ".") -> dict[str, Json]:
    """One level, keys joined by `sep`; lists stay lists, an empty mapping stays `{}`.

    At most `MOST` keys and `DEEPEST` levels.
    """
    flat: dict[str, Json] = {}
    for key, value in _walk(mapping, "", sep, 0):
        if len(flat) >= MOST:
            break
        flat[key] = value
    return flat


def plain(value: object, depth: int = 0) -> Json:
    """A value as JSON: tuples and sets as lists, dates and paths as text, other objects by their `repr`, cut."""
    kind = type(value)
    if value is None or kind is float or kind is bool or (kind is str and len(value) <= LONGEST_TEXT):  # type: ignore[arg-type]
        return value
    if isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= LARGEST_INT else f"an integer of {value.bit_length():,} bits"
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT] + "…"
    if depth > DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner, depth + 1) for inner in value]
    if isinstance(value, (set, frozenset)):
        return [plain(inner, depth + 1) for inner in sorted(value, key=repr)]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    return repr(value)[:200]


def _walk(mapping: Mapping[Any, Any], above: str, sep: str, depth: int) -> Iterator[tuple[str, Json]]:
    for key, value in mapping.items():
        name = f"{above}{sep}{key}" if above else str(key)
        if isinstance(value, Mapping) and value and depth < DEEPEST:
            yield from _walk(value, name, sep, depth + 1)
        else:
            yield name, plain(value, depth)
