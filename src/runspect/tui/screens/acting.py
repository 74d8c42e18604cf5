"""Commands that act on the screen itself: views, marks, panes, help, leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runspect.tui.commands import Where
from runspect.tui.widgets.help_overlay import HelpOverlay

if TYPE_CHECKING:  # the screen makes this part of itself
    from runspect.tui.screens.main import MainScreen


class Acting:
    """One short method a command; what takes longer is done by the other parts of the screen."""

    def __init__(self, stage: MainScreen) -> None:
        self.stage = stage

    def do_runs(self) -> None:
        self.stage.open_view("runs")

    def do_charts(self) -> None:
        self._open_on_run("charts")

    def do_diff(self) -> None:
        self._open_on_run("diff")

    def do_logs(self) -> None:
        self._open_on_run("logs")

    def do_card(self) -> None:
        self._open_on_run("card")

    def _open_on_run(self, view: Where) -> None:
        """Open a view that is about the run of the table's cursor: that goes to the run which is seen now."""
        shown = self.stage.runs.meant.elsewhere()
        if shown:
            self.stage.runs.go_to(shown[0].rid)
        self.stage.open_view(view)

    def do_open(self) -> None:
        """The card of a run; the runs of a group."""
        if self.stage.runs.groups.members(self.stage.table.entry):
            self.stage.runs.turn_fold()
        else:
            self.stage.open_view("card")

    def do_health(self) -> None:
        self.stage.open_view("health")

    def do_filter(self) -> None:
        self.stage.filtering.open()

    def do_archived(self) -> None:
        self.stage.runs.set_archived(not self.stage.runs.wanted.archived)
        self.stage.say(
            "archived runs are listed too" if self.stage.runs.wanted.archived else "archived runs are left out", "dim"
        )

    def do_pane_next(self) -> None:
        if self.stage.view == "runs" and self.stage.below.is_on_screen:
            self.stage.set_focus(self.stage.table if self.stage.below.has_focus else self.stage.below)

    def do_pane_previous(self) -> None:
        self.do_pane_next()

    def do_chart_zoom(self) -> None:
        self.stage.charts.do_chart_zoom()

    def do_zoom(self) -> None:
        """Give one pane of the table view the whole height; in the charts, one chart."""
        if self.stage.view == "charts":
            self.stage.charts.do_chart_zoom()
            return
        runs = self.stage.query_one("#runs")
        wanted = "-only-below" if self.stage.below.has_focus else "-only-table"
        was = runs.has_class("-only-below") or runs.has_class("-only-table")
        runs.remove_class("-only-below", "-only-table")
        runs.set_class(not was, wanted)
        self.stage.call_after_refresh(self.stage.fill_soon)

    def do_help(self) -> None:
        if self.stage.close_overlay():
            return
        overlay = HelpOverlay(
            self.stage.view, dict(self.stage.desk.options.keymap), glyphs=self.stage.desk.glyphs, id="help"
        )
        self.stage.mount(overlay)

    def do_close(self) -> None:
        """The overlay, else the view, else the program."""
        if self.stage.close_overlay():
            return
        if self.stage.view == "runs":
            self.stage.app.exit()
        else:
            self.stage.open_view("runs")

    def do_back(self) -> None:
        """Exactly one layer."""
        if self.stage.close_overlay():
            return
        if self.stage.view != "runs":
            if self.stage.view == "charts" and self.stage.charts.options.cursor is not None:
                self.stage.charts.do_cursor()
            elif self.stage.view == "charts" and self.stage.charts.options.zoomed:
                self.stage.charts.do_chart_zoom()
            elif self.stage.view == "importance" and self.stage.importance.is_zoomed:
                self.stage.importance.turn_zoom()
            else:
                self.stage.open_view("runs")
        elif self.stage.marking.is_open:
            self.stage.marking.give_up()
        elif self.stage.below.has_focus:
            self.stage.set_focus(self.stage.table)
        elif self.stage.trail.step_back():  # a step may have led to no filter, too
            pass
        elif self.stage.runs.wanted.query:
            self.stage.filtering.clear()
        elif self.stage.runs.marks.uids:
            self.stage.runs.marks.clear()
