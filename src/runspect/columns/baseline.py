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
    " JOIN (SELECT CASE WHEN starts_with(uid, 'path:') THEN split_part(uid, '@', 1) ELSE uid END AS uid, rid, upd FROM ids) i"
    " ON i.uid = b.uid GROUP BY b.place"
)
"""`SELECT place, rid`: each target and the run that it points at."""

PLACED = (
    "SELECT r.rid, r.watch, coalesce(json_extract_string(a.val, '$'), r.project) AS project FROM runs r"
    " JOIN (SELECT rid, max(upd) AS upd FROM runs GROUP BY rid) USING (rid, upd)"
    " LEFT JOIN (SELECT rid, val FROM ann_now WHERE key = 'project') a ON a.rid = r.rid"
)
"""What of `runs_now` says which baseline counts: the view finds the names of all runs as well."""

PLACED_ALL = PLACED.replace(" runs ", " main.runs ").replace(" ann_now ", " main.ann_now ")
"""The same of all runs, also in a statement that puts narrower tables in the place of these."""

BASES = (
    f"SELECT b.rid, b.base FROM (WITH marks AS MATERIALIZED ({POINTERS})"  # noqa: S608 - constants
    f" SELECT r.rid, coalesce(p.rid, w.rid) AS base FROM ({PLACED}) r LEFT JOIN marks p ON p.place = 'project:' || r.project"
    " LEFT JOIN marks w ON w.place = 'project:' || r.watch) b WHERE b.base IS NOT NULL"
)
"""`SELECT rid, base`: the baseline of each run that has one; it is its own."""

_VALUE = "CASE WHEN c.num IS NOT NULL THEN hash(c.num) ELSE hash(c.val) END"
"""What a param's value is told by: 1 and 1.0 are the same."""


def place(project: str | None, root: str) -> str:
    """The target of the annotation: the project, or the directory (absolute) for the runs of no project with a baseline."""
    return f"project:{project or root}"


def differs_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """How many params differ from those of the baseline, as `SELECT rid, v`; bookkeeping and ignored ones aside.

    Names and values are compared by their hashes, in one pass over all params: joining 600,000 of them with the texts of
    the baselines takes a quarter longer, and so does finding each run's newest params before they are counted.
    """
    left_out = [param for param in names.params if not lens.counts(param)]
    counts = "c.live AND c.key NOT IN (SELECT unnest(?::VARCHAR[]))"
    sql = (
        f"WITH pairs AS MATERIALIZED ({BASES}),"  # noqa: S608 - constants
        " told AS MATERIALIZED (SELECT * FROM cfg WHERE rid IN (SELECT base FROM pairs)),"
        f" theirs AS MATERIALIZED (SELECT c.rid, hash(c.rid, c.key) AS k, {_VALUE} AS v"
        f" FROM told c JOIN (SELECT rid, max(upd) AS upd FROM told GROUP BY rid) USING (rid, upd) WHERE {counts}),"
        " sizes AS (SELECT rid, count(*) AS many FROM theirs GROUP BY rid),"
        f" mine AS (SELECT c.rid, c.upd, {counts} AS counts, hash(o.base, c.key) AS k, {_VALUE} AS v"
        " FROM cfg c JOIN pairs o ON o.rid = c.rid),"
        # |A or B| - |equal| = |B| + |A| - |A and B| - |equal|
        " apart AS (SELECT m.rid, m.upd, count_if(m.counts) AS many, count_if(m.counts) - count_if(m.counts AND t.k IS NOT NULL)"
        " - count(*) FILTER (WHERE m.counts AND t.v = m.v) AS v FROM mine m LEFT JOIN theirs t ON t.k = m.k GROUP BY m.rid, m.upd)"
        " SELECT o.rid AS rid, a.v + t.many AS v FROM pairs o JOIN sizes t ON t.rid = o.base JOIN (SELECT rid,"
        " arg_max(v, upd) AS v, arg_max(many, upd) AS many FROM apart GROUP BY rid) a ON a.rid = o.rid"
        # a run without any param that counts cannot be told to differ
        " WHERE a.many > 0"
    )
    return sql, (left_out,) * 2


def change_rows(value: tuple[str, tuple[Json, ...]], *, percent: bool) -> tuple[str, tuple[Json, ...]]:
    """What is added to the baseline's value, or by how many percent it changed, as `SELECT rid, v`.

    `value` is the value of each run, as `SELECT rid, v`.
    """
    sql, params = value
    change = "100 * (m.v - t.v) / nullif(abs(t.v), 0)" if percent else "m.v - t.v"
    rows = (
        f"WITH pairs AS MATERIALIZED ({BASES}), told AS MATERIALIZED ({sql})"  # noqa: S608 - constants
        f" SELECT o.rid, {change} AS v FROM pairs o JOIN told m ON m.rid = o.rid JOIN told t ON t.rid = o.base"
    )
    return rows, params
