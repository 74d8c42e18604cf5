"""Rows of `outlines` and `outline_points`: written when a long series is at rest, from points that are at hand for its summary.

They take 0.2 to 0.6 bytes a point on disk, and 18 ms of CPU a million points to make and to store, 2 % of what indexing these takes.
Rows, not one BLOB of each column: those that DuckDB packs it unpacks by the 2,048 (15 ms for one of ten), and a checkpoint
of those that it does not pack needs as much memory as all of them, which ends the connection beyond its limit.
"""

from __future__ import annotations

import json

import duckdb
import numpy as np

from runspect.index.reads.outline import USUAL, Asked, Outline, Sizes, living_of, outline_of
from runspect.index.reads.scope import fetch
from runspect.index.reads.stored_outlines import told
from runspect.index.rows import insert, insert_rows
from runspect.index.summary import Winning

GROWN = 1.25
"""So many times its points a series must have before it is outlined again: what came behind is read when it is asked for."""

_COLUMNS = ("rid", "mid", "size", "kept", "stored", "last_place", "living", "parts")


def keep(
    cursor: duckdb.DuckDBPyConnection, upd: int, rid: int, mid: int, points: Winning, sizes: Sizes = USUAL
) -> None:
    """Store the outline of a series, whose points that count are given, in place of the one that is stored, if there is need."""
    asked = Asked(rid, mid, "step")
    known = fetch(cursor, f"SELECT stored, living FROM outlines WHERE {asked.own}")
    is_long = len(points.steps) >= sizes.long
    living = living_of(cursor, [rid]).get(rid, ()) if is_long or known else ()
    if is_long and known and known[0][1] == told(living) and len(points.steps) < GROWN * known[0][0]:
        return
    if known:
        cursor.execute(f"DELETE FROM outlines WHERE {asked.own}")
        cursor.execute(f"DELETE FROM outline_points WHERE {asked.own}")
    found = outline_of(cursor, asked, living, points, sizes) if is_long and living else None
    if found is not None:
        _store(cursor, upd, asked, found)


def drop_dead(cursor: duckdb.DuckDBPyConnection) -> None:
    """Delete the outlines of runs of which a segment was retired since."""
    gone = (
        "(SELECT o.rid, o.mid FROM outlines o JOIN (SELECT rid, max(upd) AS upd FROM segments WHERE NOT live GROUP BY rid) s "
        "USING (rid) WHERE o.upd < s.upd)"
    )
    cursor.execute(f"DELETE FROM outline_points WHERE (rid, mid) IN {gone}")
    cursor.execute(f"DELETE FROM outlines WHERE (rid, mid) IN {gone}")


def _store(cursor: duckdb.DuckDBPyConnection, upd: int, asked: Asked, found: Outline) -> None:
    steps, values = np.concatenate((found.step, found.rest[2])), np.concatenate((found.y, found.rest[1]))
    parts = json.dumps(found.parts)
    row = (asked.rid, asked.mid, found.size, len(found.step), found.stored, found.last_place, told(found.living), parts)
    insert_rows(cursor, "outlines", _COLUMNS, [row], upd)
    count = len(steps)
    insert(
        cursor,
        "outline_points",
        {"rid": np.full(count, asked.rid), "mid": np.full(count, asked.mid, np.int32), "step": steps, "v": values},
    )
