"""History rows of a `.wandb` file as series.

A row is a list of (key, JSON text) items; a tool that logs ten metrics writes some 100 bytes a value. Items are cut
out of the bytes without walking the message: its parts stand between occurrences of the value field's tag, and every
length is checked against what was cut. What does not add up is left to the exact walk, so both give the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import orjson

from runspect.model import Json
from runspect.readers.contract import Floats, Points, Steps
from runspect.readers.protobuf import BYTES, VARINT, WireFault, fields, signed, text

_ITEM_TAG = 0x0A
_STEP_TAG = 0x12
_VALUE_TAG = b"\x82\x01"
_STEP, _TIME = "_step", "_timestamp"
_HIDDEN = frozenset((_STEP, _TIME, "_runtime", "_wandb"))
"""W&B's own bookkeeping; `_wandb` also with what is nested in it."""
_DEEPEST = 32

Item = tuple[str, bytes]
"""Key, joined by dots where it is nested, and the value as JSON text."""


class Column:
    """The values of one key, with the rows that they stand in; filled by `History`."""

    __slots__ = ("raw", "rows")

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.raw: list[bytes] = []


class History:
    """Gathers rows; `take_points` turns them into series and begins anew. Not shared between threads."""

    def __init__(self, last_step: int = -1) -> None:
        self.last_step = last_step
        """Step of the last row; a row that names none follows it."""
        self.last_time: float | None = None
        self.values = 0
        """Values gathered, bookkeeping included."""
        self._steps: list[int | None] = []
        self._columns: dict[str, Column] = {}
        self._by_prefix: dict[bytes, Column] = {}

    def add(self, payload: bytes, start: int, end: int) -> None:
        """Add the row in `payload[start:end]`.

        Raises:
            WireFault: The bytes are no history row; nothing was added.
        """
        if not self.add_quickly(payload[start:end]):
            self.add_exactly(payload, start, end)

    def add_quickly(self, body: bytes) -> bool:
        """Add a row of plain short items; False, and nothing added, when it is anything else."""
        parts = body.split(_VALUE_TAG)
        lead = parts[0]
        found: list[Column] = []
        values: list[bytes] = []
        try:
            for part in parts[1:]:
                behind = part[0] + 1
                # item tag, one-byte item length, key fields, value tag, one-byte value length, value
                if lead[0] != _ITEM_TAG or lead[1] != len(lead) + behind or behind > 128 or lead[1] > 127:
                    return False
                if len(part) < behind:
                    return False
                prefix = lead[2:]
                column = self._by_prefix.get(prefix)
                if column is None:
                    column = self._learn(prefix)
                found.append(column)
                values.append(part[1:behind])
                lead = part[behind:]
            step = _short_step(lead)
        except (IndexError, WireFault):
            return False
        row = len(self._steps)
        for column, value in zip(found, values, strict=True):
            column.rows.append(row)
            column.raw.append(value)
        self._steps.append(step)
        self.values += len(found)
        return True

    def add_exactly(self, payload: bytes, start: int, end: int) -> None:
        """Add the row in `payload[start:end]` by walking its fields."""
        step, items = row_items(payload, start, end)
        row = len(self._steps)
        for key, value in items:
            column = self._column(key)
            column.rows.append(row)
            column.raw.append(value)
        self._steps.append(step)
        self.values += len(items)

    def take_points(self) -> dict[str, Points]:
        """The series gathered since the last call."""
        steps, times = self._rows()
        gathered: dict[str, list[tuple[list[int], Floats]]] = {}
        for key, column in self._columns.items():
            if not column.raw or key in _HIDDEN or key.startswith("_wandb."):
                continue
            values = plain_numbers(column.raw)
            if values is not None:
                gathered.setdefault(key, []).append((column.rows, values))
                continue
            for name, rows, found in _mixed(key, column):
                gathered.setdefault(name, []).append((rows, np.array(found, np.float64)))
        self._forget()
        return {name: _points(pieces, steps, times) for name, pieces in gathered.items()}

    def _rows(self) -> tuple[Steps, Floats]:
        """Step and time of every row; also settles `last_step` and `last_time`."""
        times, told = self._bookkeeping(_TIME), self._bookkeeping(_STEP)
        steps = np.empty(len(self._steps), np.int64)
        for row, step in enumerate(self._steps):
            if step is None:
                step = int(told[row]) if abs(told[row]) < 2**62 else self.last_step + 1
            steps[row] = self.last_step = step
        known = times[np.isfinite(times)]
        if len(known):
            self.last_time = float(known[-1])
        return steps, times

    def _bookkeeping(self, key: str) -> Floats:
        """One of W&B's own columns with a value for every row; NaN where it has none."""
        values = np.full(len(self._steps), np.nan)
        column = self._columns.get(key)
        found = plain_numbers(column.raw) if column is not None else None
        if column is not None and found is not None:
            values[column.rows] = found
        return values

    def _forget(self) -> None:
        """Begin anew; the columns keep their identity, because prefixes point to them."""
        self._steps = []
        self.values = 0
        for column in self._columns.values():
            column.rows, column.raw = [], []

    def _learn(self, prefix: bytes) -> Column:
        """The column of an item whose fields before the value are `prefix`."""
        key, _ = _item(prefix, 0, len(prefix))
        column = self._by_prefix[prefix] = self._column(key)
        return column

    def _column(self, key: str) -> Column:
        column = self._columns.get(key)
        if column is None:
            column = self._columns[key] = Column()
        return column


