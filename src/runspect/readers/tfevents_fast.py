"""Scalars of many equal-looking event records at once, in NumPy.

A log writes the same few records over and over: with the same tag and the same length, all bytes but those of wall
time, step and value are equal. So records are grouped by length; the first one of a group is taken apart, all others
must match it in every byte that has to be constant, and the three numbers are then cut out of all of them together.
What fits no template is left to the exact decoder, so the outcome is the same as without this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runspect.readers.contract import Floats, Steps
from runspect.readers.protobuf import BYTES, FIXED32, FIXED64, VARINT, WireFault, fields, text
from runspect.readers.tfevents_event import SCALARS, decode_event

Index = npt.NDArray[np.int64]
_Bytes = npt.NDArray[np.uint8]
_Words = npt.NDArray[np.uint64]

FEWEST = 16
"""Records of equal length below which the exact decoder is quicker."""
_WORTH_CUTTING = 4
"""Records of one tag below which cutting them together does not pay."""
_MOST_ROUNDS = 12
_MIX = np.uint64(0x9E3779B97F4A7C15)
_LONGEST = 512
"""Bytes of a record that may be a plain scalar; longer ones are images, histograms and graphs."""
_LONGEST_STEP = 9
"""Bytes of a step that is not negative."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Points of one tag, in the order in which their records stand in the buffer."""

    tag: str
    order: Index
    """Number of the record that each point came from."""
    steps: Steps
    walls: Floats
    values: Floats


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the numbers of a scalar record are, from the record's first byte."""

    tag: str
    step_bytes: int
    """0 when the record names no step, which means step 0."""
    value_at: int
    value_type: str

    def shape(self) -> tuple[int, int, str]:
        """What decides which bytes of a record vary."""
        return self.step_bytes, self.value_at, self.value_type


def decode_regular(buffer: bytes, starts: Index, sizes: Index) -> tuple[list[Piece], Index]:
    """Decode the records at `buffer[start : start + size]` that follow a template.

    Returns:
        The points, and the ascending numbers of the records that were left alone.
    """
    pieces: list[Piece] = []
    left: list[Index] = []
    padded = np.frombuffer(buffer + bytes(8), np.uint8)
    order = np.argsort(sizes, kind="stable")
    cuts = np.flatnonzero(np.diff(sizes[order])) + 1
    for low, high in zip([0, *cuts.tolist()], [*cuts.tolist(), len(order)], strict=True):
        chosen = order[low:high]
        size = int(sizes[chosen[0]]) if high > low else 0
        if high - low < FEWEST or size > _LONGEST:
            left.append(chosen)
            continue
        for found in _decode_group(buffer, padded, starts, chosen, size):
            if isinstance(found, Piece):
                pieces.append(found)
            else:
                left.append(found)
    return pieces, np.sort(np.concatenate(left)) if left else np.empty(0, np.int64)


