"""Long series kept small in memory: of each stretch of points its first, lowest, highest and last.

A chart of a long series takes its points from the outline where the outline has several stretches a column, and reads the
points within its span where it was zoomed in further: never all points twice. A series that grew is read from where it ended.

Where the time goes (a series of 1 M points, CPU time on a busy machine): first outline 20 to 30 ms, of which 10 are DuckDB's
Arrow batches of two columns (the floor: `min(v), max(v)` of the same rows takes 6 ms), 4 NumPy's and 2 the count; a chart out
of the outline 0.5 ms, a span of a hundredth 2 ms, of which most is planning. First, lowest, highest and last in SQL took 19 ms
for 400 columns, 31 for as many stretches as here. An outline of 1 M points takes 1.5 MB.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt

from runspect.arrow_numbers import numbers
from runspect.dataclass import dataclass
from runspect.index.reads.points import Segment, living_segments, whole
from runspect.index.reads.scope import Cursor, among, fetch
from runspect.index.reads.thinning import of_stretches, thinned
from runspect.index.summary import winning_limits

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]
Axis = Literal["step", "time"]
Piece = tuple[Steps, Floats, Steps]
"""x as it is stored (steps, or microseconds since 1970), y and step of some points."""
Shown = tuple[Floats, Floats, Steps]
"""The same with x as charts have it."""
Part = tuple[int | None, int | None]
"""A segment that counts (None: the series has no other points), and the step from which on it does not."""

STRETCHES_PER_COLUMN = 4
"""So many stretches a column are as good as all points: an extreme is drawn where it is, a border is off by a quarter of a
column at most."""

_SELECT = {
    "step": "SELECT step, v FROM points WHERE rid = ? AND mid = ?",
    "time": "SELECT epoch_us(t), v, step FROM points WHERE rid = ? AND mid = ? AND t IS NOT NULL",
}
_BETWEEN = {"step": " AND step BETWEEN ? AND ?", "time": " AND t BETWEEN make_timestamp(?) AND make_timestamp(?)"}
_STORED = {"step": "step", "time": "epoch_us(t)"}
_FARTHEST = 1 << 57
"""Beyond all steps and times: 4,500 years in microseconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A series over an x axis."""

    rid: int
    mid: int
    axis: Axis


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is kept."""

    long: int = 30_000
    """Points from which on a series has an outline."""
    stretch: int = 64
    """Points of a stretch, in series of up to `most_stretches` of them; twice, four times … as many in longer ones."""
    most_stretches: int = 32_768
    most_bytes: int = 32_000_000
    """What all outlines may take."""


USUAL = Sizes()


@dataclass(frozen=True, slots=True)
class Outline:
    """Of one series over one x axis. `x` (ascending), `y` and `step` hold the points of the whole stretches that are kept."""

    axis: Axis
    size: int
    """Points of a stretch."""
    living: tuple[Segment, ...]
    """The living segments of the run when it was read."""
    stored: int
    """Points of the series in them then, those that do not count and those without an x included."""
    last_place: int
    """Where the last of them is stored."""
    parts: tuple[Part, ...]
    """The segments that count, in their order."""
    x: Floats
    y: Floats
    step: Steps
    begins: Floats
    """x of the first point of each stretch."""
    rest: Piece
    """The points behind the last whole stretch."""
    newest: int
    """x of the last point, as it is stored."""

    @property
    def nbytes(self) -> int:
        """What it takes, about."""
        return self.x.nbytes + self.y.nbytes + self.step.nbytes + self.begins.nbytes

    def first(self) -> float:
        """x of the first point; 0 where there is none."""
        return float(next(iter((*self.begins[:1], *shown(self.rest[0][:1], self.axis))), 0.0))

    def points(self) -> Shown:
        """x, y and step of all points that are kept."""
        x, y, step = self.rest
        return (
            np.concatenate((self.x, shown(x, self.axis))),
            np.concatenate((self.y, y)),
            np.concatenate((self.step, step)),
        )


