"""Hypotheses with their runs and verdicts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runspect.engine.answers.replies import Answer, as_json
from runspect.engine.call import Call, Reply
from runspect.index import reads
from runspect.masking import mask
from runspect.practice.hypothesis_json import list_object

if TYPE_CHECKING:
    from runspect.engine.requests import Requests


def _hypotheses(engine: Requests, call: Call) -> Reply:
    with engine.reading(call) as cursor:
        now = engine.sight(cursor, call.scope).lens.now
        names = engine.called(cursor, call.scope)
        found = list_object(reads.hypotheses(cursor, call.scope, names), time.time() if now is None else now)
    return as_json(found if call.args.get("show_secrets") else mask("", found))


TABLE: dict[str, Answer] = {"hypotheses": _hypotheses}
