"""What came of the config of the run under the cursor elsewhere: equal runs, then the nearest ones, with their outcome."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Protocol

from runspect.columns.cells import moment_text
from runspect.masking import printable
from runspect.practice import tried_words as words
from runspect.tui.desk import Desk
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.trail import Trail
from runspect.tui.widgets.picker import Choice

NEAREST = 10


class Stage(Protocol):
    """What the screen does for these commands."""

    def open_view(self, view: Any) -> None:
        """Show a view."""


class Trying:
    """`do_tried` asks; enter on a run leads to it."""

    def __init__(self, desk: Desk, stage: Stage, runs: RunList, choosing: Choosing, trail: Trail) -> None:
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.choosing = choosing
        self.trail = trail

    def do_tried(self) -> None:
        rid, workspace = self.runs.meant.current, self.desk.workspace
        ignore, secrets = self.desk.options.ignore, self.desk.options.show_secrets
        if rid is None:
            self.desk.say(self.runs.meant.nobody, "dim")
            return

        def ask() -> tuple[str, Mapping[str, Any] | None]:
            run = json.loads(workspace.run_json(rid, show_secrets=True))  # masked values would all be equal
            if not run["params"]:
                return run["name"], None
            found = workspace.tried(run["params"], apart_from=rid, most=NEAREST, ignore=ignore, show_secrets=secrets)
            return run["name"], found

        self.desk.errands.send("tried", ask, lambda answer: self._show(rid, *answer))
        self.desk.expect("tried")

    def _show(self, rid: int, name: str, found: Mapping[str, Any] | None) -> None:
        if found is None:
            self.desk.say(f"{printable(name)} recorded no config", "dim")
            return
        runs = [*found["equal"], *found["nearest"]]
        if not runs:
            self.desk.say("no other run recorded a config", "dim")
            return
        now = time.time()
        self.choosing.pick_or_act(
            f"{printable(name)}   {words.verdict_text(found)}",
            [_choice(run, now) for run in runs],
            lambda values: self._go_to(int(values[0])),
            {"d": ("diff with it", lambda value: self._compare(rid, int(value)))},
            enter="go to it",
        )

    def _go_to(self, rid: int) -> None:
        """Show the run in the table; where the filter leaves it out, without the filter."""
        if self.runs.is_listed(rid):
            self.runs.go_to(rid)
        else:
            self.runs.seek(rid)
            self.trail.narrow("")
        self.stage.open_view("runs")

    def _compare(self, one: int, other: int) -> None:
        self.runs.marks.put({one: self.runs.meant.uid_of(one), other: self.runs.meant.uid_of(other)})
        self.stage.open_view("diff")


def _choice(run: Mapping[str, Any], now: float) -> Choice:
    """An equal run in full, one that differs with what it differs in."""
    when = moment_text(run["started"] or run["ended"], now)
    outcome = "  ".join(filter(None, (words.outcome_text(run), run["state"], when)))
    if not run["changes"]:
        return Choice(str(run["rid"]), f"= {printable(run['name'])}", outcome)
    return Choice(str(run["rid"]), f"  {printable(run['name'])}  {words.brief_changes(run)}", outcome, "dim")
