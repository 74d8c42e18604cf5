"""Whether a run may come to a stage, what was said of its stage so far, and the registry of those that came further."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json
from runspect.engine.call import Call, Reply
from runspect.errors import UsageError
from runspect.index import reads
from runspect.masking import mask
from runspect.model import Json
from runspect.practice.gate_words import outcome_json
from runspect.practice.gates import LIVE, Handed, next_stage

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _gate(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        rid, uid, name = reads.resolve_run(cursor, call.scope, args["run"], engine.called)
        if faults := engine.policies.sight((_place(cursor, rid),)).faults:
            # without its gates everything would pass
            raise UsageError(f"the policy is not understood: {faults[0][1]}")
        found = gate_object(engine, cursor, rid, str(args.get("to") or ""), _handed(args.get("report")))
    return as_json({"rid": rid, "uid": uid, "name": name, **found})


def gate_object(
    engine: Requests,
    cursor: reads.Cursor,
    rid: int,
    to: str = "",
    report: Handed | None = None,
    *,
    live: bool = True,
) -> dict[str, Json]:
    """{stage, stages, to, gate: `outcome_json` or null} of one run.

    Args:
        live: Whether anything is to be said of a run that lives: its gate would be asked again with everything that it logs.

    Raises:
        UsageError: `to` is no stage.
    """
    place = _place(cursor, rid)
    lens = engine.policies.sight((place,)).lens
    stage = reads.stage_of_run(cursor, rid, lens)
    if to and to not in lens.stages:
        raise UsageError(f"there is no stage {to!r}; the policy has {', '.join(lens.stages)}")
    wanted = to or next_stage(lens.stages, stage)
    answer = None
    if wanted and (live or not _lives(cursor, rid)):
        known = engine.gating.of_run(engine.core.parts().store, place, rid, engine.names, engine.called)
        answer = known.outcome(rid, wanted, report) if known is not None and rid in known.rows else None
    return {
        "stage": stage,
        "stages": list(lens.stages),
        "to": wanted or None,
        "gate": None if answer is None else outcome_json(*answer),
    }


def _stages(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        rid, uid, name = reads.resolve_run(cursor, call.scope, call.args["run"], engine.called)
        lens = engine.policies.sight((_place(cursor, rid),)).lens
        history: list[Json] = list(reads.stage_history(cursor, rid, lens))
        stage = reads.stage_of_run(cursor, rid, lens)
    found: dict[str, Json] = {
        "rid": rid,
        "uid": uid,
        "name": name,
        "stage": stage,
        "stages": list(lens.stages),
        "history": history,
    }
    return as_json(found if call.args.get("show_secrets") else mask("", found))


def _registry(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        found: Json = reads.registry(cursor, call.scope, engine.sight(cursor, call.scope).lens, engine.called)
    return as_json(found if call.args.get("show_secrets") else mask("", found))


def _versions(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        known = reads.model_versions(cursor)
    return as_json(known.next(str(call.args["model"])))


def _place(cursor: reads.Cursor, rid: int) -> str:
    watch, path, *_ = reads.run_place(cursor, rid)
    return watch if path == "." else f"{watch.rstrip('/')}/{path}"


def _lives(cursor: reads.Cursor, rid: int) -> bool:
    return reads.state_of(cursor, rid) in LIVE


def _handed(told: object) -> Handed | None:
    if not isinstance(told, dict):
        return None
    return Handed(str(told["path"]), int(told["size"]), str(told["sha256"]))


TABLE: dict[str, Answer] = {"gate": _gate, "stages": _stages, "registry": _registry, "next_version": _versions}
