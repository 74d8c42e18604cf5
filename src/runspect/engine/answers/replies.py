"""How answers travel, and what several requests ask in the same words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson

from runspect.engine.call import Call, Reply
from runspect.model import Json, SortKey

if TYPE_CHECKING:
    from runspect.engine.requests import Requests

Answer = Callable[["Requests", Call], Reply]


def listed(call: Call) -> dict[str, Any]:
    """Which runs are asked for, in what order."""
    args = call.args
    sort = tuple(SortKey(str(column), bool(descending)) for column, descending in args.get("sort", ()))
    return {"query": args.get("query", ""), "sort": sort, "archived": bool(args.get("archived", False))}


def as_json(value: Json) -> Reply:
    """A reply with the value as its body."""
    return Reply(body_kind="json", body=json.dumps(value, separators=(",", ":")).encode())


def as_numbers(value: Json) -> Reply:
    """As `as_json`, ten times faster: for long lists without whole numbers or texts that only Python holds."""
    return Reply(body_kind="json", body=orjson.dumps(value))
