"""At which step, and when, runs had the value by which they are judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from runspect import columns
from runspect.columns import Column, Lens, Names
from runspect.columns.spec import STEPPED
from runspect.index.reads.judges import Judge
from runspect.index.reads.plain import moment
from runspect.index.reads.scope import Cursor, among, fetch
from runspect.practice.best import Unit


def moments(
    cursor: Cursor,
    shown: Mapping[Unit, Sequence[int]],
    judges: Mapping[Unit, Judge | None],
    names: Names,
    lens: Lens,
) -> dict[tuple[Unit, int], tuple[int | None, str | None]]:
    """(step, time) at which each run that is shown had its value."""
    found: dict[tuple[Unit, int], tuple[int | None, str | None]] = {}
    wanted: dict[Column, list[int]] = {}
    stepped: dict[Unit, Column] = {}
    for unit, rids in shown.items():
        judge = judges[unit]
        if judge is not None and (column := _step_of(judge.column)) is not None:
            stepped[unit] = column
            wanted.setdefault(column, []).extend(rids)
    steps = {column: _of_runs(cursor, rids, column, names, lens) for column, rids in wanted.items()}
    places = {
        (rid, column.name, step) for column, each in steps.items() for rid, step in each.items() if step is not None
    }
    times = _times(cursor, places)
    for unit, column in stepped.items():
        for rid in shown[unit]:
            step = steps[column].get(rid)
            found[unit, rid] = (step, times.get((rid, column.name, step)) if step is not None else None)
    return found


def _step_of(column: Column) -> Column | None:
    """The column of the step at which a column has its value."""
    if column.kind == "metric" and column.aggregate in STEPPED and not column.step:
        return replace(column, step=True)
    if column.kind == "at":
        return replace(column, kind="metric", name=column.other, step=True)
    return None


def _of_runs(cursor: Cursor, rids: Sequence[int], column: Column, names: Names, lens: Lens) -> dict[int, int | None]:
    few, (sql, params) = among(rids, "r.rid"), columns.value_sql(column, names, lens)
    return dict(fetch(cursor, f"SELECT r.rid, {sql} FROM runs_now r WHERE {few.sql}", (*params, *few.params)))


def _times(cursor: Cursor, places: set[tuple[int, str, int]]) -> dict[tuple[int, str, int], str | None]:
    if not places:
        return {}
    few = among(sorted({rid for rid, _, _ in places}), "p.rid")
    rows = fetch(
        cursor,
        f"SELECT p.rid, p.name, p.step, max(p.t) FROM points_now p WHERE {few.sql} AND list_contains(?::VARCHAR[], p.name) "
        "AND list_contains(?::BIGINT[], p.step) AND p.t IS NOT NULL GROUP BY ALL",
        (*few.params, sorted({name for _, name, _ in places}), sorted({step for _, _, step in places})),
    )
    return {(rid, name, step): moment(at) for rid, name, step, at in rows}
