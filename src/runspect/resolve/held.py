"""Runs of stores that lie outside of any container: those that a recorded program wrote are its record's.

A store has many writers. A run in it is a record's where it bears the record's id, as MLflow's do; else where the record
says that the store was open in its processes and in nobody else's, and the run began meanwhile. Where two records had it
open, and nothing else tells which of them it was, the run stays on its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from runspect.model import RunPlan
from runspect.resolve.records import Record, Wrote, marked, record_of, written
from runspect.resolve.testimony import Heard, Testimony


def owners(runs: Sequence[RunPlan], held: Sequence[tuple[str, Testimony]], heard: Heard) -> list[str | None]:
    """For each run of a store, given as the store's path and what is said of it, the root of the record it belongs to."""
    if not held:
        return []
    records = [found for run in runs if not run.key and (found := record_of(run, heard.lost)) is not None]
    if not records:
        return [None] * len(held)
    wrote = written(records, {path for path, _ in held})
    return [_owner(said, wrote.get(path, ()), records) for path, said in held]


def _owner(said: Testimony, wrote: Sequence[Wrote], records: Sequence[Record]) -> str | None:
    if said.record:  # then it is known whose it is, be the record here or not
        found = marked(said, records)
    elif said.started is not None:
        began = said.started
        found = [each.record for each in wrote if records[each.record].wrote(began, each)]
        found = [index for index in found if records[index].may_be(said)]
    else:
        return None
    return records[found[0]].root if len(set(found)) == 1 else None
