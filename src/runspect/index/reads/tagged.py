"""Tags with how many runs have them, and whose they are: the user's own, or those that a tool recorded."""

from __future__ import annotations

from runspect.index.reads.scope import Cursor, Scope, fetch, inside
from runspect.model import Json

_WHOSE = (
    "WITH said AS MATERIALIZED (SELECT rid, substr(key, 5) AS tag, val FROM ann_all WHERE starts_with(key, 'tag:')), "
    "told AS (SELECT rid, unnest(from_json(val, '[\"VARCHAR\"]')) AS tag FROM facts_now WHERE name = 'tags'), "
    "whose AS (SELECT rid, tag, true AS own FROM said WHERE val = 'true' UNION ALL "
    "SELECT t.rid, t.tag, false FROM told t WHERE t.tag IS NOT NULL AND NOT EXISTS ("
    "SELECT 1 FROM said a WHERE a.rid = t.rid AND a.tag = t.tag AND a.val = 'false')) "
)
"""`whose`: a row for each run, tag and origin; a tool's tag that was taken away is left out."""


def tags(cursor: Cursor, scope: Scope) -> list[Json]:
    """Every tag with its runs: name, runs, yours (tagged by people), tools (told by a tool); most frequent first.

    Archived runs count.
    """
    place = inside(scope)
    rows = fetch(
        cursor,
        f"{_WHOSE} SELECT w.tag, count(DISTINCT w.rid), count(DISTINCT w.rid) FILTER (w.own), "
        "count(DISTINCT w.rid) FILTER (NOT w.own) FROM whose w JOIN runs_now r USING (rid) "
        f"WHERE {place.sql} GROUP BY w.tag ORDER BY 2 DESC, 1",
        place.params,
    )
    return [{"name": name, "runs": runs, "yours": yours, "tools": tools} for name, runs, yours, tools in rows]


def tagged(cursor: Cursor, scope: Scope, name: str) -> list[Json]:
    """(rid, uid) of the runs that people gave a tag."""
    place = inside(scope)
    rows = fetch(
        cursor,
        f"{_WHOSE} SELECT DISTINCT r.rid, r.uid FROM whose w JOIN runs_now r USING (rid) "
        f"WHERE w.own AND w.tag = ? AND ({place.sql}) ORDER BY 1",
        (name, *place.params),
    )
    return [list(row) for row in rows]
