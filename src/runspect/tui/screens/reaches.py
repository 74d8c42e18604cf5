"""What the columns of metrics reach over all listed runs, against which the table marks the best and draws bars."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.columns import Column
from runspect.tui.desk import Desk
from runspect.tui.screens.group_rows import GroupRows
from runspect.tui.widgets.run_table import RunTable


class Reaches:
    """Asks at once for other runs or columns, for news of the same ones when `tick` is called."""

    def __init__(self, desk: Desk, table: RunTable, groups: GroupRows) -> None:
        self.desk = desk
        self.table = table
        self.groups = groups
        self._columns: Sequence[Column] = ()
        self._of: tuple[str, bool] = ("", False)
        self._asked: tuple[object, ...] = ()
        """Of what they were asked for last."""
        self._is_stale = False

    def follow(self, columns: Sequence[Column], query: str, *, archived: bool) -> None:
        """These columns of the runs that match are shown."""
        self._columns, self._of, self._is_stale = columns, (query, archived), True
        if self._asked != self._subject():
            self._ask()

    def tick(self) -> None:
        """Ask again if there was news."""
        if self._is_stale:
            self._ask()

    def _subject(self) -> tuple[object, ...]:
        return tuple(column.spec for column in self._columns), *self._of, self.groups.by

    def _ask(self) -> None:
        self._is_stale, self._asked = False, self._subject()
        columns, (query, archived), groups, workspace = self._columns, self._of, self.groups, self.desk.workspace
        specs = tuple(column.spec for column in columns if column.kind in ("metric", "at"))
        if not specs:
            self.table.set_reaches({})
            return
        self.desk.errands.send(
            "reach",
            lambda: (workspace.bests(specs, query, archived), groups.ask_reaches(columns)),
            lambda answer: self.table.set_reaches(*answer),
            lambda error: None,
        )
