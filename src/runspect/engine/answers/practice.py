"""What the history of runs says: the best ever, what was tried before, and which changes helped."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json
from runspect.engine.call import Call, Reply
from runspect.index import reads
from runspect.practice.configs import makes_config

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


def _tried(engine: Requests, call: Call) -> Reply:
    args = call.args
    apart_from = args.get("apart_from")
    looked = reads.Looked(
        args["params"],
        str(args.get("query", "")),
        bool(args.get("partial")),
        None if apart_from is None else int(apart_from),
        int(args.get("most", 5)),
    )
    with engine.reading(call) as cursor:
        sight = engine.sight(cursor, call.scope)
        ignore = (*sight.ignore, *args.get("ignore", ()))
        return as_json(
            reads.tried(
                cursor,
                call.scope,
                looked,
                partial(makes_config, ignore=ignore, seeds=bool(args.get("seeds"))),
                engine.names,
                sight.lens,
                engine.called,
                engine.core.parts().kept.runs,
                bool(args.get("show_secrets")),
            )
        )


def _effects(engine: Requests, call: Call) -> Reply:
    args = call.args
    wanted = reads.Paired(
        str(args.get("query", "")),
        str(args.get("dataset", "")),
        str(args.get("metric", "")),
        args.get("direction"),
        str(args.get("param", "")),
    )
    with engine.reading(call) as cursor:
        return as_json(
            reads.paired(
                cursor,
                call.scope,
                wanted,
                engine.names,
                engine.sight(cursor, call.scope).lens,
                engine.called,
                bool(args.get("show_secrets")),
            )
        )


def _repeated(engine: Requests, call: Call) -> Reply:
    store = engine.core.parts().store
    with engine.reading(call) as cursor:
        sight = engine.sight(cursor, call.scope)
        return as_json(
            store.remembered(
                ("repeated", *call.scope, *sight.stamp),
                lambda: reads.repeated(cursor, call.scope, engine.names(cursor, call.scope), sight.lens),
                # values and steps of a run that goes on repeat nothing
                lambda: max(store.generations.told, store.generations.judged),
            )
        )


TABLE: dict[str, Answer] = {"best": _best, "tried": _tried, "repeated": _repeated, "effects": _effects}
