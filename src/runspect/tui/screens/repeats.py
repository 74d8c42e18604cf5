"""Which of the listed runs repeat one that has finished: asked for behind the rows, so that no row waits for it."""

from __future__ import annotations

from runspect.tui.desk import Desk
from runspect.tui.screens.known_rows import KnownRows


class Repeats:
    """Asks at once where other runs are listed, for news of the same ones when `tick` is called."""

    def __init__(self, desk: Desk, rows: KnownRows) -> None:
        self.desk = desk
        self.rows = rows
        self._asked: frozenset[int] = frozenset()
        self._is_stale = False

    def follow(self, listed: frozenset[int]) -> None:
        """These runs are listed, or something of them is another one."""
        self._is_stale = True
        # a filter that lets fewer through brings no run that was not asked for
        if not listed <= self._asked:
            self._asked = listed
            self._ask()

    def tick(self) -> None:
        """Ask again if there was news."""
        if self._is_stale:
            self._ask()

    def _ask(self) -> None:
        self._is_stale = False
        self.desk.errands.send("repeats", self.desk.workspace.repeated, self.rows.mark_repeated, lambda error: None)
