"""JSON lines of one shape straight to columns: only the numbers change from line to line.

The first line says which bytes are constant. The quotes of the others tell where these bytes must stand; they are
compared, blanked out, and what remains is a table of numbers that Arrow parses. Anything else, be it one line with
another key, a changing string, a list or a number that JSON does not know, is left to the exact path.

Where the time goes, in ns a byte of a line with four numbers (75 bytes): finding quotes and newlines 0.9, comparing and
blanking 0.8, looking for foreign characters 0.6, Arrow 2; the exact path takes 11, nearly all for making objects. The
floor is Arrow's parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from runspect.readers.contract import Floats
from runspect.readers.fast_csv import columns_of, pays
from runspect.readers.objects import CONFIG_KEYS
from runspect.readers.series import Group

_TOKEN = re.compile(
    rb'(?P<string>"[^"]*")|(?P<number>-?\d[\d.eE+-]*|NaN|-?Infinity|null|true|false)|(?P<mark>[{}:,])|(?P<space> +)'
)
_NONE = (b"null", b"true", b"false")
"""Values that are no numbers."""
_LETTERS = re.compile(rb"(?:NaN|Infinity|null|tru|fals)*")
"""What the values may hold beside the characters of numbers, an e among them."""
_OF_NUMBERS = b"0123456789+-.eE, \n"
_DIGIT = np.zeros(256, np.bool_)
_DIGIT[list(b"0123456789")] = True
_AFTER_MINUS = _DIGIT.copy()
_AFTER_MINUS[list(b"I")] = True
_OPENS = _DIGIT.copy()
_OPENS[list(b"-NIntf")] = True
_NEWLINE, _QUOTE, _POINT = np.frombuffer(b'\n".', np.uint8)
_MOST_COLUMNS = 1000
_AT_ONCE = 1 << 18
"""Bytes of lines looked at together: they and what is made of them stay in the cache."""

_Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]


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
    table = bytearray(data)
    before, after = np.frombuffer(data, np.uint8), np.frombuffer(table, np.uint8)
    low = rows = 0
    while low < len(data):
        high = data.rfind(b"\n", low, low + _AT_ONCE) + 1 or data.index(b"\n", low) + 1
        count = _blank(before[low:high], after[low:high], shape.pieces)
        if not count:
            return None
        low, rows = high, rows + count
    columns = _parsed(table, shape.pieces)
    if columns is None or len(columns[0]) != rows:
        return None
    numbers = iter(columns)
    cells: list[Any] = [next(numbers) if text is None else [text] * rows for _, text in shape.cells]
    return Group(tuple(name for name, _ in shape.cells), cells, np.arange(rows, dtype=np.int64))


def _shape(line: bytes) -> _Shape | None:
    """The shape of a line: an object, with objects of plain values in it at most."""
    try:
        row = orjson.loads(line)
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
    if not reader.whole() or not 1 < len(pieces) <= _MOST_COLUMNS or pieces[-1].count(b'"'):
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


def _blank(data: _Bytes, out: _Bytes, pieces: list[bytes]) -> int:
    """Write blanks and commas for the constant bytes of whole lines; how many lines, 0 where one is of another shape."""
    ends = np.flatnonzero(data == _NEWLINE)
    quotes: _Places = np.flatnonzero(data == _QUOTE)
    each = sum(piece.count(b'"') for piece in pieces)
    if not each or len(quotes) != each * len(ends):
        return 0
    columns: _Places = quotes.reshape(len(ends), each)
    value = begins = np.append(0, ends[:-1] + 1)
    used = 0
    for number, piece in enumerate(pieces[:-1]):
        if b'"' not in piece:
            return 0
        start = columns[:, used] - piece.index(b'"')
        used += piece.count(b'"')
        # nothing stands before the first piece, and a value has one byte at least
        if not ((start == begins).all() if number == 0 else (start > value).all()):
            return 0
        # what begins before the last newline can be compared: all pieces and a value are shorter than what follows
        value = start + len(piece)
        if value[-1] >= ends[-1] or not _same(data, start, piece):
            return 0
        _put(out, start, b" " * (len(piece) - 1) + (b"," if number else b" "))
        if not _opens_number(data, value):
            return 0
    start = ends + 1 - len(pieces[-1])
    if not (start > value).all() or not _same(data, start, pieces[-1]):
        return 0
    _put(out, start, b" " * (len(pieces[-1]) - 1) + b"\n")
    points = np.flatnonzero(out == _POINT)
    return len(ends) if _DIGIT.take(out.take(points - 1)).all() and _DIGIT.take(out.take(points + 1)).all() else 0


def _opens_number(data: _Bytes, at: _Places) -> bool:
    """Whether JSON's numbers may begin so: with a digit, and no other one behind a zero; Arrow takes more."""
    first, second = data.take(at), data.take(at + 1)
    if not _OPENS.take(first).all():
        return False
    minus = first == ord("-")
    if minus.any():
        first, second = np.where(minus, second, first), np.where(minus, data.take(at + 2, mode="clip"), second)
        if not _AFTER_MINUS.take(first[minus]).all():
            return False
    zero = first == ord("0")
    return not (zero.any() and _DIGIT.take(second[zero]).any())


def _windows(data: _Bytes, width: int) -> npt.NDArray[Any]:
    """The numbers of so many bytes that begin at each byte."""
    return np.ndarray((len(data) - width + 1,), f"<u{width}", data, 0, (1,))


def _parts(length: int) -> list[tuple[int, int]]:
    """Position and width of the words that cover so many bytes."""
    parts = [(at, 8) for at in range(0, length - 7, 8)]
    at = 8 * len(parts)
    if length >= 8 and at < length:
        return [*parts, (length - 8, 8)]
    for width in (4, 2, 1):
        if length - at >= width:
            parts.append((at, width))
            at += width
    return parts


def _same(data: _Bytes, starts: _Places, text: bytes) -> bool:
    """Whether the text stands at all places."""
    return all(
        (_windows(data, width)[starts + at] == int.from_bytes(text[at : at + width], "little")).all()
        for at, width in _parts(len(text))
    )


def _put(out: _Bytes, starts: _Places, text: bytes) -> None:
    """Write the text to all places."""
    for at, width in _parts(len(text)):
        _windows(out, width)[starts + at] = int.from_bytes(text[at : at + width], "little")


def _parsed(table: bytearray, pieces: list[bytes]) -> list[Floats] | None:
    """The columns of the table; masked where a value is no number."""
    foreign = bytes(table.translate(None, _OF_NUMBERS))
    if _LETTERS.fullmatch(foreign) is None:
        return None
    # blanks are part of a cell: those that were the piece behind it
    nulls = {word + b" " * (len(piece) - 1) for piece in pieces[1:] for word in _NONE} if foreign else set()
    return columns_of(table, [True] * (len(pieces) - 1), ",", sorted(null.decode() for null in nulls))
