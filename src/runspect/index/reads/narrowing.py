"""What a question over many runs names is looked for without finding the newest rows of everything: CTEs that stand in for views.

The views find the newest rows of all keys before they drop those that do not count. Who knows which keys were written more than
once (`SupersededIn`) need not: of the rest every row counts. And of metrics only those are looked up that a question names,
since DuckDB takes a condition on a joined name no further down.

Where the time goes at 100,000 runs x 6 params x 2 metrics (CPU of one core, a quiet machine): a filter by two params 48 ms by the
views, 24 like this, of which joining the runs takes 8, the text of one param 8 and the order 4; with the columns of both params kept
in memory as Arrow it would be 18. Sorting by a metric 67 ms by the view, 46 narrowed to its rows, 30 like this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from runspect.dataclass import dataclass
from runspect.index.reads.scope import WRITTEN_OUT, Cursor, fetch

MOST = 20
"""Names of metrics that are worth it."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """What lies in a table besides the rows that count, as of one moment."""

    upto: int
    """The `upd` of the newest write of that moment: nothing is said of later ones."""
    keys: Mapping[str, Any]
    """As equally long columns: the keys that were written more than once, and as `upd` when they were last."""

    def __len__(self) -> int:
        return len(self.keys["upd"])


SupersededIn = Callable[[Cursor, str], Superseded | None]
"""Says it of `cfg`, `facts` or `series`; None where nobody knows."""

_WORDS = {
    "cfg_now": ("cfg", "rid, key, num, val, source, shared"),
    "facts_now": ("facts", "rid, name, num, val, source"),
}
"""Views of which all rows of a run are written together: the table, and the columns."""


def nobody(cursor: Cursor, table: str) -> None:
    """Nothing is known of the table: its views tell what counts."""


def narrowed(cursor: Cursor, sql: str, params: Sequence[object], superseded_in: SupersededIn = nobody) -> str:
    """A WITH clause for a statement; "" where its views tell as much.

    The names are not told apart from other texts in the parameters: a few rows too many do no harm.
    """
    parts = [*_words(cursor, sql, superseded_in)]
    if 0 < sql.count(" series_now ") == sql.count("s.name = ?"):
        parts += _series(cursor, sorted({param for param in params if isinstance(param, str)}), superseded_in)
    return _with(parts)


def of_metrics(cursor: Cursor, names: Sequence[str], superseded_in: SupersededIn = nobody) -> str:
    """A WITH clause for a statement that asks `series_now` for metrics of these names alone."""
    return _with([*_series(cursor, names, superseded_in)])


def _with(parts: Sequence[str]) -> str:
    return f"WITH {', '.join(parts)} " if parts else ""


def _words(cursor: Cursor, sql: str, superseded_in: SupersededIn) -> Iterator[str]:
    """Params and facts, as the views have them."""
    for view, (table, columns) in _WORDS.items():
        if f" {view} " in sql and (known := superseded_in(cursor, table)) is not None:
            # as one piece it would be found for all keys at once, and not with the condition on the key
            yield f"{view} AS NOT MATERIALIZED (SELECT {columns} FROM {_counting(cursor, table, 'rid', known)})"


def _series(cursor: Cursor, names: Sequence[str], superseded_in: SupersededIn) -> Iterator[str]:
    """The metrics of these names; nothing where there are too many."""
    found = fetch(cursor, "SELECT mid FROM metrics WHERE name IN (SELECT unnest(?::VARCHAR[]))", (list(names),))
    if not 0 < len(found) <= MOST:
        return
    mids = ", ".join(str(mid) for (mid,) in found)
    known = superseded_in(cursor, "series")
    if known is None:
        newest = f"SELECT rid, mid, max(upd) AS upd FROM series WHERE mid IN ({mids}) GROUP BY rid, mid"
        rows = f"series t JOIN ({newest}) newest USING (rid, mid, upd) WHERE t.live"
    else:
        rows = _counting(cursor, "series", "rid, mid", known)
    yield (
        "series_now AS MATERIALIZED (SELECT s.* EXCLUDE (live, upd), m.name "
        f"FROM (SELECT t.* FROM {rows} AND t.mid IN ({mids})) s JOIN metrics m USING (mid))"
    )


def _counting(cursor: Cursor, table: str, keys: str, known: Superseded) -> str:
    """What follows FROM: the rows `t` that count as of that moment; what was written since is not yet there."""
    there = f"t.live AND t.upd <= {known.upto}"
    if not len(known):
        return f"{table} t WHERE {there}"
    return (
        f"{table} t LEFT JOIN {_listed(cursor, f'superseded_{table}', known)} n USING ({keys}) "
        f"WHERE {there} AND (n.upd IS NULL OR n.upd = t.upd)"
    )


def _listed(cursor: Cursor, name: str, known: Superseded) -> str:
    """The keys as a table: few are written out, of which DuckDB makes a better plan."""
    if len(known) > WRITTEN_OUT:
        cursor.register(name, dict(known.keys))
        return name
    rows = zip(*(column.tolist() for column in known.keys.values()), strict=True)
    values = ", ".join(f"({', '.join(map(str, row))})" for row in rows)
    return f"(SELECT * FROM (VALUES {values}) v({', '.join(known.keys)}))"
