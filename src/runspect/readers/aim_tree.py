"""Aim's trees in RocksDB: a key is a path, a value carries its type (aim/storage/encoding).

A path's names end with 0xFE; an index in it is 0xFE, eight bytes (big-endian) and 0xFE again.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any

from runspect.model import Json

_END = 0xFE
_INT64, _DOUBLE = struct.Struct("<q"), struct.Struct("<d")
_ARRAY, _OBJECT = b"\x06", b"\x07"
MOST_ITEMS = 10_000
"""Items of a list that are shown."""

Path = tuple[str | int, ...]


class Branch:
    """The type of a list or an object, whose items have keys of their own."""

    __slots__ = ("array",)

    def __init__(self, array: bool) -> None:
        self.array = array


def path_of(key: bytes) -> Path | None:
    """The names and indices of a key; None for what is no path."""
    parts: list[str | int] = []
    at = 0
    while at < len(key):
        if key[at] == _END:
            if at + 10 > len(key) or key[at + 9] != _END:
                return None
            parts.append(int.from_bytes(key[at + 1 : at + 9], "big"))
            at += 10
            continue
        end = key.find(_END, at)
        if end < 0:
            return None
        parts.append(key[at:end].decode("utf-8", "replace"))
        at = end + 1
    return tuple(parts)


def value_of(data: bytes) -> Json | Branch:
    """A value: null, boolean, integer, double or text; other kinds (blobs, images) are null."""
    kind, body = data[:1], data[1:]
    if kind in (_ARRAY, _OBJECT):
        return Branch(kind == _ARRAY)
    if kind == b"\x01" and body:
        return body[0] != 0
    if kind == b"\x02" and len(body) == 8:
        return _INT64.unpack(body)[0]
    if kind == b"\x03" and len(body) == 8:
        return _DOUBLE.unpack(body)[0]
    if kind == b"\x04":
        return body.decode("utf-8", "replace")
    return None


def tree(leaves: Iterable[tuple[Path, Json | Branch]]) -> Json:
    """Nested objects and lists of what lies below one place."""
    root: dict[Any, Any] = {}
    arrays: set[int] = set()
    for path, value in leaves:
        here = root
        for part in path[:-1]:
            inner = here.get(part)
            if not isinstance(inner, dict):
                inner = here[part] = {}
            here = inner
        if not path:
            continue
        if isinstance(value, Branch):
            inner = here.setdefault(path[-1], {})
            if value.array and isinstance(inner, dict):
                arrays.add(id(inner))
        elif not isinstance(here.get(path[-1]), dict):
            here[path[-1]] = value
    return _listed(root, arrays)


def _listed(found: Mapping[Any, Any], arrays: set[int]) -> Json:
    items = {
        key: _listed(value, arrays) if isinstance(value, dict) else value for key, value in found.items()
    }  # fmt: skip
    if id(found) not in arrays:
        return {str(key): value for key, value in items.items()}
    return [items[key] for key in sorted(key for key in items if isinstance(key, int))[:MOST_ITEMS]]
