"""Runs whose files and index are both gone: their rows, from the snapshots that the journal kept."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from datetime import datetime

from runspect.index.reads.scope import Cursor, fetch
from runspect.index.records import RunRecord
from runspect.index.rows import insert_rows
from runspect.model import IMPORT_ID, Evidence, Json

REASON = "files deleted"
_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_SERIES = (
    "rid", "mid", "n", "nonfinite", "first_step", "first_v", "last_step", "last_v", "lo", "lo_step", "hi", "hi_step",
    "spark", "live",
)  # fmt: skip


def forgotten(cursor: Cursor, root: str) -> list[dict[str, Json]]:
    """The newest snapshots of runs at or below `root` that the index does not know by any id."""
    rows = fetch(
        cursor,
        "SELECT a.target, arg_max(a.val, (a.ts, a.id)) FROM ann a WHERE a.key = 'snapshot' "
        "AND substr(a.target, 5) NOT IN (SELECT uid FROM ids_now) AND NOT starts_with(a.target, ?) "
        "GROUP BY a.target ORDER BY a.target",
        (f"run:{IMPORT_ID}",),
    )
    found: list[dict[str, Json]] = []
    for target, text in rows:
        snapshot = json.loads(text)
        if (
            isinstance(snapshot, dict)
            and isinstance(snapshot.get("root"), str)
            and isinstance(snapshot.get("path"), str)
        ):
            place = os.path.normpath(f"{snapshot['root']}/{snapshot['path']}")
            if place == root or place.startswith(root.rstrip("/") + "/"):
                found.append({**snapshot, "uid": target.removeprefix("run:"), "path": os.path.relpath(place, root)})
    return found


def record(rid: int, root: str, snapshot: dict[str, Json]) -> RunRecord:
    """The row of a remembered run."""
    return RunRecord(
        rid=rid,
        uid=snapshot["uid"],
        watch=root,
        path=snapshot["path"],
        key="",
        name=_text(snapshot, "name") or snapshot["path"],
        tools=tuple(tool for tool in snapshot.get("tools") or () if isinstance(tool, str)),
        evidence=Evidence(gone=True),
        state="gone",
        reason=REASON,
        project=_text(snapshot, "project"),
        group=_text(snapshot, "group"),
        started=_moment(snapshot.get("started")),
        ended=_moment(snapshot.get("ended")),
        updated=_moment(snapshot.get("updated")),
        steps=_whole(snapshot.get("steps")),
        host=_text(snapshot, "host"),
        owner=_text(snapshot, "owner"),
        parent=_text(snapshot, "parent"),
    )


def param_rows(rid: int, params: Json) -> list[tuple[Json, ...]]:
    """Rows of `cfg`: rid, key, num, val, source, shared, live."""
    return [
        (rid, key, _number(value), json.dumps(value), "journal", False, True)
        for key, value in (params.items() if isinstance(params, dict) else ())
    ]


def write_series(cursor: Cursor, upd: int, rid: int, metrics: Iterable[tuple[int, dict[str, Json]]]) -> None:
    """Store the summaries of metrics by their number; there are no points behind them."""
    rows = [
        (
            rid, mid, _whole(m.get("n")) or 0, _whole(m.get("nonfinite")) or 0, _whole(m.get("first_step")),
            _number(m.get("first")), _whole(m.get("last_step")), _number(m.get("last")), _number(m.get("min")),
            _whole(m.get("min_step")), _number(m.get("max")), _whole(m.get("max_step")), "", True,
        )
        for mid, m in metrics
    ]  # fmt: skip
    insert_rows(cursor, "series", _SERIES, rows, upd)


def _text(snapshot: dict[str, Json], name: str) -> str | None:
    value = snapshot.get(name)
    return value if isinstance(value, str) and value else None


def _whole(value: Json) -> int | None:
    return value if type(value) is int else None


def _number(value: Json) -> float | None:
    if isinstance(value, str):
        return _NUMBERS.get(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(value: Json) -> float | None:
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None
    except ValueError:
        return None
