"""Runs against the rules of the policy, and those that nobody put in order."""

from __future__ import annotations

import time
from collections.abc import Sequence

from runspect.columns import Lens
from runspect.columns.lens import PLAIN
from runspect.columns.lint import sign_rows
from runspect.columns.tidy import kind_rows
from runspect.index.reads.called import Called, called
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.table import matching
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.practice.hypotheses import span_text
from runspect.practice.lint.findings import Subject
from runspect.practice.lint.tidy import Untidy, said

_RUNS = "SELECT r.rid, r.uid, r.name, r.abspath, r.state, epoch(coalesce(r.started, r.updated)), epoch(coalesce(r.ended, r.updated)) FROM runs_now r"


def subjects(
    cursor: Cursor,
    scope: Scope,
    query: str = "",
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    names_of: Called = called,
) -> list[Subject]:
    """What the rules look at of each run that matches, the newest first; archived ones are left out.

    Raises:
        QueryError: The query could not be understood.
    """
    rids = matching(cursor, scope, query, known=known, lens=lens)
    rows, params = sign_rows(known(cursor, scope), lens)
    signs = {row[0]: row[1:] for row in fetch(cursor, rows, params)}
    shorter = names_of(cursor, scope)
    return [
        Subject(rid, uid, shorter.get(rid, name), path, when, *signs[rid])
        for rid, uid, name, path, _, when, _ in _listed(cursor, rids)
        if rid in signs
    ]


def untidy(
    cursor: Cursor,
    scope: Scope,
    query: str = "",
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    names_of: Called = called,
) -> list[Untidy]:
    """What is to be put in order of each run that matches, the newest first; archived ones are left out.

    Raises:
        QueryError: The query could not be understood.
    """
    rids = matching(cursor, scope, query, known=known, lens=lens)
    now = time.time() if lens.now is None else lens.now
    rows, params = kind_rows(known(cursor, scope), lens)
    kinds: dict[int, list[tuple[str, int | None]]] = {}
    for rid, kind, twin in fetch(cursor, f"SELECT k.rid, k.v, k.twin FROM ({rows}) k ORDER BY k.rid, k.v", params):
        kinds.setdefault(rid, []).append((kind, twin))
    shorter = names_of(cursor, scope)
    twins = _names(cursor, [twin for found in kinds.values() for _, twin in found if twin is not None])
    found = []
    for rid, uid, name, path, state, when, last in _listed(cursor, [rid for rid in rids if rid in kinds]):
        silent = span_text(max(0.0, now - last)) if last is not None else "long"
        for kind, twin in kinds[rid]:
            other = "" if twin is None else shorter.get(twin, twins.get(twin, ""))
            what = said(kind, state, other, silent)
            found.append(Untidy(rid, uid, shorter.get(rid, name), path, state, when, kind, what))
    return found


def _listed(cursor: Cursor, rids: Sequence[int]) -> list[tuple[int, str, str, str, str, float | None, float | None]]:
    """(rid, uid, name, path, state, when, last) of these runs, in this order."""
    few = among(rids, "r.rid")
    rows = {row[0]: row for row in fetch(cursor, f"{_RUNS} WHERE {few.sql}", few.params)}
    return [(row[0], row[1], row[2], row[3], row[4], row[5], row[6]) for rid in rids if (row := rows.get(rid))]


def _names(cursor: Cursor, rids: Sequence[int]) -> dict[int, str]:
    few = among(rids, "r.rid")
    return dict(fetch(cursor, f"SELECT r.rid, r.name FROM runs_now r WHERE {few.sql}", few.params))
