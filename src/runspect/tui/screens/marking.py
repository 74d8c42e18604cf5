"""Marking runs: one, a range, all, the others, those of a query."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runspect.tui.commands import BY_ID, shown_key
from runspect.tui.desk import Desk
from runspect.tui.screens.run_list import RunList

Keys = Sequence[tuple[str, str]]


class Marking:
    """Changes the marks; a range is marked while the cursor moves, and stays or goes as a whole."""

    def __init__(self, desk: Desk, runs: RunList, offer: Callable[[Keys], None]) -> None:
        """`offer` shows keys and what they do until it is called with none."""
        self.desk = desk
        self.runs = runs
        self._offer = offer
        self._anchor: int | None = None
        """The run, or the head of a group, at which the range begins."""
        self._before: dict[int, str] = {}

    @property
    def is_open(self) -> bool:
        """Whether a range is being marked."""
        return self._anchor is not None

    def do_range(self) -> None:
        """Begin a range, or keep it."""
        if self.is_open:
            self._end()
            self.desk.say(f"{len(self.runs.marks.uids):,} marked", "dim")
        elif self.runs.table.entry is not None:
            self._anchor, self._before = self.runs.table.entry, dict(self.runs.marks.uids)
            self.moved()

    def give_up(self) -> None:
        """Take the range's marks away again."""
        self.runs.marks.put(self._before)
        self._end()

    def moved(self) -> None:
        """The cursor may be elsewhere: the range goes up to it."""
        table = self.runs.table
        if self._anchor is None or table.entry is None:
            return
        if self._anchor not in table.order:
            self._end()
            return
        begin = table.order.index(self._anchor)
        first, last = sorted((begin, table.cursor))
        uids = {**self._before}
        within = (rid for entry in table.order[first : last + 1] for rid in self.runs.groups.members(entry) or (entry,))
        uids.update((rid, self.runs.rows.uid_of(rid)) for rid in within if rid not in uids)
        if uids.keys() != self.runs.marks.uids.keys():
            self.runs.marks.put(uids)
        key = shown_key(self.desk.options.keymap.get("range", BY_ID["range"].key).split(",")[0])
        self._offer((("j k", f"{last - first + 1:,} in the range"), (key, "keep them"), ("esc", "give them up")))

    def do_mark(self) -> None:
        self._end()
        self.runs.marks.turn_here()
        self.runs.table.do_down()

    def do_mark_all(self) -> None:
        self._end()
        self.runs.marks.turn_all()

    def do_invert(self) -> None:
        self._end()
        self.runs.marks.invert()

    def take_mark(self, query: str) -> None:
        """Mark the runs that match, besides those that are marked."""
        self._with_matching(query, self._add)

    def do_unmark(self) -> None:
        self._end()
        self.runs.marks.clear()

    def take_unmark(self, query: str) -> None:
        """Unmark the runs that match."""
        self._with_matching(query, self._remove)

    def _with_matching(self, query: str, change: Callable[[Sequence[int]], None]) -> None:
        self._end()
        workspace, archived = self.desk.workspace, self.runs.wanted.archived
        self.desk.errands.queue("mark", lambda: workspace.order(query, (), archived).rids, change)

    def _add(self, rids: Sequence[int]) -> None:
        marks = self.runs.marks.uids
        fresh = [rid for rid in rids if rid not in marks]
        self.runs.marks.put({**marks, **{rid: self.runs.rows.uid_of(rid) for rid in fresh}})
        self.desk.say(f"{len(fresh):,} more marked, {len(self.runs.marks.uids):,} in all", "dim")

    def _remove(self, rids: Sequence[int]) -> None:
        marks, those = self.runs.marks.uids, frozenset(rids)
        kept = {rid: uid for rid, uid in marks.items() if rid not in those}
        said = f"{len(marks) - len(kept):,} unmarked, {len(kept):,} left"
        self.runs.marks.put(kept)
        self.desk.say(said, "dim")

    def _end(self) -> None:
        if self.is_open:
            self._anchor = None
            self._offer(())
