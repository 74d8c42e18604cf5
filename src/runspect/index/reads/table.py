"""The run table: which runs in what order, then the cells of a window of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from runspect import columns
from runspect import query as query_language
from runspect.columns import Lens, Names
from runspect.columns.baseline import BASES
from runspect.columns.computed import COMPUTED, yields
from runspect.columns.lens import PLAIN as GUESSED
from runspect.columns.names import near
from runspect.columns.sql import Sql
from runspect.errors import AmbiguousRun, NotFound
from runspect.index.reads.called import Called, called
from runspect.index.reads.cells import Value, value_of
from runspect.index.reads.narrowing import SupersededIn, narrowed, nobody
from runspect.index.reads.plain import plain
from runspect.index.reads.scope import WRITTEN_OUT, Condition, Cursor, Scope, among, fetch, inside, put
from runspect.index.reads.told import PLAIN, Runs, Told, told
from runspect.index.reads.usual import UsualOf, usual
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import mask
from runspect.model import RunOrder, RunRow, SortKey

CANDIDATES = 20
TESTED = frozenset(("hypothesis", "verdict", "why", "overdue"))
"""Columns that take `Told.tested`."""
_NAME = columns.parse_column("name")
_BY_NUMBER, _BY_ROW = "listed r", "runs_now r JOIN listed USING (rid)"
"""Where a condition finds its `r`: as the number of a run, which is all that most of them take, or as its newest row."""
_NARROWED = ("cfg_now", "facts_now", "series_now", "tags_now", "runs", "cfg", "series")
"""Views and tables that the columns of a window read."""


def order(
    cursor: Cursor,
    scope: Scope,
    query: str = "",
    sort: Sequence[SortKey] = (),
    archived: bool = False,
    generation: int = 0,
    known: NamesIn = names_in,
    lens: Lens = GUESSED,
    usual_of: UsualOf = usual,
    superseded_in: SupersededIn = nobody,
) -> RunOrder:
    """The runs that match, sorted; newest first where no other order decides.

    Args:
        known: Says which names there are; one that remembers them saves most of the time.
        lens: What the policy says of the scope.
        usual_of: Says which runs there are; the same holds.
        superseded_in: Says which rows do not count; the same holds.

    Raises:
        QueryError: The query could not be understood.
        UsageError: A column of the sort order could not be understood.
    """
    listed = usual_of(cursor, scope).order(archived)
    rids = _picked(cursor, scope, query, sort, listed, known, lens, superseded_in)
    return replace(listed, rids=rids, generation=generation)


def matching(
    cursor: Cursor,
    scope: Scope,
    query: str = "",
    sort: Sequence[SortKey] = (),
    archived: bool = False,
    known: NamesIn = names_in,
    lens: Lens = GUESSED,
    usual_of: UsualOf = usual,
    superseded_in: SupersededIn = nobody,
) -> list[int]:
    """Rids of the runs that match, sorted.

    Raises:
        QueryError: The query could not be understood.
        UsageError: A column of the sort order could not be understood.
    """
    listed = usual_of(cursor, scope).order(archived)
    return [*_picked(cursor, scope, query, sort, listed, known, lens, superseded_in)]


def _picked(
    cursor: Cursor,
    scope: Scope,
    query: str,
    sort: Sequence[SortKey],
    listed: RunOrder,
    known: NamesIn,
    lens: Lens,
    superseded_in: SupersededIn,
) -> tuple[int, ...]:
    """Those of the listed runs that match, sorted."""
    if not query.strip() and not sort:
        return listed.rids
    names = known(cursor, scope)
    where = _compiled(query, names, lens)
    terms = [
        columns.sort_term(columns.parse_column(key.column), names, lens, descending=key.descending) for key in sort
    ]
    keys = "".join(f", {term.sql} AS k{at}" for at, term in enumerate(terms))
    ordering = ", ".join([*(term.order(f"k{at}") for at, term in enumerate(terms)), "place"])
    params = tuple(value for term in terms for value in term.params) + where.params
    put(cursor, listed.rids)

    def found(runs: str) -> list[int]:
        selected = f"SELECT r.rid, place{keys} FROM {runs} WHERE {where.sql}"
        named = narrowed(cursor, selected, params, superseded_in)
        asked = f"{named}SELECT rid FROM ({selected}) ORDER BY {ordering}"
        rids: list[int] = cursor.execute(asked, list(params)).fetchnumpy()["rid"].tolist()
        return rids

    try:
        return tuple(found(_BY_NUMBER))
    except duckdb.BinderException:
        return tuple(found(_BY_ROW))


def window(
    cursor: Cursor,
    scope: Scope,
    rids: Sequence[int],
    specs: Sequence[str],
    show_secrets: bool = False,
    known: NamesIn = names_in,
    runs: Runs = PLAIN,
    names_of: Called = called,
    lens: Lens = GUESSED,
) -> tuple[RunRow, ...]:
    """The rows of `rids` in that order, with a raw value for each column spec; unknown rids are left out.

    Params and facts are not masked here but by `columns.cell`, which knows their names; without `show_secrets` a value
    that is secret by its shape or name is masked on the way out as well.

    Args:
        known: Says which names there are.
        runs: Says what is told of single runs; one that remembers it saves most of the time.
        names_of: Says what runs are called in the scope.
        lens: What the policy says of the scope.

    Raises:
        UsageError: A column spec could not be understood.
    """
    names = known(cursor, scope) if any(map(_needs_names, specs)) else Names()
    parsed = [_meant(spec, names) for spec in specs]
    readers = [value_of(column, names, lens) for column in parsed]
    if len(rids) <= WRITTEN_OUT and None not in readers:
        with_tested = any(column.name in TESTED for column in parsed)
        known_runs = told(cursor, rids, runs, with_tested=with_tested)
        rows = _told_rows(known_runs, [read for read in readers if read is not None])
    else:
        rows = _selected_rows(cursor, rids, [columns.value_sql(column, names, lens) for column in parsed])
    shorter = names_of(cursor, scope)
    found = {row[0]: _row(_renamed(row, parsed, shorter), parsed, show_secrets) for row in rows}
    return tuple(found[rid] for rid in rids if rid in found)


def _renamed(row: tuple[Any, ...], parsed: Sequence[columns.Column], shorter: Mapping[int, str]) -> tuple[Any, ...]:
    """The row with the name that the run has in the scope."""
    name = shorter.get(row[0])
    if name is None:
        return row
    head, values = row[: -len(parsed) or None], row[len(row) - len(parsed) :]
    shown = [name if column == _NAME else value for column, value in zip(parsed, values, strict=True)]
    return (*head[:2], name, *head[3:], *shown)


def _told_rows(runs: Mapping[int, Told], readers: Sequence[Value]) -> list[tuple[Any, ...]]:
    return [
        (rid, run.head.uid, run.name, run.head.state, run.head.reason, *_flags(run), *(read(run) for read in readers))
        for rid, run in runs.items()
    ]


def _flags(run: Told) -> tuple[bool, bool]:
    """Whether it is starred, and archived."""
    return run.said.get("star") == "true", run.said.get("archive") == "true"


def _selected_rows(cursor: Cursor, rids: Sequence[int], values: Sequence[Sql]) -> list[tuple[Any, ...]]:
    picked = "".join(f", {sql}" for sql, _ in values)
    few, narrowed = among(rids, "r.rid"), _narrowed(_with_baselines(cursor, rids, picked), picked)
    return fetch(
        cursor,
        f"{narrowed.sql} SELECT r.rid, r.uid, r.name, r.state, r.reason, "
        "r.rid IN (SELECT rid FROM ann_now WHERE key = 'star' AND val = 'true'), "
        "r.rid IN (SELECT rid FROM ann_now WHERE key = 'archive' AND val = 'true')"
        f"{picked} FROM runs_now r WHERE {few.sql}",
        (*narrowed.params, *(value for _, params in values for value in params), *few.params),
    )


def resolve_run(cursor: Cursor, scope: Scope, run: str | int, names_of: Called = called) -> tuple[int, str, str]:
    """(rid, uid, name) of the one run that `run` names: a rid, a uid, a unique prefix of one, a path or a name.

    A run that was renamed still answers to its own name, unless another one is called so.

    Raises:
        NotFound: None fits; the message says which ones look like it.
        AmbiguousRun: Several fit.
    """
    if isinstance(run, int):
        found = fetch(cursor, "SELECT rid, uid, name, abspath FROM runs_now WHERE rid = ?", (run,))
        if not found:
            raise NotFound(f"there is no run {run}")
        return found[0][:3]
    wanted = run.strip().rstrip("/") or run
    shorter = names_of(cursor, scope)
    for condition in _readings(scope, wanted, shorter):
        found = _some(cursor, inside(scope) & condition)
        if len(found) == 1:
            rid, uid, name, _ = found[0]
            return rid, uid, shorter.get(rid, name)
        if found:
            raise AmbiguousRun(run, _candidates(found))
    raise NotFound(f"no run is called {run!r} here{_suggestion(cursor, scope, wanted)}")


def _suggestion(cursor: Cursor, scope: Scope, wanted: str) -> str:
    """The names and paths that look like the text, as the end of a sentence; "" when none does."""
    place = inside(scope)
    told = fetch(cursor, f"SELECT r.name, r.own_name, r.path FROM runs_now r WHERE {place.sql}", place.params)
    close = near(wanted, (text for texts in zip(*told, strict=True) for text in texts if text))
    return f"; did you mean {', '.join(close)}?" if close else ""


def _readings(scope: Scope, wanted: str, shorter: Mapping[int, str]) -> list[Condition]:
    """What the text may mean, the most literal first."""
    roots = [*scope]
    paths = [wanted, *(f"{root.rstrip('/')}/{wanted}" if wanted != "." else root for root in roots)]
    paths = list(dict.fromkeys((*paths, *(os.path.normpath(path) for path in paths if path.startswith("/")))))
    return [
        Condition("r.uid = ?", (wanted,)),
        Condition("r.rid IN (SELECT rid FROM ids_now WHERE uid = ?)", (wanted,)),
        Condition("r.abspath IN (SELECT unnest(?::VARCHAR[])) OR (r.path = ?)", (paths, wanted)),
        among([rid for rid, name in shorter.items() if name == wanted], "r.rid"),
        Condition("r.name = ?", (wanted,)),
        Condition("r.own_name = ?", (wanted,)),
        # the place of a copy of it
        Condition(
            "r.rid IN (SELECT s.rid FROM sources_now s JOIN (SELECT unnest(?::VARCHAR[]) AS place) asked "
            "ON starts_with(rtrim(s.watch, '/') || '/' || s.path, asked.place || '/') WHERE s.\"use\" = 'also_in')",
            (paths,),
        ),
        Condition(
            "length(?) > 2 AND r.rid IN (SELECT rid FROM ids_now WHERE starts_with(uid, ?) "
            "OR starts_with(regexp_extract(uid, '[^:]*$'), ?))",
            (wanted, wanted, wanted),
        ),
        Condition("ends_with(r.abspath, '/' || ?)", (wanted,)),
    ]


def _some(cursor: Cursor, where: Condition) -> list[tuple[Any, ...]]:
    return fetch(
        cursor,
        f"SELECT r.rid, r.uid, r.name, r.path FROM runs_now r WHERE {where.sql} ORDER BY r.abspath LIMIT {CANDIDATES}",
        where.params,
    )


def _candidates(found: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    """What tells them apart: the paths, and the uids where several runs share one."""
    paths = [path for _, _, _, path in found]
    return tuple(path if paths.count(path) == 1 else uid for _, uid, _, path in found)


def _compiled(query: str, names: Names, lens: Lens) -> Condition:
    if not query.strip():
        return Condition("true")
    compiled = query_language.compile_query(query, names, lens=lens)
    return Condition(compiled.sql, tuple(compiled.params))


def _with_baselines(cursor: Cursor, rids: Sequence[int], picked: str) -> Sequence[int]:
    """The runs whose rows are looked at: with them those that they are compared with."""
    if BASES not in picked:
        return rids
    few = among(rids, "o.rid")
    bases = fetch(cursor, f"SELECT DISTINCT o.base FROM ({BASES}) o WHERE {few.sql}", few.params)
    return list({*rids, *(base for (base,) in bases)})


def _narrowed(rids: Sequence[int], picked: str) -> Condition:
    """A WITH clause: within the statement the views and tables of these names hold the rows of `rids` alone, picked out once."""
    few = among(rids)
    views = ["ann_now", *(view for view in _NARROWED if f" {view} " in picked)]
    listed = ", ".join(f"{view} AS MATERIALIZED (SELECT * FROM main.{view} WHERE {few.sql})" for view in views)
    return Condition(f"WITH {listed}", few.params * len(views))


def _needs_names(spec: str) -> bool:
    column = columns.parse_column(spec)
    return column.kind != "field" or column.name in COMPUTED


def _meant(spec: str, names: Names) -> columns.Column:
    """The column of a spec, a built-in one only where nothing of the runs is called so."""
    column = columns.parse_column(spec)
    if column.kind == "field" and yields(column.name, names):
        return columns.resolve(column, names)
    return column


def _row(row: Sequence[Any], parsed: Sequence[columns.Column], show_secrets: bool) -> RunRow:
    rid, uid, name, state, reason, star, archived, *raw = row
    values = tuple(
        _shown(columns.decode(column, value), column, show_secrets) for column, value in zip(parsed, raw, strict=True)
    )
    return RunRow(rid, uid, name, state, reason, values, bool(star), bool(archived))


def _shown(value: Any, column: columns.Column, show_secrets: bool) -> Any:
    if show_secrets or column.kind in ("spark", "metric", "at", "formula", "delta"):
        return plain(value)
    return mask(column.name, plain(value))
