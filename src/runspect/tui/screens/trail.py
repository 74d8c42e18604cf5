"""What the filter was before a key narrowed it: escape takes back one step, not the whole filter."""

from __future__ import annotations

from collections.abc import Callable

from runspect.tui.commands import Where
from runspect.tui.screens.run_list import RunList


class Trail:
    """Steps count as long as the filter is the one that they left; a filter that was typed since has none."""

    def __init__(self, runs: RunList, open_view: Callable[[Where], None]) -> None:
        self._runs = runs
        self._open_view = open_view
        self._steps: list[tuple[str, str, Where]] = []
        """(filter that was set, the one before, the view from which it was set), the latest last."""

    def narrow(self, query: str, view: Where = "runs") -> None:
        """Show the runs that match; one step back leads to the filter of now and to this view."""
        before = self._runs.wanted.query
        if not self._steps or self._steps[-1][0] != before:
            self._steps.clear()
        self._steps.append((query, before, view))
        self._runs.set_query(query, keep=True)

    def step_back(self) -> bool:
        """Take the last step back; whether there was one."""
        if not self._steps or self._steps[-1][0] != self._runs.wanted.query:
            self._steps.clear()
            return False
        _, before, view = self._steps.pop()
        self._runs.set_query(before, keep=True)
        if view != "runs":
            self._open_view(view)
        return True
