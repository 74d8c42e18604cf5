"""The groups that the table shows: its lines, what is folded, and the cells of the headers in view."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from runspect.columns import Column
from runspect.columns.cells import asked
from runspect.dataclass import dataclass, field
from runspect.errors import RunspectError, UsageError
from runspect.model import SortKey
from runspect.tui import group_row
from runspect.tui.desk import Desk
from runspect.tui.outline import PARENT, Folds, Node, Numbers, Outline, grouped, nested
from runspect.tui.widgets.table_row import Head, TableRow
from runspect.workspace import Reach, Summed


@dataclass(frozen=True, slots=True)
class Together:
    """An answer: what runs are grouped by, and how they then stand."""

    by: tuple[str, ...] = ()
    outline: Outline = field(default_factory=lambda: Outline(()))
    listed: tuple[int, ...] = ()
    """All runs, folded or not, in the order of the list."""
    problem: str = ""
    """Why runs are not grouped as was asked."""


@dataclass(frozen=True, slots=True)
class _Header:
    """What is known of a group's row."""

    summed: Summed
    sparks: tuple[tuple[str, str], ...]


class GroupRows:
    """Without a grouping it holds nothing and every run is a line."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.by: tuple[str, ...] = ()
        self.folds: Folds | None = None
        """None until the first answer tells whether all lines fit on a page."""
        self.outline = Outline(())
        self.listed: tuple[int, ...] = ()
        self._numbers = Numbers()
        self._headers: dict[int, _Header] = {}

    # lines

    def ask_lines(
        self, query: str, sort: Sequence[SortKey], by: tuple[str, ...], rids: tuple[int, ...], *, archived: bool
    ) -> Together:
        """How the runs of a list stand together; a blocking call, for one thread.

        Raises:
            QueryError: The query could not be understood.
        """
        if not by:
            return Together(listed=rids)
        options = self.desk.options
        try:
            found = self.desk.workspace.members(by, query, sort, archived, options.ignore, options.show_secrets)
        except UsageError as error:  # the list itself is fine
            return Together(listed=rids, problem=f"group by {', '.join(by)}: {error}")
        outline = nested(found, rids) if by == (PARENT,) else grouped(by, found, self._numbers)
        return Together(by, outline, tuple(outline.runs))

    def take(self, answer: Together, page: int) -> bool:
        """Take an answer; whether any line is another one than before."""
        before = (self.by, self.outline)
        self.by, self.outline, self.listed = answer.by, answer.outline, answer.listed
        if before[0] != self.by:
            self._headers.clear()
            if self.by and self.folds is None:
                self.folds = Folds(all_open=len(self.listed) + len(self.outline.nodes) <= page)
        return before != (self.by, self.outline)

    @property
    def is_tree(self) -> bool:
        """Whether runs stand below their parents, which are runs themselves."""
        return self.by == (PARENT,)

    @property
    def has_means(self) -> bool:
        """Whether headers show means, below which the runs' numbers are to stand."""
        return bool(self.by) and not self.is_tree

    def lines(self) -> tuple[int, ...]:
        """The entries of the table."""
        return self.outline.lines(self._folds) if self.by else self.listed

    def node(self, entry: int | None) -> Node | None:
        """The group whose header, or the parent whose row an entry is."""
        return None if entry is None else self.outline.nodes.get(entry)

    def members(self, entry: int | None) -> tuple[int, ...]:
        """The runs of the group whose header an entry is; () for a run."""
        node = self.node(entry)
        return node.rids if node is not None and node.entry < 0 else ()

    def stands_for(self, header: int) -> int | None:
        """The best run of a group, or its first while that is not known."""
        node, known = self.node(header), self._headers.get(header)
        if node is None:
            return None
        return known.summed.best if known is not None and known.summed.best is not None else node.rids[0]

    def seen(self, entry: int) -> int:
        """The line that shows an entry: its own, or that of the folded group that it is in."""
        return self.outline.seen(entry, self._folds)

    def marked(self, rids: Collection[int]) -> frozenset[int]:
        """The headers of groups that are marked as a whole."""
        return frozenset(
            entry
            for entry, node in self.outline.nodes.items()
            if entry < 0 and all(rid in rids for rid in node.rids)
        )  # fmt: skip

    def partly_marked(self, rids: Collection[int]) -> frozenset[int]:
        """The headers of groups of which some runs are marked, or all."""
        if not rids:
            return frozenset()
        return frozenset(
            entry for entry, node in self.outline.nodes.items()
            if entry < 0 and any(rid in rids for rid in node.rids)
        )  # fmt: skip

    # folding

    def turn(self, entry: int) -> int | None:
        """Open or fold the group at an entry, or the one around it; its entry, None where there is none."""
        node = self.node(entry) or self.node(self.outline.around.get(entry))
        if node is None:
            return None
        self.folds = self._folds.turned(node.key)
        return node.entry

    def turn_all(self) -> bool:
        """Fold all when any is open, else open all; whether all are open now."""
        is_any = any(self._folds.is_open(node.key) for node in self.outline.nodes.values())
        self.folds = Folds(all_open=not is_any)
        return not is_any

    @property
    def _folds(self) -> Folds:
        return self.folds or Folds()

    # rows

    def heads(self, shown: Sequence[Column], plain: tuple[Head, ...]) -> tuple[Head, ...]:
        """The heads of the columns, wide enough for means."""
        return group_row.heads(shown, plain, self.desk.glyphs) if self.has_means else plain

    def dressed(self, row: TableRow, shown: Sequence[Column]) -> TableRow:
        """A run's row in its place."""
        if not self.by:
            return row
        node = self.node(row.rid)
        return group_row.below(
            row,
            shown,
            self.outline.depth(row.rid),
            self.desk.glyphs,
            len(node.rids) if node is not None else 0,
            is_open=node is not None and self._folds.is_open(node.key),
            has_means=self.has_means,
        )

    def rows(self, entries: Iterable[int], shown: Sequence[Column], now: float) -> list[TableRow]:
        """The rows of these headers, as far as they are known."""
        found = []
        for entry in entries:
            node, known = self.node(entry), self._headers.get(entry)
            if entry < 0 and node is not None:
                summed = known.summed if known is not None else None
                sparks = dict(known.sparks) if known is not None else {}
                is_open = self._folds.is_open(node.key)
                found.append(group_row.header(node, summed, sparks, shown, now, self.desk.glyphs, is_open=is_open))
        return found

    def summed(self, entry: int) -> Summed | None:
        """What the `summed_columns` are over a group, once it is known."""
        known = self._headers.get(entry)
        return known.summed if known is not None else None

    @staticmethod
    def summed_columns(shown: Sequence[Column]) -> tuple[Column, ...]:
        """The columns that are summed up: all but outlines, of which the best run's is shown."""
        return tuple(column for column in shown if column.kind != "spark")

    def ask_reaches(self, shown: Sequence[Column]) -> dict[str, Reach]:
        """What the means of all groups reach, in view or not; a blocking call, for one thread."""
        compared = group_row.compared(shown)
        groups = [node.rids for entry, node in self.outline.nodes.items() if entry < 0] if self.has_means else []
        if not compared or len(groups) < 2:
            return {}
        secrets = self.desk.options.show_secrets
        summed = self.desk.workspace.spreads(groups, [column.spec for column in compared], "", secrets)
        return group_row.reaches(compared, summed)

    def forget(self) -> None:
        """The columns are others."""
        self._headers.clear()

    def ask(
        self, entries: Sequence[int], shown: Sequence[Column], metric: str, arrived: Callable[[Sequence[int]], None]
    ) -> None:
        """Ask for the cells of these headers."""
        nodes = [node for entry in entries if (node := self.node(entry)) is not None]
        sums = asked([column.spec for column in self.summed_columns(shown)])
        outlines = tuple(column.spec for column in shown if column.kind == "spark")
        workspace, secrets, columns = self.desk.workspace, self.desk.options.show_secrets, tuple(shown)

        def call() -> dict[int, _Header]:
            summed = workspace.spreads([node.rids for node in nodes], sums, metric, secrets)
            best = [
                each.best if each.best is not None else node.rids[0] for node, each in zip(nodes, summed, strict=True)
            ]
            rows = {row.rid: row for row in workspace.window(best, outlines)} if outlines else {}
            return {
                node.entry: _Header(each, tuple(zip(outlines, rows[rid].values, strict=True)) if rid in rows else ())
                for node, each, rid in zip(nodes, summed, best, strict=True)
            }

        def done(answer: dict[int, _Header]) -> None:
            if columns == tuple(shown):
                self._headers.update(answer)
                arrived(tuple(answer))

        def failed(error: RunspectError) -> None:
            self.desk.say(str(error), "bad")

        if nodes:
            self.desk.errands.send("headers", call, done, failed)
