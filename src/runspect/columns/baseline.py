"""Runs against the one that was marked as the baseline of their project or directory."""

from __future__ import annotations

from runspect.columns.lens import Lens
from runspect.columns.names import Names
from runspect.model import Json

KEY = "baseline"
"""Annotation key; its value is a uid, its target that of `place`."""

POINTERS = (
    "SELECT b.place, arg_max(i.rid, i.upd) AS rid FROM (SELECT target AS place, json_extract_string("  # noqa: S608 - constants
    f"arg_max(val, struct_pack(ts := ts, id := id)), '$') AS uid FROM ann WHERE key = '{KEY}' GROUP BY target) b"
    " JOIN ids i ON i.uid = b.uid GROUP BY b.place"
)
"""`SELECT place, rid`: each target and the run that it points at."""

BASES = (
    f"SELECT b.rid, b.base FROM (WITH marks AS MATERIALIZED ({POINTERS})"  # noqa: S608 - constants
    " SELECT r.rid, coalesce(p.rid, w.rid) AS base FROM runs_now r LEFT JOIN marks p ON p.place = 'project:' || r.project"
    " LEFT JOIN marks w ON w.place = 'project:' || r.watch) b WHERE b.base IS NOT NULL"
)
"""`SELECT rid, base`: the baseline of each run that has one; it is its own."""

_SAME = "CASE WHEN c.num IS NOT NULL AND b.num IS NOT NULL THEN c.num = b.num ELSE c.val = b.val END"


def place(project: str | None, root: str) -> str:
    """The target of the annotation: the project, or the directory (absolute) for the runs of no project with a baseline."""
    return f"project:{project or root}"


def differs_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """How many params differ from those of the baseline, as `SELECT rid, v`; bookkeeping and ignored ones aside."""
    left_out = [param for param in names.params if not lens.counts(param)]
    told = "SELECT c.rid, c.key, c.num, c.val FROM cfg_now c WHERE c.key NOT IN (SELECT unnest(?::VARCHAR[]))"
    sql = (
        f"WITH pairs AS MATERIALIZED ({BASES}),"  # noqa: S608 - constants
        f" theirs AS MATERIALIZED ({told} AND c.rid IN (SELECT base FROM pairs)),"
        " sizes AS (SELECT rid, count(*) AS many FROM theirs GROUP BY rid)"
        # |A or B| - |equal| = |A| + |B| - |A and B| - |equal|
        " SELECT m.rid AS rid, m.many + t.many - m.shared - m.equal AS v FROM ("
        f"SELECT o.rid, o.base, count(*) AS many, count(b.key) AS shared, count(*) FILTER (WHERE {_SAME}) AS equal"
        f" FROM pairs o JOIN ({told}) c ON c.rid = o.rid LEFT JOIN theirs b ON b.rid = o.base AND b.key = c.key"
        " GROUP BY o.rid, o.base) m JOIN sizes t ON t.rid = m.base"
    )
    return sql, (left_out,) * 2


def change_rows(value: tuple[str, tuple[Json, ...]], *, percent: bool) -> tuple[str, tuple[Json, ...]]:
    """What is added to the baseline's value, or by how many percent it changed, as `SELECT rid, v`.

    `value` is an expression over a row `r` of `runs_now`.
    """
    sql, params = value
    change = "100 * (m.v - t.v) / nullif(abs(t.v), 0)" if percent else "m.v - t.v"
    rows = (
        f"WITH pairs AS MATERIALIZED ({BASES}), told AS MATERIALIZED (SELECT r.rid, {sql} AS v FROM runs_now r)"  # noqa: S608 - constants
        f" SELECT o.rid, {change} AS v FROM pairs o JOIN told m ON m.rid = o.rid JOIN told t ON t.rid = o.base"
    )
    return rows, params
