"""Says of a run that came or ended how it does against its main reference: once each, in the line where the screen tells things."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.errors import RunspectError
from runspect.model import Arrival
from runspect.tui.desk import Desk
from runspect.tui.glyphs import plain
from runspect.workspace import Workspace

ASK_S = 2.0
"""Seconds at least between two questions."""
MOST_NEWS = 200
"""Runs that are asked about at once: where more have news, a whole directory came."""
ALIVE = frozenset(("running", "quiet"))


@dataclass(frozen=True, slots=True)
class _Known:
    """What there was before the news."""

    rids: frozenset[int]
    alive: frozenset[int]


@dataclass(frozen=True, slots=True)
class _News:
    """What became of some runs."""

    states: tuple[tuple[int, str], ...]
    told: tuple[Arrival, ...]


class Arrivals:
    """Remembers which runs there were and which lived; mutable, of the event loop."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._known: _Known | None = None
        """None before the first look at the disk is over: what comes until then is no news."""
        self._said: set[int] = set()
        """Runs that came since and were spoken of."""
        self._pending: set[int] = set()
        self._asked_at = 0.0

    @property
    def has_begun(self) -> bool:
        """Whether it is known what was there before."""
        return self._known is not None

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to be asked for."""
        return bool(self._pending) and self._known is not None

    def begin(self) -> None:
        """A look at the disk is over; what the first one found was there before."""
        if self._known is None:
            self._look()

    def take(self, rids: Collection[int]) -> None:
        """These runs have news."""
        if self._known is not None:
            self._pending |= frozenset(rids)

    def ask(self) -> None:
        """Find out what became of them, now and then."""
        now, known = time.monotonic(), self._known
        if not self._pending or known is None or now - self._asked_at < ASK_S:
            return
        if self.desk.errands.waits_for("arrivals"):
            return
        self._asked_at = now
        pending, self._pending = self._pending, set()
        if len(pending) > MOST_NEWS:
            self._look()
            return
        workspace, said = self.desk.workspace, frozenset(self._said)
        self.desk.errands.send("arrivals", lambda: _news(workspace, known, said, sorted(pending)), self._came, _ignore)

    def _look(self) -> None:
        """What there is by now is no news."""
        workspace = self.desk.workspace
        self.desk.errands.send("arrivals", lambda: _known(workspace), self._begun, _ignore)

    def _begun(self, known: _Known) -> None:
        self._known = known

    def _came(self, news: _News) -> None:
        if self._known is None:
            return
        alive = {rid for rid, state in news.states if state in ALIVE}
        ended = {rid for rid, state in news.states if state not in ALIVE}
        self._said |= {each.rid for each in news.told}
        self._known = _Known(self._known.rids, (self._known.alive | alive) - ended)
        if news.told:
            first, more = news.told[0], len(news.told) - 1
            rest = f"   and {counted(more)} more" if more else ""
            text = f"{first.name} {_verb(first)}: {first.text}{rest}"
            self.desk.say(plain(text, self.desk.glyphs), "warn" if "worse" in first.verdict else "plain")


def _known(workspace: Workspace) -> _Known:
    every = workspace.order("", (), archived=True).rids
    return _Known(frozenset(every), frozenset(workspace.order("state:live", (), archived=True).rids))


def _news(workspace: Workspace, known: _Known, said: frozenset[int], rids: Sequence[int]) -> _News:
    """Of the runs that are new, and of those that lived and do not any more, how they do."""
    states = {row.rid: row.state for row in workspace.window(rids, ())}
    came = [rid for rid in states if rid not in known.rids and rid not in said]
    ended = [rid for rid, state in states.items() if rid in known.alive and state not in ALIVE and rid not in came]
    told = workspace.arrivals([*ended, *came]) if ended or came else []
    return _News(tuple(states.items()), tuple(told))


def _verb(run: Arrival) -> str:
    return "is running" if run.state in ALIVE else "came" if run.state == "unknown" else run.state


def _ignore(error: RunspectError) -> None:
    """What could not be asked for is no news."""
