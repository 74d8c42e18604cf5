"""The one screen: opens the views and sends every command to whoever carries it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from textual import events, on
from textual.timer import Timer

from runspect.errors import QueryError, RunspectError
from runspect.tui.commands import BY_ID, TITLES, Where, bindings_of
from runspect.tui.desk import Desk, Options
from runspect.tui.environment import Terminal
from runspect.tui.errands import Errands, Finished
from runspect.tui.screens.acting import Acting
from runspect.tui.screens.annotating import Annotating
from runspect.tui.screens.arranging import Arranging
from runspect.tui.screens.asking import Asking
from runspect.tui.screens.baselining import Baselining
from runspect.tui.screens.board import Board
from runspect.tui.screens.burying import Burying
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.commanding import Commanding
from runspect.tui.screens.effects import EffectsList
from runspect.tui.screens.filtering import Filtering
from runspect.tui.screens.following import Following
from runspect.tui.screens.framing import Framing
from runspect.tui.screens.graduating import Graduating
from runspect.tui.screens.grouping import Grouping
from runspect.tui.screens.importance import Importance
from runspect.tui.screens.judging import Judging
from runspect.tui.screens.keeping import Keeping
from runspect.tui.screens.key_strokes import KeyStrokes
from runspect.tui.screens.linting import Linting
from runspect.tui.screens.marking import Marking
from runspect.tui.screens.narrowing import Narrowing
from runspect.tui.screens.opening import Opening
from runspect.tui.screens.pivoting import Pivoting
from runspect.tui.screens.prompting import Prompting
from runspect.tui.screens.querying import Querying
from runspect.tui.screens.reporting import Reporting
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.tagging import Tagging
from runspect.tui.screens.trail import Trail
from runspect.tui.screens.trying import Trying
from runspect.tui.screens.type_ahead import TypeAhead
from runspect.tui.screens.view_screen import ViewScreen
from runspect.tui.screens.viewing import Viewing
from runspect.tui.screens.writing import Writing
from runspect.tui.screens.yanking import Yanking
from runspect.tui.widgets.board_pane import BoardPane
from runspect.tui.widgets.chart_grid import ChartGrid
from runspect.tui.widgets.importance_list import ImportanceList
from runspect.tui.widgets.line_editor import LineEditor
from runspect.tui.widgets.picker import Picker
from runspect.tui.widgets.pivot_pane import PivotPane
from runspect.tui.widgets.run_table import RunTable
from runspect.tui.widgets.verb_picker import VerbPicker
from runspect.workspace import Workspace

REST_S = 0.15
"""Seconds that the cursor has to rest before the charts under the table follow it."""


class MainScreen(ViewScreen, inherit_bindings=False):
    """Holds the parts that do the work; decides which view is open and where a command goes."""

    BINDINGS = bindings_of(("everywhere",))

    def __init__(
        self,
        workspace: Workspace,
        options: Options,
        terminal: Terminal,
        on_rows: Callable[[bool], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._on_rows = on_rows
        """Called when the first answer is shown; tells whether the cursor is where it was left."""
        self.view: Where = "runs"
        self.strokes = KeyStrokes(lambda following: self.footer.offer(following), self._places, options.keymap)
        self._picker: Picker | None = None
        self._rest: Timer | None = None
        self._has_filled = False
        """The lower pane was filled before: who comes back to a run does not wait for its curves."""
        errands = Errands(self.post_message, lambda text: self.say(text, "bad"))
        self.ahead = TypeAhead(errands, self._is_ending, self._give)
        self.desk = Desk(workspace, options, terminal, errands, self.say, self.ahead.expect)
        self.make_widgets(self.desk.glyphs, jump=8 if self.desk.is_slow else 1)
        self._make_parts(self.desk)

    def _make_parts(self, desk: Desk) -> None:
        self.runs = RunList(desk, self.table, self._runs_changed)
        self.opening = Opening(
            desk, self.runs, self.charts, self.diff, self.logs, self.card, self.health, self.below, self.varying
        )
        self.filtering = Filtering(desk, self.runs, self.filter_line, self.popup, self.focus_view)
        self.prompting = Prompting(self.prompt_line, self.footer, self.popup, self.focus_view)
        self.annotating = Annotating(desk, self.runs, self._annotated)
        self.marking = Marking(desk, self.runs, lambda keys: self.footer.offer(keys))
        self.asking = Asking(desk, self.runs, self.opening, self.annotating, self.prompting)
        self.querying = Querying(desk, self, self.runs, self.prompting, self.sql)
        self.choosing = Choosing(desk, self, self.runs, self.opening)
        self.grouping = Grouping(desk, self.runs, self.prompting)
        self.trail = Trail(self.runs, self.open_view)
        self.tagging = Tagging(desk, self.runs, self.trail, self.annotating, self.asking, self.choosing, self.prompting)
        self.judging = Judging(
            desk, self.runs, lambda: self.view == "card", self.trail, self.annotating, self.choosing, self.prompting
        )
        self.baselining = Baselining(desk, self.runs, self.annotating)
        self.linting = Linting(desk, self, self.runs, self.trail, self.choosing)
        self.graduating = Graduating(desk, self.runs, self.annotating, self.prompting)
        self.writing = Writing(desk, self.runs, self.prompting)
        self.reporting = Reporting(desk, self.runs, self.prompting, self.board_pane, lambda: self.view)
        self.arranging = Arranging(desk, self.runs)
        self.narrowing = Narrowing(desk, self.runs, self.trail)
        self.pivoting = Pivoting(desk, self, self.runs, self.trail, self.prompting, self.pivot)
        self.board = Board(desk, self, self.runs, self.board_pane, self.choosing)
        self.runs.meant.elsewhere = lambda: self.board.best_here() if self.view == "board" else None
        self.burying = Burying(desk, self.runs, self.trail, self.choosing)
        self.importance = Importance(desk, self, self.runs, self.choosing, self.params, self.scatter)
        self.effects = EffectsList(
            desk,
            self,
            self.runs,
            self.choosing,
            self.trail,
            lambda: self.params.param if self.view == "importance" else "",
        )
        self.trying = Trying(desk, self, self.runs, self.choosing, self.trail)
        self.opening.others = {
            "pivot": self.pivoting.fill,
            "importance": self.importance.fill,
            "board": self.board.fill,
        }
        self.opening.costs = {"board": lambda: self.board.cost_s}
        self.yanking = Yanking(desk, self.runs, self.table)
        self.following = Following(desk, self.runs, self.opening, self.title_line)
        self.viewing = Viewing(desk, self.runs, self.opening, self.choosing, self.following.set_saved)
        self.commanding = Commanding(desk, self, self.runs, self.asking, self.choosing, self.viewing, self.prompting)
        self.keeping = Keeping(desk, self.runs, self.opening)
        self.framing = Framing(desk)
        self.acting = Acting(self)
        self._parts: tuple[object, ...] = (
            self.acting,
            self.opening,
            self.marking,
            self.asking,
            self.querying,
            self.choosing,
            self.grouping,
            self.tagging,
            self.judging,
            self.baselining,
            self.linting,
            self.graduating,
            self.viewing,
            self.writing,
            self.reporting,
            self.commanding,
            self.arranging,
            self.narrowing,
            self.pivoting,
            self.board,
            self.burying,
            self.importance,
            self.effects,
            self.trying,
            self.annotating,
            self.yanking,
            self.following,
        )

    # life

    def on_mount(self) -> None:
        """Ask for the first rows before anything else."""
        self.fit_size(low_bandwidth=self.desk.options.low_bandwidth)
        self.footer.keys = dict(self.desk.options.keymap)
        self.set_focus(self.table)
        self.keeping.restore(self)
        self.runs.load(failed=self._first_failed)
        self.following.start(self)

    def _first_failed(self, error: RunspectError) -> None:
        """Before the first look at the disk a query may name what is not known yet: that look asks again."""
        self.following.first_rows.set()
        if not isinstance(error, QueryError):
            self.say(str(error), "bad")

    def on_unmount(self) -> None:
        """Keep what there is to keep; nothing waits for a thread."""
        self.keeping.leave(self)
        self.desk.errands.close()

    def on_screen_suspend(self) -> None:
        """Nothing is asked for while another screen covers this one."""
        self.following.pause_timers()

    def on_screen_resume(self) -> None:
        """Catch up."""
        self.following.resume_timers()

    def on_resize(self, event: events.Resize) -> None:
        """More or fewer panes."""
        self.fit_size(low_bandwidth=self.desk.options.low_bandwidth)
        self.call_after_refresh(self.fill_soon)

    # views

    def open_view(self, view: Where) -> None:
        """Show a view and ask for what it shows."""
        self.close_overlay()
        self.query_one(f"#{self.view}").remove_class("-open")
        self.view = view
        self.query_one(f"#{view}").add_class("-open")
        self.footer.set_view(view)
        self.following.show_status(view)
        self.focus_view()
        self.keeping.soon(self)
        self.call_after_refresh(self.opening.fill, view)

    def focus_view(self) -> None:
        """Give the keys to the open view."""
        self.set_focus(self.panes[self.view])

    def keep_frame(self) -> None:
        """Keep what the table looks like, now and then."""
        self.framing.keep_rarely(self)

    # commands

    def action_perform(self, command: str) -> None:
        """A key was pressed."""
        self.perform(command)

    def action_prefix(self, key: str) -> None:
        """The first of two strokes: say what may follow."""
        self.strokes.begin(key)

    def take_key(self, event: events.Key) -> bool:
        """Use a key before the bindings see it: the second of two strokes, or typing that was faster than the focus."""
        return self.ahead.take(event) or self._use_key(event)

    def _use_key(self, event: events.Key) -> bool:
        typing = self._typing
        if typing is not None:
            return typing.take_key(event)
        if not self.strokes.first:
            return False
        found = self.strokes.end(event.key)
        if found is not None:
            self.perform(found.id)
        return True

    @property
    def _typing(self) -> LineEditor | Picker | None:
        """What takes text just now. A key that was on its way to another widget when it opened belongs to it, too."""
        if self._picker is not None:
            return self._picker
        focused = self.focused
        return focused if isinstance(focused, LineEditor) else None

    def _is_ending(self) -> bool:
        return (typing := self._typing) is not None and typing.has_ended

    async def _give(self, event: events.Key) -> None:
        """Do what a key says that had to wait."""
        if not self._use_key(event) and (found := self.active_bindings.get(event.key)) is not None:
            await self.app.run_action(found.binding.action, found.node)

    def _places(self) -> set[str]:
        """Where the commands of the moment belong, see `commands.Where`."""
        return {"everywhere", self.view, "lines" if self.focused is not self.table else ""}

    def perform(self, id: str, argument: str = "") -> None:
        """Carry out a command: by the pane that has the keys, the open view, one of the parts, or the screen."""
        command = BY_ID[id]
        self.footer.settle()
        self.marking.moved()
        if argument:
            for part in self._parts:
                taker = getattr(part, command.handler.replace("do_", "take_", 1), None)
                if taker is not None:
                    taker(argument)
                    return
        for target in (self.focused, self.panes[self.view], *self._parts, self, self.app):
            handler: Callable[[], None] | None = getattr(target, command.handler, None)
            if handler is not None:
                handler()
                return
        self.say(f"{command.title} does not work in {TITLES[self.view]}", "dim")

    def close_overlay(self) -> bool:
        """Take away what covers the view; whether there was anything."""
        overlays = list(self.query("HelpOverlay, Picker"))
        self._picker = None
        for overlay in overlays:
            overlay.remove()
        if overlays:
            self.focus_view()
        return bool(overlays)

    def open_picker(self, picker: Picker) -> None:
        """Show a list over the view."""
        self._picker = picker
        self.mount(picker)

    @property
    def picker(self) -> Picker | None:
        """The list that is open."""
        return self._picker

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call something after some seconds."""
        return self.set_timer(seconds, call)

    def say(self, text: str, look: str = "plain") -> None:
        """Show a message in the footer for some seconds."""
        if self.is_attached:  # while it is being mounted, too
            self.footer.say(text, look)

    # news from the parts and the widgets

    def _runs_changed(self) -> None:
        """The order, the marks or what there is to choose from is another one."""
        self.filter_line.set_aside(self.following.counts())
        self.following.show_empty(self.runs.order)
        self.set_class(self.runs.order is None or not self.runs.order.total, "-empty")
        if not self.filtering.is_open and self.filtering.error is None:
            self.filter_line.set_text(
                self.runs.wanted.query
            ) if self.filter_line.text != self.runs.wanted.query else None
        self.fill_soon()
        self.opening.fill_if_other(self.view)
        self.viewing.check()
        self.keeping.soon(self)
        if self.runs.order is not None:  # marks of an earlier day may come back before the first answer
            self.following.first_rows.set()
            self._on_rows(not self.keeping.is_restoring)

    def _annotated(self, rids: Sequence[int]) -> None:
        self.runs.load()
        if self.view == "card":
            self.opening.fill_card()

    def fill_soon(self) -> None:
        """Fill the lower pane once the cursor has rested; the first time as soon as the rows are painted."""
        if self._rest is not None:
            self._rest.stop()
        if self._has_filled or self.table.row is None or self.view != "runs":
            self._rest = self.set_timer(REST_S, self._rested)
            return
        self._has_filled = True
        self.call_after_refresh(self._rested)

    def _rested(self) -> None:
        self._rest = None
        if self.view == "runs":
            row = self.table.row
            self.rule_line.set_title(row.name if row is not None else "")
            self.opening.fill_below()

    @on(Finished)
    async def _deliver(self, message: Finished) -> None:
        self.desk.errands.deliver(message)
        self.ahead.opened(self._typing is not None)
        await self.ahead.catch_up()

    @on(ChartGrid.Opened)
    def _chart_opened(self, message: ChartGrid.Opened) -> None:
        self.charts.focus_index = message.index
        self.charts.options = replace(self.charts.options, zoomed=True)
        self.open_view("charts")

    @on(ChartGrid.CurvesWanted)
    def _curves_wanted(self) -> None:
        if self.view == "charts":
            self.opening.fill_charts()
        elif self.view == "runs":
            self.opening.fill_below()

    @on(RunTable.Moved)
    def _moved(self, message: RunTable.Moved) -> None:
        self.marking.moved()
        self.fill_soon()
        self.keeping.soon(self)

    @on(RunTable.RowsWanted)
    def _rows_wanted(self, message: RunTable.RowsWanted) -> None:
        self.runs.rows.fetch(message.rids, ahead=message.ahead)

    @on(PivotPane.Chosen)
    def _cell_chosen(self, message: PivotPane.Chosen) -> None:
        self.pivoting.list_runs(message.values)

    @on(BoardPane.Chosen)
    def _best_chosen(self, message: BoardPane.Chosen) -> None:
        self.board.go_to(message.rid)

    @on(BoardPane.RecordsWanted)
    def _records_wanted(self) -> None:
        self.board.list_records()

    @on(ImportanceList.Pointed)
    def _param_pointed(self, message: ImportanceList.Pointed) -> None:
        self.importance.pointed()

    @on(ImportanceList.MetricWanted)
    def _param_metric(self, message: ImportanceList.MetricWanted) -> None:
        self.importance.choose_metric()

    @on(ImportanceList.ZoomWanted)
    def _param_zoom(self, message: ImportanceList.ZoomWanted) -> None:
        self.importance.turn_zoom()

    @on(LineEditor.Changed)
    def _typed(self, message: LineEditor.Changed) -> None:
        (self.filtering if message.editor is self.filter_line else self.prompting).changed(message.text)

    @on(LineEditor.Submitted)
    async def _submitted(self, message: LineEditor.Submitted) -> None:
        message.editor.has_ended = False
        (self.filtering if message.editor is self.filter_line else self.prompting).submit()
        await self.ahead.catch_up()

    @on(LineEditor.Cancelled)
    async def _cancelled(self, message: LineEditor.Cancelled) -> None:
        message.editor.has_ended = False
        (self.filtering if message.editor is self.filter_line else self.prompting).cancel()
        await self.ahead.catch_up()

    @on(LineEditor.Completing)
    def _completing(self, message: LineEditor.Completing) -> None:
        (self.filtering if message.editor is self.filter_line else self.prompting).move(message.by, take=message.take)

    @on(Picker.Picked)
    async def _picked(self, message: Picker.Picked) -> None:
        self._leave_picker(message.picker)
        self.choosing.picked(message.values)
        self.viewing.check()
        await self.ahead.catch_up()

    @on(VerbPicker.Acted)
    async def _acted(self, message: VerbPicker.Acted) -> None:
        self._leave_picker(message.picker)
        self.choosing.acted(message.verb, message.value)
        await self.ahead.catch_up()

    @on(Picker.Left)
    async def _left(self, message: Picker.Left) -> None:
        self._leave_picker(message.picker)
        await self.ahead.catch_up()

    def _leave_picker(self, picker: Picker) -> None:
        self._picker = None
        picker.remove()
        self.focus_view()
