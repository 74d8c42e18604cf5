"""Which runs live and which have ended."""

from __future__ import annotations

from collections.abc import Collection

from runspect.index.reads.scope import Cursor, fetch


def living(cursor: Cursor) -> frozenset[int]:
    """Rids of the runs that have not ended."""
    return frozenset(rid for (rid,) in fetch(cursor, "SELECT rid FROM runs_now WHERE state IN ('running', 'quiet')"))


def ended(cursor: Cursor, rids: Collection[int]) -> frozenset[int]:
    """Those of `rids` that have ended, the gone ones included."""
    rows = fetch(
        cursor,
        "SELECT rid FROM runs_now WHERE state NOT IN ('running', 'quiet') AND rid IN (SELECT unnest(?::BIGINT[]))",
        (sorted(rids),),
    )
    return frozenset(rid for (rid,) in rows)
