"""All that is known of runs, for who writes them down elsewhere: their objects, their points and texts in pages.

A page is bounded, whatever a run holds. It begins behind a place in the order of segments, which the reader of pages gives
back; places stay what they are until dead points are dropped, which `Page.stamp` tells.
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.index.reads.called import Called, called
from runspect.index.reads.plain import moment, number
from runspect.index.reads.points import Segment, living_segments, of_runs, seconds, whole
from runspect.index.reads.run_object import run_object
from runspect.index.reads.scope import Condition, Cursor, Scope, among, fetch
from runspect.index.reads.told import PLAIN, Runs, metric_names, told
from runspect.index.summary import SegmentPoints, winning_limits
from runspect.model import Json

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
_Rows = dict[str, Any]
Place = tuple[int, int]
"""(segment, row): behind which a page begins."""

TEXTS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Page:
    """Points of some runs, run after run in the order asked for, each in the order of its segments; arrays of equal length."""

    rids: Whole
    metrics: tuple[str, ...]
    codes: Whole
    """Index into `metrics` of each point."""
    segments: Whole
    """0 for the run's first writer."""
    steps: Whole
    times: Floats
    """Seconds since 1970; NaN where unknown."""
    values: Floats
    after: Place | None
    """Where the next page begins; None at the end."""


def exported(
    cursor: Cursor,
    scope: Scope,
    rids: Sequence[int],
    show_secrets: bool = False,
    runs: Runs = PLAIN,
    names_of: Called = called,
) -> list[dict[str, Json]]:
    """Everything but points and texts of these runs, in their order; gone rids are left out.

    The object of `ls --json` with `key` (what a store calls the run, or what tells runs of one directory apart), `facts`
    (values alone), `ids` (all that the run answers to), `files`, `consoles` (absolute paths), `packed`
    ([archive of records, what it calls the run]), `artifacts`, `texts` (how
    many), `infinite` (params that are infinite numbers, which JSON knows as words alone).
    """
    known = told(cursor, rids, runs)
    names, few = names_of(cursor, scope), among(list(known))
    objects: dict[int, dict[str, Json]] = {}
    for rid in filter(known.__contains__, rids):
        found = run_object(known[rid], scope, show_secrets)
        found["name"] = names.get(rid, found["name"])
        found["facts"] = {name: fact["value"] for name, fact in found["facts"].items()}
        objects[rid] = {
            "rid": rid,
            **found,
            "ids": [],
            "files": [],
            "consoles": [],
            "packed": [],
            "artifacts": [],
            "texts": 0,
            "key": "",
        }
        objects[rid]["infinite"] = {}
    for rid, uid in fetch(cursor, f"SELECT DISTINCT rid, uid FROM ids_now WHERE {few.sql} ORDER BY uid", few.params):
        objects[rid]["ids"].append(uid)
    for rid, key, value in fetch(
        cursor, f"SELECT rid, key, num FROM cfg_now WHERE isinf(num) AND {few.sql}", few.params
    ):
        objects[rid]["infinite"][key] = number(value)
    for rid, key in fetch(cursor, f"SELECT rid, key FROM runs_now WHERE {few.sql}", few.params):
        objects[rid]["key"] = key
    _add_files(cursor, objects, {rid: head.head.watch for rid, head in known.items()})
    for rid, count in fetch(cursor, f"SELECT rid, count(*) FROM texts WHERE {few.sql} GROUP BY rid", few.params):
        objects[rid]["texts"] = count
    return list(objects.values())


