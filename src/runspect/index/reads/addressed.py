"""What annotations speak of: where runs and hypotheses lie, and what else runs are called."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from runspect.dataclass import dataclass
from runspect.index.reads.scope import Cursor, Scope, among, fetch


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A run that answers to a uid."""

    rid: int
    uid: str
    """What it is called now."""
    place: str
    """Its directory, absolute."""
    names: tuple[str, ...]
    """Every uid that it answers to."""
    key: str = ""
    """Which of several runs of its directory it is."""
    is_gone: bool = False
    """Its files are: it is called as it was."""


_FOUND = (
    "SELECT r.rid, r.uid, r.key, r.state = 'gone' AS gone, CASE WHEN r.path = '.' THEN r.watch ELSE rtrim(r.watch, '/') || '/' || r.path END AS abspath"
    " FROM runs r JOIN (SELECT rid, max(upd) AS upd FROM runs GROUP BY rid) USING (rid, upd) WHERE NOT r.hidden"
)


def whereabouts(cursor: Cursor, uids: Sequence[str]) -> dict[str, list[Whereabouts]]:
    """For each uid the runs that answer to it: several where a run is in two roots."""
    asked = fetch(
        cursor, "SELECT DISTINCT uid, rid FROM ids_now WHERE uid IN (SELECT unnest(?::VARCHAR[]))", (list(uids),)
    )
    rids = sorted({rid for _, rid in asked})
    if not rids:
        return {}
    runs = _runs(cursor, f"{among(rids, 'r.rid').sql}", among(rids, "r.rid").params)
    found: dict[str, list[Whereabouts]] = {}
    for uid, rid in asked:
        if rid in runs:
            found.setdefault(uid, []).append(runs[rid])
    return found


def runs_below(cursor: Cursor, directory: str) -> list[Whereabouts]:
    """The runs at and below a directory."""
    base = directory.rstrip("/")
    return list(_runs(cursor, "(abspath = ? OR starts_with(abspath, ?))", (directory, f"{base}/")).values())


def hypothesis_roots(cursor: Cursor, targets: Sequence[str]) -> dict[str, str]:
    """For each target `hyp:ID` the directory that it was written down for."""
    rows = fetch(
        cursor,
        "SELECT target, arg_max(val, struct_pack(ts := ts, id := id)) FROM ann"
        " WHERE key = 'root' AND target IN (SELECT unnest(?::VARCHAR[])) GROUP BY target",
        (list(targets),),
    )
    told = {target: json.loads(value) for target, value in rows}
    return {target: root for target, root in told.items() if isinstance(root, str) and root}


def hypotheses_of(cursor: Cursor, runs: Sequence[Whereabouts], scope: Scope) -> list[str]:
    """The targets of the hypotheses that these runs were linked to, or that were written down for a directory of `scope`."""
    linked = {
        json.loads(value)
        for (value,) in fetch(
            cursor,
            "SELECT DISTINCT val FROM ann WHERE key = 'hypothesis' AND target IN (SELECT unnest(?::VARCHAR[]))",
            ([f"run:{name}" for run in runs for name in run.names],),
        )
        if value.startswith('"')
    }
    all_roots = [
        str(target) for (target,) in fetch(cursor, "SELECT DISTINCT target FROM ann WHERE starts_with(target, 'hyp:')")
    ]
    roots = hypothesis_roots(cursor, all_roots)
    below = {
        target for target, root in roots.items() if any(root == each or root.startswith(f"{each}/") for each in scope)
    }
    return sorted({*(f"hyp:{id_}" for id_ in linked), *below} & set(all_roots))


def _runs(cursor: Cursor, condition: str, params: tuple[object, ...]) -> dict[int, Whereabouts]:
    where = f"SELECT rid, uid, abspath, key, gone FROM ({_FOUND}) r WHERE {condition}"
    rows = fetch(cursor, where, params)
    names: dict[int, list[str]] = {rid: [] for rid, *_ in rows}
    few = among(sorted(names))
    for rid, uid in fetch(cursor, f"SELECT DISTINCT rid, uid FROM ids_now WHERE {few.sql} ORDER BY uid", few.params):
        names[rid].append(uid)
    return {
        rid: Whereabouts(rid, uid, os.path.normpath(place), tuple(names[rid]), key or "", bool(gone))
        for rid, uid, place, key, gone in rows
    }
