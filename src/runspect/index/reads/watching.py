"""Known roots, and where a run lies on the disk."""

from __future__ import annotations

from runspect.errors import NotFound
from runspect.index.reads.plain import moment
from runspect.index.reads.scope import Cursor, fetch
from runspect.model import Json


def roots(cursor: Cursor) -> list[dict[str, Json]]:
    """Every known root with its runs; how it is watched is for the engine to say."""
    rows = fetch(
        cursor,
        "SELECT w.watch, count(r.rid), count(*) FILTER (WHERE r.state IN ('running', 'quiet')), max(r.updated) "
        "FROM watches_now w LEFT JOIN runs_now r ON r.watch = w.watch GROUP BY w.watch ORDER BY w.watch",
    )
    return [
        {"root": watch, "runs": runs, "live": live, "updated": moment(updated)} for watch, runs, live, updated in rows
    ]


def run_place(cursor: Cursor, rid: int) -> tuple[str, str, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Watched directory, and relative to it the run's directory, its console logs, and the archives that hold it.

    An archive comes with what it calls the run.

    Raises:
        NotFound: No such run.
    """
    rows = fetch(cursor, "SELECT watch, path FROM runs_now WHERE rid = ?", (rid,))
    if not rows:
        raise NotFound(f"there is no run {rid}")
    consoles = fetch(
        cursor,
        "SELECT path FROM sources_now WHERE rid = ? AND reader IN ('console', 'console-metrics') ORDER BY path",
        (rid,),
    )
    archives = fetch(
        cursor,
        "SELECT s.path, coalesce(nullif(s.key, ''), r.key) FROM sources_now s JOIN runs_now r USING (rid) "
        "WHERE rid = ? AND s.reader = 'runspect-archive' AND s.\"use\" = 'row' ORDER BY s.path",
        (rid,),
    )
    places = tuple((path, key) for path, key in archives)
    return rows[0][0], rows[0][1], tuple(path for (path,) in consoles), places
