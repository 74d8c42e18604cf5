"""What a record tells that `runspect export` made of a run of another tool: more facts, and the ids it had there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.model import FACTS, TIME_FACTS, WAS_ID, Json

PLACE = "path:"
"""How ids of places begin."""
_STATES = ("finished", "failed", "killed", "crashed", "unknown")
_FACTS = frozenset(FACTS)


def hints(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """That it is an export, and which tools logged the run that it was made of."""
    exported = found.get("exported")
    listed = exported.get("tools") if isinstance(exported, Mapping) else None
    tools = [tool for tool in listed if isinstance(tool, str) and tool] if isinstance(listed, list) else []
    return (("exported", "yes"), *([("tools", "\n".join(tools))] if tools else []))


def facts(found: Mapping[str, Any], told: Mapping[str, Json]) -> dict[str, Json]:
    """The facts of an export; `told` are those that any record tells."""
    kept = found.get("facts")
    own = {name: value for name, value in kept.items() if name in _FACTS} if isinstance(kept, Mapping) else {}
    own = {name: value for name, value in own.items() if name not in TIME_FACTS or _is_time(value)}
    made: dict[str, Json] = {**told, **own}
    for key, fact in (("note", "notes"), ("parent", "parent"), ("group", "group")):
        if isinstance(found.get(key), str) and found[key]:
            made[fact] = found[key]
    if found.get("status") in _STATES:
        made["end_state"] = found["status"]
    return made


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def ids(found: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids that the run had: those of its tool as they are, those of places as what they were."""
    listed = found.get("ids")
    texts = [each for each in listed if isinstance(each, str) and each] if isinstance(listed, list) else []
    return tuple(sorted({f"{WAS_ID}{each}" if each.startswith(PLACE) else each for each in texts}))
