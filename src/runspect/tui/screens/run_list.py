"""The set of runs that every view looks at: query, order, columns, marks, and the rows of the table."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from runspect import columns, objective
from runspect.columns import Column, Names
from runspect.errors import QueryError, RunspectError
from runspect.model import RunOrder, RunRow, SortKey
from runspect.tui import cell_maker
from runspect.tui.desk import Desk
from runspect.tui.widgets.run_table import RunTable
from runspect.workspace import Choices

VARYING = 6
"""Params at most among the usual columns."""


@dataclass(slots=True)
class Wanted:
    """What the user wants to see; the answers follow it."""

    query: str = ""
    sort: tuple[SortKey, ...] = ()
    columns: tuple[str, ...] = ()
    metric: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """One round trip: the order, and with it what the first window needs."""

    query: str
    order: RunOrder
    choices: Choices | None
    rows: tuple[RunRow, ...]
    specs: tuple[str, ...]


@dataclass(slots=True)
class Marks:
    """Marked runs with their lasting ids, in the order of marking."""

    uids: dict[int, str] = field(default_factory=dict)

    @property
    def rids(self) -> frozenset[int]:
        """The marked runs."""
        return frozenset(self.uids)


class RunList:
    """Asks the workspace for orders and windows and hands them to the table; everything that is news calls `on_change`."""

    def __init__(self, desk: Desk, table: RunTable, on_change: Callable[[], None]) -> None:
        self.desk = desk
        self.table = table
        self.on_change = on_change
        options = desk.options
        self.wanted = Wanted(options.query, options.sort, options.columns)
        self.order: RunOrder | None = None
        self.choices: Choices | None = None
        self.marks = Marks()
        self.columns: tuple[Column, ...] = ()
        self._wants_choices = False
        self._shown_query = ""
        self._raw: dict[int, RunRow] = {}
        self._listed: frozenset[int] = frozenset()
        self._specs: tuple[str, ...] = ()

    # asking

    def load(
        self,
        *,
        whole: bool = True,
        failed: Callable[[RunspectError], None] | None = None,
        fresh: Collection[int] = (),
    ) -> None:
        """Ask for the order again; `whole` also for what there is to choose from, which decides the usual columns.

        The rows of `fresh` runs are kept as they are, as far as the columns are the same.
        """
        wanted, known = self.wanted, self._specs
        query, sort, archived = wanted.query, wanted.sort, wanted.archived
        workspace, page = self.desk.workspace, max(20, self.table.page)
        top = self.table.top
        # a question that was asked since must not lose what this one wanted to know
        self._wants_choices |= whole
        choices_are_new = self._wants_choices or self.choices is None
        kept = frozenset(rid for rid in fresh if rid in self._raw)

        def ask() -> _Answer:
            order = workspace.order(query, sort, archived)
            choices = workspace.choices("") if choices_are_new else None
            specs = self._specs_for(choices) if choices is not None else known
            first = order.rids[top : top + page] or order.rids[:page]
            if specs == known:
                first = tuple(rid for rid in first if rid not in kept)
            rows = workspace.window(first, specs, self.desk.options.show_secrets) if first else ()
            return _Answer(query, order, choices, rows, specs)

        self.desk.errands.send("order", ask, self._arrived, failed or self._failed)

    def refresh_rows(self, rids: Collection[int] | None = None) -> None:
        """Ask again for these runs, as far as they are in the window; for the whole window without an argument."""
        window = self.table.window()
        self.fetch(tuple(rid for rid in window if rids is None or rid in rids))

    def fetch(self, rids: Sequence[int]) -> None:
        """Ask for the rows of these runs."""
        specs = self._specs
        if rids and specs:
            secrets = self.desk.options.show_secrets
            self.desk.errands.send(
                "window", lambda: (specs, self.desk.workspace.window(rids, specs, secrets)), self._rows_arrived
            )

    def knows(self, rids: Collection[int]) -> bool:
        """Whether all these runs are listed and their place in the list does not depend on what they log."""
        return not self.wanted.query and not self.wanted.sort and all(rid in self._listed for rid in rids)

    def tick(self) -> None:
        """Ages grow: write the rows of the window again."""
        now = time.time()
        known = [self._raw[rid] for rid in self.table.window() if rid in self._raw]
        self.table.put_rows([cell_maker.row(row, self.columns, now, self.desk.glyphs) for row in known])

    # what is wanted

    def set_query(self, query: str, failed: Callable[[RunspectError], None] | None = None) -> None:
        """Show the runs that match; a query in error leaves the list as it is."""
        self.wanted.query = query

        def restore(error: RunspectError) -> None:
            self.wanted.query = self._shown_query
            (failed or self._failed)(error)

        self.load(whole=False, failed=restore)

    def set_sort(self, sort: tuple[SortKey, ...]) -> None:
        """Sort by these columns."""
        self.wanted.sort = sort
        self.table.set_sort(sort)
        self.load(whole=False)

    def toggle_sort(self, spec: str) -> None:
        """Sort by a column; when it is sorted by it already, the other way round. Metrics begin with the better end."""
        current = self.wanted.sort[0] if self.wanted.sort else None
        if current is not None and current.column == spec:
            self.set_sort((SortKey(spec, not current.descending),))
            return
        self.set_sort((SortKey(spec, self._larger_first(spec)),))

    def set_columns(self, specs: Sequence[str]) -> None:
        """Show these columns; none means the usual ones."""
        self.wanted.columns = tuple(specs)
        self.load()

    def set_metric(self, metric: str) -> None:
        """Show another metric in the usual columns."""
        self.wanted.metric = metric
        self.wanted.columns = ()
        self.load()

    def set_archived(self, archived: bool) -> None:
        """List archived runs too, or not."""
        self.wanted.archived = archived
        self.load(whole=False)

    @property
    def metric(self) -> str:
        """The metric that the table is about; "" when there is none."""
        if self.wanted.metric:
            return self.wanted.metric
        return (objective.guess(self.choices.metrics) or "") if self.choices else ""

    @property
    def specs(self) -> tuple[str, ...]:
        """The columns that are shown."""
        return self._specs

    @property
    def names(self) -> Names:
        """Everything that has a name in scope."""
        choices = self.choices
        if choices is None:
            return Names()
        return Names(
            params=tuple(entry[0] for entry in choices.params),
            metrics=tuple(entry[0] for entry in choices.metrics),
            facts=tuple(entry[0] for entry in choices.facts),
            tags=tuple(entry[0] for entry in choices.tags),
        )

    # marks

    def mark(self, rid: int | None) -> None:
        """Mark a run, or unmark it."""
        if rid is None:
            return
        if rid in self.marks.uids:
            del self.marks.uids[rid]
        else:
            self.marks.uids[rid] = self.uid_of(rid)
        self._marks_changed()

    def mark_all(self) -> None:
        """Mark every listed run; when all are, none."""
        listed = self.table.order
        if listed and all(rid in self.marks.uids for rid in listed):
            self.marks.uids.clear()
        else:
            self.marks.uids.update((rid, self.uid_of(rid)) for rid in listed if rid not in self.marks.uids)
        self._marks_changed()

    def invert_marks(self) -> None:
        """Mark what is not marked among the listed runs, and the other way round."""
        flipped = {rid: self.uid_of(rid) for rid in self.table.order if rid not in self.marks.uids}
        self.marks.uids = flipped
        self._marks_changed()

    def clear_marks(self) -> None:
        """Mark nothing."""
        self.marks.uids.clear()
        self._marks_changed()

    def restore_marks(self, uids: Sequence[str], rows: Sequence[RunRow]) -> None:
        """Mark the runs with these ids, as far as they are still there."""
        by_uid = {row.uid: row.rid for row in rows}
        self.marks.uids = {by_uid[uid]: uid for uid in uids if uid in by_uid}
        self._marks_changed()

    def targets(self) -> tuple[int, ...]:
        """The runs that a change is for: the marked ones in the order of the list, else the one under the cursor."""
        if self.marks.uids:
            listed = [rid for rid in self.table.order if rid in self.marks.uids]
            hidden = [rid for rid in self.marks.uids if rid not in set(listed)]
            return (*listed, *hidden)
        return () if self.table.current is None else (self.table.current,)

    def uid_of(self, rid: int) -> str:
        """The lasting id of a run; "" as long as its row is not known."""
        row = self._raw.get(rid)
        return row.uid if row is not None else ""

    def row_of(self, rid: int) -> RunRow | None:
        """What is known of a run."""
        return self._raw.get(rid)

    # answers

    def _arrived(self, answer: _Answer) -> None:
        before = (self.order and replace(self.order, generation=0), self._shown_query, self.choices, self._specs)
        self.order, self._shown_query = answer.order, answer.query
        if before[0] is None or before[0].rids != answer.order.rids:
            self._listed = frozenset(answer.order.rids)
        if answer.choices is not None:
            self.choices = answer.choices
            self._wants_choices = False
        parsed = cell_maker.parse(answer.specs, self.names)
        if parsed != self.columns or answer.specs != self._specs:
            self._specs, self.columns = answer.specs, parsed
            self._specs = tuple(column.spec for column in parsed)
            self._raw.clear()
            self.table.set_heads(cell_maker.heads(parsed, self.desk.glyphs, by_order=bool(self.wanted.columns)))
        if self._specs == answer.specs:
            self._rows_arrived((self._specs, answer.rows))
        self.table.set_sort(self.wanted.sort)
        self.table.set_order(answer.order.rids)
        if before != (replace(self.order, generation=0), self._shown_query, self.choices, self._specs):
            self.on_change()

    def _rows_arrived(self, answer: tuple[tuple[str, ...], tuple[RunRow, ...]]) -> None:
        specs, rows = answer
        if specs != self._specs:
            return
        now = time.time()
        current = self.table.current
        met_now = current is not None and current not in self._raw and any(row.rid == current for row in rows)
        self._raw.update((row.rid, row) for row in rows)
        for row in rows:
            if row.rid in self.marks.uids:
                self.marks.uids[row.rid] = row.uid
        self.table.put_rows([cell_maker.row(row, self.columns, now, self.desk.glyphs) for row in rows])
        if met_now:
            self.on_change()

    def _uids_arrived(self, rows: Sequence[RunRow]) -> None:
        self.marks.uids.update((row.rid, row.uid) for row in rows if row.rid in self.marks.uids)

    def _failed(self, error: RunspectError) -> None:
        self.desk.say(f"{error}" if not isinstance(error, QueryError) else f"query: {error}", "bad")

    def _marks_changed(self) -> None:
        unknown = tuple(rid for rid, uid in self.marks.uids.items() if not uid)
        if unknown:
            self.desk.errands.send("uids", lambda: self.desk.workspace.window(unknown, ()), self._uids_arrived)
        self.table.set_marks(self.marks.rids)
        self.on_change()

    def _specs_for(self, choices: Choices) -> tuple[str, ...]:
        if self.wanted.columns:
            chosen = self.wanted.columns if "name" in self.wanted.columns else ("name", *self.wanted.columns)
            return tuple(spec for spec in chosen if spec not in cell_maker.SHOWN_OTHERWISE)
        metric = self.wanted.metric or objective.guess(choices.metrics)
        known = metric is not None and objective.direction(metric) is not None
        varying = columns.varying(choices.params, limit=VARYING)
        usual = columns.default_specs(metric, varying, best=known)
        return tuple(spec for spec in usual if spec not in cell_maker.SHOWN_OTHERWISE)

    def _larger_first(self, spec: str) -> bool:
        column = next((column for column in self.columns if column.spec == spec), None)
        if column is None or column.kind not in ("metric", "at", "spark"):
            return spec in ("started", "ended", "updated", "took", "steps", "problems")
        return objective.direction(column.name) == "up"
