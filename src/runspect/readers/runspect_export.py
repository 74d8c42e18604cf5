"""What a record tells that `runspect export` made of a run of another tool: more facts, and the ids it had there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runspect.model import FACTS, TIME_FACTS, WAS_ID, Json
from runspect.readers.contract import Said
from runspect.readers.times import moment

PLACE = "path:"
"""How ids of places begin."""
MOST_SAID = 500
LONGEST = 100
"""Characters of a name or a key."""
_OF_RUN = ("hypothesis", "verdict", "stage")
_HYPOTHESIS = re.compile(r"hyp:[a-z0-9]{4,12}")
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


def said(found: Mapping[str, Any]) -> tuple[Said, ...]:
    """What people had said of the run and of its hypothesis: who, and when."""
    listed = found.get("annotations")
    lines = (_said(line) for line in listed[:MOST_SAID]) if isinstance(listed, list) else ()
    return tuple(line for line in lines if line is not None)


def _said(line: object) -> Said | None:
    if not isinstance(line, Mapping):
        return None
    about, key, who, time = (line.get(name) for name in ("about", "key", "who", "time"))
    when = moment(time) if isinstance(time, str) else None
    if not (isinstance(about, str) and isinstance(key, str) and isinstance(who, str)) or when is None:
        return None
    if len(key) > LONGEST or not (key in _OF_RUN if about == "run" else _HYPOTHESIS.fullmatch(about)):
        return None
    return Said(about, key, line.get("value"), who[:LONGEST], when)


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def ids(found: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids that the run had: those of its tool as they are, those of places as what they were."""
    listed = found.get("ids")
    texts = [each for each in listed if isinstance(each, str) and each] if isinstance(listed, list) else []
    return tuple(sorted({f"{WAS_ID}{each}" if each.startswith(PLACE) else each for each in texts}))
