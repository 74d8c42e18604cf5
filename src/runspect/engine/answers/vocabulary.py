"""What there is to choose from and to type, and what the columns of all listed runs reach."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json, listed
from runspect.engine.call import Call, Reply
from runspect.engine.policies import unmet
from runspect.index import reads

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _choices(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        query, sight = call.args.get("query", ""), engine.sight(cursor, call.scope)
        if rids := call.args.get("rids"):
            some = reads.choices(cursor, call.scope, list(map(int, rids)), sight.lens)
            return as_json({**some, "unmet": ""})
        if query.strip():
            found = reads.order(
                cursor,
                call.scope,
                query,
                archived=True,
                known=engine.names,
                lens=sight.lens,
                usual_of=engine.usual,
                superseded_in=engine.superseded,
            )
            some = reads.choices(cursor, call.scope, list(found.rids), sight.lens)
            return as_json({**some, "unmet": ""})
        store = engine.core.parts().store
        every = store.remembered(
            ("choices", sight.stamp, *call.scope),
            lambda: reads.choices(cursor, call.scope, None, sight.lens, engine.usual),
            lambda: store.generations.told,
        )
        lacking = unmet(sight, engine.names(cursor, call.scope).metrics) if sight.lens.objective else ""
        return as_json({**every, "unmet": lacking})


def _bests(engine: Requests, call: Call) -> Reply:
    asked, specs = listed(call), tuple(map(str, call.args["columns"]))
    store, query, archived = engine.core.parts().store, asked["query"], asked["archived"]
    with engine.reading(call) as cursor:

        def ask() -> tuple[reads.Reach, ...]:
            lens = engine.sight(cursor, call.scope).lens
            return reads.bests(
                cursor, call.scope, query, specs, archived, engine.names, lens, engine.usual, engine.superseded
            )

        # a query that is being typed is another one with each key
        found = ask() if query.strip() else store.remembered(("bests", *call.scope, archived, specs), ask)
    return as_json([reach.json() for reach in found])


def _distinct(engine: Requests, call: Call) -> Reply:
    store = engine.core.parts().store
    with engine.reading(call) as cursor:
        return as_json(
            store.remembered(
                ("distinct", *call.scope),
                lambda: reads.distinct(cursor, call.scope),
                lambda: store.generations.told,
            )
        )


def _complete(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        query, position = call.args["query"], int(call.args["position"])
        lens = engine.sight(cursor, call.scope).lens
        remembered = partial(engine.observed, call.scope)
        return as_json(
            reads.complete(cursor, call.scope, query, position, engine.names, lens, engine.usual, remembered)
        )


def _explain(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        lens = engine.sight(cursor, call.scope).lens
        return as_json(reads.explain(cursor, call.scope, call.args["query"], engine.names, lens))


TABLE: dict[str, Answer] = {
    "choices": _choices,
    "bests": _bests,
    "distinct": _distinct,
    "complete": _complete,
    "explain": _explain,
}
