"""Many runs as the JSON objects of `ls --json`, their params and metrics written as JSON by DuckDB itself.

Where the time goes (10,000 runs x 20 params x 10 metrics, 25 MB, CPU time on a busy machine): 0.52 s; the statements alone
take about 160 ms for the metrics, 90 for the params, 40 for the heads, 30 for tags, 12 for the order, and orjson 40. One Python
object per param and metric instead took 0.64 s. Memory grows with the answer and with `AT_ONCE`, no more with all runs.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping, Sequence

import orjson

from runspect.columns import Lens
from runspect.columns.lens import PLAIN as GUESSED
from runspect.columns.stages import KEY as STAGE
from runspect.columns.stages import SAID as STAGED
from runspect.columns.stages import stage_of
from runspect.errors import UsageError
from runspect.index.reads.called import Called, called
from runspect.index.reads.plain import stored
from runspect.index.reads.run_object import KEYS, head_object, run_object
from runspect.index.reads.scope import WRITTEN_OUT, Condition, Cursor, Scope, among, fetch
from runspect.index.reads.table import matching
from runspect.index.reads.tested import tested
from runspect.index.reads.told import PLAIN, Runs, Told, told
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import mask
from runspect.model import Json, SortKey

AT_ONCE = 10_000
"""Runs whose objects are in memory at the same time."""

_MOMENT = "strftime({0}, '%Y-%m-%dT%H:%M:%S.%fZ')"
_WHOLE = "coalesce(CAST({0} AS VARCHAR), 'null')"
_NUMBER = (
    "CASE WHEN isfinite({0}) THEN CAST({0} AS VARCHAR) WHEN {0} IS NULL THEN 'null' WHEN isnan({0}) THEN '\"NaN\"' "
    "WHEN {0} > 0 THEN '\"Infinity\"' ELSE '\"-Infinity\"' END"
)
_METRIC = (
    ("n", "n", _WHOLE),
    ("nonfinite", "nonfinite", _WHOLE),
    ("first", "first_v", _NUMBER),
    ("last", "last_v", _NUMBER),
    ("first_step", "first_step", _WHOLE),
    ("last_step", "last_step", _WHOLE),
    ("min", "lo", _NUMBER),
    ("min_step", "lo_step", _WHOLE),
    ("max", "hi", _NUMBER),
    ("max_step", "hi_step", _WHOLE),
)
"""Keys of a metric: (key, column of `series_now`, how it is written)."""


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
    names_of: Called = called,
    lens: Lens = GUESSED,
    runs: Runs = PLAIN,
    rids: Sequence[int] | None = None,
) -> bytes:
    """The bytes of `ls --json`: the runs that match, sorted; `fields` picks keys.

    Args:
        runs: Says what is told of single runs, where these are few.
        rids: These runs in this order, in place of those that match.
        limit: So many runs at most, the first ones.
        names_of: Says what runs are called in the scope.
        lens: What the policy says of the scope.

    Raises:
        QueryError: The query could not be understood.
        UsageError: A column of the sort order could not be understood, or no field is called so.
    """
    unknown = [field for field in fields or () if field not in (*KEYS, "facts")]
    if unknown:
        raise UsageError(f"no field is called {', '.join(unknown)}; there are {', '.join((*KEYS, 'facts'))}")
    if rids is None:
        rids = matching(cursor, scope, query, sort, archived, known, lens)
    rids = rids[:limit]
    wanted = tuple(KEYS if fields is None else fields)
    names = names_of(cursor, scope) if "name" in wanted else {}
    pieces = (
        _piece(cursor, scope, rids[at : at + AT_ONCE], wanted, names, show_secrets, runs, lens)
        for at in range(0, len(rids), AT_ONCE)
    )
    return b"[" + b",".join(filter(None, pieces)) + b"]"


def _piece(
    cursor: Cursor,
    scope: Scope,
    rids: Sequence[int],
    wanted: Sequence[str],
    names: Mapping[int, str],
    show_secrets: bool,
    runs: Runs,
    lens: Lens,
) -> bytes:
    """The objects of some runs, without the brackets around them."""
    if len(rids) <= WRITTEN_OUT:
        few = told(cursor, rids, runs, with_tested=True)
        objects = {rid: run_object(run, scope, show_secrets) for rid, run in few.items()}
        stages: dict[int, str] = {rid: stage_of(_said(run), lens.stages) for rid, run in few.items()}
    else:
        objects = _objects(cursor, scope, rids, frozenset(wanted), show_secrets)
        said = f"SELECT s.rid, s.v FROM ({STAGED}) s WHERE s.v <> ''"
        stages = dict(fetch(cursor, said)) if "stage" in wanted else {}
    gates = lens.gates() if "gate" in wanted else {}
    for rid, told_of in objects.items():
        told_of["stage"], told_of["gate"] = stages.get(rid, lens.stages[0]), gates.get(rid)
    for rid in objects.keys() & names.keys():
        objects[rid]["name"] = names[rid]
    listed = (objects[rid] for rid in rids if rid in objects)
    return orjson.dumps([dict(zip(wanted, [run[key] for key in wanted], strict=True)) for run in listed])[1:-1]


def _said(run: Told) -> Json:
    said = run.said.get(STAGE)
    return None if said is None else orjson.loads(said)


def _objects(
    cursor: Cursor, scope: Scope, rids: Sequence[int], keys: frozenset[str], show_secrets: bool
) -> dict[int, dict[str, Json]]:
    few = among(rids)
    times = ", ".join(_MOMENT.format(column) for column in ("started", "ended", "updated"))
    rows = fetch(
        cursor,
        f"SELECT rid, uid, name, project, grp, watch, abspath, tools, state, reason, {times}, steps, host, "
        f"owner, parent, problems FROM runs_now WHERE {few.sql}",
        few.params,
    )
    found = {row[0]: head_object(row, scope) for row in rows}
    if "params" in keys:
        _put(found, "params", _params(cursor, few, show_secrets))
    if "metrics" in keys:
        _put(found, "metrics", _metrics(cursor, few))
    if "tags" in keys:
        _put(
            found,
            "tags",
            fetch(cursor, f"SELECT rid, list(tag ORDER BY tag) FROM tags_now WHERE {few.sql} GROUP BY rid", few.params),
        )
    if keys & {"note", "star", "archived"}:
        _annotations(cursor, found, few)
    if keys & {"hypothesis", "verdict"}:
        for rid, claim in tested(cursor, rids).items():
            if rid in found:
                found[rid]["hypothesis"], found[rid]["verdict"] = mask("note", claim.words), claim.verdict
    if "facts" in keys:
        _facts(cursor, found, rids, show_secrets)
    return found


def _put(found: dict[int, dict[str, Json]], key: str, values: Sequence[tuple[int, Json]]) -> None:
    for rid, value in values:
        if rid in found:
            found[rid][key] = orjson.Fragment(value) if isinstance(value, str) else value


def _params(cursor: Cursor, few: Condition, show_secrets: bool) -> list[tuple[int, Json]]:
    """(rid, JSON object as text), in the order of the keys."""
    masked = [] if show_secrets else list(_masked(cursor, few))
    value, source, params = "c.val", "cfg_now c", few.params
    if masked:
        value = "coalesce(m.shown, c.val)"
        source += (
            " LEFT JOIN (SELECT unnest(?::VARCHAR[]) AS key, unnest(?::VARCHAR[]) AS val, unnest(?::VARCHAR[]) AS shown) m"
            " ON m.key = c.key AND m.val = c.val"
        )
        params = (*(list(column) for column in zip(*masked, strict=True)), *params)
    return fetch(
        cursor,
        f"SELECT rid, '{{' || array_to_string(list_sort(list(to_json(c.key) || ':' || coalesce({value}, 'null'))), ',') || '}}' "
        f"FROM {source} WHERE {few.sql} GROUP BY rid",
        params,
    )


def _masked(cursor: Cursor, few: Condition) -> Iterator[tuple[str, str, str]]:
    """(key, JSON text, what is shown of it) of the params that hold a secret; only texts can."""
    texts = f"SELECT DISTINCT key, val FROM cfg_now WHERE {few.sql} AND contains(val, '\"')"
    for key, val in fetch(cursor, texts, few.params):
        plain = orjson.loads(val)
        shown = mask(key, plain)
        if shown != plain:
            yield key, val, orjson.dumps(shown).decode()


def _metrics(cursor: Cursor, few: Condition) -> list[tuple[int, Json]]:
    """(rid, JSON object as text), in the order of the names."""
    parts = ", ".join(f"',\"{key}\":', {written.format(column)}" for key, column, written in _METRIC)
    metric = f"concat(to_json(name), ':{{', substr(concat({parts}), 2), '}}')"
    return fetch(
        cursor,
        f"SELECT rid, '{{' || array_to_string(list_sort(list({metric})), ',') || '}}' FROM series_now WHERE {few.sql} GROUP BY rid",
        few.params,
    )


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


def _annotations(cursor: Cursor, found: dict[int, dict[str, Json]], few: Condition) -> None:
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
