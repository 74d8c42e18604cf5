"""Scalar records of an event file as templates: which bytes of a record vary, and how its numbers are cut out.

A log writes the same few records over and over: with the same tag and the same length, all bytes but those of wall
time, step and value are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.readers.contract import Floats, Steps
from runspect.readers.crc32c import MOST_FOLLOWERS, Sums, follower_tables, pair_table
from runspect.readers.protobuf import BYTES, FIXED32, FIXED64, VARINT, WireFault, fields, text
from runspect.readers.records import crc32c, unmasked
from runspect.readers.tfevents_event import SCALARS, decode_event

Index = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
_Words = npt.NDArray[Any]

LONGEST = MOST_FOLLOWERS
"""Bytes of a record that may be a plain scalar; longer ones are images, histograms and graphs."""
_LONGEST_STEP = 9
"""Bytes of a step that is not negative."""
_WORTH_PAIRS = 256
"""Records for which tables of byte pairs pay: half the look-ups, each in 256 KiB instead of 1."""
_WALL, _STEP = 1, 10
"""Where wall time and step begin in a record."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Points of one tag, in the order in which their records stand in the buffer."""

    tag: str
    order: Index
    """Number of the record that each point came from."""
    steps: Steps
    walls: Floats
    values: Floats

    def __len__(self) -> int:
        return len(self.order)

    def chosen(self, rows: npt.NDArray[np.bool_] | slice) -> Piece:
        """Only some of the points."""
        return Piece(self.tag, self.order[rows], self.steps[rows], self.walls[rows], self.values[rows])


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the numbers of a scalar record are, from the record's first byte."""

    tag: str
    step_bytes: int
    """0 when the record names no step, which means step 0."""
    value_at: int
    value_type: str
    """NumPy's name for how the value is packed."""

    def shape(self) -> tuple[int, int, str]:
        """What decides which bytes of a record vary."""
        return self.step_bytes, self.value_at, self.value_type

    def varying(self) -> tuple[range, range, range]:
        """Positions of the bytes that make up the three numbers."""
        value_end = self.value_at + int(self.value_type[2:])
        return range(_WALL, _WALL + 8), range(_STEP, _STEP + self.step_bytes), range(self.value_at, value_end)

    def constant(self, size: int) -> Bytes:
        """(size,): 1 bits where all records of this layout must agree with the first one."""
        mask = np.full(size, 0xFF, np.uint8)
        for places in self.varying():
            mask[places.start : places.stop] = 0
        # the top bit of a step's byte says whether another one follows
        mask[_STEP : _STEP + self.step_bytes] = 0x80
        return mask