class Outlines:
    """Keeps the outlines that were asked for last; mutable, thread-safe."""

    def __init__(self, generation_of: Callable[[int], int], sizes: Sizes = USUAL) -> None:
        """`generation_of` tells of a run when anything of it was written last."""
        self.sizes = sizes
        self._generation_of = generation_of
        self._lock = threading.Lock()
        self._held: dict[Asked, tuple[int, Outline | None]] = {}

    def get(self, cursor: Cursor, asked: Asked) -> Outline | None:
        """The outline of a series as it is now; None where x goes back and forth."""
        generation = self._generation_of(asked.rid)
        with self._lock:
            then, held = self._held.pop(asked, (-1, None))
        found = held if then == generation else outline(cursor, asked, held, self.sizes)
        with self._lock:
            self._held[asked] = (generation, found)
            while (
                len(self._held) > 1
                and sum(each.nbytes for _, each in self._held.values() if each) > self.sizes.most_bytes
            ):
                del self._held[next(iter(self._held))]
        return found


def outline(cursor: Cursor, asked: Asked, before: Outline | None = None, sizes: Sizes = USUAL) -> Outline | None:
    """The outline of a series, from the one `before` it grew where it only grew; None where x goes back and forth."""
    living = tuple(living_segments(cursor, [asked.rid]).values())
    if not living:
        return None
    cursor.execute("BEGIN TRANSACTION READ ONLY")
    try:
        stored, last_place, pure = _stored(cursor, asked, living)
        if before is not None and before.living == living:
            grown = _grown(cursor, asked, before, stored, last_place, sizes)
            if grown is not None:
                return grown
        return _anew(cursor, asked, living, stored, last_place, pure, sizes)
    finally:
        cursor.execute("ROLLBACK")


def drawn(cursor: Cursor, asked: Asked, found: Outline, width: int, span: tuple[float, float] | None) -> Shown:
    """x, y and step of at most four points for each of `width` columns of the span."""
    if span is not None:
        first, last = (int(np.searchsorted(found.begins, end)) for end in span)
        if last - first < STRETCHES_PER_COLUMN * width:
            x, y, step = _between(cursor, asked, found, span)
            chosen = thinned(x, y, width, span)
            return x[chosen], y[chosen], step[chosen]
    x, y, step = found.points()
    chosen = thinned(x, y, width, span)
    return x[chosen], y[chosen], step[chosen]


def shown(x: Steps, axis: Axis) -> Floats:
    """x as charts have it: the step, or seconds since 1970."""
    return x.astype(np.float64) if axis == "step" else x.astype(np.float64) / 1e6


def _stored(cursor: Cursor, asked: Asked, living: tuple[Segment, ...]) -> tuple[int, int, bool]:
    """How many points of a series living segments hold, where the last one is stored, and whether they are one segment alone.

    The first question is cheap: it unpacks no column that is not constant.
    """
    question = (
        "SELECT count(*), coalesce(max(rowid), 0), min(segment), max(segment) FROM points WHERE rid = ? AND mid = ?"
    )
    count, last, first_segment, last_segment = fetch(cursor, question, (asked.rid, asked.mid))[0]
    if len(living) == 1 and first_segment == last_segment == living[0].segment:
        return count, last, True
    among_living = among([segment.segment for segment in living], "segment")
    count, last, *_ = fetch(cursor, f"{question} AND {among_living.sql}", (asked.rid, asked.mid, *among_living.params))[
        0
    ]
    return count, last, False


def _anew(
    cursor: Cursor,
    asked: Asked,
    living: tuple[Segment, ...],
    stored: int,
    last_place: int,
    pure: bool,
    sizes: Sizes,
) -> Outline | None:
    size = sizes.stretch
    while stored > size * sizes.most_stretches:
        size *= 2
    parts: tuple[Part, ...] = ((None, None),) if pure else _parts(cursor, asked, living)
    none, no_steps = np.zeros(0), np.zeros(0, np.int64)
    nothing = (no_steps, none, no_steps)
    empty = Outline(
        asked.axis, size, living, stored, last_place, parts, none, none, no_steps, none, nothing, -_FARTHEST
    )
    return _extended(empty, chain.from_iterable(_pieces(cursor, asked, part) for part in parts))


