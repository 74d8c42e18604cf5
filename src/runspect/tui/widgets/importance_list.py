"""Params by how strongly they go with a metric, a line each; the one under the cursor is drawn beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from runspect.columns.cells import number_text, value_text
from runspect.counted import counted
from runspect.masking import printable
from runspect.tui.commands import bindings_of
from runspect.tui.fit import cut, fit
from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.painted import Line, Painted, Span

FEW = 10
"""Below so many runs, a line says that they are few."""
BAR = 12
LEVELS = 4
"""Values of a category that are told, at most."""
_TOLD = 13
"""Cells that suffice to say which way a number goes."""
_BETTER = {"down": ", lower is better", "up": ", higher is better"}


class ImportanceList(Painted, can_focus=True):
    """Holds the answer of `Workspace.moved`; says which param the cursor is on."""

    BINDINGS = bindings_of(("importance",))

    @dataclass
    class Pointed(Message):
        """The cursor is on another param."""

        param: str

    @dataclass
    class MetricWanted(Message):
        """Another metric is to be chosen."""

    @dataclass
    class ZoomWanted(Message):
        """The picture is to have the whole view, or to give it back."""

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.effects: Sequence[Mapping[str, Any]] = ()
        self.heading: Sequence[Line] = ([("   reading", "dim")],)
        self.cursor = 0
        self.top = 0

    # what is shown

    def say(self, text: str) -> None:
        """Show a sentence in place of params."""
        self.effects, self.heading = (), ((), [("   " + text, "dim")])
        self.refresh()

    def show(self, found: Mapping[str, Any]) -> None:
        """Show an answer; the cursor stays on its param."""
        before = self.param
        self.effects = found["effects"]
        places = {effect["param"]: at for at, effect in enumerate(self.effects)}
        self.cursor = places.get(before, 0)
        self.heading = self._heading(found)
        self._keep_inside()
        self.refresh()
        if self.param != before:
            self.post_message(self.Pointed(self.param))

    @property
    def param(self) -> str:
        """The param under the cursor; "" when there is none."""
        return str(self.effects[self.cursor]["param"]) if self.effects else ""

    @property
    def effect(self) -> Mapping[str, Any] | None:
        """All that is known of it."""
        return self.effects[self.cursor] if self.effects else None

    @property
    def page(self) -> int:
        """Params that fit below the heading."""
        return max(1, self.size.height - len(self.heading))

    # moving

    def move(self, to: int) -> None:
        """Put the cursor on another line."""
        to = max(0, min(to, len(self.effects) - 1))
        if self.effects and to != self.cursor:
            self.cursor = to
            self._keep_inside()
            self.refresh()
            self.post_message(self.Pointed(self.param))

    def on_resize(self, event: events.Resize) -> None:
        """Keep the cursor in sight."""
        self._keep_inside()
        self.refresh()

    def do_param_down(self) -> None:
        self.move(self.cursor + 1)

    def do_param_up(self) -> None:
        self.move(self.cursor - 1)

    def do_param_first(self) -> None:
        self.move(0)

    def do_param_last(self) -> None:
        self.move(len(self.effects) - 1)

    def do_param_zoom(self) -> None:
        self.post_message(self.ZoomWanted())

    def do_param_metric(self) -> None:
        self.post_message(self.MetricWanted())

    # drawing

    def render_line(self, y: int) -> Strip:
        """The heading, then a param a line."""
        if y < len(self.heading):
            return self.paint(self.heading[y])
        at = self.top + y - len(self.heading)
        if at >= len(self.effects):
            return self.blank()
        here = at == self.cursor
        spans = self._row(self.effects[at], here=here)
        return self.paint(spans, on=("cursor" if self.has_focus else "inactive") if here else "")

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _heading(self, found: Mapping[str, Any]) -> Sequence[Line]:
        better = _BETTER.get(found["direction"], "")
        measured = f"{found['measured']:,} of {counted(found['runs'])}"
        lines: list[Line] = [
            [(f" {printable(str(found['metric']))}", "title"), (f"{better}   {measured}", "dim")],
        ]
        if not self.effects:
            return [*lines, (), [("   no param differs among enough runs to say anything", "dim")]]
        if found["measured"] < FEW:
            lines.append([(" few runs: a hint of what to try, not a result", "warn")])
        if any(effect["together"] for effect in self.effects):
            lines.append([(" some params moved together: their effects cannot be told apart", "warn")])
        chance = self.glyphs.dot
        lines.append([(f" bars reach to 1; {chance} is as far as chance gets 19 times of 20", "dim")])
        names = self._name_width()
        lines.append(
            [
                (
                    f"   {fit('param', names)}  {fit('strength', BAR + 5)}  {fit('n', 6, align='right')}  what it does",
                    "dim",
                )
            ]
        )
        return [
            [(cut(text, self.size.width - 1, self.glyphs.cut), look) for text, look in line] if len(line) == 1 else line
            for line in lines
        ]

    def _name_width(self) -> int:
        widest = max((cell_len(printable(str(effect["param"]))) for effect in self.effects), default=8)
        return max(8, min(widest, max(12, self.size.width // 4)))

    def _row(self, effect: Mapping[str, Any], *, here: bool) -> list[Span]:
        name = fit(printable(str(effect["param"])), self._name_width(), self.glyphs.cut, where="middle")
        stands_out = bool(effect["stands_out"])
        spans: list[Span] = [
            (f" {self.glyphs.cursor if here else ' '} ", "accent"),
            (name, "title" if here else "plain" if stands_out else "dim"),
            ("  ", "plain"),
            *self._bar(effect),
            (f" {effect['strength']:.2f}  {effect['n']:>6,}  ", "plain" if stands_out else "dim"),
        ]
        used = sum(cell_len(text) for text, _ in spans)
        return [*spans, *self._told(effect, max(1, self.size.width - used - 1))]

    def _bar(self, effect: Mapping[str, Any]) -> list[Span]:
        full, chance = round(effect["strength"] * BAR), round(effect["chance"] * BAR)
        weak = min(full, chance)
        solid, light = ("#", "=") if self.glyphs.ascii else ("█", "▒")
        return [
            (light * weak, "dim"),
            (solid * (full - weak), "spark"),
            (self.glyphs.dot * (chance - weak), "faint"),
            (" " * (BAR - max(full, chance)), "plain"),
        ]

    def _told(self, effect: Mapping[str, Any], room: int) -> list[Span]:
        """What it does to the metric; what moved along is said before anything is cut."""
        way = self._way(effect)
        words = [way] if effect["stands_out"] else ["no more than chance"]
        told = "; ".join(words)
        together = [printable(str(name)) for name, _ in effect["together"]]
        if not together:
            return [(cut(told, room, self.glyphs.cut), "dim")]
        moved = f"moved with {', '.join(together)}"
        if cell_len(told) + 2 + cell_len(moved) > room:
            told = cut(told, max(_TOLD, room - cell_len(moved) - 2), self.glyphs.cut) if room >= 2 * _TOLD else ""
        lead = f"{told}; " if told else ""
        return [(lead, "dim"), (cut(moved, max(1, room - cell_len(lead)), self.glyphs.cut), "warn")]

    def _way(self, effect: Mapping[str, Any]) -> str:
        if effect["kind"] == "number":
            return "grows with it" if effect["rising"] else "falls with it"
        levels = sorted(effect["levels"], key=lambda level: level["median"])
        shown = levels if len(levels) <= LEVELS else [*levels[: LEVELS - 1], levels[-1]]
        texts = [f"{printable(value_text(level['value']))} {number_text(level['median'])}" for level in shown]
        if len(levels) > LEVELS:
            texts.insert(-1, f"{len(levels) - LEVELS} more")
        return " < ".join(texts)

    def _keep_inside(self) -> None:
        page = self.page
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + page:
            self.top = self.cursor - page + 1
        self.top = max(0, min(self.top, len(self.effects) - page))
