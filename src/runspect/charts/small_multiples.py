"""Many charts on one screen: how many fit, how large, and where."""

from __future__ import annotations

import math

from runspect.dataclass import dataclass

MIN_WIDTH = 34
MIN_HEIGHT = 8
GAP = 2
"""Empty columns between neighbours."""

IDEAL_SHAPE = 3.6
"""Width over height, in cells, at which a curve reads best (a cell is twice as high as wide)."""


@dataclass(frozen=True, slots=True)
class Box:
    """A chart's place on its page, in cells."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Grid:
    """`columns` x `rows` charts a page, `pages` pages."""

    count: int
    columns: int
    rows: int
    pages: int
    width: int
    height: int

    @property
    def per_page(self) -> int:
        """Charts on a full page; 0 when not even one fits."""
        return self.columns * self.rows

    def shown(self, page: int) -> range:
        """Which of the charts, by index, are on `page` (pages wrap around)."""
        if not self.pages:
            return range(0)
        first = page % self.pages * self.per_page
        return range(first, min(self.count, first + self.per_page))

    def boxes(self, page: int = 0) -> tuple[Box, ...]:
        """One box for each chart of `page`, row by row; together they fill the width and height."""
        return tuple(self._box(i) for i in range(len(self.shown(page))))

    def _box(self, i: int) -> Box:
        row, column = divmod(i, self.columns)
        room = self.width - GAP * (self.columns - 1)
        left, right = column * room // self.columns, (column + 1) * room // self.columns
        top, bottom = row * self.height // self.rows, (row + 1) * self.height // self.rows
        return Box(left + GAP * column, top, right - left, bottom - top)


def layout(count: int, width: int, height: int, *, min_width: int = MIN_WIDTH, min_height: int = MIN_HEIGHT) -> Grid:
    """The grid for `count` charts in `width` x `height` cells: as few pages as fit, then the best shape."""
    most_columns = max(1, (width + GAP) // (min_width + GAP))
    most_rows = max(1, height // min_height)
    if count < 1 or width < 1 or height < 1:
        return Grid(max(0, count), 0, 0, 0, max(0, width), max(0, height))
    choices = [
        Grid(count, columns, rows, math.ceil(count / (columns * rows)), width, height)
        for columns in range(1, min(most_columns, count) + 1)
        for rows in range(1, min(most_rows, math.ceil(count / columns)) + 1)
    ]
    return min(choices, key=_badness)


def _badness(grid: Grid) -> tuple[int, float]:
    shape = grid.width / grid.columns / (grid.height / grid.rows)
    idle = grid.pages * grid.per_page - grid.count
    return grid.pages, abs(math.log(shape / IDEAL_SHAPE)) + 0.5 * idle / grid.per_page