def points_page(cursor: Cursor, rids: Sequence[int], after: Place | None, most: int) -> Page | None:
    """The points that count of these runs, `most` at once, behind a place; None when that place is no more.

    A page may be empty and yet not the last.
    """
    segments = _ordered(cursor, rids)
    numbers = [segment.segment for segment in segments]
    if after is not None and after[0] not in numbers:
        return None
    counted = _counted(cursor, rids)
    if after is None and sum(told_.count for told_ in counted) <= most:
        rows, end = _rows(cursor, of_runs(rids)), None
    else:
        rows, end = _window(cursor, rids, numbers, after, most)
    order = np.lexsort((rows["place"], _positions(numbers, rows["segment"])))
    rows = {key: column[order] for key, column in rows.items()}
    keep = _counting(cursor, rids, segments, counted, rows)
    rows = {key: column[keep] for key, column in rows.items()}
    names = metric_names(cursor, set(np.unique(rows["mid"]).tolist()))
    listed = sorted(names)
    firsts: dict[int, int] = {}
    for position, segment in enumerate(segments):
        firsts.setdefault(segment.rid, position)
    own = np.array([firsts[segment.rid] for segment in segments] or [0], np.int64)
    at = _positions(numbers, rows["segment"])
    return Page(
        rows["rid"],
        tuple(names[mid] for mid in listed),
        np.asarray(np.searchsorted(np.array(listed, np.int64), rows["mid"]), np.int64),
        at - own[at],
        rows["step"],
        rows["t"],
        rows["v"],
        end,
    )


def texts_page(cursor: Cursor, rid: int, after: int) -> list[tuple[int, str, int, str | None, str]]:
    """Texts that a run logged: (place, key, step, ISO time, text), behind a place, some at once; [] at the end."""
    living = among(list(living_segments(cursor, [rid])), "segment")
    rows = fetch(
        cursor,
        f"SELECT rowid, key, step, t, val FROM texts WHERE rid = ? AND rowid > ? AND {living.sql} ORDER BY rowid "
        f"LIMIT {TEXTS_AT_ONCE}",
        (rid, after, *living.params),
    )
    return [(place, key, step, moment(time), val) for place, key, step, time, val in rows]


