"""How many runs have a column and how many values it has among them: what one wants to know before choosing it."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.columns.table import COLUMNS
from runspect.index.reads.scope import Cursor, Scope, fetch, inside
from runspect.model import Json

_LEFT_OUT = ("age", "tags", "note", "star", "archived")
"""Columns that another says (`started`), or that are looked up run by run."""


def distinct(cursor: Cursor, scope: Scope) -> list[Json]:
    """[kind, name, runs that have it, distinct values] of built-in columns ("field"), metrics (last values) and facts.

    Those of params are among the `choices`.
    """
    place = inside(scope)
    found: list[Json] = _of_fields(cursor, scope)
    for kind, value, view in (("metric", "last_v", "series_now"), ("fact", "val", "facts_now")):
        rows = fetch(
            cursor,
            f"SELECT s.name, count(DISTINCT s.rid), count(DISTINCT s.{value}) FROM {view} s "
            f"WHERE s.rid IN (SELECT r.rid FROM runs_now r WHERE {place.sql}) GROUP BY s.name",
            place.params,
        )
        found += [[kind, *row] for row in rows]
    return found


def _of_fields(cursor: Cursor, scope: Scope) -> list[Json]:
    place = inside(scope)
    asked = [column for column in COLUMNS if column.sql and column.name not in _LEFT_OUT]
    counts = ", ".join(f"count({column.sql}), count(DISTINCT {column.sql})" for column in asked)
    values: Sequence[int]
    (values,) = fetch(cursor, f"SELECT {counts} FROM runs_now r WHERE {place.sql}", place.params)
    return [["field", column.name, values[2 * at], values[2 * at + 1]] for at, column in enumerate(asked)]
