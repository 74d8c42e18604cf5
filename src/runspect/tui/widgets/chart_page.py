"""Which of the charts are in view, and how large they are: known before there is anything to draw."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.charts.small_multiples import Grid, layout
from runspect.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """The room that charts have, and which of them has the focus."""

    width: int
    height: int
    """Lines, without the heading."""
    focus: int = 0
    """Number of the chart that has the focus; charts that do not exist are taken for the last."""
    alone: bool = False
    """That chart has all the room."""
    small: bool = False
    """The charts under the table, which may be smaller."""

    def grid(self, count: int) -> Grid:
        """The places of so many charts."""
        least = (26, 6) if self.small else (34, 8)
        return layout(count, self.width - 1, self.height, min_width=least[0], min_height=least[1])

    def shown(self, count: int) -> range:
        """The numbers of the charts in view."""
        focus = max(0, min(self.focus, count - 1))
        if self.alone and count:
            return range(focus, focus + 1)
        grid = self.grid(count)
        return grid.shown(focus // grid.per_page) if grid.per_page else range(0)

    def of(self, metrics: Sequence[str]) -> tuple[str, ...]:
        """Those of some metrics whose charts are in view."""
        return tuple(metrics[number] for number in self.shown(len(metrics)))

    def room(self, count: int) -> int:
        """Cells that one chart is wide, of so many."""
        grid = self.grid(count)
        return max(1, self.width if self.alone or not grid.columns else self.width // grid.columns)
