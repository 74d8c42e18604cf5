"""What was written when: so that what was read before is read again only where something else would be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runspect.dataclass import dataclass, field
from runspect.index.reads.told import Head, Series

NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction changed, by run."""

    rids: frozenset[int] = NONE
    """Runs of which anything changed."""
    told: frozenset[int] = NONE
    """Those of which more changed than the newest values of known metrics and how far they are: other params, facts,
    metrics, files, another place."""
    judged: frozenset[int] = NONE
    """Those whose row says anything else than how far they are."""
    moved: frozenset[int] = NONE
    """Those besides that have another place in a list by time."""
    heads: Mapping[int, Head | None] = field(default_factory=dict)
    """Rows of runs that were written, as they are read again; None for one that is hidden now. A few, or none at all."""
    series: Mapping[int, Mapping[str, Series | None]] = field(default_factory=dict)
    """The same for summaries, by run and metric; None for one that is not listed now."""
    said: bool = False
    """People said something, which may show anywhere; what logs told stands."""


class Generations:
    """The `upd` of the newest write of each kind; written by the holder of the store's lock, read by any thread."""

    def __init__(self, upd: int) -> None:
        self.told = upd
        """Of what decides which names and values there are to choose from."""
        self.logged = upd
        """Of that, as far as logs tell it and not people."""
        self.judged = upd
        """Of what decides which runs there are and how they do."""
        self.ordered = upd
        """Of what decides the usual order of runs, and how many of them live."""
        self._any_run = upd
        self._rids: dict[int, int] = {}
        self._told: dict[int, int] = {}
        self.on_rows: Callable[[int, Change, Mapping[int, int]], None] | None = None
        """Called behind a write that tells its rows, with its `upd`, itself, and what `of_run` said of the runs before."""

    def note(self, upd: int, change: Change | None) -> None:
        """A write was committed; None: it may have changed anything."""
        if change is None or change.said:
            self._any_run = self.told = self.judged = self.ordered = upd
            self._rids, self._told = {}, {}
            if change is None:
                self.logged = upd
            return
        before = {rid: self.of_run(rid) for rid in (*change.heads, *change.series)}
        self._told |= dict.fromkeys(change.told, upd)
        self._rids |= dict.fromkeys(change.rids | change.told, upd)
        if change.told:
            self.told = self.logged = upd
        if change.judged:
            self.judged = upd
        if change.judged or change.moved or change.told:
            self.ordered = upd
        if before and self.on_rows is not None:
            self.on_rows(upd, change, before)

    def of_run(self, rid: int) -> int:
        """Of anything of a run."""
        return max(self._any_run, self._rids.get(rid, 0))

    def of_told(self, rid: int) -> int:
        """Of a run, but for the newest values of its metrics and how far it is."""
        return max(self._any_run, self._told.get(rid, 0))
