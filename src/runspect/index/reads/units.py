"""Which runs may be compared: those on one version of one data set, as the index tells it."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.columns import Lens
from runspect.columns.datasets import dataset_rows, version_of
from runspect.index.reads.scope import Condition, Cursor, Scope, fetch, held, split
from runspect.practice.best import Found, Unit, units

VERSION = "dataset_version"
"""The fact that tells the version or digest of the data set."""
_TEXT = "CASE WHEN starts_with(f.val, '\"') THEN json_extract_string(f.val, '$') ELSE f.val END"


def found_units(cursor: Cursor, scope: Scope, rids: Sequence[int], lens: Lens) -> dict[Unit, list[int]]:
    """These runs by what may be compared; see `practice.best.units`."""
    return units(found_runs(cursor, scope, rids, lens)[0])


def found_runs(cursor: Cursor, scope: Scope, rids: Sequence[int], lens: Lens) -> tuple[list[Found], dict[int, str]]:
    """These runs in the order in which they began, and their states."""
    return runs_where(cursor, scope, held(cursor, rids, "r.rid"), lens)


def runs_where(cursor: Cursor, scope: Scope, which: Condition, lens: Lens) -> tuple[list[Found], dict[int, str]]:
    """The runs `r` of which the condition is true, in the order in which they began, and their states."""
    rows, params = dataset_rows(lens.dataset_keys, lens.datasets)
    listed = fetch(
        cursor,
        f"SELECT r.rid, r.state, q.v, v.version, r.project, r.watch, r.abspath FROM runs_now r LEFT JOIN ({rows}) q ON q.rid = r.rid "
        f"LEFT JOIN (SELECT f.rid, {_TEXT} AS version FROM facts_now f WHERE f.name = ?) v ON v.rid = r.rid "
        f"WHERE {which.sql} ORDER BY coalesce(r.started, r.updated) NULLS LAST, r.abspath, r.rid",
        (*params, VERSION, *which.params),
    )
    found = [
        Found(
            rid,
            dataset,
            version_of(dataset, version, lens.datasets),
            project,
            "" if dataset or project else _top(scope, watch, path),
        )
        for rid, _, dataset, version, project, watch, path in listed
    ]
    return found, {row[0]: row[1] for row in listed}


def _top(scope: Scope, watch: str, path: str) -> str:
    first, slash, _ = split(scope, watch, path)[1].partition("/")
    return first if slash else ""
