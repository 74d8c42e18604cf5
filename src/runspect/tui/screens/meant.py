"""Which runs a command means: those that the open view shows, and not those of the table when that is hidden."""

from __future__ import annotations

from collections.abc import Callable

from runspect.dataclass import dataclass
from runspect.tui.screens.known_rows import KnownRows
from runspect.tui.screens.marked import Marked
from runspect.tui.widgets.run_table import RunTable


@dataclass(frozen=True, slots=True)
class RunInView:
    """A run that a view other than the table has under its cursor."""

    rid: int
    uid: str
    name: str


class Meant:
    """The run at the cursor, and the marked ones; a view with a cursor of its own says itself which run that is."""

    def __init__(self, table: RunTable, marks: Marked, rows: KnownRows) -> None:
        self.elsewhere: Callable[[], tuple[RunInView, ...] | None] = lambda: None
        """What the open view has under its cursor, () for no run; None where it has no cursor on runs of its own."""
        self._table = table
        self._marks = marks
        self._rows = rows

    @property
    def current(self) -> int | None:
        """The run at the cursor."""
        shown = self.elsewhere()
        if shown is None:
            return self._table.current
        return shown[0].rid if shown else None

    def targets(self) -> tuple[int, ...]:
        """The runs that a change is for; marks of a table that is hidden are none of them."""
        shown = self.elsewhere()
        return self._marks.targets() if shown is None else tuple(run.rid for run in shown)

    @property
    def are_many(self) -> bool:
        """Whether several runs are marked, and meant."""
        return self.elsewhere() is None and len(self._marks.uids) > 1

    @property
    def nobody(self) -> str:
        """What to say when no run is meant."""
        if self.elsewhere() is None:
            return "no run is listed that this could be for"
        return "no best run is known here that this could be for"

    def name_of(self, rid: int) -> str | None:
        """What a run is called; None while it is not known."""
        shown = self._shown(rid)
        row = self._rows.row_of(rid)
        return shown.name if shown is not None else row.name if row is not None else None

    def uid_of(self, rid: int) -> str:
        """The lasting id of a run; "" while it is not known."""
        shown = self._shown(rid)
        return shown.uid if shown is not None else self._rows.uid_of(rid)

    def _shown(self, rid: int) -> RunInView | None:
        return next((run for run in self.elsewhere() or () if run.rid == rid), None)
