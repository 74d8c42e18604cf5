"""Where runs lie on the disk, and which other runs have files in there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from runspect.index.reads.called import Called, called
from runspect.index.reads.scope import Cursor, Scope, among, fetch, inside
from runspect.model import Json

MOST_NAMED = 3
"""Other runs that are named of one directory."""


def places(
    cursor: Cursor, scope: Scope, rids: Sequence[int], names_of: Called = called, *, shared: bool = False
) -> list[Json]:
    """For each run: rid, uid, name, state, directory (absolute), others (names of some runs with files in it).

    Others are looked for with `shared` alone, for it takes all files; runs of every root count among them.
    """
    few, names = among(rids, "r.rid"), names_of(cursor, scope)
    rows = fetch(cursor, f"SELECT r.rid, r.uid, r.name, r.state, r.abspath FROM runs_now r WHERE {few.sql}", few.params)
    others = _others(cursor, {abspath for *_, abspath in rows}) if shared else {}
    found = {
        rid: {
            "rid": rid,
            "uid": uid,
            "name": names.get(rid, name),
            "state": state,
            "directory": abspath,
            "others": [names.get(other, called_) for other, called_ in others.get(abspath, {}).items() if other != rid],
        }
        for rid, uid, name, state, abspath in rows
    }
    return [found[rid] for rid in rids if rid in found]


def copied(cursor: Cursor, scope: Scope) -> dict[str, int]:
    """By directory of the runs that are listed instead, how many runs have copies in the scope and lie outside of it."""
    here, there = inside(scope, "rtrim(s.watch, '/') || '/' || s.path"), inside(scope)
    rows = fetch(
        cursor,
        "SELECT regexp_extract(r.abspath, '^(.*)/', 1), count(DISTINCT r.rid) FROM sources_now s JOIN runs_now r USING (rid) "
        f"WHERE s.\"use\" = 'also_in' AND ({here.sql}) AND NOT ({there.sql}) GROUP BY 1 ORDER BY 2 DESC, 1",
        here.params + there.params,
    )
    return dict(rows)


def _others(cursor: Cursor, directories: Set[str]) -> dict[str, dict[int, str]]:
    """Per directory, some of the runs with files in it. Every file's way up is walked: files x depth steps, in no join."""
    rows = fetch(
        cursor,
        "SELECT r.rid, r.name, rtrim(s.watch, '/') || '/' || s.path FROM sources_now s JOIN runs_now r USING (rid) "
        "UNION ALL SELECT r.rid, r.name, r.abspath || '/.' FROM runs_now r",
    )
    found: dict[str, dict[int, str]] = {}
    for rid, name, path in rows:
        for directory in _above(path):
            if directory in directories:
                named = found.setdefault(directory, {})
                if len(named) <= MOST_NAMED:
                    named[rid] = name
    return found


def _above(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
