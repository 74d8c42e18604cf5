"""The set of runs that every view looks at: query, order, columns, marks, and the rows of the table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from runspect.columns import Column, Names, parse_column
from runspect.errors import EngineError, QueryError, RunspectError
from runspect.model import RunOrder, SortKey
from runspect.objective import Direction, direction
from runspect.tui import cell_maker
from runspect.tui.desk import Desk
from runspect.tui.screens.group_rows import GroupRows
from runspect.tui.screens.known_rows import KnownRows
from runspect.tui.screens.list_question import ListAnswer, ListQuestion, ask
from runspect.tui.screens.looks import Looks
from runspect.tui.screens.marked import Marked
from runspect.tui.screens.meant import Meant
from runspect.tui.screens.reaches import Reaches
from runspect.tui.screens.repeats import Repeats
from runspect.tui.screens.shown_columns import NO_CHOICES, larger_first, names_of, specs_for
from runspect.tui.screens.wanted import Wanted
from runspect.tui.widgets.run_table import RunTable
from runspect.workspace import Choices


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
        self.groups = GroupRows(desk)
        self.rows = KnownRows(desk, table, self.groups, lambda: self.metric)
        self.marks = Marked(desk, table, self.groups, self.rows, on_change)
        self.meant = Meant(table, self.marks, self.rows)
        self.rows.on_change = on_change
        self._reaches = Reaches(desk, table, self.groups)
        self._repeats = Repeats(desk, self.rows)
        table.stands_for = self.groups.stands_for
        self.cost_s = 0.0
        """Seconds that the last answer took."""
        self._goal: int | None = None
        """The run that the cursor is to go to once it is listed."""
        self._wants_choices = False
        self._usual: Choices | None = None
        self._is_expecting = False
        """The first rows come with the usual columns of the last time."""
        self._settles = False
        self._asked_for = False
        """Somebody waits for the answer, even if it is the same as before."""
        self._shown_query = ""
        self._kept_query = options.query
        """The query that is not being typed any more: the usual columns are those of its runs."""
        self._listed: frozenset[int] = frozenset()
        self._shows_top = False
        """The order was changed by somebody who looks at the first run: the first one of the new order is wanted then."""
        self._grouped_before: tuple[str, ...] = ()
        """What to go back to when the columns to group by were a mistake."""
        self._told_unmet = ""
        self.looks = Looks(desk, table, lambda: self.wanted, on_change)

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
        # a question that was asked since must not lose what this one wanted to know
        self._wants_choices |= whole
        self._asked_for |= not fresh
        wanted = self.wanted
        is_quick = self._is_expecting and not (wanted.query or wanted.columns or wanted.metric or wanted.group)
        self._is_expecting = False
        question = ListQuestion(
            wanted=replace(self.wanted),
            kept_query=self._kept_query,
            known=self.specs,
            top=self.table.top,
            page=max(20, self.table.page),
            with_choices=(self._wants_choices or self.choices is None) and not is_quick,
            expected=self._usual if is_quick else None,
            at_hand=frozenset(rid for rid in fresh if rid in self.rows),
        )
        desk, groups, rows = self.desk, self.groups, self.rows
        arrived = partial(self._arrived, rows.news)
        desk.errands.send("order", lambda: ask(question, desk, groups, rows), arrived, failed or self._failed)

    def expect(self, usual: Choices) -> None:
        """Ask for the first rows with these usual columns, before it is known what there is to choose from."""
        self._usual, self._is_expecting = usual, True

    def settle(self) -> None:
        """The first look at the disk is over: from the next answer on the cursor stays on its run."""
        self._settles = True
        self.load(failed=self._without)

    def _without(self, error: RunspectError) -> None:
        """Nothing could be listed as it was wanted, by an earlier day or the command line: list all, and say why."""
        query, wanted = self.wanted.query, self.wanted
        if self.order is not None or isinstance(error, EngineError) or not (query or wanted.sort or wanted.group):
            self._failed(error)
            return
        if query:
            self.wanted.query = self._kept_query = ""
        else:
            self.wanted.sort, self.wanted.group = (), ()
        self.load(failed=self._without)
        self.desk.say(f"{query}: {error}; every run is listed" if query else f"{error}; listed as usual", "bad")

    def knows(self, rids: Collection[int]) -> bool:
        """Whether all these runs are listed and their place in the list does not depend on what they log."""
        return not self.wanted.query and not self.wanted.sort and all(rid in self._listed for rid in rids)

    def tick(self) -> None:
        """Ages grow: write the rows of the window again."""
        self._reaches.tick()
        self._repeats.tick()
        self.rows.write(self.table.window())

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

    def is_listed(self, rid: int) -> bool:
        """Whether the filter lets the run through."""
        return rid in self._listed

    def seek(self, rid: int) -> None:
        """Put the cursor on a run once the list that is asked for next is there."""
        self._goal = rid

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
    def measure(self) -> str:
        """What a matrix or a picture takes of `metric` when nobody says: the policy's objective, else its best value."""
        metric, stated = self.metric, self._usual.objective if self._usual is not None else ""
        if stated and parse_column(stated).name == metric:
            return stated
        return f"{metric}:best" if metric and direction(metric, self.directions) is not None else metric

    def measures(self) -> tuple[tuple[str, int], ...]:
        """Every metric, its best value first where it is known which that is, with the number of its runs."""
        listed = self.choices.metrics if self.choices is not None else ()
        return tuple(
            (spec, runs)
            for name, runs in listed
            for spec in ((f"{name}:best", name) if direction(name, self.directions) is not None else (name,))
        )

    @property
    def usual(self) -> Choices:
        """What the usual columns are taken from."""
        return self._usual or NO_CHOICES

    @property
    def specs(self) -> tuple[str, ...]:
        """The columns that are shown."""
        return self.rows.specs

    @property
    def columns(self) -> tuple[Column, ...]:
        """The same, parsed."""
        return self.rows.columns

    @property
    def directions(self) -> Mapping[str, Direction]:
        """Which way metrics are better, as far as the policy says."""
        return known.directions if (known := self.choices or self._usual) is not None else {}

    @property
    def names(self) -> Names:
        """Everything that has a name in scope."""
        return names_of(self.choices or self._usual)

    # answers

    def _arrived(self, since: int, answer: ListAnswer) -> None:
        before = (self.order and replace(self.order, generation=0), self._shown_query, self.choices, self.specs)
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
        if parsed != self.columns or answer.specs != self.specs or had_means != self.groups.has_means:
            self.rows.show(parsed, by_order=bool(self.wanted.columns))
        self.rows.arrived(answer.specs, answer.rows, since)
        self.table.set_sort(self.wanted.sort)
        self._show_lines(anew=moved)
        if self._settles:
            self.table.stays_on_top = False
        if self._shows_top:
            self.table.move(0)
        self._shows_top = False
        self._reaches.follow(self.columns, self._shown_query, archived=self.wanted.archived)
        if self._settles:  # while the disk is looked at everything changes all the time
            self._repeats.follow(self._listed)
        if answer.together.by and self._asked_for:
            self.rows.refresh()  # they did not come with the answer
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
                self.specs,
            )
        ):
            self._asked_for = False
            self.on_change()
        if self._wants_choices:  # the rows could be shown without
            self.load(fresh=frozenset(row.rid for row in answer.rows))

    def _tell_unmet(self, text: str) -> None:
        """Say once that no run has the metric of the policy; not before all runs were looked at."""
        if text and self._settles and text != self._told_unmet:
            self._told_unmet = text
            self.desk.say(text, "warn")

    def _failed(self, error: RunspectError) -> None:
        self.desk.say(f"{error}" if not isinstance(error, QueryError) else f"query: {error}", "bad")

    # groups

    def _show_lines(self, *, anew: bool = True) -> None:
        """Give the table its order; `anew`: rows may stand at another depth."""
        entry, lines = self.table.entry, self.groups.lines()
        if anew and self.groups.by:
            self.rows.write([known for known in self.table.rows if known in self.rows or known < 0])
        self.table.set_order(lines)
        goal, self._goal = self._goal, None
        if goal is None and entry is not None and self.table.entry != entry and not self.table.stays_on_top:
            goal = self.groups.stands_for(entry) if entry < 0 else entry
        if goal is not None:
            self.table.go_to(self.groups.seen(goal))
        self.marks.show()
