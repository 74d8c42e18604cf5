"""Which changes helped over the listed runs: a list of them, leading to the runs that tell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from runspect.columns import Names
from runspect.counted import counted
from runspect.masking import MASK, printable
from runspect.practice import effect_words as words
from runspect.tui.cell_query import has_one_of, narrowed
from runspect.tui.desk import Desk
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.trail import Trail
from runspect.tui.widgets.picker import Choice

MOST = 200
"""Changes that are listed, at most."""


class Stage(Protocol):
    """What the screen does for these commands."""

    def open_view(self, view: Any) -> None:
        """Show a view."""

    def call_after_refresh(self, callback: Callable[[], None]) -> bool:
        """Call something once what changed is shown."""


class EffectsList:
    """`do_effects` asks about all params, `take_effects` about one; the answer comes off the event loop."""

    def __init__(
        self,
        desk: Desk,
        stage: Stage,
        runs: RunList,
        choosing: Choosing,
        trail: Trail,
        looked_at: Callable[[], str],
    ) -> None:
        """`looked_at` tells the param under the cursor of another view, "" without one: the list begins there."""
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.choosing = choosing
        self.trail = trail
        self.looked_at = looked_at
        self._changes: dict[str, tuple[str, Mapping[str, Any]]] = {}
        """By the value of its line the param and the change."""

    def do_effects(self) -> None:
        self.take_effects("")

    def take_effects(self, param: str) -> None:
        """`:effects warmup`."""
        query, secrets, workspace = self.runs.wanted.query, self.desk.options.show_secrets, self.desk.workspace
        metric = self.runs.measure if self.runs.wanted.metric else ""
        self.desk.errands.send(
            "effects", lambda: workspace.effects(query, metric=metric, param=param, show_secrets=secrets), self._show
        )
        self.desk.expect("effects")

    def _show(self, found: Mapping[str, Any]) -> None:
        effects = found["effects"]
        if not effects:
            self.desk.say(f"no two runs differ in one param alone; {words.confounded_text(found)}", "warn")
            return
        told = [(effect["param"], change) for effect in effects for change in effect["changes"]][:MOST]
        self._changes = {str(at): each for at, each in enumerate(told)}
        begin = next((line for line, (param, _) in self._changes.items() if param == self.looked_at()), "0")
        self.choosing.pick_or_act(
            f"Effects   {words.judged_text(found)}   {counted(found['pairs'], 'pair')}, {found['confounded']:,} confounded",
            [self._choice(line, param, change) for line, (param, change) in self._changes.items()],
            lambda values: self._list(values[0]),
            {"d": ("diff best pair", self._compare), "n": ("said", self._tell)},
            enter="its runs",
            at=begin,
        )

    def _choice(self, line: str, param: str, change: Mapping[str, Any]) -> Choice:
        pale = change["p"] is None or change["p"] > words.DOUBTFUL
        return Choice(line, words.change_words(param, change), words.short_tally(change), "dim" if pale else "plain")

    def _list(self, line: str) -> None:
        """Mark the runs of a change, and show those that have one of its two values."""
        param, change = self._changes[line]
        self.runs.marks.put(dict.fromkeys(change["rids"], ""))
        values = (change["before"], change["after"])
        if MASK not in values:  # a secret is not put into a query
            self.trail.narrow(narrowed(self.runs.wanted.query, has_one_of(_spec(param, self.runs.names), values)))
        self.runs.go_to(change["rids"][0])
        self.stage.open_view("runs")
        self.desk.say(
            f"{counted(len(change['rids']))} marked: {words.change_words(param, change)}, all else equal", "dim"
        )

    def _compare(self, line: str) -> None:
        """The diff of the pair that gained most."""
        _, change = self._changes[line]
        sides = change["pairs"][0]["before"]["runs"][:1] + change["pairs"][0]["after"]["runs"][:1]
        self.runs.marks.put({run["rid"]: run["uid"] for run in sides})
        self.stage.open_view("diff")

    def _tell(self, line: str) -> None:
        """The hypotheses, verdicts and notes of its runs: enter leads to one of them."""
        param, change = self._changes[line]
        if not change["said"]:
            self.desk.say("nobody wrote a hypothesis, a verdict or a note on these runs", "dim")
            return
        told = [Choice(str(said["rid"]), printable(said["name"]), words.saying(said)) for said in change["said"]]
        title = words.change_words(param, change)
        # the list that this came from is still being taken away
        self.stage.call_after_refresh(
            lambda: self.choosing.pick(title, told, lambda values: self._go_to(int(values[0])))
        )

    def _go_to(self, rid: int) -> None:
        self.runs.go_to(rid)
        self.stage.open_view("runs")


def _spec(param: str, names: Names) -> str:
    """The param as a query names it, whatever else is called so."""
    return f"cfg.{param}" if param in names.metrics or param in names.facts else param
