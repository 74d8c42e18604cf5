"""Runs without logs: rows of a table that a person took into the journal, as they stand in the index."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace

from runspect.dataclass import dataclass
from runspect.index import remembered
from runspect.index.reads.scope import Cursor, fetch
from runspect.index.records import RunRecord
from runspect.model import IMPORTED, STATES, Evidence, Json, State


@dataclass(frozen=True, slots=True)
class Imported:
    """A run as the journal tells it."""

    uid: str
    version: str
    """Changes with what is told."""
    told: dict[str, Json] | None
    """None: it was taken back."""


def imported(cursor: Cursor, root: str) -> list[Imported]:
    """The runs that were imported at or below `root`, those that were taken back included."""
    rows = fetch(
        cursor,
        "SELECT target, arg_max(val, (ts, id)), arg_max(val, (ts, id)) FILTER (WHERE val <> 'null') FROM ann "
        "WHERE key = ? GROUP BY target ORDER BY target",
        (IMPORTED,),
    )
    found: list[Imported] = []
    for target, text, last in rows:
        told = json.loads(last or "null")
        if not isinstance(told, dict) or not isinstance(told.get("root"), str):
            continue
        if told["root"] == root or told["root"].startswith(root.rstrip("/") + "/"):
            version = hashlib.sha256(text.encode()).hexdigest()[:16]
            found.append(Imported(target.removeprefix("run:"), version, None if text == "null" else told))
    return found


def record(rid: int, root: str, run: Imported, told: dict[str, Json]) -> RunRecord:
    """The row of an imported run; its key is the version that it was made from."""
    place = os.path.relpath(f"{told['root']}/{told.get('path') or ''}".rstrip("/"), root)
    word = told.get("state")
    state: State = word if word in STATES else "unknown"
    reason = f"imported from {told.get('source') or 'a table'}"
    evidence = Evidence(end_state=state if state != "unknown" else None, end_reason=reason)
    plain = remembered.record(rid, root, {**told, "uid": run.uid, "path": place, "tools": ["import"]})
    return replace(plain, key=run.version, evidence=evidence, state=state, reason=reason)
