"""Scalars of many equal-looking event records at once, in NumPy, in whatever order they come.

Records are grouped by length; the first one of a group is taken apart, all others must match it in every byte that has
to be constant, and the three numbers are then cut out of all of them together. Their checksums follow from that of the
template by the bytes that vary. What fits no template is left to the exact decoder, so the outcome is the same as
without this module.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass, field
from runspect.readers.records import FRAME_TAIL
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

FEWEST = 16
"""Records of equal length below which the exact decoder is quicker."""
_WORTH_CUTTING = 4
"""Records of one tag below which cutting them together does not pay."""
_ROWS = 1 << 13
"""Records whose numbers are cut out together: they stay in the cache."""
_SAMPLE = 64
"""Rows that tell whether all are likely to be equal."""
_MOST_ROUNDS = 12
_MIX = np.uint64(0x9E3779B97F4A7C15)

_Words = npt.NDArray[np.uint64]


@dataclass(slots=True)
class Decoded:
    """What became of the records that `decode_regular` was given; all numbers are theirs."""

    pieces: list[Piece] = field(default_factory=list)
    """Points of the records whose checksum is right."""
    damaged: list[Index] = field(default_factory=list)
    """Records that follow a template, but their checksum is wrong."""
    left: list[Index] = field(default_factory=list)
    """Records that were left alone, their checksums not looked at."""


class _Set(NamedTuple):
    """Rows `low` to `high`: records that agree in all that is constant."""

    low: int
    high: int
    layout: Layout


def decode_regular(buffer: bytes, starts: Index, sizes: Index) -> Decoded:
    """Decode the records at `buffer[start : start + size]` that follow a template; four more bytes hold their checksum."""
    decoded = Decoded()
    data = np.frombuffer(buffer, np.uint8)
    narrow = sizes.astype(np.uint16) if len(sizes) and sizes.max() < 1 << 16 else sizes
    order = np.argsort(narrow, kind="stable")
    cuts = np.flatnonzero(np.diff(narrow[order])) + 1
    for chosen in np.split(order, cuts):
        size = int(sizes[chosen[0]]) if len(chosen) else 0
        if len(chosen) < FEWEST or size > LONGEST:
            decoded.left.append(chosen)
        else:
            _decode_group(decoded, data, starts, chosen, size)
    return decoded


def _decode_group(decoded: Decoded, data: Bytes, starts: Index, chosen: Index, size: int) -> None:
    """Decode records of one size.

    Each round takes the layout of the first record and sorts the others by what that layout says must be constant;
    where those that agree have a layout of the same shape (another tag of equal length), they are cut as well.
    """
    width = -(-(size + FRAME_TAIL) // 8) * 8
    lead = width - size - FRAME_TAIL
    windows = np.ndarray((len(data) - width + 1, width), np.uint8, data, strides=(1, 1))
    rows = windows[starts[chosen] - lead]
    for _ in range(_MOST_ROUNDS):
        if len(chosen) < FEWEST:
            break
        layout = layout_of(rows[0, lead:-FRAME_TAIL].tobytes())
        if layout is None:
            decoded.left.append(chosen[:1])
            chosen, rows = chosen[1:], rows[1:]
            continue
        mask = np.zeros(width, np.uint8)
        mask[lead:-FRAME_TAIL] = layout.constant(size)
        order, rows, bounds = _equal(rows, mask)
        chosen = chosen if order is None else chosen[order]
        sets = []
        later = np.ones(len(chosen), np.bool_)
        for low, high in bounds:
            other = _layout_of_blank((rows[low] & mask)[lead:-FRAME_TAIL].tobytes())
            if other is not None and other.shape() == layout.shape():
                sets.append(_Set(low, high, other))
                later[low:high] = False
        if sets:
            _cut(decoded, sets, rows, lead, chosen)
        rank = np.flatnonzero(later)
        rank = rank[np.argsort(chosen[rank])]
        if not sets:
            decoded.left.append(chosen[rank[:1]])
            rank = rank[1:]
        chosen, rows = chosen[rank], rows[rank]
    decoded.left.append(chosen)


@lru_cache(maxsize=4096)
def _layout_of_blank(record: bytes) -> Layout | None:
    """The layout of a record whose numbers are zeros: if these are where it has its numbers, it is that of the record."""
    return layout_of(record)


def _equal(rows: Bytes, mask: Bytes) -> tuple[Index | None, Bytes, list[tuple[int, int]]]:
    """An order of the rows (None: as they are), the rows in it, and the bounds of sets that are equal under the mask.

    The rows of a set keep their order; rows of no worthwhile set are in none.
    """
    words, wanted = rows.view("<u8"), mask.view("<u8")
    columns = np.flatnonzero(wanted).tolist()
    if not _differ(words[:_SAMPLE], wanted, columns).any() and not _differ(words, wanted, columns).any():
        return None, rows, [(0, len(rows))]
    digest = np.zeros(len(words), np.uint64)
    for column in columns:
        digest = (digest ^ (words[:, column] & wanted[column])) * _MIX
        digest ^= digest >> np.uint64(29)
    # NumPy sorts 16-bit numbers by radix, ten times faster; where kinds share such a digest, the whole one decides
    for key in ((digest >> np.uint64(48)).astype(np.uint16), digest):
        order = np.argsort(key, kind="stable")
        ordered = rows[order]
        ends = np.append(np.flatnonzero(np.diff(key[order])) + 1, len(order))
        starts = np.append(0, ends[:-1])
        odd = np.cumsum(np.append(False, _differ(ordered.view("<u8"), wanted, columns)))
        equal = odd[starts] == odd[ends - 1]
        if equal.all():
            break
    chosen = equal & (ends - starts >= _WORTH_CUTTING)
    return order, ordered, list(zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True))


def _differ(words: _Words, wanted: _Words, columns: list[int]) -> npt.NDArray[np.bool_]:
    """(rows - 1,): whether a row differs from the one before it under the mask; compared eight bytes at a time."""
    differs = np.zeros(len(words) - 1, np.uint64)
    for column in columns:
        differs |= (words[1:, column] ^ words[:-1, column]) & wanted[column]
    unequal: npt.NDArray[np.bool_] = differs != 0
    return unequal


def _cut(decoded: Decoded, sets: list[_Set], rows: Bytes, lead: int, chosen: Index) -> None:
    """The numbers of sets whose layouts have one shape, cut out of all of them together."""
    size = rows.shape[1] - lead - FRAME_TAIL
    counts = [high - low for low, high, _ in sets]
    ends = np.cumsum(counts).tolist()
    if ends[-1] < len(rows):
        within = np.concatenate([np.arange(low, high) for low, high, _ in sets])
        rows, chosen = rows[within], chosen[within]
    heads = [rows[end - count, lead:-FRAME_TAIL].tobytes() for end, count in zip(ends, counts, strict=True)]
    blanks = [sum_of_blank(head, each) for head, (_, _, each) in zip(heads, sets, strict=True)]
    blank = np.repeat(np.array(blanks, np.uint32), counts)
    numbers = Numbers.empty(len(rows))
    for low in range(0, len(rows), _ROWS):
        block = slice(low, min(low + _ROWS, len(rows)))
        numbers.fill(block, sets[0].layout, size, blank[block], Columns(rows[block], lead))
    for end, count, (_, _, each) in zip(ends, counts, sets, strict=True):
        decoded.pieces.append(numbers.piece(each.tag, chosen[end - count : end], slice(end - count, end)))
    decoded.damaged.append(chosen[~numbers.sound])
