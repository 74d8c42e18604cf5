"""A cursor in an order of run ids: where it is, what the window shows, and moving with few repaints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.geometry import Region
from textual.message import Message

from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.painted import Painted


class TableCursor(Painted):
    """The rows of a table below one line of titles; whoever draws them says how far they reach."""

    @dataclass
    class Moved(Message):
        """The cursor is on another run, or on none."""

        rid: int | None

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE, jump: int = 1) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.order: tuple[int, ...] = ()
        self.cursor = 0
        self.top = 0
        self.jump = jump
        """Lines that the window moves when the cursor leaves it; more than one saves bytes over a slow link."""
        self.stands_for: Callable[[int], int | None] = lambda header: None
        """The run that stands for a group."""
        self.stays_on_top = True
        """While the first look at the disk brings runs in any order, a cursor that nobody moved is on the first one."""

    # for whoever draws the rows

    @property
    def _reach(self) -> int:
        """Cells that rows take."""
        return self.size.width

    def want_rows(self) -> None:
        """Other rows came into the window."""

    # where it is

    @property
    def page(self) -> int:
        """Rows in the window."""
        return max(1, self.size.height - 1)

    @property
    def entry(self) -> int | None:
        """What is under the cursor: a run, or the header of a group, whose numbers are negative."""
        return self.order[self.cursor] if self.order else None

    @property
    def current(self) -> int | None:
        """The run under the cursor, on a header the one that stands for its group."""
        entry = self.entry
        return entry if entry is None or entry >= 0 else self.stands_for(entry)

    def window(self) -> tuple[int, ...]:
        """The runs in the window."""
        return self.order[self.top : self.top + self.page]

    # moving

    def move(self, to: int) -> None:
        """Put the cursor on a row; repaints two lines, or the rows of the window when it has to scroll."""
        if not self.order:
            return
        self.stays_on_top = False
        to = max(0, min(to, len(self.order) - 1))
        if to == self.cursor:
            return
        old, self.cursor = self.cursor, to
        if self._keep_inside():
            self.refresh(Region(0, 1, self._reach, self.page))
            self.want_rows()
        else:
            for at in (old, to):
                self.refresh(Region(0, at - self.top + 1, self._reach, 1))
        self.post_message(self.Moved(self.current))

    def go_to(self, rid: int) -> None:
        """Put the cursor on a run, if it is listed."""
        if rid in self.order:
            self.move(self.order.index(rid))

    def do_down(self) -> None:
        self.move(self.cursor + 1)

    def do_up(self) -> None:
        self.move(self.cursor - 1)

    def do_top(self) -> None:
        self.move(0)

    def do_bottom(self) -> None:
        self.move(len(self.order) - 1)

    def do_half_down(self) -> None:
        self.move(self.cursor + max(1, self.page // 2))

    def do_half_up(self) -> None:
        self.move(self.cursor - max(1, self.page // 2))

    def do_page_down(self) -> None:
        self.move(self.cursor + self.page)

    def do_page_up(self) -> None:
        self.move(self.cursor - self.page)

    def _keep_inside(self) -> bool:
        """Scroll so that the cursor is in the window; whether that moved anything."""
        old, page = self.top, self.page
        jump = max(1, min(self.jump, page - 1))
        if self.cursor < self.top:
            self.top = self.cursor - (jump - 1) if self.top - self.cursor <= page else self.cursor - page // 2
        elif self.cursor >= self.top + page:
            near = self.cursor - (self.top + page) < page
            self.top = self.cursor - page + (jump if near else page // 2 + 1)
        self.top = max(0, min(self.top, len(self.order) - page))
        return self.top != old
