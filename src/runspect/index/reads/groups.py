"""Runs in groups: by any columns, or by the config without its seed; what each column is over a group; pivots."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from runspect import columns
from runspect.columns import Lens, Names
from runspect.columns.lens import PLAIN as GUESSED
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.table import matching, window
from runspect.index.reads.told import PLAIN, Runs
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.model import Json, RunRow, SortKey
from runspect.objective import Direction
from runspect.practice.grouping import PARENT, SEEDS, Spread, common_name, makes_no_config, spread

MOST_LEVELS = 50
"""Rows or columns of a pivot at most."""

_CONFIGS = (
    "SELECT r.rid, coalesce(r.project, '') || chr(31) || c.config FROM runs_now r JOIN (SELECT rid, "
    "md5(string_agg(key || '=' || coalesce(CAST(num AS VARCHAR), val), chr(31) ORDER BY key)) AS config "
    "FROM cfg_now WHERE {few} AND NOT list_contains(?::VARCHAR[], key) "
    # a path says where, not what
    "AND NOT regexp_matches(val, '^\"(/|~/|\\./|[A-Za-z]:\\\\)') GROUP BY rid) c ON c.rid = r.rid"
)


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that belong together."""

    keys: tuple[Json, ...]
    """The value of each column that is grouped by; that of `seeds` is the name that the runs share."""
    rids: tuple[int, ...]
    """In the order of the list."""
    title: str
    """What the names of its runs share."""
    cells: tuple[Spread, ...]
    """One a column."""


def groups(
    cursor: Cursor,
    scope: Scope,
    query: str,
    by: Sequence[str],
    specs: Sequence[str],
    sort: Sequence[SortKey] = (),
    *,
    archived: bool = False,
    ignore: Sequence[str] = (),
    known: NamesIn = names_in,
    runs: Runs = PLAIN,
    show_secrets: bool = False,
    lens: Lens = GUESSED,
) -> tuple[Group, ...]:
    """The runs that match, in groups.

    Args:
        by: Column specs, and `seeds` for equal configs but for the seed, paths and names, within a project. Runs
            without a config are a group each.
        specs: Columns to sum up.
        sort: Groups are sorted by the mean of a column, or by a key; where nothing is said, by their newest run.
        ignore: Globs of params that `seeds` leaves out besides those it knows.

    Raises:
        QueryError: The query could not be understood.
        UsageError: A column could not be understood, or there is none.
    """
    if not by:
        raise UsageError("group by what? name columns, or seeds")
    _check(known(cursor, scope), (*by, *specs))
    rids = matching(cursor, scope, query, archived=archived, known=known, lens=lens)
    plain = [spec for spec in by if spec != SEEDS]
    rows = window(cursor, scope, rids, [*plain, *specs], show_secrets, known, runs, lens=lens)
    configs = configs_of(cursor, rids, known(cursor, scope), ignore) if SEEDS in by else {}
    members: dict[tuple[str, ...], list[RunRow]] = {}
    for row in rows:
        told = dict(zip(plain, row.values, strict=False))
        key = tuple(configs.get(row.rid, f"run {row.rid}") if spec == SEEDS else same(told[spec]) for spec in by)
        members.setdefault(key, []).append(row)
    found = [_group(inside, by, plain, len(specs)) for inside in members.values()]
    return tuple(_sorted(found, by, specs, sort))


def _check(names: Names, specs: Sequence[str]) -> None:
    """Refuse a name that nothing has: one group of all would look like an answer. Where no run is, none is wrong."""
    for spec in specs:
        if spec not in (SEEDS, PARENT):
            columns.meant(spec, names)


def groups_json(found: Sequence[Group], rows: Mapping[int, str], by: Sequence[str], specs: Sequence[str]) -> list[Json]:
    """The groups as `runspect groups --json` shows them; `rows` are the uids of the runs."""
    return [
        {
            "title": group.title,
            "keys": dict(zip(by, group.keys, strict=True)),
            "n": len(group.rids),
            "runs": [rows[rid] for rid in group.rids if rid in rows],
            "values": {spec: _cell_json(cell) for spec, cell in zip(specs, group.cells, strict=True)},
        }
        for group in found
    ]


