"""Outlines as the index keeps them: how each was made in `outlines`, its points in `outline_points`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple

import numpy as np

from runspect.dataclass import dataclass
from runspect.index.reads.outline import ENDS, Asked, Living, Outline
from runspect.index.reads.scope import Cursor, among, fetch


@dataclass(frozen=True, slots=True)
class Header:
    """A row of `outlines`."""

    size: int
    kept: int
    """Points of whole stretches; the others of its points stand behind the last one."""
    stored: int
    last_place: int
    living: str
    parts: str


def told(living: Living) -> str:
    """Living segments as a text: an outline that was made of others is of no use."""
    return json.dumps([astuple(segment) for segment in living])


def headers(cursor: Cursor, asked: Sequence[Asked]) -> dict[Asked, Header]:
    """What is stored of outlines over steps, without their points."""
    wanted = {one for one in asked if one.axis == "step"}
    if not wanted:
        return {}
    some = among(sorted({one.rid for one in wanted})) & among(sorted({one.mid for one in wanted}), "mid")
    rows = fetch(
        cursor,
        f"SELECT rid, mid, size, kept, stored, last_place, living, parts FROM outlines WHERE {some.sql}",
        some.params,
    )
    found = {Asked(rid, mid, "step"): Header(*row) for rid, mid, *row in rows}
    return {one: header for one, header in found.items() if one in wanted}


def stored_outline(cursor: Cursor, asked: Asked, living: Living, header: Header) -> Outline | None:
    """The outline that is stored of a series; None where it was made of other segments."""
    import pyarrow as pa

    if header.living != told(living):
        return None
    sql = f"SELECT step, v FROM outline_points WHERE {asked.own}"
    batches = list(pa.RecordBatchReader.from_stream(cursor.sql(sql)))
    steps, values = (
        np.concatenate([np.empty(0, dtype), *(batch.columns[at].to_numpy(zero_copy_only=False) for batch in batches)])
        for at, dtype in enumerate((np.int64, np.float64))
    )
    kept = header.kept
    return Outline(
        "step",
        header.size,
        living,
        header.stored,
        header.last_place,
        tuple((segment, limit) for segment, limit in json.loads(header.parts)),
        steps[:kept].astype(np.float64),
        values[:kept],
        steps[:kept],
        (steps[kept:], values[kept:], steps[kept:]),
        int(steps[-1]) if len(steps) else ENDS["step"][0],
    )
