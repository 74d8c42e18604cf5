"""Rows of bytes of one width, put together by NumPy: constant pieces and columns of digits side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from tests.benchmarks.formats.recipe import Whole

Bytes = npt.NDArray[np.uint8]
Piece = bytes | Bytes
"""A constant, or an array of shape (rows, width)."""

WIDTH = 8
"""Of a value below 10: `1.234567`."""


def joined(rows: int, pieces: Sequence[Piece]) -> Bytes:
    """The pieces side by side, shape (rows, sum of their widths)."""
    made = np.empty((rows, sum(len(each) if isinstance(each, bytes) else each.shape[1] for each in pieces)), np.uint8)
    at = 0
    for piece in pieces:
        column = np.frombuffer(piece, np.uint8)[None, :] if isinstance(piece, bytes) else piece
        made[:, at : at + column.shape[1]] = column
        at += column.shape[1]
    return made


def digits(numbers: Whole, width: int) -> Bytes:
    """Numbers as decimal text, shape (numbers, width); they must fit."""
    made = np.empty((len(numbers), width), np.uint8)
    for at in range(width - 1, -1, -1):
        numbers, rest = np.divmod(numbers, 10)
        made[:, at] = rest + ord("0")
    return made


def decimal(micro: Whole) -> Bytes:
    """Millionths below ten million as `1.234567`, shape (numbers, 8)."""
    plain = digits(micro, WIDTH - 1)
    return joined(len(micro), (plain[:, :1], b".", plain[:, 1:]))


def varint(numbers: Whole) -> Bytes:
    """Protobuf varints of numbers that all take the same number of bytes."""
    width = max(1, -(-int(numbers[-1]).bit_length() // 7))
    shifts = np.arange(width, dtype=np.int64) * 7
    made = (numbers[:, None] >> shifts & 0x7F).astype(np.uint8)
    made[:, :-1] |= 0x80
    return made


def alike(first: int, count: int, base: int) -> Iterator[tuple[int, int]]:
    """The range as pieces (first, count) whose numbers have equally many digits to `base`."""
    end = first + count
    while first < end:
        bound = base
        while bound <= first:
            bound *= base
        yield first, min(bound, end) - first
        first = min(bound, end)
