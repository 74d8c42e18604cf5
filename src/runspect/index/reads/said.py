"""What people said of runs in the journal, line by line, for who carries runs away."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

from runspect.columns.hypotheses import LINK, SAID, VERDICT
from runspect.index.reads.scope import Cursor, among, fetch
from runspect.index.reads.tested import tested
from runspect.masking import mask
from runspect.model import Json

STAGE = "stage"
_NEWEST = "struct_pack(ts := a.ts, id := a.id)"


def said(cursor: Cursor, rids: Sequence[int], show_secrets: bool = False) -> dict[int, list[dict[str, Json]]]:
    """Per run {"about", "key", "value", "who", "ts"}: its verdict, all its stages, its hypothesis and what is said of that.

    `about` is "run" or "hyp:ID", `ts` ns since 1970. Tags, notes and the like are no part: an export tells them as they are.
    """
    found: dict[int, list[dict[str, Json]]] = defaultdict(list)
    for rid, key, val, who, ts in _of_runs(cursor, rids):
        found[rid].append(_line("run", key, val, who, ts))
    claims = tested(cursor, rids)
    hypotheses = _of_hypotheses(cursor, sorted({claim.hyp for claim in claims.values() if claim.hyp is not None}))
    for rid, claim in claims.items():
        lines = hypotheses.get(claim.hyp or "", [])
        if claim.how == "branch":  # who has not the branch knows by this what it tests
            told = next((line for line in lines if line["key"] == "text"), None)
            found[rid] += [{**told, "about": "run", "key": LINK, "value": claim.hyp}] if told is not None else []
        found[rid] += lines
    for line in (line for lines in found.values() for line in lines):
        line["value"] = line["value"] if show_secrets else mask("", line["value"])
    return found


def _of_runs(cursor: Cursor, rids: Sequence[int]) -> list[tuple[int, str, str, str, int]]:
    few = among(rids, "i.rid")
    lines = (
        f"FROM ann a JOIN ids_now i ON i.uid = substr(a.target, 5) WHERE starts_with(a.target, 'run:') AND {few.sql}"
    )
    newest = fetch(
        cursor,
        f"SELECT i.rid, a.key, arg_max(struct_pack(val := a.val, who := a.who, ts := a.ts), {_NEWEST}) {lines}"
        f" AND a.key IN ('{LINK}', '{VERDICT}') GROUP BY i.rid, a.key ORDER BY i.rid, a.key",
        few.params,
    )
    stages = fetch(
        cursor,
        f"SELECT DISTINCT i.rid, a.key, a.val, a.who, a.ts {lines} AND a.key = '{STAGE}' ORDER BY i.rid, a.ts",
        few.params,
    )
    return [(rid, key, each["val"], each["who"], each["ts"]) for rid, key, each in newest] + stages


def _of_hypotheses(cursor: Cursor, ids: Sequence[str]) -> dict[str, list[dict[str, Json]]]:
    found: dict[str, list[dict[str, Json]]] = defaultdict(list)
    if not ids:
        return found
    rows = fetch(
        cursor,
        f"SELECT s.hyp, s.key, s.val, s.who, w.first FROM ({SAID}) s JOIN (SELECT target, key, val, min(ts) AS first FROM ann"
        " WHERE starts_with(target, 'hyp:') GROUP BY ALL) w ON w.target = 'hyp:' || s.hyp AND w.key = s.key AND w.val = s.val"
        " WHERE s.val <> 'null' AND s.hyp IN (SELECT unnest(?::VARCHAR[])) ORDER BY s.hyp, s.key",
        (list(ids),),
    )
    for hyp, key, val, who, ts in rows:
        found[hyp].append(_line(f"hyp:{hyp}", key, val, who, ts))
    return found


def _line(about: str, key: str, val: str, who: str, ts: int) -> dict[str, Json]:
    return {"about": about, "key": key, "value": json.loads(val), "who": who, "ts": ts}
