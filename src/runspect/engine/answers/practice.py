"""What the history of runs says: the best ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json
from runspect.engine.call import Call, Reply
from runspect.index import reads

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _best(engine: Requests, call: Call) -> Reply:
    args = call.args
    wanted = reads.Wanted(
        str(args.get("query", "")),
        str(args.get("dataset", "")),
        str(args.get("metric", "")),
        args.get("direction"),
        int(args.get("most", 1)),
    )
    with engine.reading(call) as cursor:
        return as_json(
            reads.best(
                cursor,
                call.scope,
                wanted,
                engine.names,
                engine.sight(cursor, call.scope).lens,
                engine.called,
                engine.core.parts().kept.runs,
                bool(args.get("show_secrets")),
            )
        )


TABLE: dict[str, Answer] = {"best": _best}
