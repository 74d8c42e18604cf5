"""The runs that wrote lately, with their files: what processes of this machine may belong to."""

from __future__ import annotations

from collections import defaultdict

from runspect.index.reads.scope import Cursor, among, fetch
from runspect.practice.lint.strays import Logged


def lately(cursor: Cursor, since: float, host: str) -> list[Logged]:
    """Runs of all known roots that wrote after `since` (seconds since 1970), the newest first.

    Args:
        host: This machine; a process that a run of another one tells is not ours.
    """
    rows = fetch(
        cursor,
        "SELECT r.rid, r.abspath, epoch(r.updated), r.host FROM runs_now r WHERE epoch(r.updated) >= ? ORDER BY r.updated DESC",
        (since,),
    )
    few = among([row[0] for row in rows])
    files: dict[int, set[str]] = defaultdict(set)
    for rid, watch, path in fetch(cursor, f"SELECT rid, watch, path FROM sources_now WHERE {few.sql}", few.params):
        files[rid].add(f"{watch.rstrip('/')}/{path}")
    pids = dict(fetch(cursor, f"SELECT rid, num FROM facts_now WHERE name = 'pid' AND {few.sql}", few.params))
    return [
        Logged(
            path,
            updated,
            frozenset(files[rid]),
            int(pids[rid]) if pids.get(rid) is not None and told_host in (None, host) else None,
        )
        for rid, path, updated, told_host in rows
    ]
