"""Regular stretches of an event file: the same tags at every step, so that records repeat with a period.

A stretch is a matrix, one period a row. A block of rows is folded into the bits that any of them has and those that all
have, which tells whether they agree with the first period, framing and tags alike, and which bytes vary; then the
numbers and the checksums of each tag are cut out of its columns in place. Whatever deviates ends the stretch: a longer
step, another tag, damage to a length. A wrong checksum costs its record alone.

Where the time goes (records of 52 bytes, 5 tags, in ns a record): reading 6, comparing 3, numbers 7, checksums 9, and as
much as 15 for waiting: 8 MiB pass through a cache of two. The floor, a look-up for each two bytes that vary and each
number copied once, is some 20. Blocks of a matrix stay in the cache of the core while they are worked on; smaller
ones cost more calls than they save, smaller chunks of the file more beginnings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runspect.dataclass import dataclass
from runspect.readers.records import FRAME_HEAD, FRAME_TAIL
from runspect.readers.tfevents_layout import (
    LONGEST,
    Bytes,
    Columns,
    Index,
    Layout,
    Numbers,
    Piece,
    layout_of,
    sum_of_blank,
)

MOST_PERIOD = 128
"""Records of the longest period looked for."""
WORTHWHILE = 2000
"""Records that a stretch must have, or the other decoder is quicker."""
_REPEATED = 24
"""Records that must repeat before a period is believed."""
_BLOCK = 1 << 20
"""Bytes worked on together."""
_FEW = 64
"""Rows that are compared one by one."""
_NONE: Index = np.empty(0, np.int64)
_ROW = 2048
"""Bytes that are compared together at least."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch that was decoded."""

    count: int
    """Records."""
    end: int
    """Position in the buffer behind it."""
    pieces: list[Piece]
    damaged: Index
    """Numbers of the records whose checksum is wrong, ascending, and where they begin."""
    damaged_at: Index


@dataclass(frozen=True, slots=True)
class _Slot:
    """One record of the period."""

    start: int
    """Where its data begins in the period."""
    data: bytes
    layout: Layout


