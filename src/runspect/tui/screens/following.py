"""Keeping up: the first look at the disk, news from the engine, what the first lines say about both."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from textual.screen import Screen
from textual.timer import Timer

from runspect.counted import counted
from runspect.errors import RunspectError
from runspect.masking import printable
from runspect.model import Progress, Push, RunOrder
from runspect.tui.commands import Where
from runspect.tui.desk import Desk
from runspect.tui.feed import Feed
from runspect.tui.screens.arrivals import Arrivals
from runspect.tui.screens.opening import Opening
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.welcome import nothing_listed, told_missing
from runspect.tui.widgets.painted import Span
from runspect.tui.widgets.title_line import Status, TitleLine

NEWS_S = 0.05
"""Seconds at least between two looks at the news, of which the first after a rest is at once. Where there is none, and nothing
waits to be asked for, nobody looks."""
ORDER_S, ROWS_S, VIEW_S, CHOICES_S = 0.6, 0.14, 0.8, 5.0
"""Seconds at least between two questions for the order, for what a view shows, and for what there is to choose from."""
BELOW_S = 2.0
"""The same for the charts under the table: a point more is hardly seen in them, and its numbers stand in the row at once."""
EMPTY_S = 0.2
"""The same as long as there are none: the first points are waited for."""
CALM_ORDER_S = 2.0
"""Seconds between two questions for the order where only known runs changed and the list is not sorted by what they log."""
DRAWING_SHARE = 10.0
"""Charts of hundreds of curves, and the board, are made again after so many times what they took last."""
GROUPS_SHARE = 10.0
"""A list of groups is asked for again after so many times what its last answer took."""
FIRST_ROWS_S = 1.0
"""Seconds that the first look at the disk waits for the first rows at most."""
AGES_S, MODE_S, LOG_S = 5.0, 15.0, 1.0

VIEW_GROUPS = ("below", "charts", "drawing", "diff", "card", "health", "logs", "board", "board-past")
"""Errands that fill a view."""

_RECONNECTING = "reconnecting…"


class Following:
    """Turns pushes into few questions; paused, it only gathers."""

    def __init__(self, desk: Desk, runs: RunList, opening: Opening, title: TitleLine) -> None:
        self.desk = desk
        self.runs = runs
        self.opening = opening
        self.title = title
        self.feed = Feed()
        self.arrivals = Arrivals(desk)
        self.first_rows = threading.Event()
        """Set once there are rows, or an answer that there are none."""
        self.paused = False
        self.synced = False
        self.seen: dict[str, int] = {}
        self._asked_seen = False
        self._why: tuple[str, tuple[str, ...]] = ("", ())
        """A query that no run matches, and what is to be said of it."""
        self.progress: Progress | None = None
        self.reconnecting = False
        self.missing: tuple[str, ...] = ()
        """Directories of the scope that are not there."""
        self.saved = ""
        """The open view as the first line calls it, "" for none."""
        self._mode = ""
        self._stale: set[int] = set()
        self._all_stale = False
        self._view_stale: set[int] = set()
        self._whole_view_stale = False
        self._order_at = self._rows_at = self._view_at = self._choices_at = 0.0
        self._order_stale = self._order_calm = False
        self._timers: list[Timer] = []
        self._news_timer: Timer | None = None
        self._news_at = 0.0
        self._covered = False
        """Another screen is on top."""
        self._view: Where = "runs"

    # life

    def start(self, screen: Screen[None]) -> None:
        """Listen, look at the disk, and set the clocks."""
        workspace = self.desk.workspace
        workspace.on_push = self.feed.push
        self.show_status("runs")
        self.desk.errands.send("watch", self._watch, lambda _: self._ask_mode())
        self.sync()
        self._news_timer = screen.set_interval(NEWS_S, self._tick)
        self.feed.on_fresh = partial(screen.call_later, self._news_came)  # safe from the engine's thread
        self._timers = [
            self._news_timer,
            screen.set_interval(AGES_S, self.runs.tick),
            screen.set_interval(MODE_S, self._ask_mode),
            screen.set_interval(LOG_S, self._follow_log),
        ]

    def pause_timers(self) -> None:
        """Another screen covers this one."""
        self._covered = True
        for timer in self._timers:
            timer.pause()

    def resume_timers(self) -> None:
        """It is gone."""
        self._covered = False
        for timer in self._timers:
            timer.resume()

    def sync(self) -> None:
        """Look at the disk."""
        workspace = self.desk.workspace

        def report(progress: Progress) -> None:
            self.feed.push(Push(progress=progress))

        def look() -> int:
            self.first_rows.wait(FIRST_ROWS_S)  # the engine is to answer for them before it walks through the disk
            return workspace.sync(report)

        self.desk.errands.send("sync", look, lambda _: self._synced(), self._sync_failed)

    def _watch(self) -> None:
        self.first_rows.wait(FIRST_ROWS_S)  # as above: it walks to every directory
        self.desk.workspace.watch()

    # commands

    def do_rescan(self) -> None:
        """Look at the disk again."""
        self.desk.say("looking through the directories again", "dim")
        self.sync()

    def do_follow(self) -> None:
        """Pause, or go on."""
        self.paused = not self.paused
        if not self.paused:
            self._all_stale = self._order_stale = True
            self._order_calm = False
            self._look_again()
        self.desk.say("live updates are paused: F goes on" if self.paused else "live updates go on", "dim")
        self.show_status(self._view)

    # news

    def _news_came(self) -> None:
        if self._covered:
            return
        self._look_again()
        if time.monotonic() - self._news_at >= NEWS_S:
            self._tick()

    def _look_again(self) -> None:
        if self._news_timer is not None:
            self._news_timer.resume()

    def _tick(self) -> None:
        self._news_at = time.monotonic()
        news = self.feed.drain()
        if news is not None:
            self._take(news)
        if not self.paused:
            self._ask_what_is_stale()
        if news is None and (self.paused or not self._is_stale()) and self._news_timer is not None:
            self._news_timer.pause()

    def _is_stale(self) -> bool:
        """Whether anything is still to be asked for."""
        rows, view = self._stale or self._all_stale, self._view_stale or self._whole_view_stale
        return bool(rows or view or self._order_stale or self.arrivals.is_waiting)

    def _take(self, news: Push) -> None:
        if news.progress is not None:
            self.progress = None if news.progress.phase == "idle" else news.progress
        self.reconnecting |= news.broken
        if news.lost:
            self.reconnecting = True
            self.sync()  # what was written meanwhile
            self._ask_mode()
        if news.rids or news.everything or news.lost:
            self._stale |= news.rids
            self._all_stale |= news.everything or news.lost
            calm = not news.everything and not news.lost and self.runs.knows(news.rids)
            self._order_calm = calm and (self._order_calm or not self._order_stale)
            self._order_stale = True
            self.arrivals.take(news.rids)
        self.show_status(self._view)

    def _ask_what_is_stale(self) -> None:
        self.arrivals.ask()
        now, waits_for = time.monotonic(), self.desk.errands.waits_for
        if (self._stale or self._all_stale) and now - self._rows_at >= ROWS_S and not waits_for("window"):
            if self.runs.rows.refresh(None if self._all_stale else self._stale):
                self._rows_at = now  # news of runs elsewhere hold up none of those that are seen
            self._view_stale |= self._stale
            self._whole_view_stale |= self._all_stale
            self._stale, self._all_stale = set(), False
        view_is_stale = self._view_stale or self._whole_view_stale
        if self._view == "runs":
            view_s = BELOW_S if self.opening.below.metrics else EMPTY_S
        else:
            view_s = max(VIEW_S, DRAWING_SHARE * self.opening.cost_s(self._view))
        if view_is_stale and now - self._view_at >= view_s and not any(map(waits_for, VIEW_GROUPS)):
            self.opening.refresh(self._view, None if self._whole_view_stale else self._view_stale)
            self._view_stale, self._whole_view_stale, self._view_at = set(), False, now
        order_s = CALM_ORDER_S if self._order_calm else ORDER_S
        if self.runs.groups.by:
            order_s = max(order_s, GROUPS_SHARE * self.runs.cost_s)
        if self._order_stale and now - self._order_at >= order_s and not waits_for("order"):
            whole = now - self._choices_at >= CHOICES_S
            self._order_at, self._order_stale = now, False
            self._choices_at = now if whole else self._choices_at
            # the rows of the window are asked for by themselves
            self.runs.load(whole=whole, failed=lambda error: None, fresh=self.runs.table.window())

    def _follow_log(self) -> None:
        if self._view == "logs" and not self.paused and not self.desk.errands.waits_for("logs"):
            self.opening.follow_log()

    def _synced(self) -> None:
        news = self.feed.drain()
        if news is not None:
            self._take(news)
        self.synced, self.progress = True, None
        self.runs.settle()
        self.arrivals.begin()
        self._ask_mode()
        if self._view != "runs":
            self.opening.refresh(self._view, None)

    def _sync_failed(self, error: RunspectError) -> None:
        self.synced, self.progress = True, None
        self.desk.say(str(error), "bad")
        self.show_status(self._view)

    def _seen(self, seen: dict[str, int]) -> None:
        self.seen = seen
        self.show_empty(self.runs.order)

    # what is said

    def set_saved(self, name: str) -> None:
        """Say which saved view is open."""
        if name != self.saved:
            self.saved = name
            self.show_status(self._view)

    def show_status(self, view: Where) -> None:
        """Write the first line."""
        self._view = view
        scope = self.desk.workspace.scope
        place = scope[0] if len(scope) == 1 else f"{len(scope)} directories" if scope else "all known directories"
        gone = "directory deleted" if self.missing else ""
        trouble = _RECONNECTING if self.reconnecting else "paused" if self.paused else gone
        mode = self._progress_text() or self._mode
        self.title.set_status(Status(place, os.path.expanduser("~"), view, mode, trouble, self.saved))  # noqa: PTH111 - never raises

    def counts(self) -> tuple[Span, ...]:
        """How many runs there are, match, live, are marked."""
        order = self.runs.order
        if order is None:
            return ()
        shown, marked = len(order.rids), len(self.runs.marks.uids)
        spans: list[Span] = [
            (f"{shown:,} of {counted(order.total)}" if shown != order.total else counted(order.total), "plain")
        ]
        if self.runs.groups.by:
            spans += [(" · ", "faint"), (_groups(self.runs), "plain")]
        if sorted_by := hidden_keys(self.runs):
            spans += [(" · ", "faint"), (f"by {sorted_by}", "plain")]
        if order.live:
            spans += [(" · ", "faint"), (f"{order.live:,} live", "live")]
        if marked:
            spans += [(" · ", "faint"), (f"{marked:,} marked", "accent")]
        return tuple((text.replace("·", self.desk.glyphs.dot), look) for text, look in spans)

    def show_empty(self, order: RunOrder | None) -> None:
        """Say in the table why no run is listed."""
        scope, query = self.desk.workspace.scope, self.runs.wanted.query
        if self.synced and order is not None and not order.total and not self._asked_seen:
            self._asked_seen = True
            self.desk.errands.send("seen", self.desk.workspace.seen, self._seen)
        why = self._why[1] if self._why[0] == query else ()
        if order is not None and order.total and not order.rids and query and self._why[0] != query:
            self._ask_why(query)
        elif order is not None and order.rids:
            self._why = ("", ())
        self.runs.table.set_note(
            nothing_listed(scope, query, order, self.seen, synced=self.synced, missing=self.missing, why=why)
        )

    def _ask_why(self, query: str) -> None:
        """Find the condition that no run fulfils, and what may have been meant."""
        workspace, archived = self.desk.workspace, self.runs.wanted.archived

        def look() -> tuple[str, ...]:
            from runspect.workspace.hints import hints  # the query language takes a while to import

            return tuple(map(printable, hints(workspace, query, archived=archived)))

        def found(lines: tuple[str, ...]) -> None:
            self._why = (query, lines)
            if lines:
                self.show_empty(self.runs.order)

        self.desk.errands.send("why", look, found, lambda error: None)

    def _progress_text(self) -> str:
        progress = self.progress
        if progress is None:
            return "" if self.synced else "reading…"
        if progress.phase == "walking":
            return f"looking for runs, {counted(progress.done, 'entry', 'entries')}"
        return f"reading {progress.done:,} of {progress.total:,}"

    def _ask_mode(self) -> None:
        self.desk.errands.send("mode", self._look, self._mode_arrived, lambda error: None)

    def _look(self) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
        """What the engine says of its roots, and which directories are not there."""
        workspace = self.desk.workspace
        return workspace.roots(), tuple(path for path in workspace.scope if not os.path.isdir(path))  # noqa: PTH112 - names

    def _mode_arrived(self, answer: tuple[list[dict[str, Any]], tuple[str, ...]]) -> None:
        roots, missing = answer
        self.reconnecting = False
        if missing != self.missing:
            self.missing = missing
            self.show_empty(self.runs.order)
            if missing:
                self.desk.say(told_missing(missing), "bad")
        modes = {
            str(root.get("mode") or "") for root in roots if _concerns(str(root["root"]), self.desk.workspace.scope)
        } - {""}
        polled = sorted(mode for mode in modes if mode != "inotify")
        self._mode = polled[0] if polled else "inotify" if modes else ""
        self.show_status(self._view)


def _concerns(root: str, scope: Sequence[str]) -> bool:
    """Whether a watched root has to do with the scope."""
    return not scope or any(f"{inner}/".startswith(f"{root}/") or f"{root}/".startswith(f"{inner}/") for inner in scope)


def hidden_keys(runs: RunList) -> str:
    """What the list is sorted by without a column that shows so: `started` or `-started`, as `:sort` takes it."""
    shown = {spec.removeprefix("~") for spec in runs.specs}
    return ",".join("-" * key.descending + key.column for key in runs.wanted.sort if key.column not in shown)


def _groups(runs: RunList) -> str:
    """How many groups there are, and of what."""
    count = len(runs.groups.outline.nodes if runs.groups.is_tree else runs.groups.outline.top)
    what = "parent" if runs.groups.is_tree else "group"
    by = "" if runs.groups.is_tree else f" by {','.join(runs.groups.by)}"
    return counted(count, what) + by
