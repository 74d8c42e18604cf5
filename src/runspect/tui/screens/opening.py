"""What the other views show: curves, differences, logs, the card, problems; asked for when a view is open, kept fresh."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from runspect.charts.timeless import timeless
from runspect.diff import Diff, diff_runs
from runspect.errors import RunspectError
from runspect.model import LogPage
from runspect.objective import Direction, direction
from runspect.tui.desk import Desk
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.card_pane import CardPane
from runspect.tui.widgets.cast import MOST_LOUD, cast
from runspect.tui.widgets.chart_drawing import Subject, load_drawing
from runspect.tui.widgets.chart_grid import X_KINDS, ChartGrid
from runspect.tui.widgets.chart_page import Page
from runspect.tui.widgets.diff_pane import DiffPane
from runspect.tui.widgets.health_pane import HealthPane
from runspect.tui.widgets.log_pane import LogPane, next_file
from runspect.tui.widgets.varying_pane import VaryingPane
from runspect.workspace import Curve, Measured, Recorded

OVERLAID = 500
"""Runs that are drawn over each other at most."""
COMPARED = 200
"""Runs that a diff compares at most; it says how many were left out."""
NO_RUN = "no run is listed: press 1 to see why"
ONE_RUN = "two runs are needed, and only one is listed"

CHARTED = 24
"""Metrics that are charted unless the user chose others."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What charts are made of."""

    subjects: tuple[Subject, ...]
    metrics: tuple[str, ...]
    curves: tuple[Curve, ...]
    more_runs: int = 0
    """Runs that are marked and not drawn."""
    without: tuple[str, ...] = ()
    """Names of the runs that have no times, where x is one."""
    in_view: tuple[str, ...] = ()
    """The metrics whose curves were asked for."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which charts are asked for."""

    rids: tuple[int, ...]
    page: Page
    metric: str
    """The metric of the table, which comes first."""
    chosen: tuple[str, ...] = ()
    """The metrics that the user chose; () for the usual ones."""
    x: str = "step"
    span: tuple[float, float] | None = None
    current: int | None = None
    more: int = 0
    """Runs that are marked and not asked for."""
    most: int = CHARTED
    directions: Mapping[str, Direction] = field(default_factory=dict)
    """Which way metrics are better, as far as the policy says; those of others are guessed, as in the table."""


