"""Runs that ended badly, by cause: values out of the index, put together by `practice.graveyard`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from runspect.columns import Lens, Names
from runspect.columns.causes import BROKEN, CAUSE_FACTS
from runspect.columns.computed import COMPUTED
from runspect.columns.lens import PLAIN
from runspect.index.reads.called import Called, called
from runspect.index.reads.lasted import ENDED, LASTED, NEWEST
from runspect.index.reads.plain import iso
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.table import matching
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import mask
from runspect.model import Json
from runspect.practice.graveyard import Death, Grave, graveyard
from runspect.practice.weeks import week_name

DAY_S = 86_400.0


def graves(
    cursor: Cursor,
    scope: Scope,
    query: str = "",
    weeks: int = 12,
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    names_of: Called = called,
    show_secrets: bool = False,
) -> dict[str, Json]:
    """The causes of the runs that match and ended badly, those that took most time first.

    Args:
        weeks: Weeks of the trend, up to that of the newest one.

    Returns:
        {runs, failed, hours, weeks: [name], causes: [{cause, runs, hours, untimed, per_week: [runs], trend,
        reasons: [{text, runs}], last: {rid, uid, name, state, reason, ended}}]}; `runs` are all that match.

    Raises:
        QueryError: The query could not be understood.
    """
    rids = matching(cursor, scope, query, known=known, lens=lens)
    told = _deaths(cursor, rids, known(cursor, scope), lens) if rids else {}
    latest = (time.time() if lens.now is None else lens.now) + DAY_S
    # a clock that runs ahead would leave all other deaths out of the last weeks
    found = graveyard(
        [replace(death, when=None) if (death.when or 0) > latest else death for death, _ in told.values()], weeks
    )
    names = names_of(cursor, scope)
    return {
        "runs": len(rids),
        "failed": found.runs,
        "hours": found.seconds / 3600,
        "weeks": [week_name(start) for start in found.weeks],
        "causes": [_grave(each, told[each.last.rid][1], names, show_secrets) for each in found.graves],
    }


def _deaths(cursor: Cursor, rids: list[int], names: Names, lens: Lens) -> dict[int, tuple[Death, Mapping[str, Any]]]:
    """Each with what is told of its run."""
    causes, params = COMPUTED["cause"](names, lens)
    few = among(rids, "r.rid")
    rows = fetch(
        cursor,
        f"WITH q AS MATERIALIZED (SELECT c.rid, c.v FROM ({causes}) c WHERE c.v IS NOT NULL) "
        f"SELECT r.rid, q.v, r.reason, f.said, epoch(coalesce({ENDED}, r.started, r.updated)), "
        f"{LASTED}, r.uid, r.name, r.state FROM q JOIN runs_now r ON r.rid = q.rid LEFT JOIN {NEWEST} n ON n.rid = r.rid LEFT JOIN (SELECT rid, "
        "string_agg(coalesce(json_extract_string(val, '$'), val), ', ' ORDER BY name) AS said FROM facts_now WHERE list_contains(?::VARCHAR[], name) "
        f"AND val <> '\"\"' AND rid IN (SELECT rid FROM q) GROUP BY rid) f ON f.rid = r.rid WHERE {few.sql}",
        (*params, list(CAUSE_FACTS), *few.params),
    )
    broken = _broken(cursor, [row[0] for row in rows if row[1] == BROKEN])
    found: dict[int, tuple[Death, Mapping[str, Any]]] = {}
    for rid, cause, reason, said, ended, took, uid, name, state in rows:
        # what the logs say is most often part of the reason already
        more = ", ".join(part for part in (said or "").split(", ") if part and part not in (reason or ""))
        words = ", ".join(part for part in (reason, more, broken.get(rid, "")) if part)
        head = {"rid": rid, "uid": uid, "name": name, "state": state, "reason": words, "ended": iso(ended)}
        found[rid] = Death(rid, cause, words, ended, took), head
    return found


def _broken(cursor: Cursor, rids: Sequence[int]) -> dict[int, str]:
    """Which metric of each of these runs ended in NaN or infinity, in words."""
    if not rids:
        return {}
    few = among(rids)
    rows = fetch(
        cursor,
        f"SELECT rid, min(name) FROM series_now WHERE {few.sql} AND NOT isfinite(last_v) GROUP BY rid",
        few.params,
    )
    return {rid: f"{name} ended in NaN or infinity" for rid, name in rows}


def _grave(grave: Grave, last: Mapping[str, Any], names: Mapping[int, str], show_secrets: bool) -> dict[str, Json]:
    found: dict[str, Json] = {
        "cause": grave.cause,
        "runs": grave.runs,
        "hours": grave.seconds / 3600,
        "untimed": grave.untimed,
        "per_week": list(grave.per_week),
        "trend": grave.way,
        "reasons": [{"text": each.text, "runs": each.runs} for each in grave.reasons],
        "last": {**last, "name": names.get(grave.last.rid, last["name"])},
    }
    if not show_secrets:
        for each in found["reasons"]:
            each["text"] = mask("", each["text"])
        found["last"]["reason"] = mask("", found["last"]["reason"])
    return found
