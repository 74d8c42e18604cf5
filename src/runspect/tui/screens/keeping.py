"""The state of the screen on disk: written a moment after a change, read when the screen opens."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from textual.timer import Timer

from runspect.counted import counted
from runspect.errors import AmbiguousRun, NotFound
from runspect.model import RunRow, SortKey
from runspect.tui import memory
from runspect.tui.commands import TITLES, Where
from runspect.tui.desk import Desk
from runspect.tui.left_behind import PaneFile
from runspect.tui.memory import Remembered
from runspect.tui.outline import Folds
from runspect.tui.screens.asking import Asking
from runspect.tui.screens.commanding import Commanding
from runspect.tui.screens.opening import Opening
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.shown_columns import VARYING
from runspect.tui.screens.viewing import Viewing
from runspect.workspace import Choices, Workspace

REST_S = 1.0
MOST_SOUGHT = 5
"""Runs that are asked for one by one."""
MOST_TURNED = 500
"""Groups at most that are remembered as open, or folded, unlike the others."""


class Keeper(Protocol):
    """The screen whose state it is."""

    view: Where
    asking: Asking
    commanding: Commanding
    viewing: Viewing

    def open_view(self, view: Where) -> None:
        """Show a view."""

    def keep_frame(self) -> None:
        """Keep what the table looks like, now and then."""

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call something after some seconds."""


