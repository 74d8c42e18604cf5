"""JSON lines of one shape straight to columns: only the numbers change from line to line.

The first line says which bytes are constant. The quotes of the others tell where these bytes must stand; they are
compared. Then colons, commas and braces are blanked, and Arrow takes the lines for a table whose cells are parted by
quotes: a key, a number, a key, a number. Anything else, be it one line with another key, a changing string, a list or
a number that JSON does not know, is left to the exact path.

Where the time goes, in ns a byte of a line with four numbers (75 bytes): finding quotes and newlines 0.9, comparing 1,
blanking 0.4, Arrow 2.6; reading and cutting into lines 1.5, series 0.5. The exact path takes 12, nearly all for making
objects. The floor is Arrow's parser.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.readers.contract import Floats
from runspect.readers.fast_csv import columns_of, pays
from runspect.readers.objects import CONFIG_KEYS
from runspect.readers.series import Group

_TOKEN = re.compile(
    rb'(?P<string>"[^"]*")|(?P<number>-?\d[\d.eE+-]*|NaN|-?Infinity|null|true|false)|(?P<mark>[{}:,])|(?P<space> +)'
)
_NONE = (b"null", b"true", b"false")
"""Values that are no numbers."""
_WORDS = (*_NONE, b"NaN", b"Infinity", b"-Infinity")
_PUNCTUATION = bytes(32 if byte in b":,{}" else byte for byte in range(256))
"""What `bytes.translate` needs to blank it."""


def _one_of(characters: bytes) -> npt.NDArray[np.bool_]:
    found = np.zeros(256, np.bool_)
    found[list(characters)] = True
    return found


_DIGIT = _one_of(b"0123456789")
_OPENS, _CLOSES = _one_of(b"0123456789-NIntf"), _one_of(b"0123456789Nyle")
_AFTER_MINUS, _LETTER = _one_of(b"0123456789I"), _one_of(b"NIntf")
_NEWLINE, _QUOTE, _POINT, _E = np.frombuffer(b'\n".e', np.uint8)
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
    bytes_ = np.frombuffer(data, np.uint8)
    low, rows, words = 0, 0, False
    while low < len(data):
        high = data.rfind(b"\n", low, low + _AT_ONCE) + 1 or data.index(b"\n", low) + 1
        count, some_words = _alike(bytes_[low:high], shape.pieces)
        if not count:
            return None
        low, rows, words = high, rows + count, words or some_words
    columns = _parsed(data, shape.pieces, words)
    if columns is None or len(columns[0]) != rows:
        return None
    numbers = iter(columns)
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


def _alike(data: _Bytes, pieces: list[bytes]) -> tuple[int, bool]:
    """How many lines there are when all have this shape and plain values in it, else 0; and whether some are words."""
    ends = np.flatnonzero(data == _NEWLINE)
    quotes: _Places = np.flatnonzero(data == _QUOTE)
    each = sum(piece.count(b'"') for piece in pieces)
    if not each or len(quotes) != each * len(ends):
        return 0, False
    columns: _Places = quotes.reshape(len(ends), each)
    value = begins = np.append(0, ends[:-1] + 1)
    used, words = 0, False
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        if b'"' not in piece and not last:
            return 0, False
        start = ends + 1 - len(piece) if last else columns[:, used] - piece.index(b'"')
        used += piece.count(b'"')
        # nothing stands before the first piece, and a value has one byte at least
        if not ((start == begins).all() if number == 0 else (start > value).all()):
            return 0, False
        if start[-1] + len(piece) > len(data) or not _same(data, start, piece).all():
            return 0, False
        if number:
            plain, some_words = _plain(data, value, start)
            if not plain:
                return 0, False
            words = words or some_words
        value = start + len(piece)
    # 1.e5 is a number to Arrow alone; its like, at the ends of a number, were looked for
    odd = np.count_nonzero((data[:-1] == _POINT) & (data[1:] | np.uint8(0x20) == _E))
    alike = odd == len(ends) * sum(piece.lower().count(b".e") for piece in pieces)
    return (len(ends), words) if alike else (0, False)


def _plain(data: _Bytes, starts: _Places, ends: _Places) -> tuple[bool, bool]:
    """Whether values begin and end as JSON's numbers may, or are words that it knows; and whether some are words."""
    first, second = data.take(starts), data.take(starts + 1)
    if not _OPENS.take(first).all() or not _CLOSES.take(data.take(ends - 1)).all():
        return False, False
    minus = first == ord("-")
    if minus.any():
        first, second = np.where(minus, second, first), np.where(minus, data.take(starts + 2, mode="clip"), second)
        if not _AFTER_MINUS.take(first[minus]).all():
            return False, False
    zero = first == ord("0")
    if zero.any() and _DIGIT.take(second[zero]).any():
        return False, False  # 007
    letters = _LETTER.take(first)
    words = bool(letters.any())
    return not words or _are_words(data, starts[letters], ends[letters]), words


def _are_words(data: _Bytes, starts: _Places, ends: _Places) -> bool:
    sizes = ends - starts
    known = np.zeros(len(sizes), np.bool_)
    for word in _WORDS:
        fits = np.flatnonzero(sizes == len(word))
        known[fits] |= _same(data, starts[fits], word)
    return bool(known.all())


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


def _same(data: _Bytes, starts: _Places, text: bytes) -> npt.NDArray[np.bool_]:
    """At which places the text stands."""
    same = np.ones(len(starts), np.bool_)
    for at, width in _parts(len(text)):
        same &= _windows(data, width)[starts + at] == int.from_bytes(text[at : at + width], "little")
    return same


def _parsed(data: bytes, pieces: list[bytes], words: bool) -> list[Floats] | None:
    """The numbers of lines of one shape, a column each; masked where a value is no number."""
    chosen = np.cumsum([piece.count(b'"') for piece in pieces]).tolist()
    nulls: set[str] = set()
    for before, after in pairwise(pieces):
        # a cell reaches from quote to quote, or to the newline
        lead, trail = len(before.rpartition(b'"')[2]), len(after.rstrip(b"\n").partition(b'"')[0])
        nulls |= {" " * lead + word.decode() + " " * trail for word in _NONE if words}
    kinds = [True] * (chosen[-1] + 1)
    return columns_of(data.translate(_PUNCTUATION), kinds, '"', sorted(nulls), chosen[:-1])
