"""Curves as braille: every cell is 2 x 4 dots and belongs to one series."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from runspect.charts.thin import Floats

Ints = npt.NDArray[np.int64]

Part = Literal["line", "faint", "area"]
_PARTS: tuple[Part, ...] = ("line", "faint", "area", "line")

NOBODY = -1
NO_PATTERN = -1
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

_DOT = np.array(_BIT, np.uint8)
_PATTERNS = np.array(
    [
        [[(x + y) % 4 == 0 for x in range(4)] for y in range(4)],
        [[(x - y) % 4 == 2 for x in range(4)] for y in range(4)],
        [[x % 2 == 0 and y % 2 == 0 for x in range(4)] for y in range(4)],
        [[x == 1 for x in range(4)] for y in range(4)],
        [[y == 1 for x in range(4)] for y in range(4)],
        [[x % 4 == 0 and y % 4 in (0, 1) for x in range(4)] for y in range(4)],
    ]
)
"""The dots of an area: one in four, so that a line on it is seen; 4 x 4 dots each, repeated."""
_ASCII_PATTERNS = np.array([ord(char) for char in "',\";^-"], np.uint32)
"""The same where there is no braille."""
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
        self._pattern = np.full(height * width, NO_PATTERN, np.int8)
        self._letters: dict[int, str] = {}

    def area(self, owner: int, x: Floats, low: Floats, high: Floats) -> None:
        """Fill between two lines with a pattern that is the owner's; areas share cells, and lines cover them.

        `x`, `low` and `high` are shares, as for `line`; nothing is filled where either of them is NaN.
        """
        if not self.width or not self.height or not len(x):
            return
        dot_x = np.clip(x, -1.0, 2.0) * (self.dots_x - 1)
        columns = np.arange(max(0, round(float(dot_x[0]))), min(self.dots_x - 1, round(float(dot_x[-1]))) + 1)
        if not len(columns):
            return
        at, bottom = np.clip(columns, dot_x[0], dot_x[-1]), self.dots_y - 1
        top, end = ((1.0 - np.interp(at, dot_x, np.clip(edge, -1.0, 2.0))) * bottom for edge in (high, low))
        rows, number = np.arange(self.dots_y)[:, None], owner % len(_PATTERNS)
        dots = np.zeros((self.dots_y, self.dots_x), bool)
        with np.errstate(invalid="ignore"):
            dots[:, columns] = (rows >= np.ceil(top - HALF)) & (rows <= np.floor(end + HALF))
        inside = dots.reshape(self.height, DOTS_Y, self.width, DOTS_X)
        drawn = inside & np.tile(_PATTERNS[number], (self.height, self.width // 2 + 1))[:, : self.dots_x].reshape(
            inside.shape
        )
        bits = (drawn * (1 << _DOT)[None, :, None, :]).sum(axis=(1, 3)).astype(np.uint8).ravel()
        touched = np.flatnonzero(bits)
        others = np.where(self._pattern[touched] != NO_PATTERN, self._bits[touched], np.uint8(0))
        self._put(touched, bits[touched] | others, owner, faint=False, pattern=number)

    def line(self, owner: int, x: Floats, y: Floats, *, faint: bool = False, dashed: bool = False) -> None:
        """Join the points (x, y) by a line on top of what is there.

        `x` (ascending) and `y` are shares: (0, 0) is the lower left dot, (1, 1) the upper right. NaN in `y` breaks the
        line, a point alone is a dot. A cell shows the last line that was drawn through it; faint lines, which all look
        alike, share cells and never cover others.
        """
        self.lines(owner, ((x, y),), faint=faint, dashed=dashed)

    def lines(
        self, owner: int, curves: Sequence[tuple[Floats, Floats]], *, faint: bool = False, dashed: bool = False
    ) -> None:
        """Like `line`, several that look alike and share their cells: hundreds of them in one go."""
        curves = [(x, y) for x, y in curves if len(x)]
        if not self.width or not self.height or not curves:
            return
        columns, top, low = self._columns(curves)
        if dashed:
            some = columns // DOTS_X % 2 == 0
            columns, top, low = columns[some], top[some], low[some]
        at, bits = self._cells(columns, top, low)
        if faint:
            free = (self._owner[at] == NOBODY) | self._faint[at]
            at = at[free]
            bits = bits[free] | self._bits[at]
        # a cell has one colour: dots of another line left in it would look like this line's
        self._put(at, bits, owner, faint=faint, pattern=NO_PATTERN)

    def letter(self, owner: int, char: str, share: float) -> None:
        """Put a letter on the owner's line, as near to `share` of the width as it can be seen there."""
        cells = np.flatnonzero((self._owner == owner) & ~self._faint & (self._pattern == NO_PATTERN))
        if len(cells):
            self._letters[int(cells[np.abs(cells % self.width - share * (self.width - 1)).argmin()])] = char

    def _put(self, at: Ints, bits: npt.NDArray[np.uint8], owner: int, *, faint: bool, pattern: int) -> None:
        self._bits[at], self._owner[at], self._faint[at], self._pattern[at] = bits, owner, faint, pattern

    def rows(self, *, ascii_only: bool = False) -> list[list[tuple[str, int, Part]]]:
        """Each row as runs of (text, owner, what of the owner's it is); empty cells are spaces of `NOBODY`."""
        braille = np.where(self._bits > 0, 0x2800 + self._bits.astype(np.uint32), 32)
        filled = self._pattern != NO_PATTERN
        ascii_codes = np.where(filled, _ASCII_PATTERNS[self._pattern], _ASCII[_POPCOUNT[self._bits]])
        codes = ascii_codes if ascii_only else braille
        for cell, char in self._letters.items():
            codes[cell] = ord(char)
        text = codes.astype("<u4").tobytes().decode("utf-32-le")
        key = (self._owner * 4 + np.where(filled, 2, self._faint)).reshape(self.height, self.width)
        answer = []
        for row in range(self.height):
            line, keys = text[row * self.width : (row + 1) * self.width], key[row]
            cuts = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), self.width]
            answer.append([(line[a:b], int(keys[a]) >> 2, _PARTS[int(keys[a]) & 3]) for a, b in pairwise(cuts)])
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
