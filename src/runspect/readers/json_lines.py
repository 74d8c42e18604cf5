"""Lines of JSON: the value of each, whatever else stands between them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import orjson

from runspect.dataclass import dataclass, field
from runspect.readers import lines
from runspect.readers.json_plain import integer

MOST_FLAWS = 20
"""Damaged places told of one block; a file of noise is not worth more lines than that."""

_NON_FINITE = re.compile(rb"([:,\[]\s*)(NaN|-?Infinity)(?=\s*[,}\]])")

Value = TypeVar("Value", bound=dict[str, Any] | list[Any])
_NAMES: dict[type, tuple[bytes, str]] = {dict: (b"{", "object"), list: (b"[", "list")}
"""How a value of a kind begins, and what it is called."""


@dataclass(slots=True)
class Parsed(Generic[Value]):
    """The values of a block, and what was not one."""

    rows: list[Value] = field(default_factory=list)
    flaws: list[lines.Flaw] = field(default_factory=list)


def parse(block: lines.Block, told: int, kind: type[Value]) -> Parsed[Value]:
    """The values of a block's lines; NUL bytes before the line at the offset `told` were told of already."""
    rows = _all_at_once(block.data, kind)
    if rows is not None:
        return Parsed(rows)
    parsed = Parsed[Value]()
    _one_by_one(block, told, kind, parsed)
    return parsed


def _all_at_once(data: bytes, kind: type[Value]) -> list[Value] | None:
    """All lines as one array, faster than each alone; None unless every line is a value that orjson accepts."""
    count = data.count(b"\n")
    if not data.endswith(b"\n") or count == 0 or b"\0" in data:
        return None
    values = _loads(b"[" + data[:-1].replace(b"\n", b",") + b"]")
    if not isinstance(values, list):
        return None
    return values if len(values) == count and set(map(type, values)) == {kind} else None


def _one_by_one(block: lines.Block, told: int, kind: type[Value], parsed: Parsed[Value]) -> None:
    position, bad, bad_at, first_bad = 0, 0, 0, b""
    if (foreign := lines.foreign_at(block.data)) is not None:
        _flaw(parsed, block.offset(foreign), lines.NOT_UTF8, lines.AS_LATIN)
    for line in block.data.split(b"\n"):
        at, position = position, position + len(line) + 1
        value = value_of(line, kind)
        if value is not None:
            parsed.rows.append(value)
        if value is None and line.strip():
            bad_at, first_bad = (at, line) if bad == 0 else (bad_at, first_bad)
            bad += 1
            continue
        if bad:
            _tell(parsed, block.offset(bad_at), first_bad, bad, kind)
            bad = 0
        if line[:1] == b"\0" and block.offset(at) != told:
            count = len(line) - len(line.lstrip(b"\0"))
            _flaw(parsed, block.offset(at), f"{count:,} NUL bytes before a line", "they are skipped")
    if bad:
        _tell(parsed, block.offset(bad_at), first_bad, bad, kind)


def _tell(parsed: Parsed[Any], offset: int, line: bytes, count: int, kind: type) -> None:
    shown, name = lines.text_of(line[:60]).strip("\0\r "), _NAMES[kind][1]
    what = f"not a JSON {name}: {shown!r}" if count == 1 else f"{count:,} lines that are no JSON {name}s: {shown!r} …"
    _flaw(parsed, offset, what, "skipped")


def _flaw(parsed: Parsed[Any], offset: int, what: str, effect: str) -> None:
    if len(parsed.flaws) < MOST_FLAWS:
        parsed.flaws.append(lines.Flaw(offset, what, effect))


def objects_of(found: Sequence[bytes]) -> list[dict[str, Any]]:
    """The objects of those lines that hold one."""
    if not any(b"{" in line for line in found):
        return []
    rows = _all_at_once(b"".join(line + b"\n" for line in found), dict)
    return rows if rows is not None else [row for line in found if (row := object_of(line)) is not None]


def object_of(line: bytes) -> dict[str, Any] | None:
    """The line's object, or None."""
    return value_of(line, dict)


def value_of(line: bytes, kind: type[Value]) -> Value | None:
    """The line's value of that kind, or None."""
    body = line.strip(b"\0\r\t ")
    if body[:1] != _NAMES[kind][0]:
        return None
    value = _loads(body)
    if value is None:
        value = lenient(body)
    return value if isinstance(value, kind) else None


def _loads(data: bytes) -> object:
    """orjson's answer, None where it refuses. Bare NaN and Infinity, which it does not know, become strings first.

    Inside a string such a replacement breaks the JSON, so it can be refused but never misread.
    """
    try:
        return orjson.loads(data)
    except ValueError:
        pass
    if b"NaN" not in data and b"Infinity" not in data:
        return None
    try:
        return orjson.loads(_NON_FINITE.sub(rb'\1"\2"', data))
    except ValueError:
        return None


def lenient(body: bytes) -> object:
    """The value as Python's own reader takes it; None where it is none."""
    try:
        return json.loads(lines.text_of(body), parse_int=integer)
    except (ValueError, RecursionError):
        return None


def is_whole(data: bytes, kind: type[Value]) -> bool:
    """Whether what stands behind the last newline is a whole value (or nothing), so that no writer is at it."""
    return not data.strip(b"\r\t ") or value_of(data, kind) is not None
