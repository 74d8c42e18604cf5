"""Runs that the journal tells of and the disk does not: forgotten ones, and those that were imported."""

from __future__ import annotations

from dataclasses import replace

from runspect.engine.uids import Uids
from runspect.index import imported, remembered
from runspect.index.ingest import Ingest
from runspect.index.store import Store


def recall(ingest: Ingest, uids: Uids, root: str, store: Store) -> bool:
    """Take in runs of a watch of which the journal tells, and neither disk nor index any more; whether there are any."""
    with store.cursor() as cursor:
        snapshots = remembered.forgotten(cursor, root)
    for snapshot in snapshots:
        rid = uids.new_rid()
        uids.learn(rid, [snapshot["uid"]])
        ingest.put_remembered(remembered.record(rid, root, snapshot), snapshot)
    return _recall_imported(ingest, uids, root, store) or bool(snapshots)


def _recall_imported(ingest: Ingest, uids: Uids, root: str, store: Store) -> bool:
    """Let the index hold the imported runs as the journal tells them now; whether anything changed."""
    with store.cursor() as cursor:
        runs = imported.imported(cursor, root)
    changed = False
    for run in runs:
        rid = uids.holder(run.uid)
        held = ingest.runs.get(rid) if rid is not None else None
        if run.told is None:
            if held is not None and not held.hidden:
                ingest.put_run(replace(held, hidden=True, key=run.version))
                changed = True
            continue
        if held is not None and held.key == run.version:
            continue
        if rid is None:
            rid = uids.new_rid()
            uids.learn(rid, [run.uid])
        ingest.put_remembered(imported.record(rid, root, run, run.told), run.told)
        changed = True
    return changed
