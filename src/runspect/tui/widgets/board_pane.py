"""The board: a line for each data set with its best run ever, and below them all about the one under the cursor."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from runspect.columns.cells import count_text, metric_text, moment_text
from runspect.counted import counted
from runspect.masking import printable
from runspect.practice.best_words import champion_text, changes_text, counts_text, judged_text, share_text
from runspect.tui.commands import bindings_of
from runspect.tui.fit import cut, fit
from runspect.tui.glyphs import UNICODE, Glyphs, plain
from runspect.tui.widgets.painted import Line, Painted, Span

HEAD = 3
DETAIL = 8
"""Lines about the data set under the cursor, where there is room."""
WIDE = 110
"""Cells from which the metric, the lead and the step have a column."""
CHAMPION = " champion"
_VALUE, _AHEAD, _STEP, _WHEN, _RUNS = 10, 9, 7, 11, 7


class BoardPane(Painted, can_focus=True):
    """Holds the answer of `Workspace.best`."""

    BINDINGS = bindings_of(("board",))

    @dataclass
    class Chosen(Message):
        """The best run of a data set is wanted."""

        rid: int

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.sets: Sequence[Mapping[str, Any]] = ()
        self.note = "reading"
        self.cursor = self.top = 0

    # what is shown

    def say(self, text: str) -> None:
        """Show a sentence in place of data sets."""
        self.sets, self.note = (), text
        self.refresh()

    def show(self, found: Sequence[Mapping[str, Any]]) -> None:
        """Show an answer; the cursor stays on its data set."""
        if not found:
            self.say("no run is listed: press 1 to see why")
            return
        before = self._key(self.sets[self.cursor]) if self.sets else None
        self.sets = found
        self.cursor = next((at for at, each in enumerate(found) if self._key(each) == before), 0)
        self._keep_inside()
        self.refresh()

    @property
    def current(self) -> Mapping[str, Any] | None:
        """The data set under the cursor."""
        return self.sets[self.cursor] if self.sets else None

    @property
    def page(self) -> int:
        """Data sets that fit between the heading and what is told of one."""
        return max(1, self.size.height - HEAD - self._detail_height)

    # moving

    def do_board_down(self) -> None:
        self._move(self.cursor + 1)

    def do_board_up(self) -> None:
        self._move(self.cursor - 1)

    def do_board_first(self) -> None:
        self._move(0)

    def do_board_last(self) -> None:
        self._move(len(self.sets) - 1)

    def do_board_open(self) -> None:
        """Name the best run; a data set that could not be judged has none."""
        if self.current is not None and self.current["best"]:
            self.post_message(self.Chosen(int(self.current["best"][0]["rid"])))

    def on_resize(self, event: events.Resize) -> None:
        """Keep the cursor in sight."""
        self._keep_inside()
        self.refresh()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _move(self, to: int) -> None:
        to = max(0, min(to, len(self.sets) - 1))
        if self.sets and to != self.cursor:
            self.cursor = to
            self._keep_inside()
            self.refresh()

    # drawing

    def render_line(self, y: int) -> Strip:
        """Title, names of the columns, a data set a line; at the bottom what is known of one."""
        if not self.sets:
            return self.paint([(f"   {self.note}", "dim")] if y == 1 else ())
        if y == 0:
            return self.paint(self._title())
        if y == HEAD - 1:
            return self.paint(self._columns())
        below = y - (self.size.height - self._detail_height)
        if self._detail_height and below >= 0:
            lines = self._detail()
            return self.paint(lines[below] if below < len(lines) else ())
        at = self.top + y - HEAD
        if y < HEAD or at >= len(self.sets):
            return self.blank()
        here = at == self.cursor
        return self.paint(
            self._row(self.sets[at], here=here), on=("cursor" if self.has_focus else "inactive") if here else ""
        )

    def _title(self) -> Line:
        known = sum(each["dataset"] is not None for each in self.sets)
        runs = sum(each["runs"] for each in self.sets)
        title = f" Best ever on {counted(known, 'data set')}" if known else " Best ever; no run tells its data set"
        told = f"   {counted(runs)}, only those on the same version of a data set are compared"
        return [(title, "title"), (cut(told, self.size.width - cell_len(title) - 1, self.glyphs.cut), "dim")]

    def _columns(self) -> Line:
        cells = [fit("data set", self._widths[0])]
        if self._is_wide:
            cells.append(fit("metric", self._widths[1]))
        cells.append(fit("best", _VALUE, align="right"))
        if self._is_wide:
            cells.append(fit("ahead", _AHEAD, align="right"))
        cells.append(fit("run", self._widths[2]))
        if self._is_wide:
            cells.append(fit("step", _STEP, align="right"))
        cells += [fit("when", _WHEN, align="right"), fit("runs", _RUNS, align="right")]
        return [("   " + "  ".join(cells), "dim")]

    def _row(self, each: Mapping[str, Any], *, here: bool) -> list[Span]:
        mark, none = self.glyphs.cut, self.glyphs.none
        best = each["best"][0] if each["best"] else None
        known = each["dataset"] is not None
        spans: list[Span] = [
            (f" {self.glyphs.cursor if here else ' '} ", "accent"),
            (fit(_name(each), self._widths[0], mark, where="middle"), "strong" if known else "dim"),
        ]
        if self._is_wide:
            metric = f"{each['metric'] or none}{'?' if each['judged_by'] == 'guess' else ''}"
            spans.append((f"  {fit(metric, self._widths[1], mark)}", "dim"))
        value = metric_text(best["value"]) if best else none
        state = best["state"] if best else ""
        spans.append((f"  {fit(value, _VALUE, mark, 'right')}", "good" if best else "dim"))
        if self._is_wide:
            spans.append((f"  {fit(_ahead(each) or none, _AHEAD, mark, 'right')}", "dim"))
        spans += [
            (f"  {self.glyphs.state(state) if state else ' '} ", "plain"),
            *self._run(best),
        ]
        if self._is_wide:
            step = none if best is None or best["step"] is None else count_text(best["step"])
            spans.append((f"  {fit(step, _STEP, mark, 'right')}", "dim"))
        when = moment_text(_when(best), time.time()) if best and _when(best) else none
        return [
            *spans,
            (f"  {fit(when, _WHEN, mark, 'right')}  {fit(format(each['compared'], ','), _RUNS, mark, 'right')}", "dim"),
        ]

    def _run(self, best: Mapping[str, Any] | None) -> list[Span]:
        """The name of the best run; behind that of the champion it says so."""
        room, mark = self._widths[2] - 2, self.glyphs.cut
        if best is None:
            return [(fit(self.glyphs.none, room, mark), "dim")]
        said = CHAMPION if best["champion"] and room >= len(CHAMPION) + 8 else ""
        return [(fit(str(best["name"]), room - len(said), mark, where="middle"), "plain"), (said, "accent")]

    def _detail(self) -> list[Line]:
        each = self.current
        if each is None:
            return []
        room = max(20, self.size.width - 4)
        rule = self.glyphs.rule * max(0, self.size.width - 2)
        lines: list[Line] = [
            [(f" {rule}", "faint")],
            [(f" {cut(str(each['title']), room, self.glyphs.cut, 'middle')}", "title")],
            [(f"   {cut(self._plain(judged_text(each)), room, self.glyphs.cut)}", "dim")],
            [(f"   {cut(self._plain(counts_text(each)), room, self.glyphs.cut)}", "dim")],
        ]
        if told := champion_text(each):
            lines.append([(f"   {cut(self._plain(told), room, self.glyphs.cut)}", "accent")])
        second = each["second"]
        if second is not None:
            change = "" if second["change"] is None else f" ({self._plain(share_text(second['change']))})"
            told = f"second: {metric_text(second['value'])}{change}  {printable(second['name'])}"
            lines.append([(f"   {cut(told, room, self.glyphs.cut)}", "plain")])
            wrapped = textwrap.wrap(self._plain(changes_text(each)), room)
            most = self._detail_height - len(lines)
            if len(wrapped) > most > 0:
                wrapped = [*wrapped[: most - 1], cut(" ".join(wrapped[most - 1 :]), room, self.glyphs.cut)]
            lines += [[(f"   {text}", "plain")] for text in wrapped]
        return lines

    @property
    def _detail_height(self) -> int:
        return DETAIL if self.size.height >= 16 else 0

    @property
    def _is_wide(self) -> bool:
        return self.size.width >= WIDE

    @property
    def _widths(self) -> tuple[int, int, int]:
        """Cells of the data set, the metric and the run."""
        wide_only = 3 * 2 + _AHEAD + _STEP if self._is_wide else 0
        fixed = 3 + 4 * 2 + _VALUE + _WHEN + _RUNS + wide_only
        room = max(24, self.size.width - fixed - 1)
        runs = max(
            (
                cell_len(printable(str(each["best"][0]["name"])))
                + 2
                + len(CHAMPION) * bool(each["best"][0]["champion"])
                for each in self.sets
                if each["best"]
            ),
            default=8,
        )
        titles = max(cell_len(printable(_name(each))) for each in self.sets)
        metrics = max(len(str(each["metric"] or "")) + 1 for each in self.sets) if self._is_wide else 0
        metric = min(max(6, metrics), room // 4) if self._is_wide else 0
        name = max(10, min(titles, room - metric - min(runs, (room - metric) // 2)))
        return name, metric, max(8, min(48, room - name - metric))

    def _plain(self, text: str) -> str:
        return plain(text, self.glyphs)

    def _keep_inside(self) -> None:
        self.top = max(0, min(self.top, self.cursor), self.cursor - self.page + 1)

    @staticmethod
    def _key(each: Mapping[str, Any]) -> tuple[str | None, str | None, str]:
        return each["dataset"], each["version"], each["place"]


def _name(each: Mapping[str, Any]) -> str:
    """The data set; of runs that tell none the project or directory, which the look tells apart."""
    return str(each["title"] if each["dataset"] is not None or not each["place"] else each["place"])


def _ahead(each: Mapping[str, Any]) -> str:
    """How far the second is behind; "" of one run."""
    second = each["second"]
    if each["ties"] > 1:
        return f"{each['ties']:,} equal"
    return "" if second is None or second["change"] is None else share_text(abs(second["change"])).lstrip("+")


def _when(run: Mapping[str, Any]) -> str | None:
    """When it had the value, else when it began, else when it ended."""
    found = run["time"] or run["started"] or run["ended"]
    return str(found) if found else None