class Keeping:
    """Knows where the state lies; without such a place nothing is kept."""

    def __init__(self, desk: Desk, runs: RunList, opening: Opening) -> None:
        self.desk = desk
        self.runs = runs
        self.opening = opening
        folder = desk.options.memory
        self.file = PaneFile(memory.file_of(desk.workspace.scope, folder)) if folder is not None else None
        self._timer: Timer | None = None
        self._saved: Remembered | None = None
        self.link_dropped = False
        self.is_restoring = False
        """Whether marks and cursor are still to come back."""

    def restore(self, screen: Keeper) -> None:
        """Bring back what was there; what the command line asks for comes first."""
        kept = self.file.take_over() if self.file is not None else None
        if kept is None:
            options = self.desk.options
            if not (options.query or options.sort):
                screen.viewing.open_default()
            return
        wanted = self.runs.wanted
        self.runs.restore_query(kept.query)
        wanted.sort = wanted.sort or tuple(SortKey(str(column), bool(descending)) for column, descending in kept.sort)
        wanted.columns = kept.columns or wanted.columns
        wanted.metric, wanted.archived = kept.metric, kept.archived
        wanted.group = kept.group
        if kept.usual_params or kept.usual_metrics:
            self.runs.expect(_usual(kept))
        self.runs.groups.folds = Folds(kept.open_groups, frozenset(kept.turned_groups)) if kept.group else None
        self.runs.looks.restore(tuple(map(str, kept.wide)), {"on": True, "off": False}.get(kept.bars))
        self.opening.chart_metrics = kept.chart_metrics
        self.opening.set_chart(kept.x, kept.smoothing, kept.log_y, kept.span)
        screen.asking.unfinished = (kept.note_run, kept.note_text)
        screen.commanding.history = tuple(map(str, kept.history))
        screen.viewing.restore("" if self.desk.options.query else kept.saved_view)
        if kept.marks or kept.cursor:
            self._restore_runs(screen, kept)
        elif kept.view in TITLES and kept.view != "runs":
            screen.open_view(_view(kept.view))
        self._say(kept)

    def soon(self, screen: Keeper) -> None:
        """Write the state once changes have come to rest."""
        if self.file is not None and self._timer is None:
            self._timer = screen.later(REST_S, lambda: self.save(screen))

    def save(self, screen: Keeper) -> None:
        """Write the state now, if it is another one."""
        self._timer = None
        kept = self._state(screen)
        screen.keep_frame()
        if self.file is not None and kept != self._saved:
            self.file.save(kept)
            self._saved = kept

    def leave(self, screen: Keeper) -> None:
        """Write the state for whoever comes next; after a dropped link it stays this pane's, to be found beside others."""
        if self.file is not None:
            self.file.save(self._state(screen), leaving=not self.link_dropped)

    def _state(self, screen: Keeper) -> Remembered:
        wanted, options = self.runs.wanted, self.opening.charts.options
        current, folds = self.runs.table.current, self.runs.groups.folds or Folds()
        usual = self.runs.usual
        return Remembered(
            view=screen.view,
            query=wanted.query,
            sort=tuple((key.column, key.descending) for key in wanted.sort),
            columns=wanted.columns,
            usual_params=usual.usual_params[:VARYING],
            usual_metrics=usual.usual_metrics,
            usual_words=usual.usual_words,
            directions=tuple((name, way) for name, way in usual.directions.items() if name in usual.usual_metrics),
            wide=wanted.wide,
            bars="" if wanted.bars is None else "on" if wanted.bars else "off",
            metric=wanted.metric,
            chart_metrics=self.opening.chart_metrics,
            x=options.x,
            smoothing=options.smoothing,
            log_y=options.log_y,
            span=options.span or (),
            archived=wanted.archived,
            group=wanted.group,
            open_groups=folds.all_open,
            turned_groups=tuple(sorted(folds.others))[:MOST_TURNED],
            marks=tuple(uid for uid in self.runs.marks.uids.values() if uid),
            cursor="" if current is None else self.runs.rows.uid_of(current),
            note_run=screen.asking.unfinished[0],
            note_text=screen.asking.unfinished[1],
            saved_view=screen.viewing.name,
            history=screen.commanding.history,
        )

    def _restore_runs(self, screen: Keeper, kept: Remembered) -> None:
        workspace = self.desk.workspace

        def ask() -> tuple[RunRow, ...]:
            return workspace.window(_rids_of(workspace, {*kept.marks, kept.cursor}), ())

        def arrived(rows: Sequence[RunRow]) -> None:
            self.runs.marks.restore(kept.marks, rows)
            found = next((row.rid for row in rows if row.uid == kept.cursor), None)
            if found is not None:
                self.runs.go_to(found)
            if kept.view in TITLES and kept.view != "runs":
                screen.open_view(_view(kept.view))
            self._restored()

        self.is_restoring = True
        self.desk.errands.send("restore", ask, arrived, lambda error: self._restored())

    def _restored(self) -> None:
        self.is_restoring = False
        self.runs.on_change()

    def _say(self, kept: Remembered) -> None:
        parts = [
            f"filter {kept.query}" if kept.query else "",
            f"grouped by {', '.join(kept.group)}" if kept.group else "",
            f"sorted by {', '.join(str(column) for column, _ in kept.sort)}" if kept.sort else "",
            "columns that you chose" if kept.columns else "",
            "archived runs, too" if kept.archived else "",
            counted(len(kept.marks), "mark") if kept.marks else "",
            "an unfinished note" if kept.note_text else "",
        ]
        said = ", ".join(part for part in parts if part)
        if said:
            self.desk.say(f"as you left it: {said}", "dim")


def _usual(kept: Remembered) -> Choices:
    """What the usual columns of the last time were made of."""
    params, metrics = tuple(map(str, kept.usual_params)), tuple(map(str, kept.usual_metrics))
    return Choices(
        params=tuple((name, 0, 0) for name in params),
        metrics=tuple((name, 0) for name in metrics),
        facts=(),
        tags=(),
        usual_params=params,
        usual_metrics=metrics,
        usual_words=tuple(map(str, kept.usual_words)),
        directions={str(name): "up" if way == "up" else "down" for name, way in kept.directions},
    )


def _rids_of(workspace: Workspace, uids: Collection[str]) -> Sequence[int]:
    """Where these runs may be found: each by itself, or in all that there are where these are many."""
    if len(uids) > MOST_SOUGHT:
        return workspace.order("", (), True).rids
    found = []
    for uid in filter(None, uids):
        with contextlib.suppress(NotFound, AmbiguousRun):
            found.append(workspace.resolve(uid)[0])
    return found


def _view(name: str) -> Where:
    return next((view for view in TITLES if view == name), "runs")
