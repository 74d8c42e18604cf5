"""Asking the index itself: one read-only SQL statement, and what the filter is made into."""

from __future__ import annotations

from typing import Any, Protocol

from runspect.errors import RunspectError
from runspect.tui.commands import Where
from runspect.tui.desk import Desk
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.sql_pane import SqlPane
from runspect.workspace import SqlAnswer

ROWS = 1000
"""Rows that are shown at most."""
VIEWS = "runs_now, cfg_now, facts_now, series_now, tags_now, ann_now"


class Stage(Protocol):
    """What the screen does for these commands."""

    def open_view(self, view: Where) -> None:
        """Show a view."""


class Querying:
    """`do_x` asks and then carries out; `take_x` carries out what was typed behind the command."""

    def __init__(self, desk: Desk, stage: Stage, runs: RunList, prompting: Prompting, pane: SqlPane) -> None:
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.prompting = prompting
        self.pane = pane
        self.statement = ""

    def do_sql(self) -> None:
        """Ask for a statement; the last one is there again."""
        self.prompting.ask(Question(";", self.take_sql, f"one SELECT on {VIEWS}"), self.statement)

    def take_sql(self, text: str) -> None:
        """Carry a statement out and show its answer; an error is told in the footer and what is shown stays."""
        if not text:
            return
        self.statement = text

        def show(answer: SqlAnswer) -> None:
            self.stage.open_view("sql")
            self.pane.show_answer(text, answer)

        self.desk.errands.send("sql", lambda: self.desk.workspace.sql(text, ROWS), show, self._failed)

    def do_explain(self) -> None:
        """Show what the filter is made into."""
        self._explain(self.runs.wanted.query)

    def take_explain(self, text: str) -> None:
        """Show what a query is made into, else the filter."""
        self._explain(text or self.runs.wanted.query)

    def _explain(self, query: str) -> None:
        def show(found: dict[str, Any]) -> None:
            self.stage.open_view("sql")
            self.pane.show_explained(found["words"], found["sql"], found["params"])

        self.desk.errands.send("sql", lambda: self.desk.workspace.explain(query), show, self._failed)

    def _failed(self, error: RunspectError) -> None:
        self.desk.say(str(error), "bad")
