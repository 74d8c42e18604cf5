"""All that was ever said of the stages of runs, and the registry of what came further than the first one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from runspect.columns.lens import PLAIN, Lens
from runspect.columns.stages import KEY, stage_of
from runspect.index.reads.called import Called, called
from runspect.index.reads.champions import champions, standings
from runspect.index.reads.plain import moment
from runspect.index.reads.scope import Cursor, Scope, among, fetch, inside
from runspect.index.reads.table import window
from runspect.model import Json
from runspect.practice.registry import Said, Versions, gate_of, history, versions

_SAID = (
    "SELECT i.rid, a.who, a.ts, a.val, a.target FROM ann a JOIN ids_now i ON i.uid = substr(a.target, 5)"
    f" WHERE a.key = '{KEY}' AND starts_with(a.target, 'run:')"
)
_ALL = f"SELECT a.who, a.ts, a.val, a.target FROM ann a WHERE a.key = '{KEY}' AND starts_with(a.target, 'run:') ORDER BY a.ts, a.id"
_FACTS = ("dataset_version", "git_commit", "host")


def model_versions(cursor: Cursor) -> Versions:
    """The numbers of all models that the journal tells of, whether their runs are indexed here or not."""
    return versions(Said(0, who, ts / 1e9, _value(val), target) for who, ts, val, target in fetch(cursor, _ALL))


def state_of(cursor: Cursor, rid: int) -> str:
    """How it is with a run; "" where there is none."""
    rows = fetch(cursor, "SELECT arg_max(state, upd) FROM runs WHERE rid = ?", (rid,))
    return str(rows[0][0] or "")


def stage_of_run(cursor: Cursor, rid: int, lens: Lens = PLAIN) -> str:
    """The stage that a run is in."""
    rows = fetch(cursor, f"SELECT val FROM ann_now WHERE rid = ? AND key = '{KEY}'", (rid,))
    return stage_of(json.loads(rows[0][0]) if rows else None, lens.stages)


def stage_history(cursor: Cursor, rid: int, lens: Lens = PLAIN, known: Versions | None = None) -> list[dict[str, Json]]:
    """What was said of the stage of one run, oldest first; see `practice.registry.history`, times as ISO 8601."""
    few = among([rid], "i.rid")
    lines = [
        Said(rid, who, ts / 1e9, _value(val), target)
        for rid, who, ts, val, target in fetch(cursor, f"{_SAID} AND {few.sql} ORDER BY a.ts, a.id", few.params)
    ]
    if not lines:
        return []
    told = history(lines, lens.stages, model_versions(cursor) if known is None else known)
    return [{**each, "when": _iso(each["when"])} for each in told]


def registry(cursor: Cursor, scope: Scope, lens: Lens = PLAIN, names_of: Called = called) -> dict[str, Json]:
    """What came further than the first stage, by model and version, as model registries have it.

    Returns:
        {stages, models: [{name, latest, versions: [version]}], without_model: [version]}, a version being {name, version,
        stage, champion, why, who, when, run: {uid, name, path, host, state, commit}, dataset, dataset_version, source,
        size, sha256, report, gate, forced, history}; newest versions first.
    """
    first, place = lens.stages[0], inside(scope)
    said = {rid: each for rid, each in standings(cursor, lens).items() if each.stage != first}
    few = among(list(said), "r.rid")
    rows = fetch(
        cursor,
        f"SELECT r.rid, r.uid, r.name, r.abspath, r.host, r.state FROM runs_now r WHERE ({place.sql}) AND {few.sql}",
        (*place.params, *few.params),
    )
    if not rows:
        return {"stages": list(lens.stages), "models": [], "without_model": []}
    known, shorter = model_versions(cursor), names_of(cursor, scope)
    crowned = {champion.rid for champion in champions(cursor, scope, lens, names_of=names_of).values()}
    rids = [row[0] for row in rows]
    datasets = {row.rid: row.values[0] for row in window(cursor, scope, rids, ("dataset",), lens=lens)}
    facts = _facts(cursor, rids)
    found: list[dict[str, Json]] = []
    for rid, uid, name, path, host, state in rows:
        told = stage_history(cursor, rid, lens, known)
        value, fact = said[rid].value, facts.get(rid, {})
        model = value.get("model")
        model = model if isinstance(model, dict) else {}
        version = next((each["version"] for each in reversed(told) if each["model"] and each["model"] == model), None)
        found.append(
            {
                "name": model.get("name"),
                "version": version,
                "stage": said[rid].stage,
                "champion": rid in crowned,
                "why": value.get("why"),
                "who": said[rid].who,
                "when": _iso(said[rid].since),
                "run": {
                    "uid": uid, "name": shorter.get(rid, name), "path": path, "host": host or fact.get("host"),
                    "state": state, "commit": fact.get("git_commit"),
                },
                "dataset": datasets.get(rid),
                "dataset_version": fact.get("dataset_version"),
                "source": model.get("path"),
                "size": model.get("size"),
                "sha256": model.get("sha256"),
                "report": value.get("report"),
                "gate": gate_of(value),
                "forced": value.get("forced") is True,
                "history": list(told),
            }
        )  # fmt: skip
    return _by_model(found, lens)


def _by_model(found: list[dict[str, Json]], lens: Lens) -> dict[str, Json]:
    found.sort(key=lambda each: (str(each["name"] or ""), -int(str(each["version"] or 0)), str(each["when"])))
    models: dict[str, list[dict[str, Json]]] = {}
    for each in found:
        if each["name"]:
            models.setdefault(str(each["name"]), []).append(each)
    listed: list[Json] = [
        {"name": name, "latest": _latest(versions, lens), "versions": list(versions)}
        for name, versions in models.items()
    ]
    without: list[Json] = [each for each in found if not each["name"]]
    return {"stages": list(lens.stages), "models": listed, "without_model": without}


def _latest(versions: list[dict[str, Json]], lens: Lens) -> dict[str, Json]:
    """The newest version of each stage."""
    return {
        stage: next((each["version"] for each in versions if each["stage"] == stage), None) for stage in lens.stages[1:]
    }


def _facts(cursor: Cursor, rids: list[int]) -> dict[int, dict[str, Json]]:
    few, found = among(rids, "f.rid"), dict[int, dict[str, Json]]()
    listed = ", ".join(repr(name) for name in _FACTS)
    for rid, name, val in fetch(
        cursor, f"SELECT f.rid, f.name, f.val FROM facts_now f WHERE f.name IN ({listed}) AND {few.sql}", few.params
    ):
        found.setdefault(rid, {})[name] = json.loads(val)
    return found


def _value(text: str) -> Mapping[str, Json] | None:
    value = json.loads(text)
    return value if isinstance(value, dict) else None


def _iso(seconds: Json) -> str:
    return moment(datetime.fromtimestamp(float(str(seconds)), UTC)) or ""
