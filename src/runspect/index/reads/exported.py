"""All that is known of runs, for who writes them down elsewhere: their objects, their points and texts in pages.

A page is bounded, whatever a run holds. It begins behind a place in the order of segments, which the reader of pages gives
back; places stay what they are until dead points are dropped, which `Page.stamp` tells.
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runspect.index.reads.called import Called, called
from runspect.index.reads.objects import run_object
from runspect.index.reads.plain import moment, number
from runspect.index.reads.points import Segment, living_segments, of_runs, seconds, whole
from runspect.index.reads.scope import Cursor, Scope, among, fetch
from runspect.index.reads.told import PLAIN, Runs, metric_names, told
from runspect.index.summary import winning_limits
from runspect.model import Json

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
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

    The object of `ls --json` with `facts` (values alone), `ids` (all that the run answers to), `files`, `consoles` (absolute
    paths), `artifacts`, `texts` (how many), `infinite` (params that are infinite numbers, which JSON knows as words alone).
    """
    known = told(cursor, rids, runs)
    names, few = names_of(cursor, scope), among(list(known))
    objects: dict[int, dict[str, Json]] = {}
    for rid in filter(known.__contains__, rids):
        found = run_object(known[rid], scope, show_secrets)
        found["name"] = names.get(rid, found["name"])
        found["facts"] = {name: fact["value"] for name, fact in found["facts"].items()}
        objects[rid] = {"rid": rid, **found, "ids": [], "files": [], "consoles": [], "artifacts": [], "texts": 0}
        objects[rid]["infinite"] = {}
    for rid, uid in fetch(cursor, f"SELECT DISTINCT rid, uid FROM ids_now WHERE {few.sql} ORDER BY uid", few.params):
        objects[rid]["ids"].append(uid)
    for rid, key, value in fetch(
        cursor, f"SELECT rid, key, num FROM cfg_now WHERE isinf(num) AND {few.sql}", few.params
    ):
        objects[rid]["infinite"][key] = number(value)
    _add_files(cursor, objects, {rid: head.head.watch for rid, head in known.items()})
    for rid, count in fetch(cursor, f"SELECT rid, count(*) FROM texts WHERE {few.sql} GROUP BY rid", few.params):
        objects[rid]["texts"] = count
    return list(objects.values())


