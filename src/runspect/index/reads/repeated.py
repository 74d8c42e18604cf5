"""The runs of a scope that repeat one which has finished already."""

from __future__ import annotations

from runspect.columns import Lens, Names
from runspect.columns.repeats import repeated_rows
from runspect.index.reads.scope import Cursor, Scope, fetch, inside


def repeated(cursor: Cursor, scope: Scope, names: Names, lens: Lens) -> list[int]:
    """Their rids; see `columns.repeats.repeated_rows`."""
    rows, params = repeated_rows(names, lens)
    if not scope:
        return [rid for (rid,) in fetch(cursor, rows, params)]
    place = inside(scope)
    sql = f"SELECT q.rid FROM ({rows}) q WHERE q.rid IN (SELECT r.rid FROM runs_now r WHERE {place.sql})"
    return [rid for (rid,) in fetch(cursor, sql, (*params, *place.params))]
