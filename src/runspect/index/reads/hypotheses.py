"""The hypotheses of the journal and of the records with the runs that test them, and what is said of one run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from runspect.columns.hypotheses import LINK, SAID, VERDICT
from runspect.index.reads.scope import Cursor, Scope, among, fetch, inside
from runspect.index.reads.tested import Tested, every, tested
from runspect.model import Json
from runspect.practice.hypotheses import Hypothesis, Trial, Verdict, with_records

Told = dict[str, tuple[Json, str, float]]
"""Of one target: (value, who, seconds since 1970) by key, what was taken back left out."""


def hypotheses(cursor: Cursor, scope: Scope, names: Mapping[int, str] | None = None) -> list[Hypothesis]:
    """Those that are about the directories of the scope, or that runs in it test.

    Args:
        names: What runs are called in the scope, where that is not the name that the index keeps.
    """
    said = _said(cursor)
    trials, loose = _trials(cursor, {hyp: _text(told, "metric") for hyp, told in said.items()}, every(cursor))
    known = [_hypothesis(hyp, told, trials.get(hyp, ())) for hyp, told in said.items()]
    place = inside(scope)
    shown = {rid for (rid,) in fetch(cursor, f"SELECT r.rid FROM runs_now r WHERE {place.sql}", place.params)}
    return [
        replace(each, trials=tuple(_named(trial, names or {}) for trial in each.trials))
        for each in with_records(known, loose)
        if _is_about(each.root, scope) or any(trial.rid in shown for trial in each.trials)
    ]


def hypothesis_of(cursor: Cursor, rid: int) -> tuple[Hypothesis | None, Verdict | None]:
    """What one run tests, with that run as the only trial, and the verdict that counts for it."""
    claim = tested(cursor, (rid,)).get(rid)
    if claim is None:
        return None, None
    hyp, words = claim.hyp, claim.words
    said = _said(cursor, hyp) if hyp is not None else {}
    trials, loose = _trials(cursor, {hyp: _text(told, "metric") for hyp, told in said.items()}, {rid: claim})
    known = [_hypothesis(hyp, told, trials.get(hyp, ())) for hyp, told in said.items()]
    found = next(iter(with_records(known, loose)), None) if words is not None else None
    own = verdicts(cursor, (rid,)).get(rid)
    return found, own or (found.own if found is not None else None)


def _named(trial: Trial, names: Mapping[int, str]) -> Trial:
    return replace(trial, name=names[trial.rid]) if trial.rid in names else trial


def _said(cursor: Cursor, hyp: str | None = None) -> dict[str, Told]:
    """All that the journal says of every hypothesis that has a text, or of one."""
    only, params = ("", ()) if hyp is None else (" AND s.hyp = ?", (hyp,))
    rows = fetch(
        cursor, f"SELECT s.hyp, s.key, s.val, s.who, s.said FROM ({SAID}) s WHERE s.val <> 'null'{only}", params
    )
    found: dict[str, Told] = defaultdict(dict)
    for id, key, val, who, when in rows:
        found[id][key] = (json.loads(val), who, when)
    written = dict(
        fetch(
            cursor,
            "SELECT substr(target, 5), max_by(first, last) FROM (SELECT target, val, min(ts) / 1e9 AS first, max(ts) AS last"
            " FROM ann WHERE key = 'text' AND starts_with(target, 'hyp:') AND val <> 'null' GROUP BY ALL) GROUP BY target",
        )
    )
    for id, told in found.items():
        if "text" in told:
            told["text"] = (told["text"][0], told["text"][1], written[id])
    return {id: told for id, told in found.items() if isinstance(told.get("text", (None,))[0], str)}


def _hypothesis(id: str, told: Told, trials: Sequence[Trial]) -> Hypothesis:
    text, who, written = told["text"]
    due = told.get("due", (None,))[0]
    return Hypothesis(
        id,
        text,
        written,
        who,
        due=float(due) if isinstance(due, int | float) else None,
        project=_text(told, "project"),
        metric=_text(told, "metric"),
        branch=_text(told, "branch"),
        root=_text(told, "root"),
        tags=tuple(sorted(key[4:] for key, (value, _, _) in told.items() if key.startswith("tag:") and value is True)),
        retrospective=told.get("retrospective", (False,))[0] is True,
        dropped=_verdict(*told["closed"]) if "closed" in told else None,
        own=_verdict(*told[VERDICT]) if VERDICT in told else None,
        trials=tuple(trials),
    )


def _text(told: Told, key: str) -> str:
    value = told.get(key, ("",))[0]
    return value if isinstance(value, str) else ""


def _verdict(value: Json, who: str, when: float, run: str = "") -> Verdict | None:
    if not isinstance(value, dict):
        return None
    word, note = value.get("verdict") or "", value.get("note") or ""
    return Verdict(str(word), str(note), who, when, value.get("retrospective") is True, run)


def _trials(
    cursor: Cursor, metrics: Mapping[str, str], claims: Mapping[int, Tested]
) -> tuple[dict[str, list[Trial]], list[Trial]]:
    """The runs of each hypothesis in the order of their starts, and those whose record holds words that are none.

    Args:
        metrics: Of each hypothesis, "" for any.
        claims: What each of the runs tests.
    """
    testing = [rid for rid, claim in claims.items() if claim.words is not None]
    few = among(testing)
    rows = fetch(
        cursor,
        f"SELECT rid, uid, name, epoch(started) FROM runs_now WHERE {few.sql} ORDER BY started NULLS LAST, rid",
        few.params,
    )
    recorded = dict(
        fetch(
            cursor,
            f"SELECT rid, trim(json_extract_string(val, '$')) FROM facts_now WHERE name = '{LINK}' AND {few.sql}",
            few.params,
        )
    )
    listed = [row[0] for row in rows]
    firsts, said = _first_points(cursor, listed), verdicts(cursor, listed)
    found: dict[str, list[Trial]] = defaultdict(list)
    loose: list[Trial] = []
    for rid, uid, name, started in rows:
        claim = claims[rid]
        hyp, how = claim.hyp, claim.how or ""
        metric = metrics.get(hyp, "") if hyp is not None else ""
        points = firsts.get(rid, {})
        first = points.get(metric) if metric in points else min(points.values(), default=None)
        told = str(recorded.get(rid) or "") if how == "recorded" else ""
        trial = Trial(rid, uid, name, how, started, first, told, said.get(rid))
        if hyp is None:
            loose.append(trial)
        else:
            found[hyp].append(trial)
    return found, loose


def _first_points(cursor: Cursor, rids: Sequence[int]) -> dict[int, dict[str, float]]:
    """When each of these runs first logged each of its metrics, in seconds since 1970; those without times are left out."""
    found: dict[int, dict[str, float]] = defaultdict(dict)
    if not rids:
        return found
    few = among(rids, "p.rid")
    rows = fetch(
        cursor,
        "SELECT p.rid, m.name, epoch(min(p.t)) FROM points p JOIN segments_now g USING (segment) JOIN metrics m USING (mid)"
        f" WHERE {few.sql} AND p.t IS NOT NULL GROUP BY p.rid, m.name",
        few.params,
    )
    for rid, name, first in rows:
        found[rid][name] = first
    return found


def verdicts(cursor: Cursor, rids: Sequence[int]) -> dict[int, Verdict]:
    """What was said of these runs themselves."""
    if not rids:
        return {}
    few = among(rids, "i.rid")
    newest = "struct_pack(ts := a.ts, id := a.id)"
    rows = fetch(
        cursor,
        f"SELECT i.rid, arg_max(struct_pack(val := a.val, who := a.who, ts := a.ts, uid := i.uid), {newest}) FROM ann a"
        f" JOIN ids_now i ON i.uid = substr(a.target, 5) WHERE starts_with(a.target, 'run:') AND a.key = '{VERDICT}'"
        f" AND {few.sql} GROUP BY i.rid",
        few.params,
    )
    found = {rid: _verdict(json.loads(said["val"]), said["who"], said["ts"] / 1e9, said["uid"]) for rid, said in rows}
    return {rid: verdict for rid, verdict in found.items() if verdict is not None}


def _is_about(root: str, scope: Scope) -> bool:
    """Whether a directory lies in the scope, or around it; all do where everything known is asked for."""
    if not scope:
        return True
    return bool(root) and any(
        root == directory
        or root.startswith(f"{directory.rstrip('/')}/")
        or directory.startswith(f"{root.rstrip('/')}/")
        for directory in scope
    )
