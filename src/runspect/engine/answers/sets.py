"""Runs taken together: groups, pivots, and what params do."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json, listed
from runspect.engine.call import Call, Reply
from runspect.index import reads

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _moved(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        sight = engine.sight(cursor, call.scope)
        return as_json(
            reads.moved(
                cursor,
                call.scope,
                args.get("query", ""),
                args.get("metric", ""),
                engine.names,
                sight.lens,
                bool(args.get("show_secrets")),
            )
        )


def _groups(engine: Requests, call: Call) -> Reply:
    args, asked = call.args, listed(call)
    by, specs = list(args["by"]), list(args["columns"])
    with engine.reading(call) as cursor:
        sight = engine.sight(cursor, call.scope)
        found = reads.groups(
            cursor,
            call.scope,
            asked["query"],
            by,
            specs,
            asked["sort"],
            archived=asked["archived"],
            ignore=(*sight.ignore, *args.get("ignore", ())),
            known=engine.names,
            runs=engine.core.parts().kept.runs,
            show_secrets=bool(args.get("show_secrets")),
            lens=sight.lens,
        )
        rids = [rid for group in found for rid in group.rids]
        uids = {row.rid: row.uid for row in reads.window(cursor, call.scope, rids, ())}
    told = reads.groups_json(found, uids, by, specs)
    return as_json([{**group, "rids": list(each.rids)} for group, each in zip(told, found, strict=True)])


def _members(engine: Requests, call: Call) -> Reply:
    args, asked = call.args, listed(call)
    with engine.reading(call) as cursor:
        found = reads.members(
            cursor,
            call.scope,
            asked["query"],
            list(args["by"]),
            asked["sort"],
            archived=asked["archived"],
            ignore=list(args.get("ignore", ())),
            known=engine.names,
            names_of=engine.called,
            lens=engine.sight(cursor, call.scope).lens,
            show_secrets=bool(args.get("show_secrets")),
        )
    return as_json([[each.title, list(each.keys), list(each.rids), each.head] for each in found])


def _spreads(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        found = reads.spreads(
            cursor,
            call.scope,
            args["groups"],
            args["columns"],
            known=engine.names,
            runs=engine.core.parts().kept.runs,
            show_secrets=bool(args.get("show_secrets")),
            judge=str(args.get("judge", "")),
            lens=engine.sight(cursor, call.scope).lens,
        )
    return as_json([[[asdict(cell) for cell in each.cells], each.states, each.best] for each in found])


def _pivot(engine: Requests, call: Call) -> Reply:
    args = call.args
    row, column = args["across"]
    with engine.reading(call) as cursor:
        return as_json(
            reads.pivot(
                cursor,
                call.scope,
                args.get("query", ""),
                (str(row), str(column)),
                str(args["metric"]),
                known=engine.names,
                runs=engine.core.parts().kept.runs,
                show_secrets=bool(args.get("show_secrets")),
                lens=engine.sight(cursor, call.scope).lens,
            )
        )


TABLE: dict[str, Answer] = {
    "moved": _moved,
    "groups": _groups,
    "members": _members,
    "spreads": _spreads,
    "pivot": _pivot,
}
