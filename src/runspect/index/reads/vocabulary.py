"""What there is to ask for in a set of runs: params, metrics, facts and tags, with how often."""

from __future__ import annotations

from runspect.columns import Names
from runspect.index.reads.scope import Condition, Cursor, Scope, fetch, inside
from runspect.model import Json


def names(cursor: Cursor, scope: Scope) -> Names:
    """The names that a query or a column spec may use."""
    member = _members(scope)
    return Names(
        params=_listed(cursor, f"SELECT DISTINCT key FROM cfg_now WHERE {member.sql} ORDER BY 1", member),
        metrics=_listed(cursor, f"SELECT DISTINCT name FROM series_now WHERE {member.sql} ORDER BY 1", member),
        facts=_listed(cursor, f"SELECT DISTINCT name FROM facts_now WHERE {member.sql} ORDER BY 1", member),
        tags=_listed(cursor, f"SELECT DISTINCT tag FROM tags_now WHERE {member.sql} ORDER BY 1", member),
    )


def choices(cursor: Cursor, scope: Scope, rids: list[int] | None = None) -> dict[str, Json]:
    """Params with their distinct values, metrics, facts and tags of the scope, or of `rids` alone; most frequent first."""
    member = _members(scope) if rids is None else Condition("rid IN (SELECT unnest(?::BIGINT[]))", (rids,))
    params = fetch(
        cursor,
        "SELECT key, count(*) AS runs, count(DISTINCT val) FROM cfg_now "
        f"WHERE {member.sql} GROUP BY key ORDER BY runs DESC, key",
        member.params,
    )
    return {
        "params": [{"name": name, "runs": runs, "distinct": distinct} for name, runs, distinct in params],
        "metrics": _counted(cursor, "name", "series_now", member),
        "facts": _counted(cursor, "name", "facts_now", member),
        "tags": _counted(cursor, "tag", "tags_now", member),
    }


def values_of(cursor: Cursor, scope: Scope, kind: str, name: str, limit: int = 50) -> list[tuple[str, int]]:
    """(JSON text of a value, runs that have it) of a param or fact, the most frequent first."""
    member = _members(scope)
    view, column = ("cfg_now", "key") if kind == "param" else ("facts_now", "name")
    rows = fetch(
        cursor,
        f"SELECT val, count(*) AS runs FROM {view} WHERE {column} = ? AND {member.sql} "
        f"GROUP BY val ORDER BY runs DESC, val LIMIT {int(limit)}",
        (name, *member.params),
    )
    return [(val, runs) for val, runs in rows]


def _members(scope: Scope) -> Condition:
    place = inside(scope)
    if place.sql == "true":
        return Condition("rid IN (SELECT rid FROM runs_now)")
    return Condition(f"rid IN (SELECT r.rid FROM runs_now r WHERE {place.sql})", place.params)


def _listed(cursor: Cursor, sql: str, member: Condition) -> tuple[str, ...]:
    return tuple(name for (name,) in fetch(cursor, sql, member.params))


def _counted(cursor: Cursor, column: str, view: str, member: Condition) -> list[Json]:
    rows = fetch(
        cursor,
        f"SELECT {column}, count(DISTINCT rid) AS runs FROM {view} WHERE {member.sql} GROUP BY {column} ORDER BY runs DESC, {column}",
        member.params,
    )
    return [{"name": name, "runs": runs} for name, runs in rows]
