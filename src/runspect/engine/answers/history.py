"""What became of the runs over time: records, dead ends, failures by cause, and how long the cycle takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json
from runspect.engine.call import Call, Reply
from runspect.errors import UsageError
from runspect.index import reads
from runspect.index.reads.plain import plain
from runspect.practice.cycle import TITLES

if TYPE_CHECKING:
    from runspect.engine.requests import Requests

WEEKS = 12
"""Weeks that are looked at where nobody says."""


def _trajectory(engine: Requests, call: Call) -> Reply:
    args = call.args
    wanted = reads.Wanted(
        str(args.get("query", "")), str(args.get("dataset", "")), str(args.get("metric", "")), args.get("direction")
    )
    with engine.reading(call) as cursor:
        sight = engine.sight(cursor, call.scope)
        found = reads.trajectories(
            cursor,
            call.scope,
            wanted,
            engine.names,
            sight.lens,
            engine.called,
            engine.core.parts().kept.runs,
            sight.ignore,
            bool(args.get("show_secrets")),
        )
        return as_json(plain(found))  # a param may be NaN


def _graveyard(engine: Requests, call: Call) -> Reply:
    args = call.args
    with engine.reading(call) as cursor:
        lens = engine.sight(cursor, call.scope).lens
        return as_json(
            reads.graves(
                cursor,
                call.scope,
                str(args.get("query", "")),
                int(args.get("weeks") or WEEKS),
                engine.names,
                lens,
                engine.called,
                bool(args.get("show_secrets")),
            )
        )


def _cycle(engine: Requests, call: Call) -> Reply:
    args = call.args
    measure = args.get("measure") or None
    if measure is not None and measure not in TITLES:
        raise UsageError(f"{measure!r} is no part of the cycle; there are {', '.join(TITLES)}")
    with engine.reading(call) as cursor:
        lens = engine.sight(cursor, call.scope).lens
        return as_json(
            reads.cycle_times(
                cursor,
                call.scope,
                str(args.get("query", "")),
                int(args.get("weeks") or WEEKS),
                measure,
                engine.names,
                lens,
                engine.commit_times,
            )
        )


TABLE: dict[str, Answer] = {"trajectory": _trajectory, "graveyard": _graveyard, "cycle": _cycle}
