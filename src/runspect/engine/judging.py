"""The states of runs that have not ended, decided again as time passes.

Going through all of 10,000 runs for them every 2 s took 5 ms, a quarter percent of a core with nothing to do. They are kept
instead, and looked for among all when a state was stored, and after `LOOK_FOR_ALL_S` whatever was told.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from runspect.engine import run_rows
from runspect.engine.run_rows import Judge
from runspect.index.generations import Generations
from runspect.index.ingest import Ingest

LOOK_FOR_ALL_S = 30.0


class Judging:
    """Mutable, of the syncing thread."""

    def __init__(self, ingest: Ingest, judge: Judge, generations: Generations, ended_in: Callable[[str], None]) -> None:
        """`ended_in` is told the root of each run that lived when states were last decided and does not any more."""
        self._ingest = ingest
        self._judge = judge
        self._generations = generations
        self._ended_in = ended_in
        self._may_change: list[int] = []
        self._seen = (-1, -1)
        self._look_for_all = 0.0
        self._live: set[int] = set()

    def again(self) -> set[int]:
        """Decide them as of now; the runs whose row is another one."""
        changed: set[int] = set()
        unended = self._unended()
        for rid in unended:
            before = self._ingest.runs[rid]
            record = run_rows.judged_again(before, self._judge)
            if record is not before:
                self._ingest.put_run(record)
                changed.add(record.rid)
        live = {rid for rid in unended if self._ingest.runs[rid].state in run_rows.LIVE}
        for rid in self._live - live:
            if rid in self._ingest.runs:
                self._ended_in(self._ingest.runs[rid].watch)
        self._live = live
        return changed

    def _unended(self) -> list[int]:
        seen, now = (self._generations.judged, len(self._ingest.runs)), time.monotonic()
        if seen != self._seen or now >= self._look_for_all:
            self._seen, self._look_for_all = seen, now + LOOK_FOR_ALL_S
            self._may_change = [rid for rid, record in self._ingest.runs.items() if run_rows.may_change(record)]
        return [rid for rid in self._may_change if rid in self._ingest.runs]