def row_items(payload: bytes, start: int, end: int) -> tuple[int | None, list[Item]]:
    """Step and items of a history row, by walking its fields.

    Raises:
        WireFault: The bytes are no history row.
    """
    step: int | None = None
    items: list[Item] = []
    for number, wire, first, stop in fields(payload, start, end):
        if number == 1 and wire == BYTES:
            items.append(_item(payload, first, stop))
        elif number == 2 and wire == BYTES:
            step = _step(payload, first, stop)
    return step, items


def items_of(payload: bytes, start: int, end: int) -> Iterator[tuple[int, str, Json]]:
    """(field number, key, value) of each item in a config or summary record; unreadable values are left out.

    Raises:
        WireFault: The bytes are no such record.
    """
    for number, wire, first, stop in fields(payload, start, end):
        if wire == BYTES:
            key, raw = _item(payload, first, stop)
            try:
                yield number, key, json.loads(str(raw, "utf-8", "replace")) if raw else None
            except (ValueError, RecursionError):
                continue


def plain_numbers(raw: list[bytes]) -> Floats | None:
    """JSON texts as float64, or None when one of them is anything but a number.

    They are parsed as one array. Texts that are no values of their own ("1,2", "[1") cannot pass: they would change
    the count or leave something that is no number.
    """
    joined = b"[" + b",".join(raw) + b"]"
    try:
        values = orjson.loads(joined)
    except ValueError:
        try:
            # NaN and Infinity, which W&B writes as Python does
            values = json.loads(joined)
        except (ValueError, RecursionError):
            return None
    if len(values) != len(raw) or not set(map(type, values)) <= {int, float}:
        return None
    try:
        return np.array(values, np.float64)
    except OverflowError:
        return None


def numbers_in(key: str, raw: bytes) -> list[tuple[str, float]]:
    """The metrics in one value: a number, or the numbers in a nested object; media objects have none."""
    try:
        value = json.loads(str(raw, "utf-8", "replace"))
    except (ValueError, RecursionError):
        return []
    return list(_numbers(key, value, 0))


def _numbers(key: str, value: Json, depth: int) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        if "_type" not in value and depth < _DEEPEST:
            for name, inner in value.items():
                yield from _numbers(f"{key}.{name}", inner, depth + 1)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            yield key, float(value)
        except OverflowError:
            yield key, float("inf") if value > 0 else float("-inf")


def _mixed(key: str, column: Column) -> list[tuple[str, list[int], list[float]]]:
    """Series of a key whose values are not all plain numbers."""
    found: dict[str, tuple[list[int], list[float]]] = {}
    for row, raw in zip(column.rows, column.raw, strict=True):
        for name, number in numbers_in(key, raw):
            rows, values = found.setdefault(name, ([], []))
            rows.append(row)
            values.append(number)
    return [(name, rows, values) for name, (rows, values) in found.items()]


def _points(pieces: list[tuple[list[int], Floats]], steps: Steps, times: Floats) -> Points:
    rows = np.concatenate([np.array(rows, np.int64) for rows, _ in pieces])
    values = np.concatenate([values for _, values in pieces])
    if len(pieces) > 1:
        order = np.argsort(rows, kind="stable")
        rows, values = rows[order], values[order]
    return Points(steps[rows], times[rows], values)


def _item(data: bytes, start: int, end: int) -> Item:
    key, nested, value = "", [], b""
    for number, wire, first, stop in fields(data, start, end):
        if wire != BYTES:
            continue
        if number == 1:
            key = text(data, first, stop)
        elif number == 2:
            nested.append(text(data, first, stop))
        elif number == 16:
            value = data[first:stop]
    return key or ".".join(nested), value


def _step(data: bytes, start: int, end: int) -> int:
    step = 0
    for number, wire, first, _ in fields(data, start, end):
        if number == 1 and wire == VARINT:
            step = signed(first)
    return step


def _short_step(tail: bytes) -> int | None:
    """The step in what follows the last item.

    Raises:
        WireFault: Something else follows.
    """
    if not tail:
        return None
    if tail[0] != _STEP_TAG or tail[1] != len(tail) - 2:
        raise WireFault("not a plain row")
    return _step(tail, 2, len(tail))
