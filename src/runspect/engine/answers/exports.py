"""Whole runs, for who writes them down elsewhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import orjson

from runspect.engine.answers.replies import Answer, as_numbers
from runspect.engine.call import Call, Reply
from runspect.index import reads
from runspect.index.reads.said import said

if TYPE_CHECKING:
    from runspect.engine.requests import Requests

MOST = 250_000
"""Points of a page at most: 12 MB."""


def _exported(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        show_secrets = bool(call.args.get("show_secrets"))
        found = reads.exported(cursor, call.scope, call.args["rids"], show_secrets, names_of=engine.called)
        lines = said(cursor, [run["rid"] for run in found], show_secrets)
        for run in found:
            run["said"] = lines.get(run["rid"], [])
    return Reply(body_kind="json", body=orjson.dumps(found))


def _points(engine: Requests, call: Call) -> Reply:
    # Arrow takes a tenth of a second and 30 MB: who exports nothing does not pay for it.
    from runspect.engine.arrow import page_stream

    after = call.args.get("after")
    place = (int(after[0]), int(after[1])) if after else None
    with engine.reading(call) as cursor:
        stamp = f"{os.getpid()}:{engine.core.parts().store.drops}"
        page = reads.points_page(cursor, call.args["rids"], place, min(MOST, int(call.args.get("most", MOST))))
    if page is None:
        return Reply({"metrics": [], "after": None, "stamp": stamp, "lost": True})
    told = {"metrics": list(page.metrics), "after": page.after, "stamp": stamp, "lost": False}
    return Reply(told, "arrow", page_stream(page))


def _texts(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        return as_numbers(reads.texts_page(cursor, call.args["rid"], int(call.args.get("after", -1))))


TABLE: dict[str, Answer] = {
    "exported": _exported,
    "points": _points,
    "texts": _texts,
}
