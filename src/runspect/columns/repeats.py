"""Runs that repeat another one: how many others have the same config, the seed included."""

from __future__ import annotations

from runspect.columns.baseline import PLACED_ALL
from runspect.columns.lens import Lens
from runspect.columns.names import Names
from runspect.model import Json

DATA_FACTS = ("dataset", "dataset_version")
"""Facts that tell two data sets apart where no param does."""

_VALUE = "CASE WHEN c.num IS NOT NULL THEN hash(c.num) ELSE hash(c.val) END"
"""What a param's value is told by: 1 and 1.0 are the same."""
_PLACE = "regexp_matches(c.val, '^\"(/|~/|\\.{1,2}/|[A-Za-z]:\\\\)')"
"""A path says where, not what."""


def config_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """`SELECT rid, watch, project, config, data`: runs with the same four others have the same config and data set.

    Bookkeeping, paths and what the policy ignores aside, but for what names the data set; seeds count, for a config in five
    seeds is no repetition. Runs without a param that counts cannot be told to be the same. Configs are compared by a hash
    of their names and values, in one pass over all params: of all runs, also where a statement asks for some of them.
    """
    left_out = [param for param in names.params if param not in lens.dataset_keys and not lens.tells_apart(param)]
    counts = (
        "c.live AND c.val <> 'null' AND NOT list_contains(?::VARCHAR[], c.key)"
        f" AND (c.num IS NOT NULL OR NOT {_PLACE} OR list_contains(?::VARCHAR[], c.key))"
    )
    sql = (
        # hashed once more: the hash of a pair is so simple that swapped values would cancel each other out
        f"WITH told AS (SELECT c.rid, c.upd, bit_xor(hash(hash(c.key, {_VALUE}))) FILTER (WHERE {counts}) AS config FROM main.cfg c"  # noqa: S608 - constants
        " GROUP BY c.rid, c.upd), configs AS (SELECT rid, arg_max(config, upd) AS config FROM told GROUP BY rid),"
        " data AS (SELECT f.rid, bit_xor(hash(hash(f.name, f.val))) AS data FROM main.facts_now f"
        f" WHERE f.name IN ({', '.join(repr(name) for name in DATA_FACTS)}) GROUP BY f.rid)"
        " SELECT r.rid AS rid, r.watch, coalesce(r.project, '') AS project, c.config, coalesce(d.data, 0) AS data"
        f" FROM ({PLACED_ALL} WHERE NOT r.hidden) r JOIN configs c ON c.rid = r.rid LEFT JOIN data d ON d.rid = r.rid"
        " WHERE c.config IS NOT NULL"
    )
    return sql, (left_out, list(lens.dataset_keys))


def repeat_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """How many other runs of the project (of the same directory) have the same config and data set, as `SELECT rid, v`."""
    sql, params = config_rows(names, lens)
    same = "PARTITION BY s.watch, s.project, s.config, s.data"
    return f"SELECT s.rid, count(*) OVER ({same}) - 1 AS v FROM ({sql}) s", params  # noqa: S608 - constants