@dataclass(frozen=True, slots=True)
class Columns:
    """Records that stand one below the other, from a column of a matrix on."""

    matrix: Bytes
    """(records, width)"""
    start: int

    def __call__(self, position: int, kind: str) -> npt.NDArray[Any]:
        """The numbers of one type that stand at a position in each record."""
        rows, width = self.matrix.shape
        return np.ndarray((rows,), kind, self.matrix, self.start + position, (width,))

    def __len__(self) -> int:
        return len(self.matrix)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of records of one shape, and which of them match their checksum."""

    steps: Steps
    walls: Floats
    values: Floats
    sound: npt.NDArray[np.bool_]

    @classmethod
    def empty(cls, count: int) -> Numbers:
        """Room for so many."""
        return cls(np.empty(count, np.int64), np.empty(count), np.empty(count), np.empty(count, np.bool_))

    def fill(
        self, rows: slice, layout: Layout, size: int, blank: Sums | int, at: Columns, varied: Bytes | None = None
    ) -> None:
        """Cut out the numbers of records of `size` bytes; `blank` is their CRC-32C with zeros for the numbers.

        `varied` (size,) is not 0 where they may differ.
        """
        walls, steps, values = _copies(layout, at)
        self.steps[rows] = _steps(layout.step_bytes, steps)
        self.walls[rows] = walls.view("<f8")
        self.values[rows] = values.view(layout.value_type)
        numbers = zip(layout.varying(), (walls, steps, values), strict=True)
        self.sound[rows] = _sums(numbers, size, blank, len(at), varied) == unmasked(at(size, "<u4").astype(np.uint32))

    def first(self, count: int) -> Numbers:
        """Those of the first so many records."""
        return Numbers(self.steps[:count], self.walls[:count], self.values[:count], self.sound[:count])

    def piece(self, tag: str, order: Index, rows: slice) -> Piece:
        """The sound ones of some records."""
        sound = self.sound[rows]
        piece = Piece(tag, order, self.steps[rows], self.walls[rows], self.values[rows])
        return piece if sound.all() else piece.chosen(sound)


def _copies(layout: Layout, at: Columns) -> tuple[_Words, _Words, _Words]:
    """(records,) thrice: the bytes of the three numbers, each as one little-endian number, end to end for many looks.

    Those of a step are four or nine, of which some may belong to what follows: no record is too short for that.
    """
    walls, values = at(_WALL, "<u8").copy(), at(layout.value_at, f"<u{layout.value_type[2:]}").copy()
    if layout.step_bytes <= 4:
        return walls, at(_STEP, "<u4").copy(), values
    return walls, at(_STEP, f"V{_LONGEST_STEP}").copy(), values


def _steps(digits: int, raw: _Words) -> npt.NDArray[Any]:
    """Numbers of so many digits of seven bits, a byte each."""
    if digits > 4:
        every = raw.view(np.uint8).reshape(len(raw), -1)
        steps = np.zeros(len(raw), np.int64)
        for digit in range(digits):
            steps |= (every[:, digit] & np.uint8(0x7F)).astype(np.int64) << (7 * digit)
        return steps
    short = raw & np.uint32(0x7F if digits else 0)
    for digit in range(1, digits):
        short |= raw >> np.uint32(digit) & np.uint32(0x7F << (7 * digit))
    return short


def _sums(
    numbers: Iterable[tuple[range, _Words]], size: int, blank: Sums | int, count: int, varied: Bytes | None
) -> Sums:
    """The CRC-32C of records of `size` bytes from the places and the bytes of their numbers."""
    last, step = size - 1, 2 if count >= _WORTH_PAIRS else 1
    sums = np.full(count, blank, np.uint32)
    for places, words in numbers:
        every = words.view(np.uint8).reshape(count, -1)
        unlike = varied[places.start : places.stop].tobytes() if varied is not None else _unlike(words)
        for offset in range(0, len(places), step):
            followers, width = last - places[offset], min(step, len(places) - offset)
            table = pair_table(followers - 1) if width == 2 else follower_tables()[followers]
            column = every[:, offset] if width == 1 else np.ndarray((count,), "<u2", every, offset, (every.shape[1],))
            if any(unlike[offset : offset + width]):
                sums ^= table.take(column)
            else:
                sums ^= table[column[0]]  # the upper bytes of a time hardly ever change
    return sums


def _unlike(words: _Words) -> bytes:
    """Of each byte the bits that are not the same in all records; all of them where nobody looked."""
    if words.dtype.kind != "u":
        return b"\xff" * words.itemsize
    return int(np.bitwise_or.reduce(words ^ words[0])).to_bytes(words.itemsize, "little")


def sum_of_blank(record: bytes, layout: Layout) -> int:
    """The CRC-32C of a record with zeros in place of the numbers."""
    blank = bytearray(record)
    for places in layout.varying():
        blank[places.start : places.stop] = bytes(len(places))
    return _crc32c(bytes(blank))


@lru_cache(maxsize=4096)
def _crc32c(blank: bytes) -> int:
    return crc32c(blank)


def layout_of(record: bytes) -> Layout | None:
    """Take a record apart; None unless it is `wall time, step, summary of one scalar` in the usual order."""
    if len(record) < 12 or record[0] != 0x09:
        return None
    at = 9
    if record[at] == 0x10:
        at += 1
        while at < len(record) and record[at] >= 0x80:
            at += 1
        at += 1
    step_bytes = max(0, at - _STEP)
    if step_bytes > _LONGEST_STEP:
        return None
    try:
        outer = list(fields(record, at))
        if len(outer) != 1 or outer[0][:2] != (5, BYTES):
            return None
        inner = list(fields(record, outer[0][2], outer[0][3]))
        if len(inner) != 1 or inner[0][:2] != (1, BYTES):
            return None
        return _value_layout(record, inner[0][2], inner[0][3], step_bytes)
    except WireFault:
        return None


def _value_layout(record: bytes, start: int, end: int, step_bytes: int) -> Layout | None:
    seen = {number: (wire, first, stop) for number, wire, first, stop in fields(record, start, end)}
    if len(seen) != sum(1 for _ in fields(record, start, end)) or 1 not in seen or not set(seen) <= {1, 2, 7, 8, 9}:
        return None
    if seen[1][0] != BYTES:
        return None
    tag = text(record, seen[1][1], seen[1][2])
    if 2 in seen:
        wire, first, _ = seen[2]
        return Layout(tag, step_bytes, first, "<f4") if wire == FIXED32 and not {8, 9} & set(seen) else None
    if 8 not in seen or 9 not in seen or seen[8][0] != BYTES:
        # without metadata the plug-in may have been named earlier: the exact decoder remembers it
        return None
    value = decode_event(record, 0, len(record)).values[0]
    if value.plugin != SCALARS or value.tensor is None:
        return None
    place = _tensor_place(record, seen[8][1], seen[8][2])
    return None if place is None else Layout(tag, step_bytes, *place)


def _tensor_place(record: bytes, start: int, end: int) -> tuple[int, str] | None:
    """Where a float tensor of one element keeps its number, and how."""
    dtype, places = 0, []
    for number, wire, first, stop in fields(record, start, end):
        if number == 1 and wire == VARINT:
            dtype = first
        elif number == 5 and wire in (FIXED32, BYTES) and stop - first == 4:
            places.append((first, "<f4"))
        elif number == 6 and wire in (FIXED64, BYTES) and stop - first == 8:
            places.append((first, "<f8"))
        elif number == 4 and wire == BYTES:
            places.append((first, {(1, 4): "<f4", (2, 8): "<f8"}.get((dtype, stop - first), "")))
        elif number not in (2, 3):
            return None
    return places[0] if len(places) == 1 and places[0][1] else None
