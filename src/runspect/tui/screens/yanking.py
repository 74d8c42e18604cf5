"""Copying what is known of runs out of the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.app import App

from runspect.columns.cells import value_text
from runspect.tui import clipboard
from runspect.tui.desk import Desk
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.run_table import RunTable


class Yanking:
    """Each command copies one thing of the run under the cursor and says so."""

    def __init__(self, desk: Desk, runs: RunList, table: RunTable) -> None:
        self.desk = desk
        self.runs = runs
        self.table = table

    def do_yank_id(self) -> None:
        self._of_run("id", lambda run: str(run["uid"]))

    def do_yank_name(self) -> None:
        self._of_run("name", lambda run: str(run["name"]))

    def do_yank_path(self) -> None:
        self._of_run("path", lambda run: f"{run['root'].rstrip('/')}/{run['path']}".removesuffix("/."))

    def do_yank_config(self) -> None:
        self._of_run("params", lambda run: "".join(f"{key}: {_yaml(value)}\n" for key, value in run["params"].items()))

    def do_yank_table(self) -> None:
        heads = [head.title for head in self.table.heads]
        rows = [self.table.rows[rid] for rid in self.table.window() if rid in self.table.rows]
        lines = [heads, ["---"] * len(heads), *([cell.text for cell in row.cells] for row in rows)]
        self._copy("table", "\n".join(_markdown(line) for line in lines) + "\n")

    def _of_run(self, what: str, text_of: Callable[[dict[str, Any]], str]) -> None:
        rid = self.table.current
        if rid is not None:
            self.desk.errands.send("yank", lambda: text_of(self.desk.run(rid)), lambda text: self._copy(what, text))

    def _copy(self, what: str, text: str) -> None:
        app: App[None] = self.table.app
        where = clipboard.copy(app, self.desk.terminal, text)
        shown = text.strip().split("\n")[0]
        self.desk.say(f"{what} copied {where}: {shown}", "plain")


def _yaml(value: Any) -> str:
    if isinstance(value, str) and (
        not value or value != value.strip() or any(char in value for char in ":#{}[],&*!|>'\"%@`\n")
    ):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return "null" if value is None else value_text(value) if not isinstance(value, bool) else str(value).lower()


def _markdown(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
