"""Runs against a reference, for a pipeline to go by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json
from runspect.engine.call import Call, Reply
from runspect.index.reads.checking import Asked, check
from runspect.practice.check.written import as_object

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _check(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        sight = engine.sight(cursor, call.scope)
        ruled, noise = sight.check, args.get("noise")
        tolerance, relative = args.get("tolerance") or (ruled.tolerance, ruled.relative)
        asked = Asked(
            str(args.get("query", "")),
            str(args.get("against") or ruled.against),
            str(args.get("metric", "")),
            float(tolerance),
            bool(relative),
            ruled.noise if noise is None else bool(noise),
            ruled.metrics,
        )
        kept = engine.core.parts().kept
        found = check(cursor, call.scope, asked, engine.names, sight.lens, engine.called, kept.runs)
    return as_json(as_object(found))


TABLE: dict[str, Answer] = {"check": _check}
