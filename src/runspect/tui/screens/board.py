"""The board: asks for the best runs of each data set among the listed runs, and leads to one of them."""

from __future__ import annotations

import time
from typing import Any, Protocol

from runspect.errors import RunspectError
from runspect.tui.desk import Desk
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.board_pane import BoardPane


class Stage(Protocol):
    """What the screen does for these commands."""

    def open_view(self, view: Any) -> None:
        """Show a view."""


class Board:
    """`do_board` opens it; the answer comes off the event loop."""

    def __init__(self, desk: Desk, stage: Stage, runs: RunList, pane: BoardPane) -> None:
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.pane = pane
        self.cost_s = 0.0
        """Seconds that the last answer took."""

    def do_board(self) -> None:
        self.stage.open_view("board")

    def fill(self) -> None:
        """Ask for the best runs."""
        workspace, query, secrets = self.desk.workspace, self.runs.wanted.query, self.desk.options.show_secrets

        def failed(error: RunspectError) -> None:
            self.pane.say(str(error))

        def ask() -> tuple[list[dict[str, Any]], float]:
            begun = time.monotonic()
            return workspace.best(query, show_secrets=secrets), time.monotonic() - begun

        self.desk.errands.send("board", ask, self._arrived, failed)

    def _arrived(self, answer: tuple[list[dict[str, Any]], float]) -> None:
        found, self.cost_s = answer
        self.pane.show(found)

    def go_to(self, rid: int) -> None:
        """Show the run in the table."""
        self.runs.go_to(rid)
        self.stage.open_view("runs")