def points_page(cursor: Cursor, rids: Sequence[int], after: Place | None, most: int) -> Page | None:
    """The points that count of these runs, `most` at once, behind a place; None when that place is no more."""
    segments = _ordered(cursor, rids)
    positions = {segment.segment: position for position, segment in enumerate(segments)}
    if after is not None and after[0] not in positions:
        return None
    begin, row = (positions[after[0]], after[1]) if after is not None else (-1, -1)
    wanted = of_runs(rids)
    table = cursor.execute(
        "SELECT p.rid, p.mid, p.segment, p.step, p.t, p.v, p.rowid AS place, s.position FROM points p JOIN "
        "(SELECT unnest(?::BIGINT[]) AS segment, unnest(?::BIGINT[]) AS position) s USING (segment) "
        f"WHERE p.{wanted.sql} AND (s.position > ? OR (s.position = ? AND p.rowid > ?)) "
        "ORDER BY s.position, p.rowid LIMIT ?",
        [list(positions), list(positions.values()), *wanted.params, begin, begin, row, most],
    ).fetchnumpy()
    mids, numbers, steps = whole(table["mid"]), whole(table["segment"]), whole(table["step"])
    count = len(steps)
    keep = _counting(cursor, rids, segments, mids, numbers, steps, whole(table["rid"]))
    values = np.ma.filled(table["v"], np.nan).astype(np.float64, copy=False)
    names = metric_names(cursor, set(np.unique(mids[keep]).tolist()))
    listed = sorted(names)
    firsts: dict[int, int] = {}
    for position, segment in enumerate(segments):
        firsts.setdefault(segment.rid, position)
    own = np.array([firsts[segment.rid] for segment in segments] or [0], np.int64)
    at = whole(table["position"])[keep]
    return Page(
        whole(table["rid"])[keep],
        tuple(names[mid] for mid in listed),
        np.searchsorted(np.array(listed, np.int64), mids[keep]) if listed else np.zeros(0, np.int64),
        at - own[at],
        steps[keep],
        seconds(table["t"])[keep],
        values[keep],
        (int(numbers[-1]), int(whole(table["place"])[-1])) if count == most else None,
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


def _counting(
    cursor: Cursor,
    rids: Sequence[int],
    segments: Sequence[Segment],
    mids: Whole,
    numbers: Whole,
    steps: Whole,
    owners: Whole,
) -> npt.NDArray[np.bool_]:
    """Which points count: of a metric that is shown, of its most precise segments, and not void."""
    shown = {(rid, series.mid) for rid, told_ in PLAIN.series(cursor, rids).items() for series in told_.values()}
    limits = _limits(cursor, rids, segments)
    keep = np.zeros(len(steps), np.bool_)
    keys = np.stack((owners, mids, numbers), axis=1) if len(steps) else np.zeros((0, 3), np.int64)
    cuts = np.concatenate(([0], np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1, [len(steps)]))
    for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        if begin == end:
            continue
        rid, mid, segment = keys[begin].tolist()
        if (rid, mid) in shown and (mid, segment) in limits:
            limit = limits[mid, segment]
            keep[begin:end] = True if limit is None else steps[begin:end] < limit
    return keep


def _limits(cursor: Cursor, rids: Sequence[int], segments: Sequence[Segment]) -> Mapping[tuple[int, int], int | None]:
    """(metric, segment) that count → the step from which on it does not."""
    known = {segment.segment: segment for segment in segments}
    wanted = of_runs(rids)
    firsts = fetch(
        cursor,
        f"SELECT rid, mid, segment, arg_min(step, rowid) FROM points WHERE {wanted.sql} GROUP BY rid, mid, segment",
        wanted.params,
    )
    none, one = np.zeros(0), np.zeros(1)
    parts: dict[tuple[int, int], list[tuple[Segment, int]]] = {}
    for rid, mid, number_, first in firsts:
        if number_ in known:
            parts.setdefault((rid, mid), []).append((known[number_], first))
    voiding: dict[int, list[Segment]] = {}
    for segment in segments:
        if segment.purge_from is not None:
            voiding.setdefault(segment.rid, []).append(segment)
    limits: dict[tuple[int, int], int | None] = {}
    for (rid, mid), told_ in parts.items():
        there = {segment.segment for segment, _ in told_}
        points = [segment.with_points(np.array([first], np.int64), one, one) for segment, first in told_]
        points += [
            segment.with_points(none.astype(np.int64), none, none)
            for segment in voiding.get(rid, ())
            if segment.segment not in there
        ]
        limits |= {(mid, part.segment): limit for part, limit in winning_limits(points)}
    return limits


def _add_files(cursor: Cursor, objects: Mapping[int, dict[str, Json]], watches: Mapping[int, str]) -> None:
    few = among(list(objects))
    rows = fetch(
        cursor, f'SELECT rid, path, reader, size, "use" FROM sources_now WHERE {few.sql} ORDER BY path', few.params
    )
    for rid, path, reader, size, use in rows:
        absolute = os.path.join(watches[rid], path)  # noqa: PTH118 - text of the index
        objects[rid]["files"].append({"path": absolute, "reader": reader, "size": size, "use": use})
        if reader.startswith("console") and use == "read":
            objects[rid]["consoles"].append(absolute)
    for rid, path, kind, size, step in fetch(
        cursor, f"SELECT rid, path, kind, size, step FROM artifacts_now WHERE {few.sql} ORDER BY path", few.params
    ):
        absolute = os.path.join(watches[rid], path)  # noqa: PTH118
        objects[rid]["artifacts"].append({"path": absolute, "kind": kind, "size": size, "step": step})