class Opening:
    """Fills the views from the workspace; a view that is not open is not filled."""

    def __init__(
        self,
        desk: Desk,
        runs: RunList,
        charts: ChartGrid,
        diff: DiffPane,
        logs: LogPane,
        card: CardPane,
        health: HealthPane,
        below: ChartGrid,
        varying: VaryingPane,
    ) -> None:
        self.desk = desk
        self.runs = runs
        self.charts, self.diff, self.logs, self.card, self.health = charts, diff, logs, card, health
        self.below, self.varying = below, varying
        self.chart_metrics: tuple[str, ...] = ()
        """Metrics that the user chose for the charts; () for the usual ones."""
        self.charted_metrics: tuple[str, ...] = ()
        self.others: dict[str, Callable[[], None]] = {}
        """Who fills the views about all listed runs."""
        self._filled_for: tuple[str, tuple[int, ...], int | None, str] = ("", (), None, "")
        self._log_of: int | None = None
        for grid, group in ((charts, "drawing"), (below, "drawing below")):
            grid.elsewhere = partial(desk.errands.send, group)
        self._log_file: str | None = None

    # one function a view

    def fill(self, view: str) -> None:
        """Ask for what a view shows."""
        self._filled_for = self._about(view)
        filler: dict[str, Callable[[], None]] = {
            "runs": self.fill_below,
            "charts": self.fill_charts,
            "diff": self.fill_diff,
            "logs": self.fill_logs,
            "card": self.fill_card,
            "health": self.fill_health,
        }
        fill = filler.get(view) or self.others.get(view)
        if fill is not None:  # what was asked with SQL is filled by its answer
            fill()

    def fill_if_other(self, view: str) -> None:
        """Fill a view again when the runs or the main metric that it is about are others than before."""
        if view not in ("runs", "health", "sql") and self._about(view) != self._filled_for:
            self.fill(view)

    def _about(self, view: str) -> tuple[str, tuple[int, ...], int | None, str]:
        if view in self.others:
            return view, self.runs.groups.listed, None, self.runs.metric
        metric = self.runs.metric if view == "charts" else ""
        targets = self.runs.targets()
        return view, targets if view in ("diff", "charts") else targets[:1], self.runs.table.current, metric

    def fill_charts(self) -> None:
        """The curves of the marked runs, or of the one under the cursor; of the charts in view alone."""
        targets, current = self.runs.targets(), self.runs.table.current
        if not targets:
            self.charts.show((), (), (), NO_RUN)
            return
        options = self.charts.options
        asked = _Asked(
            _overlaid(targets, current),
            self.charts.page,
            self.runs.metric,
            self.chart_metrics,
            options.x,
            options.span,
            current,
            max(0, len(targets) - OVERLAID),
            directions=self.runs.directions,
        )
        self.desk.errands.send("charts", lambda: self._curves(asked), self._charts_arrived)

    def fill_below(self) -> None:
        """The first curves of the run under the cursor, and the params in which it differs."""
        rid = self.runs.table.current
        if rid is None or not self.below.is_on_screen:
            if rid is None:
                self.below.show((), (), (), " ")
                self.varying.clear()
            return
        most = 3 if self.below.size.width >= 90 else 2 if self.below.size.width >= 56 else 1
        members = self._show_group()
        if members:
            rids = tuple(dict.fromkeys((rid, *members)))  # the best first
        else:
            rids = (rid,)
            params = tuple(column.spec for column in self.runs.columns if column.kind == "param")
            self.varying.show_params(self.runs.row_of(rid), self.runs.columns, params)
        more = max(0, len(rids) - OVERLAID)
        asked = _Asked(
            rids[:OVERLAID],
            self.below.page,
            self.runs.metric,
            current=rid,
            more=more,
            most=most,
            directions=self.runs.directions,
        )
        self.desk.errands.send("below", lambda: self._curves(asked), self._below_arrived)

    def _show_group(self) -> tuple[int, ...]:
        """The runs of the group under the cursor, which is told of beside the charts; () on a run."""
        groups, entry = self.runs.groups, self.runs.table.entry
        members = groups.members(entry)
        if members and entry is not None:
            self.varying.show_group(groups.summed(entry), groups.summed_columns(self.runs.columns), len(members))
        return members

    def fill_diff(self) -> None:
        """The marked runs side by side; with fewer than two, the cursor's run and the one before it in time or list."""
        rids = self._pair()
        if len(rids) < 2:
            listed = len(self.runs.groups.listed)
            self.diff.say(
                NO_RUN if not listed else ONE_RUN if listed == 1 else "two runs are needed: mark them with space"
            )
            return
        directions = self.runs.directions
        desk, only, more = self.desk, self.diff.only_differences, max(0, len(rids) - COMPARED)

        def ask() -> tuple[list[dict[str, Any]], Diff]:
            found = [desk.run(rid) for rid in rids[:COMPARED]]
            return found, diff_runs(found, differences_only=only, ignore=desk.options.ignore, directions=directions)

        self.desk.errands.send("diff", ask, lambda answer: self.diff.show_diff(answer[0], answer[1], more))

    def fill_logs(self) -> None:
        """The end of the console log of the cursor's run."""
        rid = self.runs.table.current
        if rid is None:
            self.logs.say(NO_RUN)
            return
        if rid != self._log_of:
            self._log_of, self._log_file = rid, None
        title, file = self._name(rid), self._log_file
        self.desk.errands.send(
            "logs",
            lambda: self.desk.workspace.tail(rid, file, None, 2000),
            lambda page: self._log_arrived(title, page),
            lambda error: self.logs.show_text(title, str(error)),
        )

    def follow_log(self) -> None:
        """What was added to the log since."""
        page, rid = self.logs.page_of_log, self._log_of
        if page is None or rid is None:
            self.fill_logs()
            return
        path, offset = page.path, page.next_offset
        self.desk.errands.send(
            "logs", lambda: self.desk.workspace.tail(rid, path, offset, 2000), self.logs.add, _ignore
        )

    def fill_card(self) -> None:
        """All that is known of the cursor's run."""
        rid = self.runs.table.current
        if rid is None:
            self.card.say(NO_RUN)
            return
        self.desk.errands.send("card", lambda: self.desk.run(rid), lambda run: self.card.show_run(run, time.time()))

    def fill_health(self) -> None:
        """What could not be read."""
        self.desk.errands.send("health", self.desk.workspace.health, self.health.show_problems)

    def refresh(self, view: str, rids: Collection[int] | None) -> None:
        """News of these runs (None: of any): fill the view again if it shows one of them."""
        current = self.runs.table.current
        shown: dict[str, Collection[int]] = {
            "runs": self.runs.groups.members(self.runs.table.entry) or (() if current is None else (current,)),
            "card": () if current is None else (current,),
            "charts": [subject.rid for subject in self.charts.subjects] or self.runs.targets(),
            "diff": self.diff.rids,
        }
        if view == "health" or (view in shown and (rids is None or any(rid in rids for rid in shown[view]))):
            self.fill(view)
        elif view == "logs" and (rids is None or current in rids):
            self.follow_log()

    def do_axis(self) -> None:
        """The curves over the next x axis."""
        self.charts.next_axis()
        self.fill_charts()

    def do_differences(self) -> None:
        """Only what differs, or everything."""
        self.diff.only_differences = not self.diff.only_differences
        self.fill_diff()

    def do_log_file(self) -> None:
        """Another console log of the same run."""
        page = self.logs.page_of_log
        file = next_file(page) if page is not None else None
        if file is None:
            self.desk.say("the run has no other console log", "dim")
            return
        self._log_file = file
        self.fill_logs()

    def do_next_run(self) -> None:
        """The card of the next run in the list."""
        self.runs.table.do_down()
        self.fill_card()

    def do_previous_run(self) -> None:
        """The card of the run before in the list."""
        self.runs.table.do_up()
        self.fill_card()

    def set_chart(self, x: str, smoothing: float, log_y: bool, span: Sequence[float] = ()) -> None:
        """Draw charts as they were drawn when the screen was left."""
        kind = next((kind for kind in X_KINDS if kind == x), X_KINDS[0])
        numbers = [float(end) for end in span if isinstance(end, int | float) and math.isfinite(end)]
        seen = (numbers[0], numbers[1]) if len(numbers) == 2 and numbers[0] < numbers[1] else None
        self.charts.options = replace(self.charts.options, x=kind, smoothing=smoothing, log_y=log_y, span=seen)

    # asking, in the errands' threads

    def _curves(self, asked: _Asked) -> Drawing:
        load_drawing()
        workspace, rids = self.desk.workspace, asked.rids
        recorded = workspace.recorded(rids)
        metrics = asked.chosen or charted(recorded.longest, asked.metric, asked.directions)[: asked.most]
        in_view = asked.page.of(metrics)
        # a chart of few curves is drawn to the dot; the crowd of many is as dense with a column a cell
        width = max(40, asked.page.room(len(metrics)) * (2 if len(rids) <= MOST_LOUD else 1))
        curves = workspace.curves(rids, in_view, asked.x, width, asked.span) if in_view else ()
        values: Mapping[str, Mapping[int, Measured]] = {}
        if metrics and (len(rids) > MOST_LOUD or asked.x != "step"):
            values = workspace.recorded(rids, tuple({metrics[0]: 0, **dict.fromkeys(in_view)})).values
        without = () if asked.x == "step" else timeless(_counted(recorded, values), in_view, curves)
        main = metrics[0] if metrics else ""
        better = direction(main, asked.directions)
        subjects = cast(recorded.names, asked.current, better, values.get(main, {}), asked.page.width)
        return Drawing(subjects, metrics, curves, asked.more, without, in_view)

    # answers

    def _charts_arrived(self, answer: Drawing) -> None:
        self.charted_metrics = answer.metrics
        one = len(answer.subjects) == 1
        note = "no metric of this run was read so far" if one else "no metrics were recorded"
        self.charts.show(
            answer.subjects, answer.metrics, answer.curves, note, answer.more_runs, answer.without, answer.in_view
        )

    def _below_arrived(self, answer: Drawing) -> None:
        if answer.subjects and answer.subjects[0].rid == self.runs.table.current:
            note = "no metric of this run was read so far"
            self.below.show(
                answer.subjects, answer.metrics, answer.curves, note, answer.more_runs, answered=answer.in_view
            )

    def _log_arrived(self, title: str, page: LogPage) -> None:
        if not page.path:
            self.logs.show_text(title, "no console output was recorded by this run")
        else:
            self.logs.show_log(title, page)

    def _pair(self) -> tuple[int, ...]:
        marked, current, listed = self.runs.targets(), self.runs.table.current, self.runs.groups.listed
        if len(marked) >= 2:
            return marked
        if current is None:
            return ()
        if self.runs.marks.uids and marked[0] != current:
            return (marked[0], current)
        at = listed.index(current) if current in listed else 0
        other = at + 1 if at + 1 < len(listed) else at - 1
        return (listed[other], current) if 0 <= other < len(listed) else (current,)

    def _name(self, rid: int) -> str:
        row = self.runs.row_of(rid)
        return row.name if row is not None else ""


