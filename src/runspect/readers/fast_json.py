"""JSON lines of one shape straight to columns: only the numbers change from line to line.

The first line says which bytes are constant. The quotes of the others tell where these bytes must stand; they are
compared. What is left between them are the numbers, which Arrow parses where they stand (`arrow_texts`). Anything else,
be it one line with another key, a changing string, a list or a number that JSON does not know, is left to the exact
path.

Where the time goes, in ns a byte of a line with four numbers (80 bytes): reading and cutting into lines 0.3, finding
quotes and newlines 0.6, comparing 1.2, judging numbers 0.7, Arrow 0.7, series 0.5. The exact path takes 12, nearly all
for making objects. Arrow's own readers are no floor: as a table parted by quotes the lines take it 2.6 more, and its
reader of JSON 4.4. The floor is finding the marks and parsing the numbers: 1.3.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.readers.arrow_texts import Bytes, Mask, Places, json_numbers, pays, same
from runspect.readers.contract import Floats
from runspect.readers.objects import CONFIG_KEYS
from runspect.readers.series import Group

_TOKEN = re.compile(
    rb'(?P<string>"[^"]*")|(?P<number>-?\d[\d.eE+-]*|NaN|-?Infinity|null|true|false)|(?P<mark>[{}:,])|(?P<space> +)'
)
_NEWLINE, _QUOTE = np.frombuffer(b'\n"', np.uint8)
_MOST_COLUMNS = 1000
_AT_ONCE = 1 << 18
"""Bytes of lines looked at together: they and what is made of them stay in the cache."""

_Columns = tuple[npt.NDArray[np.float64], Mask]
"""(rows, columns) twice: numbers, and where there are none."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the lines have in common."""

    pieces: list[bytes]
    """The constant bytes before each number, and those behind the last one with the newline."""
    cells: list[tuple[str, str | None]]
    """Name of each column, and its text where that is constant; None for a number."""


def group_of(data: bytes) -> Group | None:
    """The rows of a block of whole lines, if they have one shape; numbers are masked where there is none."""
    if not pays(data) or not data.endswith(b"\n") or not data.isascii() or b"\\" in data or b"\0" in data:
        return None
    shape = _shape(data[: data.index(b"\n") + 1])
    if shape is None:
        return None
    pieces: list[_Columns] = []
    bytes_, low = np.frombuffer(data, np.uint8), 0
    while low < len(data):
        high = data.rfind(b"\n", low, low + _AT_ONCE) + 1 or data.index(b"\n", low) + 1
        found = _columns(bytes_[low:high], shape.pieces)
        if found is None:
            return None
        pieces.append(found)
        low = high
    numbers = iter(_joined(pieces))
    rows = sum(len(values) for values, _ in pieces)
    cells: list[Any] = [next(numbers) if text is None else [text] * rows for _, text in shape.cells]
    return Group(tuple(name for name, _ in shape.cells), cells, np.arange(rows, dtype=np.int64))


def _shape(line: bytes) -> _Shape | None:
    """The shape of a line: an object, with objects of plain values in it at most."""
    try:
        row = json.loads(line)  # one line, and NaN is a number here
    except ValueError:
        row = None
    if isinstance(row, dict) and any(type(row.get(key)) is dict for key in CONFIG_KEYS):
        return None
    pieces, piece, at = [], b"", 0
    reader = _Names()
    while at < len(line) - 1:
        token = _TOKEN.match(line, at)
        if token is None or not reader.take(token.lastgroup or "", token[0]):
            return None
        if token.lastgroup == "number":
            pieces.append(piece)
            piece = b""
        else:
            piece += token[0]
        at = token.end()
    pieces.append(piece + b"\n")
    if not reader.whole() or not 1 < len(pieces) <= _MOST_COLUMNS:
        return None
    return _Shape(pieces, reader.cells)


class _Names:
    """Reads the tokens of a line as an object of objects, and names its values."""

    def __init__(self) -> None:
        self.cells: list[tuple[str, str | None]] = []
        self._open: list[set[str]] = []
        """Keys of the objects that are open."""
        self._path: list[str] = []
        self._expected = "{"
        self._closed = False

    def take(self, kind: str, token: bytes) -> bool:
        """Whether the token may stand here."""
        if kind == "space":
            return True
        text = token.decode()
        sign = text if kind == "mark" else kind
        if sign not in self._allowed():
            return False
        if self._expected == "key":
            return self._key(text)
        return self._mark(text) if kind == "mark" else self._value(text[1:-1] if kind == "string" else None)

    def whole(self) -> bool:
        """Whether the object was closed."""
        return self._closed

    def _allowed(self) -> tuple[str, ...]:
        if self._closed:
            return ()
        return {
            "{": ("{",),
            "key": ("string",),
            ":": (":",),
            "value": ("string", "number", "{"),
            ",": (",", "}"),
        }[self._expected]

    def _key(self, text: str) -> bool:
        key = text[1:-1]
        if key in self._open[-1]:
            return False
        self._open[-1].add(key)
        self._path.append(key)
        self._expected = ":"
        return True

    def _value(self, text: str | None) -> bool:
        self.cells.append(("/".join(self._path), text))
        self._path.pop()
        self._expected = ","
        return True

    def _mark(self, text: str) -> bool:
        if text == "{":
            self._open.append(set())
            self._expected = "key"
            return len(self._open) <= 2
        if text == "}":
            self._open.pop()
            self._closed = not self._open
            if self._path:
                self._path.pop()
            return True
        self._expected = "value" if text == ":" else "key"
        return True


def _columns(data: Bytes, pieces: list[bytes]) -> _Columns | None:
    """The numbers of whole lines; None unless all have this shape and plain values in it."""
    marks = np.flatnonzero((data == _NEWLINE) | (data == _QUOTE))
    each = sum(piece.count(b'"') for piece in pieces)
    if not each or len(marks) % (each + 1):
        return None
    quotes: Places = marks.reshape(-1, each + 1)
    newlines = quotes[:, each]
    rows = len(quotes)
    if np.count_nonzero(data == _NEWLINE) != rows or not (data.take(newlines) == _NEWLINE).all():
        return None
    starts, ends = np.empty((rows, len(pieces) - 1), np.int64), np.empty((rows, len(pieces) - 1), np.int64)
    value = begins = np.append(0, newlines[:-1] + 1)
    used = 0
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        if b'"' not in piece and not last:
            return None
        start = newlines + 1 - len(piece) if last else quotes[:, used] - piece.index(b'"')
        used += piece.count(b'"')
        # nothing stands before the first piece, and a value has one byte at least
        if not ((start == begins).all() if number == 0 else (start > value).all()):
            return None
        if start[-1] + len(piece) > len(data) or not same(data, start, piece).all():
            return None
        if number:
            ends[:, number - 1] = start
        value = start + len(piece)
        if not last:
            starts[:, number] = value
    found = json_numbers(data, starts.ravel(), ends.ravel())
    if found is None:
        return None
    values, missing = found
    none = np.zeros(starts.shape, np.bool_) if missing is None else missing.reshape(starts.shape)
    return values.reshape(starts.shape), none


def _joined(pieces: list[_Columns]) -> list[Floats]:
    """A column of each number; masked where a value is no number."""
    values = np.concatenate([each.T for each, _ in pieces], axis=1)
    missing = np.concatenate([each.T for _, each in pieces], axis=1)
    return [
        np.ma.MaskedArray(column, mask=mask) if mask.any() else column
        for column, mask in zip(values, missing, strict=True)
    ]
