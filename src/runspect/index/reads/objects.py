"""Runs as the JSON objects that scripts rely on: keys are only ever added, every key is always there."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from runspect.errors import UsageError
from runspect.index.reads.plain import dumps, moment, number, stored
from runspect.index.reads.scope import Cursor, Scope, among, fetch, split
from runspect.index.reads.table import matching, resolve_run
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import mask
from runspect.model import Json, SortKey

_LISTED = (
    "uid", "name", "project", "group", "root", "path", "tools", "state", "reason", "started", "ended", "updated", "steps",
    "host", "params", "tags", "note", "parent", "problems", "metrics", "star", "archived", "owner",
)  # fmt: skip
"""Keys of a run in `ls --json`."""


def runs_json(
    cursor: Cursor,
    scope: Scope,
    query: str = "",
    sort: Sequence[SortKey] = (),
    fields: Sequence[str] | None = None,
    archived: bool = False,
    show_secrets: bool = False,
    known: NamesIn = names_in,
    limit: int | None = None,
) -> bytes:
    """The bytes of `ls --json`: the runs that match, sorted; `fields` picks keys.

    Args:
        limit: So many runs at most, the first ones.

    Raises:
        QueryError: The query could not be understood.
        UsageError: A column of the sort order could not be understood, or no field is called so.
    """
    unknown = [field for field in fields or () if field not in (*_LISTED, "facts")]
    if unknown:
        raise UsageError(f"no field is called {', '.join(unknown)}; there are {', '.join((*_LISTED, 'facts'))}")
    rids = matching(cursor, scope, query, sort, archived, known)[:limit]
    wanted = tuple(_LISTED if fields is None else fields)
    objects = _objects(cursor, scope, rids, frozenset(wanted), show_secrets)
    return dumps([{key: objects[rid].get(key) for key in wanted} for rid in rids if rid in objects])


def run_json(cursor: Cursor, scope: Scope, run: str | int, show_secrets: bool = False) -> bytes:
    """The bytes of `show --json`: everything that is known of one run.

    Raises:
        NotFound: No run fits.
        AmbiguousRun: Several fit.
    """
    rid, _, _ = resolve_run(cursor, scope, run)
    whole = _objects(cursor, scope, [rid], frozenset((*_LISTED, "facts")), show_secrets)[rid]
    ((watch,),) = fetch(cursor, "SELECT watch FROM runs_now WHERE rid = ?", (rid,))
    base = str(whole["root"])

    def shown(path: str) -> str:
        return os.path.relpath(f"{watch.rstrip('/')}/{path}", base)

    listed = {key: whole[key] for key in _LISTED}
    return dumps({"rid": rid, **listed, "facts": whole["facts"], **_files(cursor, rid, shown)})


def _files(cursor: Cursor, rid: int, shown: Callable[[str], str]) -> dict[str, Json]:
    files = fetch(cursor, 'SELECT path, reader, size, "use" FROM sources_now WHERE rid = ? ORDER BY path', (rid,))
    params = fetch(cursor, "SELECT key, source, shared FROM cfg_now WHERE rid = ? ORDER BY key", (rid,))
    artifacts = fetch(
        cursor, "SELECT path, kind, size, modified, step FROM artifacts_now WHERE rid = ? ORDER BY path", (rid,)
    )
    problems = fetch(
        cursor,
        "SELECT path, offset_bytes, reader, what, effect FROM problems_now WHERE rid = ? ORDER BY path, offset_bytes",
        (rid,),
    )
    overshadowed = _overshadowed(cursor, rid)
    return {
        "sources": {key: shown(source) for key, source, _ in params if source},
        "shared_params": [key for key, _, shared in params if shared],
        "files": [{"path": shown(path), "reader": reader, "size": size} for path, reader, size, _ in files],
        "also_in": sorted(
            {shown(path) for path, _, _, use in files if use == "also_in"}
            | {shown(path) for paths in overshadowed.values() for path in paths}
        ),
        "metrics_also_in": {name: sorted(shown(path) for path in paths) for name, paths in overshadowed.items()},
        "artifacts": [
            {"path": shown(path), "kind": kind, "size": size, "modified": moment(modified), "step": step}
            for path, kind, size, modified, step in artifacts
        ],
        "problems_list": [
            {"path": shown(path), "offset": offset, "reader": reader, "what": what, "effect": effect}
            for path, offset, reader, what, effect in problems
        ],
    }


def _overshadowed(cursor: Cursor, rid: int) -> dict[str, list[str]]:
    """Per metric, the files that tell it too but less precisely than others, or as a twin under a longer name."""
    rows = fetch(
        cursor,
        'WITH told AS (SELECT DISTINCT p.mid, g.path, g."precision" AS prec FROM points p JOIN segments_now g USING (segment) '
        "WHERE p.rid = ?), best AS (SELECT mid, max(prec) AS prec FROM told GROUP BY mid), "
        "shown AS (SELECT mid FROM series_now WHERE rid = ?) "
        "SELECT m.name, t.path FROM told t JOIN best b USING (mid) JOIN metrics m USING (mid) "
        "WHERE t.prec < b.prec OR t.mid NOT IN (SELECT mid FROM shown) ORDER BY 1, 2",
        (rid, rid),
    )
    found: dict[str, list[str]] = {}
    for name, path in rows:
        found.setdefault(name, []).append(path)
    return found


def _objects(
    cursor: Cursor, scope: Scope, rids: Sequence[int], keys: frozenset[str], show_secrets: bool
) -> dict[int, dict[str, Json]]:
    few = among(rids)
    rows = fetch(
        cursor,
        "SELECT rid, uid, name, project, grp, watch, abspath, tools, state, reason, started, ended, updated, steps, host, "
        f"owner, parent, problems FROM runs_now WHERE {few.sql}",
        few.params,
    )
    found = {row[0]: _head(row, scope) for row in rows}
    if "params" in keys:
        _params(cursor, found, rids, show_secrets)
    if "metrics" in keys:
        _metrics(cursor, found, rids)
    if keys & {"tags", "note", "star", "archived"}:
        _annotations(cursor, found, rids)
    if "facts" in keys:
        _facts(cursor, found, rids, show_secrets)
    return found


def _head(row: tuple[Any, ...], scope: Scope) -> dict[str, Json]:
    _, uid, name, project, group, watch, abspath, tools, state, reason, *rest = row
    started, ended, updated, steps, host, owner, parent, problems = rest
    root, path = split(scope, watch, abspath)
    return {
        "uid": uid, "name": name, "project": project, "group": group, "root": root, "path": path,
        "tools": [tool for tool in (tools or "").split(",") if tool], "state": state, "reason": reason,
        "started": moment(started), "ended": moment(ended), "updated": moment(updated), "steps": steps, "host": host,
        "owner": owner, "params": {}, "tags": [], "note": None, "parent": parent, "problems": problems or 0, "metrics": {},
        "star": False, "archived": False, "facts": {},
    }  # fmt: skip


def _params(cursor: Cursor, found: dict[int, dict[str, Json]], rids: Sequence[int], show_secrets: bool) -> None:
    few = among(rids)
    for rid, key, val in fetch(
        cursor, f"SELECT rid, key, val FROM cfg_now WHERE {few.sql} ORDER BY rid, key", few.params
    ):
        if rid in found:
            found[rid]["params"][key] = stored(val, key, show_secrets)


def _facts(cursor: Cursor, found: dict[int, dict[str, Json]], rids: Sequence[int], show_secrets: bool) -> None:
    few = among(rids, "f.rid")
    rows = fetch(
        cursor,
        "SELECT f.rid, f.name, f.val, CASE WHEN f.source IS NULL THEN NULL ELSE rtrim(r.watch, '/') || '/' || f.source END "
        f"FROM facts_now f JOIN runs_now r USING (rid) WHERE {few.sql} ORDER BY f.rid, f.name",
        few.params,
    )
    for rid, name, val, source in rows:
        if rid in found:
            where = None if source is None else os.path.relpath(source, found[rid]["root"])
            found[rid]["facts"][name] = {"value": stored(val, name, show_secrets), "source": where}


def _metrics(cursor: Cursor, found: dict[int, dict[str, Json]], rids: Sequence[int]) -> None:
    few = among(rids)
    rows = fetch(
        cursor,
        "SELECT rid, name, n, nonfinite, first_v, last_v, first_step, last_step, lo, lo_step, hi, hi_step "
        f"FROM series_now WHERE {few.sql} ORDER BY rid, name",
        few.params,
    )
    for rid, name, n, nonfinite, first, newest, first_step, last_step, lo, lo_step, hi, hi_step in rows:
        if rid in found:
            found[rid]["metrics"][name] = {
                "n": n, "nonfinite": nonfinite, "first": number(first), "last": number(newest),
                "first_step": first_step, "last_step": last_step,
                "min": lo, "min_step": lo_step, "max": hi, "max_step": hi_step,
            }  # fmt: skip


def _annotations(cursor: Cursor, found: dict[int, dict[str, Json]], rids: Sequence[int]) -> None:
    few = among(rids)
    for rid, tag in fetch(cursor, f"SELECT rid, tag FROM tags_now WHERE {few.sql} ORDER BY rid, tag", few.params):
        if rid in found:
            found[rid]["tags"].append(tag)
    told = fetch(cursor, f"SELECT rid, val FROM facts_now WHERE name = 'notes' AND {few.sql}", few.params)
    own = fetch(
        cursor,
        f"SELECT rid, key, val FROM ann_now WHERE key IN ('note', 'star', 'archive') AND {few.sql}",
        few.params,
    )
    for rid, key, val in [*((rid, "note", val) for rid, val in told), *own]:
        if rid in found:
            value = orjson.loads(val)
            name = "archived" if key == "archive" else key
            found[rid][name] = mask("note", value) if key == "note" else value is True
