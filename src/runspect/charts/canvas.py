"""Curves as braille: every cell is 2 x 4 dots and belongs to one series."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from runspect.charts.thin import Floats

Ints = npt.NDArray[np.int64]

NOBODY = -1
DOTS_X, DOTS_Y = 2, 4
HALF = 0.5 - 1e-6
_BIT = ((0, 3), (1, 4), (2, 5), (6, 7))
"""Bit of the dot in row y, column x (Unicode 16.0, section 21.1)."""

_BITS = np.array(
    [
        [[sum(1 << _BIT[y][x] for y in range(a, b)) for b in range(DOTS_Y + 1)] for a in range(DOTS_Y + 1)]
        for x in range(DOTS_X)
    ],
    np.uint8,
)
"""The dots a to b - 1, from above, of the left or right half of a cell, as bits of a braille character."""

_POPCOUNT = np.array([bin(i).count("1") for i in range(256)], dtype=np.uint8)
_ASCII = np.array([ord(char) for char in " ..::**##"], dtype=np.uint32)


class Canvas:
    """A mutable sheet of `width` x `height` cells; rows count from the top."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.dots_x, self.dots_y = width * DOTS_X, height * DOTS_Y
        self._bits = np.zeros(height * width, np.uint8)
        self._owner = np.full(height * width, NOBODY, np.int32)
        self._faint = np.zeros(height * width, bool)

    def line(self, owner: int, x: Floats, y: Floats, *, faint: bool = False) -> None:
        """Join the points (x, y) by a line on top of what is there.

        `x` (ascending) and `y` are shares: (0, 0) is the lower left dot, (1, 1) the upper right. NaN in `y` breaks the
        line, a point alone is a dot. A cell shows the last line that was drawn through it; faint lines, which all look
        alike, share cells and never cover others.
        """
        self.lines(owner, ((x, y),), faint=faint)

    def lines(self, owner: int, curves: Sequence[tuple[Floats, Floats]], *, faint: bool = False) -> None:
        """Like `line`, several that look alike and share their cells: hundreds of them in one go."""
        curves = [(x, y) for x, y in curves if len(x)]
        if not self.width or not self.height or not curves:
            return
        at, bits = self._cells(*self._columns(curves))
        if faint:
            free = (self._owner[at] == NOBODY) | self._faint[at]
            at = at[free]
            bits = bits[free] | self._bits[at]
        # a cell has one colour: dots of another line left in it would look like this line's
        self._bits[at] = bits
        self._owner[at] = owner
        self._faint[at] = faint

    def rows(self, *, ascii_only: bool = False) -> list[list[tuple[str, int, bool]]]:
        """Each row as runs of (text, owner, faint); empty cells are spaces of `NOBODY`."""
        braille = np.where(self._bits > 0, 0x2800 + self._bits.astype(np.uint32), 32)
        codes = _ASCII[_POPCOUNT[self._bits]] if ascii_only else braille
        text = codes.astype("<u4").tobytes().decode("utf-32-le")
        key = (self._owner * 2 + self._faint).reshape(self.height, self.width)
        answer = []
        for row in range(self.height):
            line, keys = text[row * self.width : (row + 1) * self.width], key[row]
            cuts = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), self.width]
            answer.append([(line[a:b], int(keys[a]) >> 1, bool(keys[a] & 1)) for a, b in pairwise(cuts)])
        return answer

    def _columns(self, curves: Sequence[tuple[Floats, Floats]]) -> tuple[Ints, Ints, Ints]:
        """For each dot column that a line crosses, line after line: its topmost and its bottom dot row."""
        right, bottom = self.dots_x - 1, self.dots_y - 1
        # each line has a stretch of its own on one long axis, and a gap behind it, so that all are joined at once
        apart = 4 * self.dots_x
        lengths = np.array([len(x) for x, _ in curves])
        ends = np.cumsum(lengths + 1) - 1
        begins = ends - lengths
        line_of = np.repeat(np.arange(len(curves)), lengths + 1)
        gap = np.full(1, np.nan)
        x = np.concatenate([piece for x, _ in curves for piece in (x, gap)])
        y = np.concatenate([piece for _, y in curves for piece in (y, gap)])
        with np.errstate(invalid="ignore"):
            dot_x = np.clip(x, -1.0, 2.0) * right
            dot_y = (1.0 - np.clip(y, -1.0, 2.0)) * bottom
        first = np.maximum(0, np.rint(dot_x[begins])).astype(np.int64)
        counts = np.maximum(np.minimum(right, np.rint(dot_x[ends - 1])).astype(np.int64) - first + 1, 0)
        starts = np.cumsum(counts) - counts
        of_column = np.repeat(np.arange(len(curves)), counts)
        columns = np.arange(len(of_column)) - (starts - first)[of_column]
        if not len(columns):
            return columns, columns, columns
        dot_x[ends] = 2 * right + 1
        # a line leaves a column where it enters the next: half-way between them
        along, at_middle = dot_x + line_of * apart, columns + of_column * float(apart)
        enters, leaves = _between(at_middle - 0.5, along, dot_y), _between(at_middle + 0.5, along, dot_y)
        top, low = np.fmin(enters, leaves), np.fmax(enters, leaves)
        place = np.rint(dot_x).astype(np.int64) - first[line_of]
        seen = (place >= 0) & (place < counts[line_of]) & np.isfinite(dot_y)
        at = place[seen] + starts[line_of[seen]]
        np.fmin.at(top, at, dot_y[seen])
        np.fmax.at(low, at, dot_y[seen])
        drawn = np.isfinite(top)
        # a border at exactly half a dot belongs to one side only, or every slope would be two dots thick
        top, low, columns = np.ceil(top[drawn] - HALF), np.floor(low[drawn] + HALF), columns[drawn]
        low = np.maximum(low, top)
        return columns, np.clip(top, -1, bottom + 1).astype(np.int64), np.clip(low, -1, bottom + 1).astype(np.int64)

    def _cells(self, columns: Ints, top: Ints, low: Ints) -> tuple[Ints, npt.NDArray[np.uint8]]:
        """The cells that these dots lie in, row after row, and the bits of each."""
        top, low = np.maximum(top, 0), np.minimum(low, self.dots_y - 1)
        first = top // DOTS_Y
        counts = np.maximum(low // DOTS_Y - first + 1, 0)
        of_column = np.repeat(np.arange(len(columns)), counts)
        begins = np.cumsum(counts) - counts
        rows = np.arange(len(of_column)) - (begins - first)[of_column]
        # each cell takes from `top` and `low` the part of its own four dots: 0 to 4 dots from above, as bits
        before = np.maximum(top[of_column] - rows * DOTS_Y, 0)
        until = np.minimum(low[of_column] + 1 - rows * DOTS_Y, DOTS_Y)
        column = columns[of_column]
        sheet = np.zeros(self.height * self.width, np.uint8)
        half = _BITS[column % DOTS_X, before, until]
        np.bitwise_or.at(sheet, rows * self.width + column // DOTS_X, half)
        touched = np.flatnonzero(sheet)
        return touched, sheet[touched]


def _between(at: Floats, x: Floats, y: Floats) -> Floats:
    """The line's height at `at`; NaN outside the points and next to a gap."""
    return np.interp(at, x, y, left=np.nan, right=np.nan)
