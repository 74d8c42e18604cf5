"""The set of runs that every view looks at: query, order, columns, marks, and the rows of the table."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from runspect.columns import Column, Names
from runspect.errors import QueryError, RunspectError
from runspect.model import RunOrder, RunRow, SortKey
from runspect.objective import Direction
from runspect.tui import cell_maker
from runspect.tui.desk import Desk
from runspect.tui.screens.group_rows import GroupRows, Together
from runspect.tui.screens.marks import Marks
from runspect.tui.screens.shown_columns import NO_CHOICES, larger_first, names_of, specs_for
from runspect.tui.widgets.run_table import RunTable
from runspect.tui.widgets.table_row import TableRow
from runspect.workspace import Choices


@dataclass(slots=True)
class Wanted:
    """What the user wants to see; the answers follow it."""

    query: str = ""
    sort: tuple[SortKey, ...] = ()
    columns: tuple[str, ...] = ()
    metric: str = ""
    archived: bool = False
    group: tuple[str, ...] = ()
    """What runs are grouped by; () for no groups."""
    wide: tuple[str, ...] = ()
    """Columns of which nothing is cut."""
    bars: bool | None = None
    """Whether numbers have bars; None as the settings say."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One round trip: the order, and with it what the first window needs."""

    query: str
    order: RunOrder
    choices: Choices | None
    usual: Choices | None
    """What the listed runs have, from which the usual columns are taken."""
    rows: tuple[RunRow, ...]
    specs: tuple[str, ...]
    together: Together
    cost_s: float


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
        self.groups = GroupRows(desk)
        table.stands_for = self.groups.stands_for
        self.cost_s = 0.0
        """Seconds that the last answer took."""
        self._goal: int | None = None
        """The run that the cursor is to go to once it is listed."""
        self.columns: tuple[Column, ...] = ()
        self._wants_choices = False
        self._usual: Choices | None = None
        self._settles = False
        self._asked_for = False
        """Somebody waits for the answer, even if it is the same as before."""
        self._shown_query = ""
        self._kept_query = options.query
        """The query that is not being typed any more: the usual columns are those of its runs."""
        self._raw: dict[int, RunRow] = {}
        self._listed: frozenset[int] = frozenset()
        self._specs: tuple[str, ...] = ()
        self._shows_top = False
        """The order was changed by somebody who looks at the first run: the first one of the new order is wanted then."""
        self._grouped_before: tuple[str, ...] = ()
        """What to go back to when the columns to group by were a mistake."""
        self._reached: tuple[object, ...] = ()
        """Of what the best values were asked for last."""
        self._reach_is_stale = False
        self._told_unmet = ""
        table.set_bars(options.bars)

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
        query, sort, archived, kept = wanted.query, wanted.sort, wanted.archived, self._kept_query
        chosen, metric, group = wanted.columns, wanted.metric, wanted.group
        workspace, page = self.desk.workspace, max(20, self.table.page)
        top = self.table.top
        # a question that was asked since must not lose what this one wanted to know
        self._wants_choices |= whole
        self._asked_for |= not fresh
        choices_are_new = self._wants_choices or self.choices is None
        at_hand = frozenset(rid for rid in fresh if rid in self._raw)

        def ask() -> _Answer:
            begun = time.monotonic()
            order = workspace.order(query, sort, archived)
            choices = workspace.choices("") if choices_are_new else None
            usual = workspace.choices(kept) if choices is not None and kept else choices
            specs = specs_for(usual, chosen, metric) if usual is not None else known
            together = self.groups.ask_lines(query, sort, group, order.rids, archived=archived)
            # headers come between the runs: the window asks for its rows itself
            first = () if together.by else order.rids[top : top + page] or order.rids[:page]
            if specs == known:
                first = tuple(rid for rid in first if rid not in at_hand)
            rows = workspace.window(first, cell_maker.asked(specs), self.desk.options.show_secrets) if first else ()
            cost = time.monotonic() - begun
            return _Answer(query, order, choices, usual, rows, specs, together, cost)

        self.desk.errands.send("order", ask, self._arrived, failed or self._failed)

    def settle(self) -> None:
        """The first look at the disk is over: from the next answer on the cursor stays on its run."""
        self._settles = True
        self.load()

    def refresh_rows(self, rids: Collection[int] | None = None) -> None:
        """These runs (all without an argument) have news: ask for those in the window, for the others when they come into it."""
        window = self.table.window()
        news = None if rids is None else {*rids, *self.groups.outline.headers(rids)}
        self.table.set_stale(news)
        self.fetch(tuple(entry for entry in window if news is None or entry in news))

    def fetch(self, entries: Sequence[int]) -> None:
        """Ask for the rows of these runs and headers of groups."""
        self._fetch_headers(tuple(entry for entry in entries if entry < 0))
        rids, specs = tuple(entry for entry in entries if entry >= 0), self._specs
        if rids and specs:
            secrets = self.desk.options.show_secrets
            self.desk.errands.send(
                "window",
                lambda: (specs, self.desk.workspace.window(rids, cell_maker.asked(specs), secrets)),
                self._rows_arrived,
            )

    def knows(self, rids: Collection[int]) -> bool:
        """Whether all these runs are listed and their place in the list does not depend on what they log."""
        return not self.wanted.query and not self.wanted.sort and all(rid in self._listed for rid in rids)

    def tick(self) -> None:
        """Ages grow: write the rows of the window again."""
        if self._reach_is_stale:
            self._ask_reaches()
        self._write(self.table.window())

    # what is wanted

    def set_query(
        self, query: str, failed: Callable[[RunspectError], None] | None = None, *, keep: bool = False
    ) -> None:
        """Show the runs that match; a query in error leaves the list as it is. `keep`: it is not just tried."""
        self.wanted.query = query
        kept, self._kept_query = self._kept_query, query if keep else self._kept_query

        def restore(error: RunspectError) -> None:
            self.wanted.query, self._kept_query = self._shown_query, kept
            (failed or self._failed)(error)

        self.load(whole=keep, failed=restore)

    def set_wanted(self, wanted: Wanted, failed: Callable[[RunspectError], None], *, load: bool = True) -> None:
        """Show something else altogether; where that is in error everything stays as it is.

        Args:
            load: False leaves the asking to whoever called.
        """
        self._grouped_before = ()
        before, kept, folds = self.wanted, self._kept_query, self.groups.folds
        self.wanted, self._kept_query = wanted, wanted.query
        self.groups.folds = folds if wanted.group == before.group else None

        def restore(error: RunspectError) -> None:
            self.wanted, self._kept_query, self.groups.folds = before, kept, folds
            failed(error)

        if load:
            self.table.set_sort(wanted.sort)
            self.load(failed=restore)

    def restore_query(self, query: str) -> None:
        """The query of an earlier day, before anything was asked for; one of the command line comes first."""
        self.wanted.query = self._kept_query = self.wanted.query or query

    def keep_query(self, failed: Callable[[RunspectError], None]) -> None:
        """The query that was asked for is not just tried: show the usual columns of its runs."""
        if self._kept_query != self.wanted.query:
            self.set_query(self.wanted.query, failed, keep=True)

    def set_sort(self, sort: tuple[SortKey, ...]) -> None:
        """Sort by these columns."""
        self.wanted.sort = sort
        self._shows_top = self.table.cursor == 0
        self.table.set_sort(sort)
        self.load(whole=False)

    def sort_with_columns(self, sort: tuple[SortKey, ...]) -> None:
        """Sort by these, once the columns that are asked for next are there."""
        self.wanted.sort = sort
        self._shows_top = self.table.cursor == 0

    def toggle_sort(self, spec: str) -> None:
        """Sort by a column; when it is sorted by it already, the other way round. Metrics begin with the better end."""
        current = self.wanted.sort[0] if len(self.wanted.sort) == 1 else None
        if current is not None and current.column == spec:
            self.set_sort((SortKey(spec, not current.descending),))
            return
        self.set_sort((SortKey(spec, larger_first(self.columns, spec)),))

    def set_columns(self, specs: Sequence[str]) -> None:
        """Show these columns; none means the usual ones."""
        self.wanted.columns = tuple(specs)
        self.load()

    def set_wide(self, specs: tuple[str, ...]) -> None:
        """Cut nothing of these columns."""
        self.wanted.wide = specs
        self.table.set_wide(specs)
        self.on_change()

    def restore_look(self, wide: tuple[str, ...], bars: bool | None) -> None:
        """What was wide and whether there were bars, before anything was asked for."""
        self.wanted.wide, self.wanted.bars = wide, bars
        self.table.set_wide(wide)
        self.table.set_bars(self.has_bars)

    @property
    def has_bars(self) -> bool:
        """Whether numbers have bars beside them."""
        return self.desk.options.bars if self.wanted.bars is None else self.wanted.bars

    def set_bars(self, bars: bool) -> None:
        """Bars beside the numbers of metrics, or none."""
        self.wanted.bars = bars
        self.table.set_bars(bars)
        self.on_change()

    def specs_of(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """The columns that are shown when these are chosen."""
        return specs_for(self._usual or self.choices or NO_CHOICES, chosen, self.wanted.metric)

    def column_of(self, spec: str) -> Column:
        """The column that a spec names; one whose name is not in scope stays what it looks like."""
        return next(iter(cell_maker.parse((spec,), self.names)))

    def set_metric(self, metric: str) -> None:
        """Show another metric in the usual columns."""
        self.wanted.metric = metric
        self.wanted.columns = ()
        self.load()

    def set_group(self, by: Sequence[str]) -> None:
        """Group runs by these columns, `seeds` or `parent`; by nothing without any."""
        if tuple(by) != self.wanted.group:
            self._grouped_before = self.wanted.group
            self.wanted.group, self.groups.folds = tuple(by), None
        self.load(whole=False)

    def turn_fold(self) -> bool:
        """Open or fold the group under the cursor; whether there is one."""
        entry = self.table.entry
        found = self.groups.turn(entry) if entry is not None else None
        if found is not None:
            self.table.go_to(found)
            self._show_lines()
        return found is not None

    def turn_folds(self) -> bool:
        """Fold all groups, or open all; whether they are open now."""
        are_open = self.groups.turn_all()
        self._show_lines()
        return are_open

    def go_to(self, rid: int) -> None:
        """Put the cursor on a run, or on the folded group that it is in; once there is a list, if there is none yet."""
        self._goal = None if self.order is not None else rid
        self.table.go_to(self.groups.seen(rid))

    def set_archived(self, archived: bool) -> None:
        """List archived runs too, or not."""
        self.wanted.archived = archived
        self.load(whole=False)

    @property
    def metric(self) -> str:
        """The metric that the table is about; "" when there is none."""
        if self.wanted.metric:
            return self.wanted.metric
        return self._usual.usual_metrics[0] if self._usual and self._usual.usual_metrics else ""

    @property
    def specs(self) -> tuple[str, ...]:
        """The columns that are shown."""
        return self._specs

    @property
    def directions(self) -> Mapping[str, Direction]:
        """Which way metrics are better, as far as the policy says."""
        return self.choices.directions if self.choices is not None else {}

    @property
    def names(self) -> Names:
        """Everything that has a name in scope."""
        return names_of(self.choices)

    # marks

    def mark(self, rid: int | None) -> None:
        """Mark a run, or unmark it."""
        if rid is not None:
            self.marks.toggle(rid, self.uid_of)
            self._marks_changed()

    def mark_here(self) -> None:
        """Mark the run under the cursor, or the runs of the group, or unmark them."""
        members = self.groups.members(self.table.entry)
        if not members:
            self.mark(self.table.current)
            return
        self.marks.toggle_some(members, self.uid_of)
        self._marks_changed()

    def mark_all(self) -> None:
        """Mark every listed run; when all are, unmark them. What is marked beside the list stays."""
        self.marks.toggle_some(self.groups.listed, self.uid_of)
        self._marks_changed()

    def invert_marks(self) -> None:
        """Mark what is not marked among the listed runs, and the other way round."""
        self.marks.invert(self.groups.listed, self.uid_of)
        self._marks_changed()

    def set_marks(self, uids: Mapping[int, str]) -> None:
        """Mark these runs and no others; an id is "" where it is not known."""
        self.marks.uids = dict(uids)
        self._marks_changed()

    def clear_marks(self) -> None:
        """Mark nothing."""
        self.marks.uids.clear()
        self._marks_changed()

    def restore_marks(self, uids: Sequence[str], rows: Sequence[RunRow]) -> None:
        """Mark the runs with these ids, as far as they are still there."""
        self.marks.restore(uids, rows)
        self._marks_changed()

    def targets(self) -> tuple[int, ...]:
        """The runs that a change is for: the marked ones in the order of the list, else the run or group at the cursor."""
        if self.marks.uids:
            return self.marks.in_order_of(self.groups.listed)
        if members := self.groups.members(self.table.entry):
            return members
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
            self.choices, self._usual = answer.choices, answer.usual
            self._wants_choices = False
            self._tell_unmet(answer.choices.unmet)
        had_means, self.cost_s = self.groups.has_means, answer.cost_s
        moved = self.groups.take(answer.together, self.table.page)
        parsed = cell_maker.parse(answer.specs, self.names, self.directions)
        if parsed != self.columns or answer.specs != self._specs or had_means != self.groups.has_means:
            self._specs, self.columns = answer.specs, parsed
            self._specs = tuple(column.spec for column in parsed)
            self._raw.clear()
            self.groups.forget()
            heads = cell_maker.heads(parsed, by_order=bool(self.wanted.columns))
            self.table.set_heads(self.groups.heads(parsed, heads))
        if self._specs == answer.specs:
            self._rows_arrived((self._specs, answer.rows))
        self.table.set_sort(self.wanted.sort)
        self._show_lines(anew=moved)
        if self._settles:
            self.table.stays_on_top = False
        if self._shows_top:
            self.table.move(0)
        self._shows_top = False
        self._reach_is_stale = True
        if self._reached != self._asks_reach_of():
            self._ask_reaches()
        if answer.together.by and self._asked_for:
            self.refresh_rows()  # they did not come with the answer
        if answer.together.problem:
            self.wanted.group = ()
            self.desk.say(answer.together.problem, "bad")
            if self._grouped_before:
                self.set_group(self._grouped_before)
        if (
            moved
            or self._asked_for
            or before
            != (
                replace(self.order, generation=0),
                self._shown_query,
                self.choices,
                self._specs,
            )
        ):
            self._asked_for = False
            self.on_change()

    def _tell_unmet(self, text: str) -> None:
        """Say once that no run has the metric of the policy; not before all runs were looked at."""
        if text and self._settles and text != self._told_unmet:
            self._told_unmet = text
            self.desk.say(text, "warn")

    def _asks_reach_of(self) -> tuple[object, ...]:
        return self._specs, self._shown_query, self.wanted.archived, self.groups.by

    def _ask_reaches(self) -> None:
        """Ask what the metric columns reach over all listed runs: at once for other runs or columns, for news in a while."""
        self._reach_is_stale, self._reached = False, self._asks_reach_of()
        specs = tuple(column.spec for column in self.columns if column.kind in ("metric", "at"))
        query, archived, shown = self._shown_query, self.wanted.archived, self.columns
        workspace, groups = self.desk.workspace, self.groups
        if not specs:
            self.table.set_reaches({})
            return
        self.desk.errands.send(
            "reach",
            lambda: (workspace.bests(specs, query, archived), groups.ask_reaches(shown)),
            lambda answer: self.table.set_reaches(*answer),
            lambda error: None,
        )

    def _rows_arrived(self, answer: tuple[tuple[str, ...], tuple[RunRow, ...]]) -> None:
        specs, rows = answer
        if specs != self._specs:
            return
        now = time.time()
        current = self.table.current
        met_now = current is not None and current not in self._raw and any(row.rid == current for row in rows)
        self._raw.update((row.rid, row) for row in rows)
        self.marks.learn(rows)
        self.table.put_rows([self._row(row, now) for row in rows])
        if met_now:
            self.on_change()

    def _failed(self, error: RunspectError) -> None:
        self.desk.say(f"{error}" if not isinstance(error, QueryError) else f"query: {error}", "bad")

    def _marks_changed(self) -> None:
        if unknown := self.marks.unknown:
            self.desk.errands.send("uids", lambda: self.desk.workspace.window(unknown, ()), self.marks.learn)
        self._show_marks()
        self.on_change()

    # groups

    def _show_lines(self, *, anew: bool = True) -> None:
        """Give the table its order; `anew`: rows may stand at another depth."""
        entry, lines = self.table.entry, self.groups.lines()
        if anew and self.groups.by:
            self._write([known for known in self.table.rows if known in self._raw or known < 0])
        self.table.set_order(lines)
        goal, self._goal = self._goal, None
        if goal is None and entry is not None and self.table.entry != entry:
            goal = self.groups.stands_for(entry) if entry < 0 else entry
        if goal is not None:
            self.table.go_to(self.groups.seen(goal))
        self._show_marks()

    def _show_marks(self) -> None:
        marked = self.marks.uids
        self.table.set_marks(self.marks.rids | self.groups.marked(marked), self.groups.partly_marked(marked))

    def _fetch_headers(self, entries: tuple[int, ...]) -> None:
        if not entries or not self._specs:
            return
        new = [entry for entry in entries if entry not in self.table.rows]
        self._write(new)
        self.table.set_stale(new)
        self.groups.ask(entries, self.columns, self.metric, self._headers_arrived)

    def _headers_arrived(self, entries: Sequence[int]) -> None:
        rows = self.groups.rows(entries, self.columns, time.time())
        self.table.put_rows(rows)
        if self.table.entry in entries:
            self.on_change()

    def _write(self, entries: Sequence[int]) -> None:
        """Write the known rows of these runs and headers again."""
        now = time.time()
        rows = [self._row(self._raw[entry], now) for entry in entries if entry in self._raw]
        self.table.put_rows([*rows, *self.groups.rows(entries, self.columns, now)], asked=False)

    def _row(self, row: RunRow, now: float) -> TableRow:
        return self.groups.dressed(cell_maker.row(row, self.columns, now, self.desk.glyphs), self.columns)