def pivot(
    cursor: Cursor,
    scope: Scope,
    query: str,
    across: tuple[str, str],
    spec: str,
    *,
    known: NamesIn = names_in,
    runs: Runs = PLAIN,
    show_secrets: bool = False,
    lens: Lens = GUESSED,
) -> dict[str, Json]:
    """A column over each pair of values of two others: an ablation matrix.

    Args:
        across: The column whose values are the rows, and the one whose values are the columns.

    Returns:
        {rows, columns, metric, direction, cells: [[{n, mean, std, ...} or null, ...], ...], best: [row, column] or null}.

    Raises:
        QueryError: The query could not be understood.
        UsageError: A column could not be understood, or has too many values.
    """
    found = groups(cursor, scope, query, across, (spec,), known=known, runs=runs, show_secrets=show_secrets, lens=lens)
    cells = {(same(group.keys[0]), same(group.keys[1])): group.cells[0] for group in found if None not in group.keys}
    sides: list[list[Json]] = []
    for side, name in enumerate(across):
        values = {same(group.keys[side]): group.keys[side] for group in found if None not in group.keys}
        if len(values) > MOST_LEVELS:
            raise UsageError(
                f"{name} has {len(values):,} values here; a pivot shows {MOST_LEVELS} at most, narrow the query"
            )
        sides.append(sorted(values.values(), key=_by_value))
    matrix = [[cells.get((same(row), same(column))) for column in sides[1]] for row in sides[0]]
    column = columns.meant(spec, known(cursor, scope))
    return {
        "rows": {"by": across[0], "values": sides[0]},
        "columns": {"by": across[1], "values": sides[1]},
        "metric": spec,
        "direction": columns.judged(column, lens.directions),
        "cells": [[_cell_json(cell) if cell is not None else None for cell in line] for line in matrix],
        "best": _best(matrix, columns.judged(column, lens.directions)),
    }


def _best(matrix: Sequence[Sequence[Spread | None]], way: Direction | None) -> list[Json] | None:
    """Row and column of the best mean; None where no direction is known."""
    means = [
        (cell.mean if way == "down" else -cell.mean, at, across)
        for at, line in enumerate(matrix)
        for across, cell in enumerate(line)
        if cell is not None and cell.mean is not None
    ]
    if way is None or not means:
        return None
    _, at, across = min(means)
    return [at, across]


def configs_of(cursor: Cursor, rids: Sequence[int], names: Names, ignore: Sequence[str]) -> dict[int, str]:
    """What stands for each run's config without what makes none; runs without any are not in it."""
    left_out = [param for param in names.params if makes_no_config(param, ignore)]
    few = among(rids)
    return dict(fetch(cursor, _CONFIGS.format(few=few.sql), (*few.params, left_out)))


def _group(rows: Sequence[RunRow], by: Sequence[str], plain: Sequence[str], columns_: int) -> Group:
    title = common_name([row.name for row in rows])
    told = dict(zip(plain, rows[0].values, strict=False))
    keys = tuple(title if spec == SEEDS else told[spec] for spec in by)
    values = zip(*(row.values[len(plain) :] for row in rows), strict=True) if columns_ else ()
    return Group(keys, tuple(row.rid for row in rows), title, tuple(spread(column) for column in values))


def _sorted(found: list[Group], by: Sequence[str], specs: Sequence[str], sort: Sequence[SortKey]) -> list[Group]:
    for level in reversed(sort):
        if level.column in specs:
            at = specs.index(level.column)
            known = [group for group in found if _middle(group.cells[at]) is not None]
            known.sort(key=lambda group: _by_value(_middle(group.cells[at])), reverse=level.descending)
        elif level.column in by:
            at = by.index(level.column)
            known = [group for group in found if group.keys[at] is not None]
            known.sort(key=lambda group: _by_value(group.keys[at]), reverse=level.descending)
        elif level.column == "n":
            known = sorted(found, key=lambda group: len(group.rids), reverse=level.descending)
        else:
            continue
        kept = {id(group) for group in known}
        found = [*known, *(group for group in found if id(group) not in kept)]
    return found


def _middle(cell: Spread) -> Json:
    return cell.mean if cell.mean is not None else cell.value


def same(value: Json) -> str:
    """The same text for values that are equal: 1 and 1.0, but not 1 and "1"."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return json.dumps(value, sort_keys=True, default=str)
    return repr(float(value))


def _by_value(value: Json) -> tuple[int, float, str]:
    """Numbers before text, each in its order."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (0, value, "") if math.isfinite(value) else (1, 0.0, str(value))
    return 2, 0.0, str(value).lower()


def _cell_json(cell: Spread) -> dict[str, Json]:
    return {
        "n": cell.n,
        "mean": _finite(cell.mean),
        "std": _finite(cell.std),
        "low": cell.low,
        "high": cell.high,
        "nonfinite": cell.nonfinite,
        "distinct": cell.distinct,
        "value": _finite(cell.value),
    }


def _finite(value: Json) -> Json:
    """JSON has no NaN: `runspect` writes such numbers as text everywhere."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
