"""The board: asks for the best runs of each data set among the listed runs, and leads to one of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from runspect.columns.cells import metric_text, moment_text
from runspect.errors import RunspectError
from runspect.masking import printable
from runspect.practice.history_words import changed_text, step_text
from runspect.tui.desk import Desk
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.meant import RunInView
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.board_pane import BoardPane
from runspect.tui.widgets.picker import Choice

_Past = tuple[Sequence[Mapping[str, Any]], tuple[Mapping[str, Any], Mapping[str, Any]], float]
"""Records, (hypotheses, cycle), seconds that they took."""


class Stage(Protocol):
    """What the screen does for these commands."""

    def open_view(self, view: Any) -> None:
        """Show a view."""


class Board:
    """`do_board` opens it; the answer comes off the event loop."""

    def __init__(self, desk: Desk, stage: Stage, runs: RunList, pane: BoardPane, choosing: Choosing) -> None:
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.pane = pane
        self.choosing = choosing
        self._best_s = self._past_s = 0.0

    @property
    def cost_s(self) -> float:
        """Seconds that the last answers took."""
        return self._best_s + self._past_s

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
        found, self._best_s = answer
        self.pane.show(found)
        if found:
            self._ask_past()
        else:
            self.pane.tell((), None)

    def _ask_past(self) -> None:
        """Ask for the records over time, and how the team does: what takes longer comes behind."""
        workspace, query, secrets = self.desk.workspace, self.runs.wanted.query, self.desk.options.show_secrets

        def ask() -> _Past:
            begun = time.monotonic()
            records = workspace.trajectory(query, show_secrets=secrets)
            team = workspace.hypotheses(show_secrets=secrets), workspace.cycle(query)
            return records, team, time.monotonic() - begun

        self.desk.errands.send("board-past", ask, self._past_arrived, lambda error: None)

    def _past_arrived(self, answer: _Past) -> None:
        records, team, self._past_s = answer
        self.pane.tell(records, team)

    def list_records(self) -> None:
        """Choose one of the records of the data set under the cursor, the newest first, to go to its run."""
        told, now = self.pane.current_records, time.time()
        steps = told["improvements"] if told is not None else ()
        if told is None or not steps:
            self.desk.say(str(told["note"]) if told is not None and told["note"] else "no record is known yet", "dim")
            return
        self.choosing.pick(
            f"Records on {printable(str(told['title']))}",
            [Choice(str(step["rid"]), _record_text(step, now), changed_text(step)) for step in reversed(steps)],
            lambda values: self.go_to(int(values[0])),
            hint="enter goes to the run   esc leave",
        )

    def best_here(self) -> tuple[RunInView, ...]:
        """The best run of the data set under the cursor: what the commands about a run are for, as long as this is open."""
        best = self.pane.current["best"][:1] if self.pane.current is not None else ()
        return tuple(RunInView(int(run["rid"]), str(run["uid"]), str(run["name"])) for run in best)

    def go_to(self, rid: int) -> None:
        """Show the run in the table."""
        self.runs.go_to(rid)
        self.stage.open_view("runs")


def _record_text(step: Mapping[str, Any], now: float) -> str:
    return f"{moment_text(step['when'], now):>11}  {metric_text(step['value']):>9}  {step_text(step):>8}  {printable(step['name'])}"