def _decode_group(buffer: bytes, padded: _Bytes, starts: Index, chosen: Index, size: int) -> Iterator[Piece | Index]:
    """Decode records of one size; yields the points found and the records left.

    Each round takes the layout of the first record and sorts the others by what that layout says must be constant;
    where the first of those that agree has the same layout (another tag of equal length), they are cut as well.
    """
    width = -(-size // 8) * 8
    windows = np.ndarray((len(padded) - width + 1, width), np.uint8, padded, strides=(1, 1))
    rows = windows[starts[chosen]]
    for _ in range(_MOST_ROUNDS):
        if len(chosen) < FEWEST:
            break
        layout = _layout(rows[0, :size].tobytes())
        if layout is None:
            yield chosen[:1]
            chosen, rows = chosen[1:], rows[1:]
            continue
        mask = _constant(layout, size, width)
        sets, rest = _equal(rows, mask)
        later = [rest]
        for same in sets:
            other = layout if same[0] == 0 else _layout(rows[same[0], :size].tobytes())
            if other is None or other.shape() != layout.shape():
                later.append(same)
            else:
                yield _cut(other, rows if len(same) == len(rows) else rows[same], chosen[same])
        remaining = np.sort(np.concatenate(later))
        if len(remaining) == len(chosen):
            yield chosen[:1]
            remaining = remaining[1:]
        chosen, rows = chosen[remaining], rows[remaining]
    if len(chosen):
        yield chosen


def _equal(rows: _Bytes, mask: _Bytes) -> tuple[list[Index], Index]:
    """Row numbers, ascending, of each set of rows that are equal under the mask, and of rows in no worthwhile set."""
    words, wanted = rows.view("<u8"), mask.view("<u8")
    columns = np.flatnonzero(wanted).tolist()
    if _alike(words, wanted, columns).all():
        return [np.arange(len(rows))], np.empty(0, np.int64)
    digest = np.zeros(len(words), np.uint64)
    for column in columns:
        digest = (digest ^ (words[:, column] & wanted[column])) * _MIX
        digest ^= digest >> np.uint64(29)
    order = np.argsort(digest)
    ends = np.append(np.flatnonzero(np.diff(digest[order])) + 1, len(order))
    sizes = np.diff(ends, prepend=0)
    sets, rest = [], [order[np.repeat(sizes < _WORTH_CUTTING, sizes)]]
    worthwhile = sizes >= _WORTH_CUTTING
    for end, size in zip(ends[worthwhile].tolist(), sizes[worthwhile].tolist(), strict=True):
        same = np.sort(order[end - size : end])
        # two kinds of records may share a digest by chance, so the bytes themselves decide
        alike = _alike(words[same], wanted, columns)
        sets.append(same[alike])
        rest.append(same[~alike])
    return sets, np.concatenate(rest)


def _alike(words: _Words, wanted: _Words, columns: list[int]) -> npt.NDArray[np.bool_]:
    """Which rows agree with the first one under the mask; compared eight bytes at a time."""
    differs = np.zeros(len(words), np.uint64)
    for column in columns:
        differs |= (words[:, column] ^ words[0, column]) & wanted[column]
    alike: npt.NDArray[np.bool_] = differs == 0
    return alike


def _constant(layout: _Layout, size: int, width: int) -> _Bytes:
    """1 bits where all records of a layout must agree with the first one."""
    mask = np.zeros(width, np.uint8)
    mask[:size] = 0xFF
    mask[1:9] = 0
    mask[10 : 10 + layout.step_bytes] = 0x80
    mask[layout.value_at : layout.value_at + int(layout.value_type[2:])] = 0
    return mask


def _cut(layout: _Layout, rows: _Bytes, chosen: Index) -> Piece:
    steps = np.zeros(len(rows), np.int64)
    for at in range(layout.step_bytes):
        steps |= (rows[:, 10 + at] & 0x7F).astype(np.int64) << (7 * at)
    walls = np.ascontiguousarray(rows[:, 1:9]).view("<f8").ravel().astype(np.float64)
    end = layout.value_at + int(layout.value_type[2:])
    values = np.ascontiguousarray(rows[:, layout.value_at : end]).view(layout.value_type).ravel().astype(np.float64)
    return Piece(layout.tag, chosen, steps, walls, values)


def _layout(record: bytes) -> _Layout | None:
    """Take a record apart; None unless it is `wall time, step, summary of one scalar` in the usual order."""
    if len(record) < 12 or record[0] != 0x09:
        return None
    at = 9
    if record[at] == 0x10:
        at += 1
        while at < len(record) and record[at] >= 0x80:
            at += 1
        at += 1
    step_bytes = max(0, at - 10)
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


def _value_layout(record: bytes, start: int, end: int, step_bytes: int) -> _Layout | None:
    seen = {number: (wire, first, stop) for number, wire, first, stop in fields(record, start, end)}
    if len(seen) != sum(1 for _ in fields(record, start, end)) or 1 not in seen or not set(seen) <= {1, 2, 7, 8, 9}:
        return None
    if seen[1][0] != BYTES:
        return None
    tag = text(record, seen[1][1], seen[1][2])
    if 2 in seen:
        wire, first, _ = seen[2]
        return _Layout(tag, step_bytes, first, "<f4") if wire == FIXED32 and not {8, 9} & set(seen) else None
    if 8 not in seen or 9 not in seen or seen[8][0] != BYTES:
        # without metadata the plug-in may have been named earlier: the exact decoder remembers it
        return None
    value = decode_event(record, 0, len(record)).values[0]
    if value.plugin != SCALARS or value.tensor is None:
        return None
    place = _tensor_place(record, seen[8][1], seen[8][2])
    return None if place is None else _Layout(tag, step_bytes, *place)


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