def period_of(sizes: Sequence[int]) -> int:
    """After how many records the last sizes repeat; 0 when they do not."""
    for period in range(1, min(MOST_PERIOD, len(sizes) // 3) + 1):
        if sizes[-1] != sizes[-1 - period] or sizes[-8:] != sizes[-8 - period : -period]:
            continue
        repeated = max(2 * period, _REPEATED)
        if len(sizes) >= repeated + period and sizes[-repeated:] == sizes[-repeated - period : -period]:
            return period
    return 0


def take_stretch(buffer: bytes, start: int, sizes: Sequence[int], first: int, limit: int) -> Stretch | None:
    """Decode the periods from `start` on; the records of one period stand before it, as whole frames of `sizes`.

    Record numbers begin at `first`, and not more than `limit` records are taken. None when it does not pay.
    """
    width = sum(sizes)
    most = min((len(buffer) - start) // width, limit // len(sizes))
    fewest = WORTHWHILE // len(sizes)
    far = start + fewest * width
    head = buffer[start - width : start - width + FRAME_HEAD]
    if most < fewest or buffer[far : far + FRAME_HEAD] != head:
        return None
    slots = _slots(buffer[start - width : start], sizes)
    if slots is None:
        return None
    matrix = np.frombuffer(buffer, np.uint8)[start : start + most * width].reshape(-1, width)
    found = _numbers(matrix, slots, *_pattern(buffer[start - width : start], slots))
    if len(found[0].steps) < fewest:
        return None
    return _stretch(found, slots, start, width, first)


def _slots(period: bytes, sizes: Sequence[int]) -> list[_Slot] | None:
    slots, at = [], 0
    for size in sizes:
        data = period[at + FRAME_HEAD : at + size - FRAME_TAIL]
        layout = layout_of(data) if len(data) <= LONGEST else None
        if layout is None:
            return None
        slots.append(_Slot(at + FRAME_HEAD, data, layout))
        at += size
    return slots


def _pattern(period: bytes, slots: list[_Slot]) -> tuple[Bytes, Bytes]:
    """(width,) twice: the period, and 1 bits where all must agree with it: not in numbers and checksums."""
    mask = np.full(len(period), 0xFF, np.uint8)
    for slot in slots:
        size = len(slot.data)
        mask[slot.start : slot.start + size] = slot.layout.constant(size)
        mask[slot.start + size : slot.start + size + FRAME_TAIL] = 0
    return np.frombuffer(period, np.uint8), mask


def _numbers(matrix: Bytes, slots: list[_Slot], period: Bytes, mask: Bytes) -> list[Numbers]:
    """The numbers of each slot in the rows that agree with the period in all masked bits, from the first row on."""
    rows, width = matrix.shape
    found = [Numbers.empty(rows) for _ in slots]
    blanks = [sum_of_blank(slot.data, slot.layout) for slot in slots]
    most, low = max(1, _BLOCK // width), 0
    while low < rows:
        block, unlike = _agreeing(matrix[low : low + most], period, mask)
        high = low + len(block)
        for slot, blank, numbers in zip(slots, blanks, found, strict=True) if len(block) else ():
            size = len(slot.data)
            varied = unlike[slot.start : slot.start + size]
            numbers.fill(slice(low, high), slot.layout, size, blank, Columns(block, slot.start), varied)
        low = high
        if len(block) < most:
            break
    return [numbers.first(low) for numbers in found]


def _agreeing(block: Bytes, period: Bytes, mask: Bytes) -> tuple[Bytes, Bytes]:
    """The rows from the first on that agree with the period in all masked bits; (width,): the bits that vary in them."""
    varied = _varied(block)
    if not (_unlike(block, varied, period) & mask).any():
        return block, varied
    low, high = 0, len(block)
    while high - low > _FEW:
        middle = (low + high) // 2
        part = block[low:middle]
        low, high = (low, middle) if (_unlike(part, _varied(part), period) & mask).any() else (middle, high)
    block = block[: low + int(np.argmax(((block[low:high] ^ period) & mask).any(axis=1)))]
    return block, _varied(block) if len(block) else varied


def _unlike(block: Bytes, varied: Bytes, period: Bytes) -> Bytes:
    """(width,): the bits in which some row differs from the period."""
    differs: Bytes = varied | (block[0] ^ period)
    return differs


def _varied(block: Bytes) -> Bytes:
    """(width,): the bits in which the rows of a block differ."""
    return _folded(np.bitwise_or, block) ^ _folded(np.bitwise_and, block)


def _folded(operation: np.ufunc, block: Bytes) -> Bytes:
    """(width,): all rows of a block in one; long lines of bytes are folded, which costs the least."""
    rows, width = block.shape
    abreast = min(rows, -(-_ROW // width))
    whole = rows - rows % abreast
    folded = operation.reduce(block[:whole].reshape(-1, abreast * width), axis=0).reshape(abreast, width)
    found: Bytes = operation.reduce(np.concatenate([folded, block[whole:]]), axis=0)
    return found


def _stretch(found: list[Numbers], slots: list[_Slot], start: int, width: int, first: int) -> Stretch:
    period, rows = len(slots), len(found[0].steps)
    pieces = []
    for number, (slot, numbers) in enumerate(zip(slots, found, strict=True)):
        order = np.arange(first + number, first + rows * period, period, dtype=np.int64)
        pieces.append(numbers.piece(slot.layout.tag, order, slice(0, rows)))
    if all(len(piece) == rows for piece in pieces):
        return Stretch(rows * period, start + rows * width, pieces, _NONE, _NONE)
    row, at_slot = np.nonzero(~np.stack([numbers.sound for numbers in found], axis=1))
    begins = np.array([slot.start - FRAME_HEAD for slot in slots], np.int64)
    damaged, damaged_at = first + row * period + at_slot, start + row * width + begins[at_slot]
    return Stretch(rows * period, start + rows * width, pieces, damaged, damaged_at)