def _parts(cursor: Cursor, asked: Asked, living: tuple[Segment, ...]) -> tuple[Part, ...]:
    among_living = among([segment.segment for segment in living], "segment")
    firsts = dict(
        fetch(
            cursor,
            "SELECT segment, arg_min(step, rowid) FROM points "
            f"WHERE rid = ? AND mid = ? AND {among_living.sql} GROUP BY segment",
            (asked.rid, asked.mid, *among_living.params),
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


def _pieces(cursor: Cursor, asked: Asked, part: Part, bounds: tuple[int, int] | None = None) -> Iterator[Piece]:
    """The points of a segment that count, in file order; with `bounds` those with such an x."""
    import pyarrow as pa  # who draws no curves does not pay for it

    segment, limit = part
    sql, params = _SELECT[asked.axis], [asked.rid, asked.mid]
    if segment is not None:
        sql, params = f"{sql} AND segment = ?", [*params, segment]
    if limit is not None:
        sql, params = f"{sql} AND step < ?", [*params, limit]
    if bounds is not None:
        sql, params = f"{sql}{_BETWEEN[asked.axis]}", [*params, *bounds]
    for batch in pa.RecordBatchReader.from_stream(cursor.sql(sql, params=params)):
        x, y, *steps = map(numbers, batch.columns)
        yield x, y, steps[0] if steps else x


def _grown(cursor: Cursor, asked: Asked, before: Outline, stored: int, last_place: int, sizes: Sizes) -> Outline | None:
    """With what follows `before`; None where that is not all that changed."""
    if stored < before.stored or stored > 2 * before.size * sizes.most_stretches or not before.parts:
        return None
    if stored == before.stored:
        return before if last_place == before.last_place else None
    among_living = among([segment.segment for segment in before.living], "segment")
    new = cursor.execute(
        f"SELECT segment, {_STORED[asked.axis]} AS x, v, step FROM points "
        f"WHERE rid = ? AND mid = ? AND rowid > ? AND {among_living.sql} ORDER BY rowid",
        [asked.rid, asked.mid, before.last_place, *among_living.params],
    ).fetchnumpy()
    segments = whole(new["segment"])
    last = before.living[0].segment if before.parts[-1][0] is None else before.parts[-1][0]
    if before.stored + len(segments) != stored or bool((segments != last).any()):
        return None
    known = ~np.ma.getmaskarray(new["x"])
    values = np.ma.filled(new["v"], np.nan).astype(np.float64, copy=False)
    piece = (whole(new["x"])[known], values[known], whole(new["step"])[known])
    return _extended(replace(before, stored=stored, last_place=last_place), [piece])


def _extended(before: Outline, pieces: Iterable[Piece]) -> Outline | None:
    """With more points behind; None where x goes back."""
    axis, size, rest, newest = before.axis, before.size, before.rest, before.newest
    kept: list[Shown] = [(before.x, before.y, before.step)]
    begins = [before.begins]
    for piece in pieces:
        if not len(piece[0]):
            continue
        if piece[0][0] < newest or bool((piece[0][1:] < piece[0][:-1]).any()):
            return None
        newest = int(piece[0][-1])
        missing = size - len(rest[0]) if len(rest[0]) else 0
        if missing:
            rest = _joined(rest, _cut(piece, 0, missing))
        full = missing + (len(piece[0]) - missing) // size * size
        for x, y, step in (rest, _cut(piece, missing, full)) if full >= missing else ():
            chosen = of_stretches(y, size)
            kept.append((shown(x[chosen], axis), y[chosen], step[chosen]))
            begins.append(shown(x[::size], axis))
        if full >= missing:
            rest = _joined(_cut(piece, full, len(piece[0])))
    xs, ys, steps = (np.concatenate(columns) for columns in zip(*kept, strict=True))
    return replace(before, x=xs, y=ys, step=steps, begins=np.concatenate(begins), rest=rest, newest=newest)


def _cut(piece: Piece, begin: int, end: int) -> Piece:
    x, y, step = piece
    return x[begin:end], y[begin:end], step[begin:end]


def _joined(*pieces: Piece) -> Piece:
    x, y, step = (np.concatenate(columns) for columns in zip(*pieces, strict=True))
    return x, y, step


def _between(cursor: Cursor, asked: Asked, found: Outline, span: tuple[float, float]) -> Shown:
    """All points within the span and at least one beyond either end; x as charts have it."""
    first, beyond = int(np.searchsorted(found.begins, span[0])) - 1, int(np.searchsorted(found.x, span[1], "right"))
    unit = 1.0 if asked.axis == "step" else 1e6
    low = int(found.begins[first] * unit) - 1 if first >= 0 else -_FARTHEST
    high = int(found.x[beyond] * unit) + 1 if beyond < len(found.x) else _FARTHEST
    read = [piece for part in found.parts for piece in _pieces(cursor, asked, part, (low, high))]
    if not read:
        return np.zeros(0), np.zeros(0), np.zeros(0, np.int64)
    x, y, step = _joined(*read)
    return shown(x, asked.axis), y, step
