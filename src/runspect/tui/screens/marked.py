"""Changes of the marks: each is shown in the table at once, and ids that are not known yet are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from runspect.model import RunRow
from runspect.tui.desk import Desk
from runspect.tui.screens.group_rows import GroupRows
from runspect.tui.screens.known_rows import KnownRows
from runspect.tui.screens.marks import Marks
from runspect.tui.widgets.run_table import RunTable


class Marked:
    """The marked runs of the list; on the header of a group all its runs are meant."""

    def __init__(
        self, desk: Desk, table: RunTable, groups: GroupRows, rows: KnownRows, on_change: Callable[[], None]
    ) -> None:
        self.desk = desk
        self.table = table
        self.groups = groups
        self.rows = rows
        self.on_change = on_change
        self._marks = Marks()
        rows.on_rows = self._marks.learn

    @property
    def uids(self) -> Mapping[int, str]:
        """The lasting id of each marked run, "" where it is not known yet, in the order of marking."""
        return self._marks.uids

    @property
    def rids(self) -> frozenset[int]:
        """The marked runs."""
        return self._marks.rids

    def turn_here(self) -> None:
        """Mark the run under the cursor, or the runs of the group, or unmark them."""
        members = self.groups.members(self.table.entry)
        if members:
            self._marks.toggle_some(members, self.rows.uid_of)
        elif self.table.current is not None:
            self._marks.toggle(self.table.current, self.rows.uid_of)
        self._changed()

    def turn_all(self) -> None:
        """Mark every listed run; when all are, unmark them. What is marked beside the list stays."""
        self._marks.toggle_some(self.groups.listed, self.rows.uid_of)
        self._changed()

    def invert(self) -> None:
        """Mark what is not marked among the listed runs, and the other way round."""
        self._marks.invert(self.groups.listed, self.rows.uid_of)
        self._changed()

    def put(self, uids: Mapping[int, str]) -> None:
        """Mark these runs and no others; an id is "" where it is not known."""
        self._marks.uids = dict(uids)
        self._changed()

    def clear(self) -> None:
        """Mark nothing."""
        self.put({})

    def restore(self, uids: Sequence[str], rows: Sequence[RunRow]) -> None:
        """Mark the runs with these ids, as far as they are still there."""
        self._marks.restore(uids, rows)
        self._changed()

    def targets(self) -> tuple[int, ...]:
        """The runs that a change is for: the marked ones in the order of the list, else the run or group at the cursor."""
        if self._marks.uids:
            return self._marks.in_order_of(self.groups.listed)
        if members := self.groups.members(self.table.entry):
            return members
        return () if self.table.current is None else (self.table.current,)

    def show(self) -> None:
        """Show the marks in the table."""
        marked = self._marks.uids
        self.table.set_marks(self._marks.rids | self.groups.marked(marked), self.groups.partly_marked(marked))

    def _changed(self) -> None:
        if unknown := self._marks.unknown:
            self.desk.errands.send("uids", lambda: self.desk.workspace.window(unknown, ()), self._marks.learn)
        self.show()
        self.on_change()
