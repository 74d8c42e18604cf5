"""The rows of the table that are known: those in the window are asked for, and become cells as soon as they arrive."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from runspect.columns import Column
from runspect.columns.cells import asked
from runspect.model import RunRow
from runspect.tui import cell_maker
from runspect.tui.desk import Desk
from runspect.tui.screens.group_rows import GroupRows
from runspect.tui.widgets.run_table import RunTable
from runspect.tui.widgets.table_row import TableRow


class KnownRows:
    """Keeps the engine's rows by run id for the columns that are shown, and the headers of groups between them."""

    def __init__(self, desk: Desk, table: RunTable, groups: GroupRows, metric: Callable[[], str]) -> None:
        """`metric` tells by which metric the best run of a group is known."""
        self.desk = desk
        self.table = table
        self.groups = groups
        self.specs: tuple[str, ...] = ()
        """The columns that are shown."""
        self.columns: tuple[Column, ...] = ()
        self.on_change: Callable[[], None] = lambda: None
        """Called when the row under the cursor is another one."""
        self.on_rows: Callable[[Sequence[RunRow]], None] = lambda rows: None
        """Called with rows that arrived."""
        self._metric = metric
        self._raw: dict[int, RunRow] = {}
        self.news = 0
        """How often there was news of runs: who asks keeps it, for an answer that was asked for before some may lack them."""
        self._news_of: dict[int, int] = {}
        self._news_of_all = 0
        self._repeated: frozenset[int] = frozenset()

    def __contains__(self, rid: int) -> bool:
        return rid in self._raw

    def row_of(self, rid: int) -> RunRow | None:
        """What is known of a run."""
        return self._raw.get(rid)

    def uid_of(self, rid: int) -> str:
        """The lasting id of a run; "" as long as its row is not known."""
        row = self._raw.get(rid)
        return row.uid if row is not None else ""

    def show(self, columns: tuple[Column, ...], *, by_order: bool) -> None:
        """Show these columns from now on: of no run anything is known then."""
        self.columns = columns
        self.specs = tuple(column.spec for column in columns)
        self._raw.clear()
        self.groups.forget()
        self.table.set_heads(self.groups.heads(columns, cell_maker.heads(columns, by_order=by_order)))

    def refresh(self, rids: Collection[int] | None = None) -> bool:
        """These runs (all without an argument) have news: ask for those in the window, for the others when they come into it.

        Returns:
            Whether any is in the window.
        """
        window = self.table.window()
        # how a run does against the best before it, and what a gate or an alert says of it, hangs on other runs, too
        others = any(spec in ("vs", "gate", "alert") or spec.startswith("vs:") for spec in self.specs)
        news = None if rids is None or others else {*rids, *self.groups.outline.headers(rids)}
        self.news += 1
        if news is None:
            self._news_of, self._news_of_all = {}, self.news
        else:
            self._news_of |= dict.fromkeys(news, self.news)
        self.table.set_stale(news)
        seen = tuple(entry for entry in window if news is None or entry in news)
        self.fetch(seen)
        return bool(seen)

    def fetch(self, entries: Sequence[int], *, ahead: bool = False) -> None:
        """Ask for the rows of these runs and headers of groups; those that are only `ahead` after those before them."""
        group = "rows ahead" if ahead else "window"
        if ahead and self.desk.errands.waits_for(group):
            return
        self._fetch_headers(tuple(entry for entry in entries if entry < 0))
        rids, specs = tuple(entry for entry in entries if entry >= 0), self.specs
        if rids and specs:
            since = self.news
            self.desk.errands.send(
                group, lambda: self.look_up(rids, specs), lambda rows: self.arrived(specs, rows, since)
            )

    def look_up(self, rids: Sequence[int], specs: tuple[str, ...]) -> tuple[RunRow, ...]:
        """The rows of runs for these columns; a blocking call, for one thread."""
        return self.desk.workspace.window(rids, asked(specs), self.desk.options.show_secrets)

    def arrived(self, specs: tuple[str, ...], rows: Sequence[RunRow], since: int) -> None:
        """Take rows that were asked for when there had been `since` news; those of other columns than are shown came too late."""
        if specs != self.specs:
            return
        late = {row.rid for row in rows if max(self._news_of.get(row.rid, 0), self._news_of_all) > since}
        rows = [row for row in rows if row.rid not in late or not self.table.knows(row.rid)]
        now = time.time()
        current = self.table.current
        met_now = current is not None and current not in self._raw and any(row.rid == current for row in rows)
        self._raw.update((row.rid, row) for row in rows)
        self.on_rows(rows)
        self.table.put_rows([self._row(row, now) for row in rows])
        self.table.set_stale(
            late.intersection(row.rid for row in rows)
        )  # better than none until they are asked for again
        if met_now:
            self.on_change()

    def write(self, entries: Sequence[int]) -> None:
        """Write the known rows of these runs and headers again."""
        now = time.time()
        rows = [self._row(self._raw[entry], now) for entry in entries if entry in self._raw]
        self.table.put_rows([*rows, *self.groups.rows(entries, self.columns, now)], asked=False)

    def mark_repeated(self, rids: frozenset[int]) -> None:
        """These runs repeat one that has finished."""
        changed = self._repeated ^ rids
        self._repeated = rids
        self.write([rid for rid in self._raw if rid in changed])

    def _row(self, row: RunRow, now: float) -> TableRow:
        made = cell_maker.row(row, self.columns, now, self.desk.glyphs, is_repeated=row.rid in self._repeated)
        return self.groups.dressed(made, self.columns)

    def _fetch_headers(self, entries: tuple[int, ...]) -> None:
        if not entries or not self.specs:
            return
        new = [entry for entry in entries if entry not in self.table.rows]
        self.write(new)
        self.table.set_stale(new)
        self.groups.ask(entries, self.columns, self._metric(), self._headers_arrived)

    def _headers_arrived(self, entries: Sequence[int]) -> None:
        rows = self.groups.rows(entries, self.columns, time.time())
        self.table.put_rows(rows)
        if self.table.entry in entries:
            self.on_change()
