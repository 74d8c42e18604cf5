"""A metric over the values of two params as a matrix; the cell under the cursor names the runs that it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from runspect.columns.cells import mean_texts, value_text
from runspect.masking import printable
from runspect.model import Json
from runspect.tui.commands import bindings_of
from runspect.tui.fit import cut, fit
from runspect.tui.glyphs import UNICODE, Glyphs, plain
from runspect.tui.widgets.painted import Line, Painted, Span

LEAST, MOST_SIDE = 8, 28
"""Cells of a column at least, and of the values of the rows at most."""
_GAP = _STAR = 2
_BETTER = {"down": "lower is better, ", "up": "higher is better, "}


class PivotPane(Painted, can_focus=True):
    """Holds the answer of `Workspace.pivot`."""

    BINDINGS = bindings_of(("pivot",))

    @dataclass
    class Chosen(Message):
        """The runs of a cell are wanted: those with these values."""

        values: tuple[tuple[str, Json], ...]

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.found: Mapping[str, Any] | None = None
        self.note = "which params? :pivot lr batch"
        self.row = self.column = 0
        self.top = self.left = 0
        self._texts: list[list[str]] = []
        self._ranks: Mapping[tuple[int, int], str] = {}

    # what is shown

    def say(self, text: str) -> None:
        """Show a sentence in place of the matrix."""
        self.found, self.note = None, text
        self.refresh()

    def show(self, found: Mapping[str, Any]) -> None:
        """Show an answer; the cursor begins at the best cell."""
        if not found["cells"]:
            self.say(f"no run has both {found['rows']['by']} and {found['columns']['by']}")
            return
        same = self.found is not None and self._sides(found) == self._sides(self.found)
        self.found = found
        if not same:
            self.row, self.column = found["best"] or (0, 0)
            self.top = self.left = 0
        self._texts = self._written(found["cells"], found["best"])
        self._ranks = ranked(found["cells"], found["direction"], found["best"])
        self._keep_inside()
        self.refresh()

    @property
    def page(self) -> int:
        """Rows that fit below the heading."""
        return max(1, self.size.height - 4)

    # moving

    def do_cell_down(self) -> None:
        self._move(1, 0)

    def do_cell_up(self) -> None:
        self._move(-1, 0)

    def do_cell_right(self) -> None:
        self._move(0, 1)

    def do_cell_left(self) -> None:
        self._move(0, -1)

    def do_cell_open(self) -> None:
        """Name the values of the cell."""
        if self.found is not None:
            rows, across = self.found["rows"], self.found["columns"]
            values = ((rows["by"], rows["values"][self.row]), (across["by"], across["values"][self.column]))
            self.post_message(self.Chosen(values))

    def on_resize(self, event: events.Resize) -> None:
        """Keep the cursor in sight."""
        self._keep_inside()
        self.refresh()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _move(self, down: int, right: int) -> None:
        if self.found is None:
            return
        row = max(0, min(self.row + down, len(self._texts) - 1))
        column = max(0, min(self.column + right, len(self._texts[0]) - 1))
        if (row, column) != (self.row, self.column):
            self.row, self.column = row, column
            self._keep_inside()
            self.refresh()

    # drawing

    def render_line(self, y: int) -> Strip:
        """Title, the values of the columns, a row a line."""
        found = self.found
        if found is None:
            return self.paint([(f"   {self.note}", "dim")] if y == 1 else ())
        if y == 0:
            return self.paint(self._title(found))
        if y == 2:
            return self.paint(self._columns(found))
        at = self.top + y - 3
        if y < 3 or at >= len(self._texts):
            return self.blank()
        return self.paint(self._row(found, at))

    def _title(self, found: Mapping[str, Any]) -> Line:
        told = plain(f"{_BETTER.get(found['direction'] or '', '')}mean ± standard deviation (runs)", self.glyphs)
        best = f", {self.glyphs.best} the best" if found["best"] else ""
        name = printable(str(found["metric"]))
        return [
            (f" {name}", "title"),
            (cut(f"   {told}{best}", self.size.width - cell_len(name) - 2, self.glyphs.cut), "dim"),
        ]

    def _columns(self, found: Mapping[str, Any]) -> Line:
        corner = printable(f"{found['rows']['by']} \\ {found['columns']['by']}")
        spans: list[Span] = [(f"   {fit(corner, self._side(found), self.glyphs.cut)}", "dim")]
        values = found["columns"]["values"]
        for across, width in self._fitting():
            look = "title" if across == self.column else "dim"
            spans += [
                (" " * _GAP, "plain"),
                (fit(_value(values[across]), width - _STAR, self.glyphs.cut, "right") + " " * _STAR, look),
            ]
        return [*spans, *self._more(values)]

    def _more(self, values: Sequence[Json]) -> Line:
        last = self._fitting()[-1][0]
        return [(f" {self.glyphs.cut}", "accent")] if last + 1 < len(values) else ()

    def _row(self, found: Mapping[str, Any], at: int) -> Line:
        value, here = _value(found["rows"]["values"][at]), at == self.row
        spans: list[Span] = [
            (f" {self.glyphs.cursor if here else ' '} ", "accent"),
            (fit(value, self._side(found), self.glyphs.cut), "title" if here else "dim"),
        ]
        for across, width in self._fitting():
            text = fit(self._texts[at][across], width, self.glyphs.cut, "right")
            on_it = here and across == self.column
            look = ("input" if self.has_focus else "title") if on_it else self._ranks.get((at, across), "faint")
            spans += [(" " * _GAP, "plain"), (text, look)]
        return spans

    def _written(
        self, cells: Sequence[Sequence[Mapping[str, Any] | None]], best: Sequence[int] | None
    ) -> list[list[str]]:
        """`0.2181 ±0.0041 (5)`, a star behind the best; blanks keep each part below those of the other rows."""
        told = [cell for line in cells for cell in line if cell is not None and cell["n"]]
        spread = max((len(self._std(cell)) for cell in told), default=0)
        count = max((len(self._runs(cell)) for cell in told), default=0)

        def text(cell: Mapping[str, Any] | None, *, is_best: bool) -> str:
            if cell is None or not cell["n"]:
                return self.glyphs.none + " " * (spread + count + _STAR)
            mean = f"{cell['nonfinite']} NaN" if cell["mean"] is None else mean_texts(cell["mean"], cell["std"])[0]
            star = f" {self.glyphs.best}" if is_best else " " * _STAR
            return f"{mean}{self._std(cell):<{spread}}{self._runs(cell):<{count}}{star}"

        return [
            [text(cell, is_best=best == [at, across]) for across, cell in enumerate(line)]
            for at, line in enumerate(cells)
        ]

    def _std(self, cell: Mapping[str, Any]) -> str:
        if cell["mean"] is None or cell["std"] is None:
            return ""
        return f" {'+-' if self.glyphs.ascii else '±'}{mean_texts(cell['mean'], cell['std'])[1]}"

    @staticmethod
    def _runs(cell: Mapping[str, Any]) -> str:
        return f" ({cell['n']:,})"

    def _side(self, found: Mapping[str, Any]) -> int:
        names = [f"{found['rows']['by']} \\ {found['columns']['by']}", *map(_value, found["rows"]["values"])]
        return min(MOST_SIDE, max(cell_len(name) for name in names), max(8, self.size.width // 3))

    def _width(self, across: int) -> int:
        assert self.found is not None
        title = cell_len(_value(self.found["columns"]["values"][across]))
        return max(LEAST, min(title, 24) + _STAR, *(cell_len(line[across]) for line in self._texts))

    def _fitting(self) -> list[tuple[int, int]]:
        """(index, cells) of the columns in the window, the first one always."""
        assert self.found is not None
        room = self.size.width - 4 - self._side(self.found)
        fitting: list[tuple[int, int]] = []
        for across in range(self.left, len(self._texts[0])):
            width = self._width(across)
            room -= width + _GAP
            if room < 0 and fitting:
                break
            fitting.append((across, width))
        return fitting

    def _keep_inside(self) -> None:
        if self.found is None or not self.size.width:
            return
        self.top = max(min(self.top, self.row), self.row - self.page + 1)
        self.left = min(self.left, self.column)
        while self._fitting()[-1][0] < self.column and self.left < self.column:
            self.left += 1

    @staticmethod
    def _sides(found: Mapping[str, Any]) -> tuple[Json, ...]:
        return found["metric"], found["rows"], found["columns"]


def ranked(
    cells: Sequence[Sequence[Mapping[str, Any] | None]], direction: str | None, best: Sequence[int] | None
) -> dict[tuple[int, int], str]:
    """The look of each cell: the best, the better third, the middle, the worse third; all alike without a direction."""
    means = {
        (at, across): cell["mean"]
        for at, line in enumerate(cells)
        for across, cell in enumerate(line)
        if cell is not None and cell["mean"] is not None
    }
    if direction is None:
        return dict.fromkeys(means, "plain")
    places = sorted(means, key=lambda place: means[place], reverse=direction == "up")
    looks = {place: ("strong", "plain", "dim")[3 * at // len(places)] for at, place in enumerate(places)}
    return looks | ({(best[0], best[1]): "good"} if best else {})


def _value(value: Json) -> str:
    return printable(value_text(value))
