"""Storing what was gathered: rows of runs are built and committed, a handful of runs at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

from runspect.engine import run_rows
from runspect.engine.pauses import Pauses
from runspect.engine.run_rows import Home, Judge
from runspect.engine.tree import Tree
from runspect.index.ingest import Ingest

EVERY_S = 0.5
"""While much is read, what has been read becomes visible this often."""
SHARE = 8
"""But at most so rarely that committing takes one part in so many of the time."""
MOST_POINTS = 400_000
"""Points that may wait to be stored."""
MOST_RUNS = 1_000
"""Runs that are stored together."""
URGENT_SHARE = 10
"""One part in so many of both while runs are live: they wait for a commit that is under way."""


class Commits:
    """Mutable, of the syncing thread."""

    def __init__(
        self,
        ingest: Ingest,
        judge: Judge,
        homes: Mapping[int, Home],
        trees: Mapping[str, Tree],
        tell: Callable[[frozenset[int]], None],
        pauses: Pauses,
    ) -> None:
        self._ingest = ingest
        self._judge = judge
        self._homes = homes
        self._trees = trees
        self._tell = tell
        self._pauses = pauses
        self._last = time.monotonic()
        self._cost = 0.0

    def reading_begins(self) -> None:
        """What is read within a moment is stored once, at its end."""
        self._last = time.monotonic()

    def due(self) -> bool:
        """Whether enough has gathered for a commit in the middle of reading."""
        return self._is_time() or self.crowded()

    def due_of(self, rids: Collection[int]) -> bool:
        """Whether it is time to store these complete runs, while others wait until they are."""
        return self._is_time() or len(rids) > self._most(MOST_RUNS)

    def crowded(self) -> bool:
        """Whether so much waits that it must be stored now."""
        return self.heavy() or self._ingest.runs_waiting() > self._most(MOST_RUNS)

    def heavy(self) -> bool:
        """Whether so many points wait."""
        return self._ingest.pending() > self._most(MOST_POINTS)

    def some(self, rids: Collection[int]) -> None:
        """Store what was gathered of these runs, in one transaction."""
        self._tell(self._store(rids))

    def complete(self, rids: Collection[int]) -> None:
        """Store these runs, of which all was read, in the middle of reading others."""
        self._cost = self._timed(rids)
        self._last = time.monotonic()

    def all(self, first: Collection[int] = ()) -> None:
        """Store everything in handfuls of runs, live runs between them; `first` those that must be stored together."""
        cost = self._timed(first) if first else 0.0
        while not self._ingest.stores_wait() and len(touched := self._ingest.touched()) > (
            most := self._most(MOST_RUNS)
        ):
            cost += self._timed(sorted(touched)[:most])
            self._pauses.pause()
        cost += self._timed(None)
        self._last, self._cost = time.monotonic(), cost

    def _is_time(self) -> bool:
        return time.monotonic() - self._last >= max(EVERY_S, SHARE * self._cost)

    def _most(self, most: int) -> int:
        return most // URGENT_SHARE if self._pauses.urgent() else most

    def _timed(self, rids: Collection[int] | None) -> float:
        begun = time.monotonic()
        self._tell(self._store(rids))
        return time.monotonic() - begun

    def _store(self, rids: Collection[int] | None) -> frozenset[int]:
        touched = self._ingest.touched()
        for rid in touched if rids is None else touched.intersection(rids):
            home = self._homes.get(rid)
            if home is not None:
                self._ingest.put_run(run_rows.record(home, self._ingest.data(rid), self._last_write(home), self._judge))
        return self._ingest.commit(rids)

    def _last_write(self, home: Home) -> float | None:
        return run_rows.last_write(self._ingest.files_of(home.rid), self._trees[home.watch].files)
