"""What the listed runs break of the rules, what is to be put in order, and trainings here that nothing is read of.

Each line of the list leads to its runs in the table, where marks and the commands on many runs put them in order.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from runspect.columns.lint_rules import BY_ID
from runspect.columns.tidy import KINDS
from runspect.counted import counted
from runspect.query.tree import And, Compare, Not, Or, Text, Tree
from runspect.tui.cell_query import narrowed
from runspect.tui.commands import Where
from runspect.tui.desk import Desk
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.trail import Trail
from runspect.tui.widgets.picker import Choice

WEEKS = 12
_LABEL = 11
_LINE = 66
"""Cells of a line of text in a list."""

Object = Mapping[str, Any]


class Stage(Protocol):
    """What the screen does for these commands."""

    view: Where

    def open_view(self, view: Where) -> None:
        """Show a view."""


class Linting:
    """`do_lint` opens the list; `take_lint` narrows to the runs of one rule at once."""

    def __init__(self, desk: Desk, stage: Stage, runs: RunList, trail: Trail, choosing: Choosing) -> None:
        self.desk = desk
        self.stage = stage
        self.runs = runs
        self.trail = trail
        self.choosing = choosing
        self._weeks: dict[str, Object] = {}

    def do_lint(self) -> None:
        workspace, query = self.desk.workspace, self.runs.wanted.query
        self.desk.errands.send(
            "lint",
            lambda: (workspace.lint(query, most=0), workspace.tidy(query, most=0)),
            lambda answer: self._show(*answer),
        )
        self.desk.expect("lint")

    def take_lint(self, text: str) -> None:
        """The runs of one rule, or of one kind of disorder; `process` and `weeks` as in the list."""
        self._open(text.strip().lower())

    def _show(self, found: Object, untidy: Object) -> None:
        broken = sum(told["broken"] or 0 for told in found["rules"].values())
        title = f"Lint   {counted(broken, 'finding')} in {counted(found['judged'])} that are listed"
        rules = [
            Choice(
                rule,
                f"{rule:<{_LABEL}}{_TOLD[rule]}",
                f"{told['broken']:,} of {told['about']:,}",
                _look(told["broken"]),
            )
            for rule, told in found["rules"].items()
            if told["on"]
        ]
        kinds = [
            Choice(kind, f"{kind:<{_LABEL}}{KINDS[kind]}", f"{many:,}", _look(many))
            for kind, many in untidy["rules"].items()
        ]
        more = [Choice("weeks", f"{'weeks':<{_LABEL}}how many of the runs of each week keep the rules")]
        if found["process"]:
            more.insert(0, Choice("process", f"{'process':<{_LABEL}}trainings on this machine that nothing is read of"))
        self.choosing.pick(
            title, [*rules, *kinds, *more], lambda values: self._open(values[0]), hint="enter its runs   esc leave"
        )

    def _open(self, what: str) -> None:
        if what in BY_ID or what in KINDS:
            self._narrow(Compare("lint" if what in BY_ID else "tidy", ":", Text(what)), what)
        elif what == "process":
            self._ask_processes()
        elif what == "weeks":
            self._ask_weeks()
        else:
            self.desk.say(f"no rule is called {what}: {', '.join((*BY_ID, *KINDS, 'process', 'weeks'))}", "bad")

    def _narrow(self, condition: Tree, what: str) -> None:
        view = self.stage.view
        self.trail.narrow(narrowed(self.runs.wanted.query, condition), view)
        if view != "runs":
            self.stage.open_view("runs")
        self.desk.say(f"{what}: a marks them all; then t tags, N names, X archives; esc goes back", "plain")

    # processes

    def _ask_processes(self) -> None:
        self.desk.errands.send("processes", self.desk.workspace.strays, self._show_processes)
        self.desk.expect("processes")

    def _show_processes(self, found: Object) -> None:
        if not found["known"]:
            self.desk.say(str(found["why"]), "dim")
            return
        if not found["found"]:
            others = f"; what {counted(len(found['unseen']), 'training')} of others write may not be seen"
            self.desk.say(f"no training here that nothing is read of{others if found['unseen'] else ''}", "good")
            return
        told = {str(each["pid"]): each for each in found["found"]}
        self.choosing.pick(
            "Trainings that nothing is read of",
            [
                Choice(pid, f"{pid:>7}  {each['command']}", each["since"][5:16].replace("T", " "))
                for pid, each in told.items()
            ],
            lambda values: self._show_process(told[values[0]]),
            hint="enter what to do   esc leave",
        )

    def _show_process(self, each: Object) -> None:
        told = [
            f"{each['pid']}  {each['user']}  since {each['since'][:16].replace('T', ' ')} UTC",
            f"in {each['cwd'] or '?'}",
        ]
        lines = [*told, each["command"], each["what"], each["closes"]]
        pieces = [piece for line in lines for piece in textwrap.wrap(line, _LINE)]
        self.choosing.pick(
            "A training that nothing is read of",
            [Choice(str(at), piece) for at, piece in enumerate(pieces)],
            lambda values: None,
            hint="esc leave",
        )

    # weeks

    def _ask_weeks(self) -> None:
        workspace, query = self.desk.workspace, self.runs.wanted.query
        self.desk.errands.send("weeks", lambda: workspace.lint(query, weeks=WEEKS), self._show_weeks)
        self.desk.expect("weeks")

    def _show_weeks(self, found: Object) -> None:
        rules = [rule for rule in found["rules"] if rule in BY_ID]
        self._weeks = {each["week"]: each for each in found["weeks"]}
        listed = [
            Choice(week, _row(week, each["runs"], [_percent(each["rules"][rule]["share"]) for rule in rules]))
            for week, each in reversed(self._weeks.items())
        ]
        runs = sum(each["runs"] for each in self._weeks.values())
        whole = _row("all", runs, [_percent(found["rules"][rule]["share"]) for rule in rules])
        trends = _row("trend", "", [_points(found["rules"][rule]["trend"]) for rule in rules])
        self.choosing.pick(
            f" {_row('week', 'runs', [_SHORT[rule] for rule in rules])}",
            [*listed, Choice("all", whole, "", "strong"), Choice("trend", trends, "", "dim")],
            self._take_week,
            hint="% of the runs that keep the rule   enter runs of a week   esc leave",
        )

    def _take_week(self, values: Sequence[str]) -> None:
        if (each := self._weeks.get(values[0])) is not None:
            begin = date.fromisoformat(each["monday"])
            end = begin + timedelta(weeks=1)
            self._narrow(_began(f"{begin}T00:00Z", f"{end}T00:00Z"), each["week"])


_TOLD = {
    "naming": "the name does not follow the policy's pattern", "metrics": "a standard metric was not logged",
    "params": "a required param is not told", "config": "metrics without any config", "commit": "no commit is recorded",
    "seed": "no seed is recorded", "hypothesis": "nobody said what it is to show",
    "late": "hypothesis behind the first result",
}  # fmt: skip
_SHORT = {
    "naming": "name", "metrics": "metr", "params": "parm", "config": "conf", "commit": "comm", "seed": "seed",
    "hypothesis": "hypo", "late": "time",
}  # fmt: skip


def _look(many: int | None) -> str:
    return "warn" if many else "dim"


def _began(begin: str, end: str) -> Tree:
    """Runs of that time, by their start, or by their newest record where no start is known."""
    started, updated = (
        (Compare(name, ">=", Text(begin)), Compare(name, "<", Text(end))) for name in ("started", "updated")
    )
    return Or((And(started), And((Not(Compare("has", ":", Text("started"))), *updated))))


def _row(title: str, runs: int | str, cells: Sequence[str]) -> str:
    return f"{title:<9}{runs if isinstance(runs, str) else f'{runs:,}':>6}" + "".join(f"{cell:>5}" for cell in cells)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}"


def _points(change: float | None) -> str:
    return "–" if change is None else f"{100 * change:+.0f}"
