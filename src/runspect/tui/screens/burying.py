"""The listed runs that ended badly, by cause; one of them leads to its runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.counted import counted
from runspect.practice.history_words import TRENDS, cause_query, cause_text, hours_text
from runspect.practice.lengths import length_text
from runspect.tui.desk import Desk
from runspect.tui.glyphs import plain
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.trail import Trail
from runspect.tui.widgets.picker import Choice

_TOLD = frozenset(("more", "fewer"))
"""Trends that a line has room for."""


class Burying:
    """`do_graveyard` lists the causes; the answer comes off the event loop."""

    def __init__(self, desk: Desk, runs: RunList, trail: Trail, choosing: Choosing) -> None:
        self.desk = desk
        self.runs = runs
        self.trail = trail
        self.choosing = choosing

    def do_graveyard(self) -> None:
        query, secrets, workspace = self.runs.wanted.query, self.desk.options.show_secrets, self.desk.workspace
        self.desk.errands.send("graveyard", lambda: workspace.graveyard(query, show_secrets=secrets), self._show)
        self.desk.expect("graveyard")

    def take_graveyard(self, cause: str) -> None:
        """List the runs of a cause."""
        before = self.runs.wanted.query.strip()
        asked = cause_query(cause)
        self.trail.narrow(f"({before}) {asked}" if before else asked)

    def _show(self, found: Mapping[str, Any]) -> None:
        if not found["failed"]:
            self.desk.say(f"none of {counted(found['runs'])} ended badly", "dim")
            return
        self.choosing.pick(
            plain(
                f"{found['failed']:,} of {counted(found['runs'])} ended badly, after {length_text(3600 * found['hours'])}",
                self.desk.glyphs,
            ),
            [self._choice(each) for each in found["causes"]],
            lambda values: self.take_graveyard(values[0]),
            hint="enter lists the runs   esc leave",
        )

    def _choice(self, each: Mapping[str, Any]) -> Choice:
        trend = f", {TRENDS[each['trend']]}" if each["trend"] in _TOLD else ""
        aside = plain(f"{counted(each['runs'])}, {hours_text(each)}{trend}", self.desk.glyphs)
        return Choice(each["cause"], cause_text(each["cause"]), aside, "bad" if each["trend"] == "more" else "plain")
