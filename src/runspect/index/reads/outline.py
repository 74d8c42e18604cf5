"""The outline of one long series: of each stretch of its points the first, lowest, highest and last, and what it was made from.

A series that grew is read from where it ended. All that asks the index here is to ask it in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.index.reads.points import Segment, living_segments, whole
from runspect.index.reads.scope import Cursor, among, fetch
from runspect.index.reads.thinning import of_stretches
from runspect.index.summary import Winning, winning_limits

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]
Axis = Literal["step", "time"]
Piece = tuple[Steps, Floats, Steps]
"""x as it is stored (steps, or microseconds since 1970), y and step of some points."""
Shown = tuple[Floats, Floats, Steps]
"""The same with x as charts have it."""
Part = tuple[int | None, int | None]
"""A segment that counts (None: the series has no other points), and the step from which on it does not."""
Living = tuple[Segment, ...]
"""The living segments of a run, by number."""

_SELECT = {
    "step": "SELECT step, v FROM points WHERE",
    "time": "SELECT epoch_us(t), v, step FROM points WHERE t IS NOT NULL AND",
}
_BETWEEN = {"step": " AND step BETWEEN ? AND ?", "time": " AND t BETWEEN make_timestamp(?) AND make_timestamp(?)"}
_STORED = {"step": "step", "time": "epoch_us(t)"}
ENDS: dict[Axis, tuple[int, int]] = {"step": (-(1 << 63), (1 << 63) - 1), "time": (-(1 << 57), 1 << 57)}
"""Before and behind all that is stored: any whole number may be a step, and times reach 4,500 years in microseconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A series over an x axis."""

    rid: int
    mid: int
    axis: Axis

    @property
    def own(self) -> str:
        """The condition that a row is of the series; numbers are written out, for DuckDB 1.5 skips nothing else."""
        return f"rid = {int(self.rid)} AND mid = {int(self.mid)}"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is kept."""

    long: int = 30_000
    """Points from which on a series has an outline."""
    stretch: int = 64
    """Points of a stretch, in series of up to `most_stretches` of them; twice, four times … as many in longer ones."""
    most_stretches: int = 32_768
    most_bytes: int = 32_000_000
    """What all outlines in memory may take."""


USUAL = Sizes()


@dataclass(frozen=True, slots=True)
class Outline:
    """Of one series over one x axis. `x` (ascending), `y` and `step` hold the points of the whole stretches that are kept."""

    axis: Axis
    size: int
    """Points of a stretch."""
    living: Living
    """Those when it was read."""
    stored: int
    """Points of the series in them then, those that do not count and those without an x included."""
    last_place: int
    """Where the last of them was stored."""
    parts: tuple[Part, ...]
    """The segments that count, in their order."""
    x: Floats
    y: Floats
    step: Steps
    rest: Piece
    """The points behind the last whole stretch."""
    newest: int
    """x of the last point, as it is stored."""

    @property
    def nbytes(self) -> int:
        """What it takes, about."""
        return self.x.nbytes + self.y.nbytes + self.step.nbytes

    def first(self) -> float:
        """x of the first point; 0 where there is none."""
        return float(next(iter((*self.x[:1], *shown(self.rest[0][:1], self.axis))), 0.0))

    def points(self) -> Shown:
        """x, y and step of all points that are kept."""
        x, y, step = self.rest
        return (
            np.concatenate((self.x, shown(x, self.axis))),
            np.concatenate((self.y, y)),
            np.concatenate((self.step, step)),
        )


def outline(
    cursor: Cursor, asked: Asked, living: Living, before: Outline | None = None, sizes: Sizes = USUAL
) -> Outline | None:
    """The outline of a series, from the one `before` it grew where it only grew; None where x goes back and forth."""
    if not living:
        return None
    stored, last_place, pure = _stored(cursor, asked, living)
    if before is not None and before.living == living:
        grown = _grown(cursor, asked, before, stored, last_place, sizes)
        if grown is not None:
            return grown
    empty = _empty(cursor, asked, living, (stored, last_place, pure), sizes)
    return _extended(empty, chain.from_iterable(pieces(cursor, asked, part) for part in empty.parts))


def outline_of(cursor: Cursor, asked: Asked, living: Living, points: Winning, sizes: Sizes = USUAL) -> Outline | None:
    """The outline of a series over its steps whose points that count, which must be all that are stored, are at hand."""
    empty = _empty(cursor, asked, living, _stored(cursor, asked, living), sizes)
    return _extended(empty, [(points.steps, points.values, points.steps)])


def living_of(cursor: Cursor, rids: Iterable[int]) -> dict[int, Living]:
    """The living segments of each run that has some."""
    found: dict[int, Living] = {}
    for _, segment in sorted(living_segments(cursor, list(rids)).items()):
        found[segment.rid] = (*found.get(segment.rid, ()), segment)
    return found


def shown(x: Steps, axis: Axis) -> Floats:
    """x as charts have it: the step, or seconds since 1970."""
    return x.astype(np.float64) if axis == "step" else x.astype(np.float64) / 1e6


def _stored(cursor: Cursor, asked: Asked, living: Living) -> tuple[int, int, bool]:
    """How many points of a series living segments hold, where the last one is stored, and whether they are one segment alone.

    The first question is cheap: it unpacks no column that is not constant.
    """
    question = f"SELECT count(*), coalesce(max(rowid), 0), min(segment), max(segment) FROM points WHERE {asked.own}"
    count, last, first_segment, last_segment = fetch(cursor, question)[0]
    if len(living) == 1 and first_segment == last_segment == living[0].segment:
        return count, last, True
    among_living = among([segment.segment for segment in living], "segment")
    count, last, *_ = fetch(cursor, f"{question} AND {among_living.sql}", among_living.params)[0]
    return count, last, False


