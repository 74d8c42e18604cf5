"""History rows of a `.wandb` file as series."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import orjson

from runspect.model import Json
from runspect.readers import arrow_texts
from runspect.readers.contract import Floats, Points, Steps
from runspect.readers.protobuf import BYTES, VARINT, WireFault, fields, signed, text
from runspect.readers.wandb_rows import Index, Rows, split_rows

FEWEST = 16
"""Rows below which walking them one by one is quicker."""
_ROWS = 1 << 10
"""Rows taken apart together: they and what is made of them stay in the cache."""
_STEP, _TIME = "_step", "_timestamp"
_HIDDEN = frozenset((_STEP, _TIME, "_runtime", "_wandb"))
"""W&B's own bookkeeping; `_wandb` also with what is nested in it."""
_DEEPEST = 32

Item = tuple[str, bytes]
"""Key, joined by dots where it is nested, and the value as JSON text."""


class Column:
    """What one key holds in the rows gathered; filled by `History`."""

    __slots__ = ("pieces", "raw", "rows")

    def __init__(self) -> None:
        self.pieces: list[tuple[Index, Floats]] = []
        """Rows and numbers."""
        self.rows: list[int] = []
        self.raw: list[bytes] = []
        """JSON texts that may be anything, and the rows that they stand in."""


class History:
    """Gathers rows; `take_points` turns them into series and begins anew. Not shared between threads.

    With `quick` off every row is walked field by field, which gives the same and serves as its test.
    """

    def __init__(self, last_step: int = -1, last_time: float | None = None, quick: bool = True) -> None:
        self.last_step = last_step
        """Step of the last row taken; a row that names none follows it."""
        self.last_time = last_time
        """Time of the last row taken."""
        self.size = 0
        """Bytes gathered."""
        self.unreadable: list[int] = []
        """Offsets of rows that were none, since the last `take_points`."""
        self._quick = quick
        self._bodies: list[bytes] = []
        self._offsets: list[int] = []
        self._columns: dict[str, Column] = {}
        self._by_prefix: dict[bytes, Column | None] = {}

    def add(self, body: bytes, offset: int) -> None:
        """Gather a row, a HistoryRecord's bytes, that ends at `offset` of its file."""
        self._bodies.append(body)
        self._offsets.append(offset)
        self.size += len(body)

    def take_points(self) -> dict[str, Points]:
        """The series gathered since the last call."""
        self.unreadable = []
        steps = self._settle()
        times = self._bookkeeping(_TIME, len(steps))
        told = self._bookkeeping(_STEP, len(steps))
        row_steps = np.empty(len(steps), np.int64)
        for row, step in enumerate(steps):
            if step is None:
                step = int(told[row]) if abs(told[row]) < 2**62 else self.last_step + 1
            row_steps[row] = self.last_step = step
        known = times[np.isfinite(times)]
        if len(known):
            self.last_time = float(known[-1])
        series: dict[str, list[tuple[Index, Floats]]] = {}
        for key, column in self._columns.items():
            if key not in _HIDDEN and not key.startswith("_wandb."):
                for name, piece in _pieces(key, column):
                    series.setdefault(name, []).append(piece)
        self._forget()
        return {name: _points(pieces, row_steps, times) for name, pieces in series.items()}

    def _settle(self) -> list[int | None]:
        """Sort the items of all rows into columns; the step that each row names."""
        count = len(self._bodies)
        if not self._quick or count < FEWEST:
            return [self._walk(row) for row in range(count)]
        steps: list[int | None] = []
        odd: set[int] = set()
        by_arrow = arrow_texts.pays_for(self.size)
        for first in range(0, count, _ROWS):
            rows = split_rows(self._bodies[first : first + _ROWS])
            named = zip(rows.steps.tolist(), rows.has_step.tolist(), strict=True)
            steps += [step if has_step else None for step, has_step in named]
            odd.update((rows.odd + first).tolist(), self._distribute(rows, first, by_arrow))
        for row in sorted(odd):
            steps[row] = self._walk(row)
        return steps

    def _distribute(self, rows: Rows, first: int, by_arrow: bool) -> set[int]:
        """Put the items of plain rows, which begin with row `first`, into their columns; the rows with odd keys."""
        known = self._by_prefix
        prefixes, codes = rows.prefixes(by_arrow)
        for prefix in set(prefixes) - known.keys():
            known[prefix] = self._learn(prefix)
        numbers = {id(column): at for at, column in enumerate(self._columns.values())}
        learnt = [known[prefix] for prefix in prefixes]
        places = np.array([-1 if column is None else numbers[id(column)] for column in learnt], np.int64)
        column_of = places[codes]
        item_rows = rows.item_rows + first
        odd = set(item_rows[column_of < 0].tolist())
        if odd:
            column_of[np.isin(item_rows, np.array(sorted(odd)))] = -1
        # NumPy sorts 16-bit numbers by radix, ten times faster
        narrow = column_of.astype(np.int16) if len(self._columns) < 1 << 15 else column_of
        order = np.argsort(narrow, kind="stable")
        _fill(list(self._columns.values()), rows, order, column_of, item_rows, by_arrow)
        return odd

    def _walk(self, row: int) -> int | None:
        """Sort the items of one row into columns by walking its fields; the step that it names."""
        body = self._bodies[row]
        try:
            step, items = row_items(body, 0, len(body))
        except WireFault:
            self.unreadable.append(self._offsets[row])
            return self.last_step
        for key, value in items:
            column = self._column(key)
            column.rows.append(row)
            column.raw.append(value)
        return step

    def _bookkeeping(self, key: str, count: int) -> Floats:
        """One of W&B's own columns with a value for every row; NaN where it has none."""
        values = np.full(count, np.nan)
        for name, (rows, found) in _pieces(key, self._column(key)):
            if name == key:
                values[rows] = found
        return values

    def _forget(self) -> None:
        """Begin anew; the columns keep their identity, because prefixes point to them."""
        self._bodies, self._offsets, self.size = [], [], 0
        for column in self._columns.values():
            column.pieces, column.rows, column.raw = [], [], []

    def _learn(self, prefix: bytes) -> Column | None:
        """The column of an item whose fields before the value are `prefix`; None when they are no such fields."""
        try:
            return self._column(_item(prefix, 0, len(prefix))[0])
        except WireFault:
            return None

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


