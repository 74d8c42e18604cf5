"""The answer to a SQL statement as a table that scrolls in both directions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from runspect.columns.cells import number_text
from runspect.counted import counted
from runspect.masking import printable
from runspect.model import Json
from runspect.tui.fit import fit
from runspect.tui.widgets.line_pane import LinePane
from runspect.tui.widgets.painted import Line
from runspect.workspace import SqlAnswer

WIDEST = 60
"""Cells of a column at most."""
_GAP = "  "


class SqlPane(LinePane):
    """A row a line; numbers are aligned to the right."""

    view = "sql"

    def say(self, text: str) -> None:
        """A line instead of a table."""
        self.show(((), [("   " + text, "dim")]))

    def show_answer(self, statement: str, answer: SqlAnswer) -> None:
        """The rows of an answer."""
        columns = [
            _column(title, [row[at] for row in answer.rows], self.glyphs.cut) for at, title in enumerate(answer.columns)
        ]
        titles = "   " + _GAP.join(column[0] for column in columns)
        lines: list[Line] = [
            [("   " + _GAP.join(column[at + 1] for column in columns), "plain")] for at in range(len(answer.rows))
        ]
        more = "more than " if answer.truncated else ""
        count = f" {more}{counted(len(answer.rows), 'row')}"
        self.show(lines, ([(count, "title"), (f"   {printable(statement)}", "dim")], [(titles, "dim")]))

    def show_explained(self, words: Sequence[str], sql: str, params: Sequence[Json]) -> None:
        """What a query is made into."""
        lines: list[Line] = [[("   " + printable(line), "plain")] for line in words]
        lines += [(), [("   " + sql, "plain")], ()]
        lines += [
            [(f"   {at:>3}  ", "dim"), (printable(str(value)), "plain")] for at, value in enumerate(params, start=1)
        ]
        self.show(lines, ([(" The query", "title"), ("   in words, as SQL, and its parameters", "dim")],))


def _column(title: str, values: Sequence[Json], cut: str) -> list[str]:
    """The title and the values, equally wide."""
    numbers = any(isinstance(value, int | float) for value in values) and not any(
        isinstance(value, str) for value in values
    )
    texts = [printable(title), *map(_text, values)]
    width = min(WIDEST, max(map(cell_len, texts)))
    fitted = [fit(text, width, cut) for text in texts]
    return [text.rstrip().rjust(width) if numbers else text for text in fitted]


def _text(value: Json) -> str:
    if value is None:
        return ""
    return number_text(value) if isinstance(value, float) else printable(str(value))
