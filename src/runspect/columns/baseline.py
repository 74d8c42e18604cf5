"""Runs against the one that was marked as the baseline of their project or directory."""

from __future__ import annotations

from runspect.columns.lens import Lens
from runspect.columns.names import Names
from runspect.model import Json

KEY = "baseline"
"""Annotation key; its value is a uid, its target that of `place`."""

POINTERS = (
    "SELECT b.target AS place, max(i.rid) AS rid FROM (SELECT target, arg_max(val, struct_pack(ts := ts, id := id)) AS val"  # noqa: S608 - constants
    f" FROM ann WHERE key = '{KEY}' GROUP BY target) b JOIN ids_now i ON i.uid = json_extract_string(b.val, '$')"
    " GROUP BY b.target"
)
"""`SELECT place, rid`: each target and the run that it points at."""
BASES = (
    "SELECT r.rid AS rid, coalesce(p.rid, w.rid) AS base FROM runs_now r"  # noqa: S608 - constants
    f" LEFT JOIN ({POINTERS}) p ON p.place = 'project:' || r.project"
    f" LEFT JOIN ({POINTERS}) w ON w.place = 'project:' || r.watch WHERE coalesce(p.rid, w.rid) IS NOT NULL"
)
"""`SELECT rid, base`: the baseline of each run that has one; it is its own."""

_SAME = "coalesce(CAST(c.num AS VARCHAR), c.val)"


def place(project: str | None, root: str) -> str:
    """The target of the annotation: the project, or the directory (absolute) for the runs of no project with a baseline."""
    return f"project:{project or root}"


def differs_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """How many params differ from those of the baseline, as `SELECT rid, v`; bookkeeping and ignored ones aside."""
    left_out = [param for param in names.params if not lens.counts(param)]
    told = f"SELECT c.rid, c.key, {_SAME} AS v FROM cfg_now c WHERE NOT list_contains(?::VARCHAR[], c.key)"  # noqa: S608 - constants
    sql = (
        # |A or B| - |equal| = |A| + |B| - |A and B| - |equal|
        "SELECT m.rid AS rid, m.many + t.many - m.shared - m.equal AS v FROM ("  # noqa: S608 - constants
        "SELECT o.rid, o.base, count(*) AS many, count(b.key) AS shared, count(*) FILTER (WHERE c.v = b.v) AS equal"
        f" FROM ({BASES}) o JOIN ({told}) c ON c.rid = o.rid LEFT JOIN ({told}) b ON b.rid = o.base AND b.key = c.key"
        f" GROUP BY o.rid, o.base) m JOIN (SELECT c.rid, count(*) AS many FROM ({told}) c GROUP BY c.rid) t"
        " ON t.rid = m.base"
    )
    return sql, (left_out,) * 3


def change_sql(value: tuple[str, tuple[Json, ...]], *, percent: bool) -> tuple[str, tuple[Json, ...]]:
    """What is added to the baseline's value, or by how many percent it changed; `value` is over a row `r`."""
    sql, params = value
    base = (
        f"(SELECT max(x.v) FROM (SELECT o.rid, y.v FROM ({BASES}) o JOIN (SELECT r.rid, {sql} AS v FROM runs_now r"  # noqa: S608 - constants
        f" WHERE r.rid IN (SELECT base FROM ({BASES}))) y ON y.rid = o.base) x WHERE x.rid = r.rid)"
    )
    if not percent:
        return f"({sql} - {base})", (*params, *params)
    return f"(100 * ({sql} - {base}) / nullif(abs({base}), 0))", (*params, *params, *params)