def _ordered(cursor: Cursor, rids: Sequence[int]) -> list[Segment]:
    """The living segments of the runs, run after run, in the order in which they count."""
    place = {rid: number for number, rid in enumerate(rids)}
    return sorted(
        living_segments(cursor, rids).values(),
        key=lambda segment: (place[segment.rid], segment.empty().order, segment.segment),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """One metric in one segment."""

    rid: int
    mid: int
    segment: int
    first: int
    """The step of its first point."""
    count: int


def _counted(cursor: Cursor, rids: Sequence[int]) -> list[_Told]:
    wanted = of_runs(rids)
    rows = fetch(
        cursor,
        "SELECT rid, mid, segment, arg_min(step, rowid), count(*) FROM points "
        f"WHERE {wanted.sql} GROUP BY rid, mid, segment",
        wanted.params,
    )
    return [_Told(*row) for row in rows]


def _window(
    cursor: Cursor, rids: Sequence[int], numbers: Sequence[int], after: Place | None, most: int
) -> tuple[_Rows, Place | None]:
    """Rows of the first segment that has some behind a place; never sorted by DuckDB, which would sort all of them."""
    begin, row = (numbers.index(after[0]), after[1]) if after is not None else (0, -1)
    for each in numbers[begin:]:
        behind = of_runs(rids) & Condition("segment = ? AND rowid > ?", (each, row))
        ((first,),) = fetch(cursor, f"SELECT min(rowid) FROM points WHERE {behind.sql}", behind.params)
        if first is not None:
            last = first + most - 1
            wanted = of_runs(rids) & Condition("segment = ? AND rowid BETWEEN ? AND ?", (each, first, last))
            return _rows(cursor, wanted), (each, last)
        row = -1
    return _rows(cursor, Condition("false")), None


def _rows(cursor: Cursor, wanted: Condition) -> _Rows:
    table = cursor.execute(
        f"SELECT rid, mid, segment, step, t, v, rowid AS place FROM points WHERE {wanted.sql}", list(wanted.params)
    ).fetchnumpy()
    rows: dict[str, Any] = {key: whole(table[key]) for key in ("rid", "mid", "segment", "step", "place")}
    rows["t"] = seconds(table["t"])
    rows["v"] = np.ma.filled(table["v"], np.nan).astype(np.float64, copy=False)
    return rows


def _positions(numbers: Sequence[int], segments: Whole) -> Whole:
    """The place in the order of segments of each; behind all others for one that no longer counts."""
    if not numbers:
        return np.zeros(len(segments), np.int64)
    listed = np.array(numbers, np.int64)
    order = np.argsort(listed)
    at = np.minimum(np.searchsorted(listed[order], segments), len(listed) - 1)
    return np.where(listed[order][at] == segments, order[at], len(listed))


def _counting(
    cursor: Cursor, rids: Sequence[int], segments: Sequence[Segment], counted: Sequence[_Told], rows: _Rows
) -> npt.NDArray[np.bool_]:
    """Which points count: of a metric that is shown, of its most precise segments, and not void."""
    shown = {(rid, series.mid) for rid, told_ in PLAIN.series(cursor, rids).items() for series in told_.values()}
    limits = _limits(segments, counted)
    steps = rows["step"]
    keep = np.zeros(len(steps), np.bool_)
    keys = np.stack((rows["rid"], rows["mid"], rows["segment"]), axis=1)
    cuts = np.concatenate(([0], np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1, [len(steps)]))
    for begin, end in pairwise(cuts.tolist() if len(steps) else []):
        rid, mid, segment = keys[begin].tolist()
        if (rid, mid) in shown and (mid, segment) in limits:
            limit = limits[mid, segment]
            keep[begin:end] = True if limit is None else steps[begin:end] < limit
    return keep


def _limits(segments: Sequence[Segment], counted: Sequence[_Told]) -> dict[tuple[int, int], int | None]:
    """(metric, segment) that count → the step from which on it does not."""
    known = {segment.segment: segment for segment in segments}
    one = np.zeros(1)
    parts: dict[tuple[int, int], list[SegmentPoints]] = {}
    for each in counted:
        if each.segment in known:
            first = known[each.segment].with_points(np.array([each.first], np.int64), one, one)
            parts.setdefault((each.rid, each.mid), []).append(first)
    voiding: dict[int, list[Segment]] = {}
    for segment in segments:
        if segment.purge_from is not None:
            voiding.setdefault(segment.rid, []).append(segment)
    limits: dict[tuple[int, int], int | None] = {}
    for (rid, mid), points in parts.items():
        there = {part.segment for part in points}
        points += [segment.empty() for segment in voiding.get(rid, ()) if segment.segment not in there]
        limits |= {(mid, part.segment): limit for part, limit in winning_limits(points)}
    return limits


def _add_files(cursor: Cursor, objects: Mapping[int, dict[str, Json]], watches: Mapping[int, str]) -> None:
    few = among(list(objects))
    rows = fetch(
        cursor, f'SELECT rid, path, reader, size, "use", key FROM sources_now WHERE {few.sql} ORDER BY path', few.params
    )
    for rid, path, reader, size, use, key in rows:
        absolute = os.path.join(watches[rid], path)  # noqa: PTH118 - text of the index
        objects[rid]["files"].append({"path": absolute, "reader": reader, "size": size, "use": use})
        if reader.startswith("console") and use == "read":
            objects[rid]["consoles"].append(absolute)
        if reader == "runspect-archive" and use == "row":
            objects[rid]["packed"].append([absolute, key or objects[rid]["key"]])
    for rid, path, kind, size, step in fetch(
        cursor, f"SELECT rid, path, kind, size, step FROM artifacts_now WHERE {few.sql} ORDER BY path", few.params
    ):
        absolute = os.path.join(watches[rid], path)  # noqa: PTH118
        objects[rid]["artifacts"].append({"path": absolute, "kind": kind, "size": size, "step": step})
