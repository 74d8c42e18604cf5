"""Runs of stores that lie outside of any container: those that a recorded program wrote are its record's.

A store has many writers. A run in it is a record's where it bears the record's id, as MLflow's do; else where the record
says that the store was open in its processes and in nobody else's, and the run began meanwhile. Where two records had it
open, and nothing else tells which of them it was, the run stays on its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from runspect.model import RunPlan
from runspect.resolve.records import Marks, Record, Wrote, record_of, written
from runspect.resolve.testimony import Heard, Testimony


def owners(runs: Sequence[RunPlan], held: Sequence[tuple[str, Testimony]], heard: Heard) -> list[str | None]:
    """For each run of a store, given as the store's path and what is said of it, the root of the record it belongs to."""
    if not held:
        return []
    records = [found for run in runs if not run.key and (found := record_of(run, heard.lost)) is not None]
    if not records:
        return [None] * len(held)
    spans = {path: _Spans(records, files) for path, files in written(records, {path for path, _ in held}).items()}
    marks = Marks(records)
    return [_owner(path, said, spans.get(path), marks, records) for path, said in held]


class _Spans:
    """When runs must have begun to be each record's; of thousands of records few are looked at for each run."""

    def __init__(self, records: Sequence[Record], files: Sequence[Wrote]) -> None:
        told = sorted((*records[file.record].span(file), file.record) for file in files)
        self._begun = [begun for begun, _, _ in told]
        self._told = told
        self._latest = list(accumulate((ended for _, ended, _ in told), max))

    def around(self, moment: float) -> list[int]:
        """The records whose span a moment lies in."""
        found: list[int] = []
        at = bisect_right(self._begun, moment) - 1
        while at >= 0 and self._latest[at] >= moment:
            if self._told[at][1] >= moment:
                found.append(self._told[at][2])
            at -= 1
        return found


def _owner(path: str, said: Testimony, spans: _Spans | None, marks: Marks, records: Sequence[Record]) -> str | None:
    if said.record:  # then it is known whose it is, be the record here or not
        found = marks.of(said, path)
    elif said.started is not None and spans is not None:
        found = [index for index in spans.around(said.started) if records[index].may_be(said)]
    else:
        return None
    return records[found[0]].root if len(set(found)) == 1 else None
