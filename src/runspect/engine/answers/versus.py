"""Runs against the champion of their data set, the marked baseline and the best before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runspect.engine.answers.replies import Answer, as_json
from runspect.engine.call import Call, Reply
from runspect.index import reads

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _versus(engine: Requests, call: Call) -> Reply:
    args, scope = call.args, call.scope
    with engine.reading(call) as cursor:
        rid = reads.resolve_run(cursor, scope, args["run"], engine.called)[0]
        other = args.get("other")
        beside = None if other is None else reads.resolve_run(cursor, scope, other, engine.called)[0]
        found = engine.comparing(cursor, scope)
        return as_json(reads.versus(found, _about(engine, call, cursor), rid, beside))


def _arrivals(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        found, about = engine.comparing(cursor, call.scope), _about(engine, call, cursor)
        told = [reads.versus(found, about, int(rid), whole=False) for rid in call.args["rids"]]
    runs = [(each["run"], each["verdict"], each["text"]) for each in told if each["run"] and each["main"]]
    return as_json([[run["rid"], run["name"], run["state"], verdict, text] for run, verdict, text in runs])


def _about(engine: Requests, call: Call, cursor: Any) -> reads.ToldOf:
    kept = engine.core.parts().kept
    return reads.ToldOf(cursor, call.scope, kept.runs, engine.called, bool(call.args.get("show_secrets")))


TABLE: dict[str, Answer] = {"versus": _versus, "arrivals": _arrivals}