def _empty(cursor: Cursor, asked: Asked, living: Living, found: tuple[int, int, bool], sizes: Sizes) -> Outline:
    """The outline of a series as it is `found` now, without any point."""
    stored, last_place, pure = found
    size = sizes.stretch
    while stored > size * sizes.most_stretches:
        size *= 2
    parts: tuple[Part, ...] = ((None, None),) if pure else _parts(cursor, asked, living)
    none, no_steps = np.zeros(0), np.zeros(0, np.int64)
    nothing = (no_steps, none, no_steps)
    return Outline(
        asked.axis, size, living, stored, last_place, parts, none, none, no_steps, nothing, ENDS[asked.axis][0]
    )


def _parts(cursor: Cursor, asked: Asked, living: Living) -> tuple[Part, ...]:
    among_living = among([segment.segment for segment in living], "segment")
    firsts = dict(
        fetch(
            cursor,
            f"SELECT segment, arg_min(step, rowid) FROM points WHERE {asked.own} AND {among_living.sql} GROUP BY segment",
            among_living.params,
        )
    )
    none = np.zeros(0)
    told = [
        segment.with_points(np.array([firsts[segment.segment]], np.int64), none, none)
        if segment.segment in firsts
        else segment.empty()
        for segment in living
    ]
    return tuple((part.segment, limit) for part, limit in winning_limits(told))


def pieces(cursor: Cursor, asked: Asked, part: Part, bounds: tuple[int, int] | None = None) -> Iterator[Piece]:
    """The points of a segment that count, in file order; with `bounds` those with such an x."""
    import pyarrow as pa  # who draws no curves does not pay for it

    segment, limit = part
    sql, params = f"{_SELECT[asked.axis]} {asked.own}", list[int]()
    if segment is not None:
        sql, params = f"{sql} AND segment = ?", [segment]
    if limit is not None:
        sql, params = f"{sql} AND step < ?", [*params, limit]
    if bounds is not None:
        sql, params = f"{sql}{_BETWEEN[asked.axis]}", [*params, *bounds]
    for batch in pa.RecordBatchReader.from_stream(cursor.sql(sql, params=params)):
        x, y, *steps = (column.to_numpy(zero_copy_only=False) for column in batch.columns)
        yield x, y, steps[0] if steps else x


def _grown(cursor: Cursor, asked: Asked, before: Outline, stored: int, last_place: int, sizes: Sizes) -> Outline | None:
    """With what follows `before`; None where that is not all that changed."""
    if stored < before.stored or stored > 2 * before.size * sizes.most_stretches or not before.parts:
        return None
    if stored == before.stored:
        # segments only grow, so they are the same points, wherever they stand since others were dropped
        return before if last_place == before.last_place else replace(before, last_place=last_place)
    among_living = among([segment.segment for segment in before.living], "segment")
    new = cursor.execute(
        f"SELECT segment, {_STORED[asked.axis]} AS x, v, step FROM points "
        f"WHERE {asked.own} AND rowid > ? AND {among_living.sql} ORDER BY rowid",
        [before.last_place, *among_living.params],
    ).fetchnumpy()
    segments = whole(new["segment"])
    last, limit = before.parts[-1]
    last = before.living[0].segment if last is None else last
    if before.stored + len(segments) != stored or bool((segments != last).any()):
        return None
    known = ~np.ma.getmaskarray(new["x"])
    steps, values = whole(new["step"]), np.ma.filled(new["v"], np.nan).astype(np.float64, copy=False)
    if limit is not None:
        known &= steps < limit
    piece = (whole(new["x"])[known], values[known], steps[known])
    return _extended(replace(before, stored=stored, last_place=last_place), [piece])


def _extended(before: Outline, more: Iterable[Piece]) -> Outline | None:
    """With more points behind; None where x goes back."""
    axis, size, rest, newest = before.axis, before.size, before.rest, before.newest
    kept: list[Shown] = [(before.x, before.y, before.step)]
    for piece in more:
        if not len(piece[0]):
            continue
        if piece[0][0] < newest or bool((piece[0][1:] < piece[0][:-1]).any()):
            return None
        newest = int(piece[0][-1])
        missing = size - len(rest[0]) if len(rest[0]) else 0
        if missing:
            rest = joined(rest, _cut(piece, 0, missing))
        full = missing + (len(piece[0]) - missing) // size * size
        for x, y, step in (rest, _cut(piece, missing, full)) if full >= missing else ():
            chosen = of_stretches(y, size)
            kept.append((shown(x[chosen], axis), y[chosen], step[chosen]))
        if full >= missing:
            rest = joined(_cut(piece, full, len(piece[0])))
    xs, ys, steps = (np.concatenate(columns) for columns in zip(*kept, strict=True))
    return replace(before, x=xs, y=ys, step=steps, rest=rest, newest=newest)


def _cut(piece: Piece, begin: int, end: int) -> Piece:
    x, y, step = piece
    return x[begin:end], y[begin:end], step[begin:end]


def joined(*some: Piece) -> Piece:
    """One behind the other."""
    x, y, step = (np.concatenate(columns) for columns in zip(*some, strict=True))
    return x, y, step
