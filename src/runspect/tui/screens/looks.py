"""How the table looks beyond what it shows: columns of which nothing is cut, bars beside the numbers."""

from __future__ import annotations

from collections.abc import Callable

from runspect.tui.desk import Desk
from runspect.tui.screens.wanted import Wanted
from runspect.tui.widgets.run_table import RunTable


class Looks:
    """Changes it in what is wanted and in the table."""

    def __init__(
        self, desk: Desk, table: RunTable, wanted: Callable[[], Wanted], on_change: Callable[[], None]
    ) -> None:
        self.desk = desk
        self.table = table
        self._wanted = wanted
        self._on_change = on_change
        table.set_bars(desk.options.bars)

    @property
    def has_bars(self) -> bool:
        """Whether numbers have bars beside them."""
        bars = self._wanted().bars
        return self.desk.options.bars if bars is None else bars

    def set_wide(self, specs: tuple[str, ...]) -> None:
        """Cut nothing of these columns."""
        self._wanted().wide = specs
        self.table.set_wide(specs)
        self._on_change()

    def set_bars(self, bars: bool) -> None:
        """Bars beside the numbers of metrics, or none."""
        self._wanted().bars = bars
        self.table.set_bars(bars)
        self._on_change()

    def restore(self, wide: tuple[str, ...], bars: bool | None) -> None:
        """What was wide and whether there were bars, before anything was asked for."""
        self._wanted().wide, self._wanted().bars = wide, bars
        self.table.set_wide(wide)
        self.table.set_bars(self.has_bars)