def _fill(columns: list[Column], rows: Rows, order: Index, column_of: Index, item_rows: Index, by_arrow: bool) -> None:
    """Put the items of rows into their columns; `order` sorts them by these. Items of no column are left out."""
    values = None
    if not by_arrow:
        values = plain_numbers(rows.texts())
    elif (found := rows.numbers()) is not None:
        values, missing = found
        order = order if missing is None else order[~missing[order]]
    column_of, item_rows = column_of[order], item_rows[order]
    values = None if values is None else values[order]
    cuts = np.searchsorted(column_of, np.arange(len(columns) + 1)).tolist()
    for column, (low, high) in zip(columns, pairwise(cuts), strict=True):
        if low == high:
            continue
        if values is not None:
            column.pieces.append((item_rows[low:high], values[low:high]))
        else:
            _put(column, rows, order[low:high], item_rows[low:high], by_arrow)


def _put(column: Column, rows: Rows, items: Index, item_rows: Index, by_arrow: bool) -> None:
    """Put items into a column, as numbers where all of them are."""
    values = rows.numbers(items) if by_arrow and len(items) >= FEWEST else None
    if values is not None:
        there, missing = values
        if missing is None:
            column.pieces.append((item_rows, there))
        elif not missing.all():
            column.pieces.append((item_rows[~missing], there[~missing]))
        return
    raw = rows.texts(items)
    numbers = plain_numbers(raw)
    if numbers is not None:
        column.pieces.append((item_rows, numbers))
    else:
        column.rows += item_rows.tolist()
        column.raw += raw


def _pieces(key: str, column: Column) -> Iterator[tuple[str, tuple[Index, Floats]]]:
    """Name, rows and numbers of all that a column holds."""
    for piece in column.pieces:
        yield key, piece
    if not column.raw:
        return
    values = plain_numbers(column.raw)
    if values is not None:
        yield key, (np.array(column.rows, np.int64), values)
        return
    found: dict[str, tuple[list[int], list[float]]] = {}
    for row, raw in zip(column.rows, column.raw, strict=True):
        for name, number in numbers_in(key, raw):
            rows, numbers = found.setdefault(name, ([], []))
            rows.append(row)
            numbers.append(number)
    for name, (rows, numbers) in found.items():
        yield name, (np.array(rows, np.int64), np.array(numbers, np.float64))


def _points(pieces: list[tuple[Index, Floats]], steps: Steps, times: Floats) -> Points:
    rows = np.concatenate([rows for rows, _ in pieces])
    values = np.concatenate([values for _, values in pieces])
    if (np.diff(rows) < 0).any():
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
