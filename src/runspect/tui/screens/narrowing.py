"""The filter by the value of a cell: keep the runs that have it, or leave them out."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from runspect.errors import QueryError
from runspect.masking import mask
from runspect.query import render
from runspect.query.tree import Tree
from runspect.tui.cell_query import conditions, narrowed, without
from runspect.tui.desk import Desk
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.trail import Trail


class Narrowing:
    """What it adds stands in the filter line, where it can be edited."""

    def __init__(self, desk: Desk, runs: RunList, trail: Trail) -> None:
        self.desk = desk
        self.runs = runs
        self.trail = trail

    def do_keep_equal(self) -> None:
        self._narrow(keep=True)

    def do_drop_equal(self) -> None:
        self._narrow(keep=False)

    def _narrow(self, *, keep: bool) -> None:
        table = self.runs.table
        row = self.runs.rows.row_of(table.current) if table.current is not None else None
        if row is None or table.column >= min(len(self.runs.columns), len(row.values)):
            return
        column, value = self.runs.columns[table.column], row.values[table.column]
        if column.kind in ("param", "fact") and mask(column.name, value) != value:
            self.desk.say(f"{column.spec} is a secret: it is not put into a query", "dim")
            return
        found = conditions(column, value, row.uid)
        if not found:
            self.desk.say(f"{column.spec} is a curve; go to a column of one value", "dim")
            return
        workspace, rid = self.desk.workspace, row.rid

        def holds() -> Tree | None:
            """The condition that this very run fulfils."""
            for each in found:
                with contextlib.suppress(QueryError):  # what no query can ask for is said below
                    if rid in workspace.order(render(each), (), True).rids:
                        return each
            return None

        self.desk.errands.send("cell", holds, lambda condition: self._add(condition, found, keep=keep))

    def _add(self, condition: Tree | None, tried: Sequence[Tree], *, keep: bool) -> None:
        if condition is None:
            self.desk.say(f"no query tells this value: {render(tried[0])} does not find this run", "dim")
            return
        added = condition if keep else without(condition)
        query = narrowed(self.runs.wanted.query, added)
        if query == self.runs.wanted.query:
            self.desk.say(f"the filter has {render(added)} already", "dim")
            return
        self.trail.narrow(query)
        self.desk.say(f"{'only' if keep else 'without'} {render(condition)}; esc takes it back", "plain")
