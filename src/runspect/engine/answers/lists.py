"""Lists of runs: which in what order, their rows, their JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from runspect.engine.answers.gates import gate_object
from runspect.engine.answers.replies import Answer, as_json, as_numbers, listed
from runspect.engine.call import Call, Reply
from runspect.index import reads
from runspect.index.reads.scope import Cursor
from runspect.model import Json, RunOrder

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _order(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        generation = engine.core.parts().store.generation
        found = _ordered(engine, call, cursor, listed(call))
        wanted = call.args.get("window")
        rows = None if wanted is None else _rows(engine, call, cursor, _seen(found.rids, wanted), wanted)
    order = as_numbers({"rids": found.rids, "total": found.total, "live": found.live, "generation": generation})
    # one object in two ways of writing: the rows may hold what the quick one does not take
    return order if rows is None else replace(order, body=b'%s,"rows":%s}' % (order.body[:-1], as_json(rows).body))


def _seen(rids: Sequence[int], wanted: Mapping[str, Any]) -> list[int]:
    """Those that the window of a table shows and that are not known there."""
    top, page, at_hand = int(wanted["top"]), int(wanted["page"]), set(wanted["at_hand"])
    return [rid for rid in rids[top : top + page] or rids[:page] if rid not in at_hand]


def _ordered(engine: Requests, call: Call, cursor: Cursor, asked: dict[str, Any]) -> RunOrder:
    """The runs that are asked for."""
    lens = engine.sight(cursor, call.scope).lens
    return reads.order(
        cursor,
        call.scope,
        known=engine.names,
        lens=lens,
        usual_of=engine.usual,
        superseded_in=engine.superseded,
        **asked,
    )


def _window(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        return as_json(_rows(engine, call, cursor, call.args["rids"], call.args))


def _rows(engine: Requests, call: Call, cursor: Cursor, rids: Sequence[int], wanted: Mapping[str, Any]) -> Json:
    """The rows of these runs with the wanted columns."""
    rows = reads.window(
        cursor,
        call.scope,
        rids,
        wanted["columns"],
        wanted.get("show_secrets", False),
        engine.names,
        engine.core.parts().kept.runs,
        engine.called,
        engine.sight(cursor, call.scope).lens,
    )
    return [[row.rid, row.uid, row.name, row.state, row.reason, row.values, row.star, row.archived] for row in rows]


def _runs(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        rids = _ordered(engine, call, cursor, listed(call)).rids[: args.get("limit")]
        body = reads.runs_json(
            cursor,
            call.scope,
            fields=args.get("fields"),
            show_secrets=bool(args.get("show_secrets")),
            names_of=engine.called,
            lens=engine.sight(cursor, call.scope).lens,
            runs=engine.core.parts().kept.runs,
            rids=rids,
        )
    return Reply(body_kind="json", body=body)


def _run(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        show_secrets = call.args.get("show_secrets", False)
        kept = engine.core.parts().kept

        def versus(rid: int) -> Json:
            about = reads.ToldOf(cursor, call.scope, kept.runs, engine.called, show_secrets)
            return reads.versus(engine.comparing(cursor, call.scope), about, rid, whole=False)

        lens = engine.sight(cursor, call.scope).lens
        return Reply(
            body_kind="json",
            body=reads.run_json(
                cursor,
                call.scope,
                call.args["run"],
                show_secrets,
                kept.runs,
                kept.files,
                engine.called,
                lens,
                partial(_gate_of, engine),
                versus,
            ),
        )


def _gate_of(engine: Requests, cursor: Cursor, rid: int) -> Json:
    """Of a live run nothing: it would have to be found anew with everything that the run logs."""
    return gate_object(engine, cursor, rid, live=False)["gate"]


def _resolve(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        rid, uid, name = reads.resolve_run(cursor, call.scope, call.args["run"], engine.called)
    return Reply({"rid": rid, "uid": uid, "name": name})


TABLE: dict[str, Answer] = {
    "order": _order,
    "window": _window,
    "runs": _runs,
    "run": _run,
    "resolve": _resolve,
}
