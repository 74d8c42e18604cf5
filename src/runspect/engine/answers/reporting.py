"""What reports are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json
from runspect.engine.call import Call, Reply
from runspect.index import reads

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _review(engine: Requests, call: Call) -> Reply:
    args = call.args
    wanted = reads.Wanted(
        str(args.get("query", "")),
        str(args.get("dataset", "")),
        str(args.get("metric", "")),
        args.get("direction"),
    )
    with engine.reading(call) as cursor:
        lens, run = engine.sight(cursor, call.scope).lens, args.get("run")
        rid = None if run is None else reads.resolve_run(cursor, call.scope, str(run), engine.called)[0]
        about = reads.Reviewing(wanted, rid, int(args.get("rivals", 8)))
        return as_json(
            reads.reviewed(
                cursor,
                call.scope,
                about,
                engine.comparing(cursor, call.scope),
                engine.names,
                lens,
                engine.called,
                engine.core.parts().kept.runs,
                bool(args.get("show_secrets")),
            )
        )


def _happened(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        return as_json(
            reads.happened(
                cursor,
                call.scope,
                str(args.get("query", "")),
                float(args["since"]),
                float(args["until"]),
                engine.names,
                engine.sight(cursor, call.scope).lens,
                engine.called,
            )
        )


TABLE: dict[str, Answer] = {"review": _review, "happened": _happened}