def charted(
    longest: Mapping[str, int], main: str, directions: Mapping[str, Direction] | None = None
) -> tuple[str, ...]:
    """Metrics in the order in which people want to see them: the main one, those with a direction, the rest.

    `longest` are the points of each; with fewer than two there is no curve to see, so such a one comes last.
    """

    def order(name: str) -> tuple[bool, bool, bool, str]:
        return name != main, longest[name] < 2, direction(name, directions) is None, name

    return tuple(sorted(longest, key=order))


def _overlaid(targets: tuple[int, ...], current: int | None) -> tuple[int, ...]:
    """The runs that are drawn: the first ones, and the one under the cursor if it is among all."""
    first = targets[:OVERLAID]
    return (*first[:-1], current) if current is not None and current in targets[OVERLAID:] else first


def _counted(recorded: Recorded, values: Mapping[str, Mapping[int, Measured]]) -> list[dict[str, Any]]:
    """The runs as `timeless` wants them: how many points each has of the metrics that values were asked of."""
    return [
        {"rid": rid, "name": name, "metrics": {metric: {"n": of[rid].n} for metric, of in values.items() if rid in of}}
        for rid, name in recorded.names.items()
    ]


def _ignore(error: RunspectError) -> None:
    """A log that cannot be followed just now is tried again by the next tick."""
