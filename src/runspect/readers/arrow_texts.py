"""Texts at known places of a buffer, parsed as numbers or told apart by Arrow where they stand.

A text and what stands between it and the next one are taken for two texts of one Arrow array, the second of which is
null: so nothing is copied, cut or parted before Arrow looks at them.

Where the time goes: a number of 13 bytes takes 13 ns, as much as where texts lie end to end; judging whether JSON knows
such a number takes as much again.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from runspect.readers.contract import Floats

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LARGE = 512 << 10
"""Bytes of a block from which importing Arrow (60 ms, once) pays."""
SMALL = 32 << 10
"""Bytes from which Arrow pays once it is imported."""
_ARROW = ("pyarrow.compute", "pyarrow.csv")
_NULLS = (b"null", b"true", b"false")
"""Values that are no numbers."""
_WORDS = (*_NULLS, b"NaN", b"Infinity", b"-Infinity")


def _one_of(characters: bytes) -> Mask:
    found = np.zeros(256, np.bool_)
    found[list(characters)] = True
    return found


_DIGIT = _one_of(b"0123456789")
_OPENS, _CLOSES = _one_of(b"0123456789-NIntf"), _one_of(b"0123456789Nyle")
_AFTER_MINUS, _LETTER = _one_of(b"0123456789I"), _one_of(b"NIntf")
_MINUS, _ZERO, _POINT, _E = np.frombuffer(b"-0.e", np.uint8)


def pays(data: bytes) -> bool:
    """Whether a block is large enough for Arrow."""
    return pays_for(len(data))


def pays_for(size: int) -> bool:
    """Whether so many bytes are enough for Arrow."""
    return size >= (LARGE if sys.modules.keys().isdisjoint(_ARROW) else SMALL)


def cast(data: Bytes, starts: Places, ends: Places, missing: Mask | None = None) -> Floats | None:
    """(texts,): the numbers `data[start:end]`, NaN where missing; None when one is none to Arrow.

    `starts` and `ends` must alternate: no text reaches into the next one.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = _texts(pa.string(), data, starts, ends, missing)
    try:
        numbers = pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        return None
    found: Floats = np.frombuffer(numbers.buffers()[1], np.float64, len(texts))[::2]
    return found if missing is None else np.where(missing, np.nan, found)


def json_numbers(data: Bytes, starts: Places, ends: Places) -> tuple[Floats, Mask | None] | None:
    """The values `data[start:end]`, none of them empty, and which are null, true or false; None unless JSON knows all.

    NaN and Infinity, as Python writes them, count as numbers. At least one byte must follow the last value, and no digit follows any.
    """
    first, second = data.take(starts), data.take(starts + 1)
    if not _OPENS.take(first).all() or not _CLOSES.take(data.take(ends - 1)).all():
        return None
    minus = first == _MINUS
    if minus.any():
        first, second = np.where(minus, second, first), np.where(minus, data.take(starts + 2, mode="clip"), second)
        if not _AFTER_MINUS.take(first[minus]).all():
            return None
    zero = first == _ZERO
    if zero.any() and _DIGIT.take(second[zero]).any():
        return None  # 007
    missing = None
    letters = _LETTER.take(first)
    if letters.any():
        known, nulls = _words(data, starts[letters], ends[letters])
        if not known:
            return None
        if nulls.any():
            missing = np.zeros(len(starts), np.bool_)
            missing[letters] = nulls
    if _has_bare_point(data, starts, ends):
        return None
    numbers = cast(data, starts, ends, missing)
    return None if numbers is None else (numbers, missing)


def distinct(data: Bytes, starts: Places, ends: Places) -> tuple[list[bytes], Places]:
    """The different texts `data[start:end]`, and which of them each text is.

    `starts` and `ends` must alternate: no text reaches into the next one.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(_texts(pa.binary(), data, starts, ends, None))
    codes: Places = np.frombuffer(encoded.indices.buffers()[1], np.int32, len(encoded))[::2].astype(np.int64)
    return encoded.dictionary.to_pylist(), codes


def _texts(kind: Any, data: Bytes, starts: Places, ends: Places, missing: Mask | None) -> Any:
    """An Arrow array of twice as many texts, every other one of which is null."""
    import pyarrow as pa

    count = len(starts)
    offsets = np.empty(2 * count + 1, np.int32)
    offsets[:-1:2], offsets[1::2], offsets[-1] = starts, ends, ends[-1] if count else 0
    if missing is None:
        bits = np.full(count // 4 + 1, 0b01010101, np.uint8)
    else:
        valid = np.zeros(2 * count, np.bool_)
        valid[::2] = ~missing
        bits = np.packbits(valid, bitorder="little")
    return pa.Array.from_buffers(kind, 2 * count, [pa.py_buffer(bits), pa.py_buffer(offsets), pa.py_buffer(data)])


def same(data: Bytes, starts: Places, text: bytes) -> Mask:
    """At which places the text stands."""
    found: Mask | None = None
    for at, width in _parts(len(text)) if len(starts) else ():
        windows = np.ndarray((len(data) - width + 1,), f"<u{width}", data, 0, (1,))
        equal = windows[starts + at] == int.from_bytes(text[at : at + width], "little")
        found = equal if found is None else found & equal
    return np.ones(len(starts), np.bool_) if found is None else found


def _words(data: Bytes, starts: Places, ends: Places) -> tuple[bool, Mask]:
    """Whether all are words that JSON knows, and which of them are no numbers."""
    sizes = ends - starts
    known, nulls = np.zeros(len(sizes), np.bool_), np.zeros(len(sizes), np.bool_)
    for word in _WORDS:
        fits = np.flatnonzero(sizes == len(word))
        fits = fits[same(data, starts[fits], word)]
        known[fits] = True
        nulls[fits] = word in _NULLS
    return bool(known.all()), nulls


def _has_bare_point(data: Bytes, starts: Places, ends: Places) -> bool:
    """Whether a value is like 1.e5, a number to Arrow alone."""
    at = np.flatnonzero((data[:-1] == _POINT) & (data[1:] | np.uint8(0x20) == _E))
    if not len(at):
        return False
    value = np.searchsorted(starts, at, "right") - 1
    return bool(((value >= 0) & (at < ends[value])).any())


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
