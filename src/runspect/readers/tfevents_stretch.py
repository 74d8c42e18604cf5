"""Regular stretches of an event file: the same tags at every step, so that records repeat with a period.

A stretch is a matrix, one period a row. It is compared with its first row in one go, framing and tags alike; then the
numbers and the checksums of each tag are cut out of its columns in place. Whatever deviates ends the stretch: a longer
step, another tag, damage to a length. A wrong checksum costs its record alone.

Where the time goes (records of 52 bytes, 5 tags, in ns a record): reading 3, comparing 7, numbers 9, checksums 19. The
floor without checksums is some 20. Blocks of a matrix stay in the cache of the core while they are worked on.
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
_ROW = 512
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
    far = start + WORTHWHILE // len(sizes) * width
    head = buffer[start - width : start - width + FRAME_HEAD]
    if most < WORTHWHILE // len(sizes) or buffer[far : far + FRAME_HEAD] != head:
        return None
    slots = _slots(buffer[start - width : start], sizes)
    if slots is None:
        return None
    matrix = np.frombuffer(buffer, np.uint8)[start : start + most * width].reshape(-1, width)
    rows = _agreeing(matrix, *_pattern(buffer[start - width : start], slots))
    if rows * len(sizes) < WORTHWHILE:
        return None
    return _decoded(matrix[:rows], slots, start, first)


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


def _agreeing(matrix: Bytes, period: Bytes, mask: Bytes) -> int:
    """How many rows from the first on agree with the pattern."""
    width = matrix.shape[1]
    tile = -(-_ROW // width)
    grain = 8 * tile  # rows that fill whole words
    wide, wide_mask = np.tile(period, tile), np.tile(mask, tile)
    most = max(1, _BLOCK // (grain * width)) * grain
    scratch = np.empty(most * width, np.uint8)
    at, rows, whole = 0, grain, len(matrix) // grain * grain
    while at < whole:
        block = matrix[at : min(at + rows, whole)].reshape(-1, tile * width)
        differs = scratch[: block.size].reshape(block.shape)
        np.bitwise_xor(block, wide, out=differs)
        np.bitwise_and(differs, wide_mask, out=differs)
        words = differs.reshape(-1).view("<u8")
        if words.max():
            break
        at += len(block) * tile
        rows = min(most, 4 * rows)
    odd = np.flatnonzero(((matrix[at : at + rows] ^ period) & mask).any(axis=1))
    return at + int(odd[0]) if len(odd) else min(at + rows, len(matrix))


def _decoded(matrix: Bytes, slots: list[_Slot], start: int, first: int) -> Stretch:
    rows, width = matrix.shape
    period = len(slots)
    found = [Numbers.empty(rows) for _ in slots]
    most = max(1, _BLOCK // width)
    for low in range(0, rows, most):
        block = matrix[low : low + most]
        for slot, numbers in zip(slots, found, strict=True):
            blank, at = sum_of_blank(slot.data, slot.layout), Columns(block, slot.start)
            numbers.fill(slice(low, low + len(block)), slot.layout, len(slot.data), blank, at)
    pieces = []
    for number, (slot, numbers) in enumerate(zip(slots, found, strict=True)):
        order = np.arange(first + number, first + rows * period, period, dtype=np.int64)
        pieces.append(numbers.piece(slot.layout.tag, order, slice(0, rows)))
    row, at_slot = np.nonzero(~np.stack([numbers.sound for numbers in found], axis=1))
    begins = np.array([slot.start - FRAME_HEAD for slot in slots], np.int64)
    damaged, damaged_at = first + row * period + at_slot, start + row * width + begins[at_slot]
    return Stretch(rows * period, start + rows * width, pieces, damaged, damaged_at)
