"""What the other views show: curves, differences, logs, the card, problems; asked for when a view is open, kept fresh."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from runspect.diff import Diff, diff_runs
from runspect.errors import RunspectError
from runspect.model import LogPage
from runspect.tui.desk import Desk
from runspect.tui.screens.charting import OVERLAID, Asked, Drawing, drawing, gathered, overlaid
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.card_pane import CardPane
from runspect.tui.widgets.chart_grid import X_KINDS, ChartGrid
from runspect.tui.widgets.diff_pane import DiffPane
from runspect.tui.widgets.health_pane import HealthPane
from runspect.tui.widgets.log_pane import LogPane, next_file
from runspect.tui.widgets.varying_pane import VaryingPane

COMPARED = 200
"""Runs that a diff compares at most; it says how many were left out."""
NO_RUN = "no run is listed: press 1 to see why"
ONE_RUN = "two runs are needed, and only one is listed"


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
        self.costs: dict[str, Callable[[], float]] = {}
        """How many seconds the last answer took, of views that are filled again by news."""
        self._filled_for: tuple[str, tuple[int, ...], int | None, str] = ("", (), None, "")
        self._drawn: Drawing | None = None
        self._changed: frozenset[int] | None = None
        """Runs that changed since the charts that are shown were asked for; None where that may be any."""
        self._log_of: int | None = None
        for grid, group in ((charts, "drawing"), (below, "drawing below")):
            grid.elsewhere = partial(desk.errands.send, group)
        self._log_file: str | None = None

    def cost_s(self, view: str) -> float:
        """Seconds that it took to fill a view the last time."""
        return self.costs[view]() if view in self.costs else self.charts.cost_s

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
        metric = f"{self.runs.metric} {' '.join(self.runs.groups.by)}" if view == "charts" else ""
        targets = self.runs.marks.targets()
        return view, targets if view in ("diff", "charts") else targets[:1], self.runs.table.current, metric

    def fill_charts(self, changed: Collection[int] | None = None) -> None:
        """The curves of the marked runs, or of the one under the cursor; of the charts in view alone.

        With `changed` only these runs are other than when they were drawn last.
        """
        self._changed = None if changed is None or self._changed is None else self._changed | frozenset(changed)
        targets, current = self.runs.marks.targets(), self.runs.table.current
        if not targets:
            self.charts.show((), (), (), NO_RUN)
            return
        options, groups = self.charts.options, self.runs.groups
        rids = overlaid(targets, current)
        asked = Asked(
            rids,
            self.charts.page,
            self.runs.metric,
            self.chart_metrics,
            options.x,
            options.span,
            self.runs.table.entry if groups.members(self.runs.table.entry) else current,
            max(0, len(targets) - OVERLAID),
            directions=self.runs.directions,
            groups=gathered(groups.outline.nodes.values(), rids, targets) if groups.has_means else (),
            means=options.bands and options.x != "time",
            before=self._drawn if self._changed is not None else None,
            changed=self._changed or frozenset(),
        )
        workspace = self.desk.workspace
        self.desk.errands.send("charts", lambda: drawing(workspace, asked), self._charts_arrived)

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
            self.varying.show_params(self.runs.rows.row_of(rid), self.runs.columns, params)
        more, entry, node = (
            max(0, len(rids) - OVERLAID),
            self.runs.table.entry,
            self.runs.groups.node(self.runs.table.entry),
        )
        asked = Asked(
            rids[:OVERLAID],
            self.below.page,
            self.runs.metric,
            current=rid,
            more=more,
            most=most,
            directions=self.runs.directions,
            groups=gathered([node], rids[:OVERLAID], rids) if node is not None else (),
        )
        workspace = self.desk.workspace
        self.desk.errands.send("below", lambda: drawing(workspace, asked), partial(self._below_arrived, entry))

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
            "charts": [rid for subject in self.charts.subjects for rid in subject.runs] or self.runs.marks.targets(),
            "diff": self.diff.rids,
        }
        if view == "charts" and rids is not None:
            if any(rid in rids for rid in shown[view]):
                self.fill_charts(rids)
        elif view in ("health", "board") or (
            view in shown and (rids is None or any(rid in rids for rid in shown[view]))
        ):
            self.fill(view)
        elif view == "logs" and (rids is None or current in rids):
            self.follow_log()

    def do_axis(self) -> None:
        """The curves over the next x axis."""
        self.charts.next_axis()
        self.fill_charts()

    def do_bands(self) -> None:
        """Groups as means, or each of their runs."""
        if not self.runs.groups.has_means:
            self.desk.say("no groups: group the runs first, with b in the table", "dim")
            return
        if self.charts.options.x == "time":
            self.desk.say("over the time of day each run is drawn: no two of a group need meet", "dim")
            return
        self.charts.options = replace(self.charts.options, bands=not self.charts.options.bands)
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

    # answers

    def _charts_arrived(self, answer: Drawing) -> None:
        self._drawn, self._changed = answer, frozenset()
        self.charted_metrics = answer.metrics
        one = len(answer.subjects) == 1
        note = "no metric of this run was read so far" if one else "no metrics were recorded"
        self.charts.show(
            answer.subjects, answer.metrics, answer.curves, note, answer.more_runs, answer.without, answer.in_view
        )

    def _below_arrived(self, entry: int | None, answer: Drawing) -> None:
        if answer.subjects and entry == self.runs.table.entry:
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
        marked, current, listed = self.runs.marks.targets(), self.runs.table.current, self.runs.groups.listed
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
        row = self.runs.rows.row_of(rid)
        return row.name if row is not None else ""


def _ignore(error: RunspectError) -> None:
    """A log that cannot be followed just now is tried again by the next tick."""
