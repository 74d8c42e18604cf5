"""`python -m tests.benchmarks.data_table ROWS`: Textual's own table, so that keys and updates have something beside them.

`u` changes one cell in sight.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from tests.benchmarks import generate
from tests.benchmarks.program import Program
from tests.benchmarks.terminal import TimedTerminal

COLUMNS = 9
SETTLED_S = 2.0


class Table(App[None]):
    """Rows of a name and eight numbers, the newest first; the cursor is a row, as on our screen."""

    BINDINGS: ClassVar = [("u", "change", "change a cell")]

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows
        self._changes = 0

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns(*(f"column {at}" for at in range(COLUMNS)))
        table.add_rows([(generate.name(at), *("0.1234",) * (COLUMNS - 1)) for at in reversed(range(self._rows))])
        table.focus()

    def action_change(self) -> None:
        self._changes += 1
        self.query_one(DataTable).update_cell_at((3, 5), f"{self._changes:.4f}"[:6])  # type: ignore[arg-type]


@contextmanager
def shown(our: Program, rows: int, columns: int = 160, lines: int = 45) -> Iterator[TimedTerminal]:
    """The table on a terminal, settled."""
    argv = [sys.executable, "-m", "tests.benchmarks.data_table", str(rows)]
    with TimedTerminal(argv, columns=columns, lines=lines, env=our.environ) as terminal:
        terminal.until(generate.name(rows - 1))
        terminal.settle(SETTLED_S)
        yield terminal


if __name__ == "__main__":
    Table(int(sys.argv[1])).run()
