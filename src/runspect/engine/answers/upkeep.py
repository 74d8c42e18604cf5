"""Looking at the disk, annotations, health, and the engine itself."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json
from runspect.engine.call import Call, Cancelled, Reply
from runspect.engine.policies import misnamed, unmet
from runspect.engine.recorded import recorded_roots
from runspect.engine.status import status
from runspect.index import reads
from runspect.model import Op, Progress
from runspect.pathtext import to_text

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _watch(engine: Requests, call: Call) -> Reply:
    call.client.scope, call.client.polls = call.scope, bool(call.args.get("poll"))
    engine.rewatch(engine.core.parts())
    return Reply()


def _sync(engine: Requests, call: Call) -> Reply:
    parts, token = engine.core.parts(), str(call.args.get("token", ""))

    def report(progress: Progress) -> None:
        if token:
            call.client.progressed(progress, token)

    directories = list(call.scope or engine.roots(parts))
    parts.folders.look_around(map(os.path.realpath, directories))
    parts.annotations.look_again()  # before: of what others remember only what the disk lacks is taken in
    parts.syncer.sync(directories, report, call.stop)
    if call.cancelled():
        raise Cancelled
    parts.annotations.look_again()  # the walk may have found more folders
    if () in engine.server.scopes():  # who watches all known roots watches this one as well
        engine.rewatch(parts)
    with engine.reading(call) as cursor:
        runs = parts.store.remembered(
            ("runs", *call.scope),
            lambda: reads.order(cursor, call.scope, archived=True).total,
            lambda: parts.store.generations.judged,
        )
        return Reply({"runs": runs})


def _tags(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        name = call.args.get("tag")
        return as_json(reads.tags(cursor, call.scope) if name is None else reads.tagged(cursor, call.scope, str(name)))


def _places(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        shared = bool(call.args.get("shared"))
        return as_json(reads.places(cursor, call.scope, call.args["rids"], engine.called, shared=shared))


def _health(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        sight = engine.sight(cursor, call.scope)
        names = engine.names(cursor, call.scope)
        lacking = unmet(sight, names.metrics) if sight.lens.objective else ""
        faults = [
            (folder.base, to_text(str(fault.path)), fault.offset, fault.what)
            for folder, fault in engine.core.parts().annotations.faults(call.scope)
        ]
        unmet_by = (sight.judged_in, lacking) if lacking else None
        body = reads.health_json(cursor, call.scope, sight.faults, unmet_by, faults, misnamed(sight, names))
        return Reply(body_kind="json", body=body)


def _annotate(engine: Requests, call: Call) -> Reply:
    args = call.args
    ops = [Op(str(target), str(key), value) for target, key, value in args["ops"]]
    changed = engine.core.parts().annotations.annotate(args["op_id"], args["client"], args["who"], ops, call.scope)
    return Reply({"changed": changed, "note": engine.core.parts().annotations.note})


def _undo(engine: Requests, call: Call) -> Reply:
    args = call.args
    undo = engine.core.parts().annotations.undo
    return Reply({"text": undo(args["op_id"], args["client"], args["who"], bool(args.get("redo")), call.scope)})


def _sql(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        return as_json(
            asdict(
                reads.sql(
                    cursor, call.args["text"], call.args.get("limit", 10_000), bool(call.args.get("show_secrets"))
                )
            )
        )


def _seen(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        copied = {f"copies of runs in {place}": count for place, count in reads.copied(cursor, call.scope).items()}
    return as_json({**copied, **engine.core.parts().syncer.seen(call.scope)})


def _roots(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        found = reads.roots(cursor)
    new = recorded_roots([str(root["root"]) for root in found])
    found += [{"root": root, "runs": 0, "live": 0, "updated": None} for root in new]
    mode_of = engine.core.parts().syncer.mode_of
    return as_json([{**root, "mode": mode_of(root["root"])} for root in found])


def _status(engine: Requests, call: Call) -> Reply:
    parts = engine.core.parts()
    return as_json(status(parts, engine.server, list(engine.roots(parts)), engine.uptime_s(), engine.note))


TABLE: dict[str, Answer] = {
    "watch": _watch,
    "sync": _sync,
    "tags": _tags,
    "places": _places,
    "health": _health,
    "annotate": _annotate,
    "undo": _undo,
    "sql": _sql,
    "seen": _seen,
    "roots": _roots,
    "status": _status,
}
