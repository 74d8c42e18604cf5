"""A pivot: asks for two params and a metric, shows the matrix, and lists the runs of one of its cells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from runspect.counted import counted
from runspect.errors import RunspectError
from runspect.model import Json
from runspect.tui.desk import Desk
from runspect.tui.outline import split_words
from runspect.tui.screens.grouping import completed, last_word
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.trail import Trail
from runspect.tui.widgets.pivot_pane import PivotPane


class Stage(Protocol):
    """What the screen does for these commands."""

    def open_view(self, view: Any) -> None:
        """Show a view."""


class Pivoting:
    """`do_pivot` asks, `take_pivot` carries out what was typed behind the command."""

    def __init__(
        self, desk: Desk, stage: Stage, runs: RunList, trail: Trail, prompting: Prompting, pane: PivotPane
    ) -> None:
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.trail = trail
        self.prompting = prompting
        self.pane = pane
        self.asked: tuple[str, ...] = ()
        """Row, column and metric."""

    def do_pivot(self) -> None:
        """Ask for the params."""
        self.prompting.ask(
            Question("pivot", self.take_pivot, "the param of the rows, that of the columns, a metric", self.known)
        )

    def take_pivot(self, text: str) -> None:
        """Open the matrix of these words."""
        words = split_words(text)
        if len(words) == 2 and self.runs.metric:
            words = (*words, self.runs.measure)
        elif len(words) == 2:
            self.desk.say("no metric is shown: name one behind the two params", "bad")
            return
        if len(words) != 3:
            self.desk.say(
                "a pivot is of two params, and a metric if another than the table's is meant: lr batch val/loss:min",
                "bad",
            )
            return
        self.asked = words
        self.stage.open_view("pivot")

    def fill(self) -> None:
        """Ask for the matrix."""
        if not self.asked:
            return
        (row, column, metric), query = self.asked, self.runs.wanted.query
        workspace, secrets = self.desk.workspace, self.desk.options.show_secrets

        def failed(error: RunspectError) -> None:
            self.pane.say(str(error))

        self.desk.errands.send(
            "pivot", lambda: workspace.pivot(row, column, metric, query, secrets), self.pane.show, failed
        )

    def list_runs(self, values: Sequence[tuple[str, Json]]) -> None:
        """Show the runs with these values in the table."""
        added = " ".join(equals(name, value) for name, value in values)
        before = self.runs.wanted.query
        self.trail.narrow(f"({before}) {added}" if before.strip() else added, "pivot")
        self.stage.open_view("runs")
        self.desk.say(f"{added}   esc goes back to the pivot", "dim")

    def known(self, text: str) -> Sequence[tuple[str, str]]:
        """Params for the first two words, metrics for the third."""
        word = last_word(text)
        done = split_words(text)[: None if not word else -1]
        choices = self.runs.choices
        if choices is None or len(done) > 2:
            return ()
        if len(done) == 2:
            return completed(word, [(spec, f"metric, {counted(runs)}") for spec, runs in self.runs.measures()])
        usual = choices.usual_params
        params = sorted(choices.params, key=lambda param: param[0] not in usual)
        told = [(name, f"{counted(values, 'value')} in {counted(runs)}") for name, runs, values in params if values > 1]
        return completed(word, told, done)


def equals(name: str, value: Json) -> str:
    """The condition that a column has a value, as a query."""
    from runspect.query.tree import literal, render_name, render_value

    if isinstance(value, bool) or not isinstance(value, int | float):
        text = value if isinstance(value, str) else json.dumps(value)
        return f"{render_name(name)}={render_value(literal(text))}"
    return f"{render_name(name)}={json.dumps(value)}"
