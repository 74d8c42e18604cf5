"""Only the metrics that a question over many runs names are looked up, once: a CTE that stands in for the view `series_now`.

The view finds the newest rows of all metrics before it drops those of the others, since DuckDB takes a condition on a joined
name no further down, and each condition and sort key reads it anew.

Where the time goes at 100,000 runs x 20 params x 10 metrics (CPU of one core; the list without query and order takes 40 ms,
15 of them to sort, 12 to compare paths, 8 to find the newest rows): sorting by a metric 220 ms by the view, 140 like this; two
conditions and an order by params 140 to 190 ms, of which finding the newest of 2 M rows takes 40. The same CTE for params was tried and
saves nothing: all params of a run are newest together, whatever their names.
"""

from __future__ import annotations

from collections.abc import Sequence

from runspect.index.reads.scope import Cursor, fetch

_SERIES = (
    "series_now AS MATERIALIZED (SELECT s.* EXCLUDE (live, upd), m.name FROM series s "
    "JOIN (SELECT rid, mid, max(upd) AS upd FROM series WHERE mid IN ({mids}) GROUP BY rid, mid) newest USING (rid, mid, upd) "
    "JOIN metrics m USING (mid) WHERE s.live AND s.mid IN ({mids}))"
)
MOST = 20
"""Names that are worth it."""


def narrowed(cursor: Cursor, sql: str, params: Sequence[object]) -> str:
    """A WITH clause for a statement: the metrics of the names that its parameters hold; "" where it asks for others.

    The names are not told apart from other texts in the parameters: a few rows too many do no harm.
    """
    if not 0 < sql.count(" series_now ") == sql.count("s.name = ?"):
        return ""
    texts = sorted({param for param in params if isinstance(param, str)})
    mids = fetch(cursor, "SELECT mid FROM metrics WHERE name IN (SELECT unnest(?::VARCHAR[]))", (texts,))
    if not 0 < len(mids) <= MOST:
        return ""
    return f"WITH {_SERIES.format(mids=', '.join(str(mid) for (mid,) in mids))} "
