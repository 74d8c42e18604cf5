"""Runs that repeat another one: how many others have the same config, the seed included."""

from __future__ import annotations

from runspect.columns.baseline import PLACED_ALL
from runspect.columns.lens import Lens
from runspect.columns.names import Names
from runspect.model import Json

DATA_FACTS = ("dataset", "dataset_version")
"""Facts that tell two data sets apart where no param does."""

_NUMBER = "TRY_CAST(trim(c.val, '\"') AS DOUBLE)"
PAIR = (
    # hashed once more: the hash of a pair is so simple that swapped values would cancel each other out
    "hash(hash(c.key, CASE WHEN c.num IS NOT NULL THEN hash(c.num) "
    f"WHEN {_NUMBER} IS NOT NULL THEN hash({_NUMBER}) ELSE hash(c.val) END))"
)
"""What a param and its value are told by: 1, 1.0 and "1" are the same.

In cases, for what stands in one is computed only where it is reached: of 600,000 params most are numbers, and to look at all
of them for paths took more than half of the time.
"""
PLACE = "regexp_matches(c.val, '^\"(/|~/|\\.{1,2}/|[A-Za-z]:\\\\)')"
"""A path says where, not what."""

TOLD = "c.live AND c.val <> 'null'"
ONE_OF = "key IN (SELECT unnest(?::VARCHAR[]))"
"""Whether a param is one of a list: looking each of many params up in the list takes twice as long with ten names."""


def repeat_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """How many other runs of the project (of the same directory) have the same config and data set, as `SELECT rid, v`.

    Bookkeeping, paths and what the policy ignores aside, but for what names the data set; seeds count, for a config in five
    seeds is no repetition. Runs without a param that counts cannot be told to be the same. Configs are compared by a hash
    of their names and values, in one pass over all params.
    """
    alike, params = config_rows(names, lens)
    return f"SELECT a.rid, count(*) OVER (PARTITION BY {_ALIKE}) - 1 AS v FROM ({alike}) a", params  # noqa: S608 - constants


def repeated_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """The runs that repeat one that began before them and has finished, by the same measure, as `SELECT rid`."""
    alike, params = config_rows(names, lens)
    before = (
        f"PARTITION BY {_ALIKE} ORDER BY s.began NULLS LAST, a.rid ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    )
    states = "SELECT rid, arg_max(state, upd) AS state, arg_max(coalesce(started, updated), upd) AS began FROM runs GROUP BY rid"
    return (
        f"SELECT w.rid FROM (SELECT a.rid, count(*) FILTER (WHERE s.state = 'finished') OVER ({before}) AS done"  # noqa: S608 - constants
        f" FROM ({alike}) a JOIN ({states}) s ON s.rid = a.rid) w WHERE w.done > 0",
        params,
    )


_ALIKE = "a.watch, a.project, a.config, a.data"
"""What the runs of one config have in common."""


def config_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """`SELECT rid, watch, project, config, data`: each run that has a config, with a hash of it."""
    left_out = [param for param in names.params if param not in lens.dataset_keys and not lens.tells_apart(param)]
    config = (
        f"CASE WHEN NOT coalesce({TOLD} AND NOT c.aside, FALSE) THEN NULL"
        f" WHEN c.num IS NULL AND {PLACE} AND NOT list_contains(?::VARCHAR[], c.key) THEN NULL ELSE {PAIR} END"
    )
    sql = (
        f"WITH told AS (SELECT c.rid, c.upd, bit_xor({config}) AS config"  # noqa: S608 - constants
        f" FROM (SELECT *, {ONE_OF} AS aside FROM main.cfg) c GROUP BY c.rid, c.upd), configs AS (SELECT rid, arg_max(config, upd) AS config FROM told GROUP BY rid),"
        " data AS (SELECT f.rid, bit_xor(hash(hash(f.name, f.val))) AS data FROM main.facts_now f"
        f" WHERE f.name IN ({', '.join(repr(name) for name in DATA_FACTS)}) GROUP BY f.rid)"
        " SELECT r.rid AS rid, r.watch, coalesce(r.project, '') AS project, c.config, coalesce(d.data, 0) AS data"
        f" FROM ({PLACED_ALL} WHERE NOT r.hidden) r JOIN configs c ON c.rid = r.rid LEFT JOIN data d ON d.rid = r.rid"
        " WHERE c.config IS NOT NULL"
    )
    return sql, (list(lens.dataset_keys), left_out)
