"""Numbers as frameworks hold them, without importing any: tensors and arrays of one element, decimals, nested mappings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from typing import Any

DEEPEST = 8
"""Levels of nested mappings that are looked into."""
_EXACT = 1 << 1023
"""Integers beyond are infinite as floats."""


def number(value: Any) -> float | int | None:
    """The number that a value is, or None: of a tensor on another device this waits for its value."""
    if isinstance(value, (str, bytes, bytearray, Mapping)) or value is None:
        return None
    try:
        item = getattr(value, "item", None)
        plain = item() if callable(item) else value
        if isinstance(plain, int):
            return int(plain) if -_EXACT < plain < _EXACT else float("inf") * (1 if plain > 0 else -1)
        return float(plain)
    except Exception:  # noqa: BLE001 - other people's objects may raise anything: then it is no number
        return None


def whole(value: Any) -> int | None:
    """A step as an integer, or None where it is none: floats count when they are whole."""
    known = number(value)
    if known is None or known != known or known in (float("inf"), float("-inf")) or known != int(known):
        return None
    return int(known) if -(1 << 63) <= known < 1 << 63 else None


def flat(values: Mapping[Any, Any], above: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Names and values of nested mappings, names joined by "/"."""
    for key, value in values.items():
        name = f"{above}/{key}" if above else str(key)
        if isinstance(value, Mapping) and depth < DEEPEST:
            yield from flat(value, name, depth + 1)
        else:
            yield name, value
