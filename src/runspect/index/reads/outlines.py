"""Long series kept small in memory, as outlines: those that were stored, those that are made now, each read on as it grows.

A chart of a long series takes its points from the outline where the outline has several stretches a column, and reads the
points within its span where it was zoomed in further: never all points twice.

Where the time goes (a series of 1 M points, CPU time on a busy machine): a first chart out of a stored outline 6 ms, of which
2 read it, 1 counts what is stored and 1 thins; all ten of a question share two statements. Where none is stored, or another
axis is asked for, all points are read: 20 ms, of which 9 are DuckDB's Arrow batches of two columns (the floor: `min(v), max(v)`
of the same rows takes 6), 6 NumPy's and 2 the count. A chart out of an outline that is held takes 0.5 ms, a span of a hundredth
2, of which most is planning. First, lowest, highest and last in SQL took 19 ms for 400 columns, 31 for as many stretches as here.
Two threads with a cursor each took as long as one for ten series and as much CPU, one statement for all of them half as much
again, to tell the rows apart. An outline of 1 M points takes 1.5 MB of memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence

import numpy as np

from runspect.index.reads.outline import (
    ENDS,
    USUAL,
    Asked,
    Outline,
    Shown,
    Sizes,
    joined,
    living_of,
    outline,
    pieces,
    shown,
)
from runspect.index.reads.scope import Cursor
from runspect.index.reads.stored_outlines import headers, stored_outline
from runspect.index.reads.thinning import PER_COLUMN, thinned

STRETCHES_PER_COLUMN = 4
"""So many stretches a column are as good as all points: an extreme is drawn where it is, a border is off by a quarter of a
column at most."""


class Outlines:
    """Keeps the outlines that were asked for last; mutable, thread-safe."""

    def __init__(self, generation_of: Callable[[int], int], sizes: Sizes = USUAL) -> None:
        """`generation_of` tells of a run when anything of it was written last."""
        self.sizes = sizes
        self._generation_of = generation_of
        self._lock = threading.Lock()
        self._held: dict[Asked, tuple[int, Outline | None]] = {}

    def each(self, cursor: Cursor, asked: Sequence[Asked]) -> Generator[tuple[Asked, Outline | None], None, None]:
        """The outlines of some series as they are at one moment; None where x goes back and forth.

        One after the other: all of them may be more than memory should hold. Until it is closed the cursor is in a transaction.
        """
        generations = {one.rid: self._generation_of(one.rid) for one in asked}
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        try:
            with self._lock:
                held = {one: self._held[one][0] for one in asked if one in self._held}
            changed = [one for one in asked if held.get(one) != generations[one.rid]]
            living = living_of(cursor, {one.rid for one in changed}) if changed else {}
            stored = headers(cursor, [one for one in changed if one not in held])
            for one in asked:
                with self._lock:
                    then, found = self._held.pop(one, (-1, None))
                if then != generations[one.rid]:
                    own = living[one.rid] if one.rid in living else living_of(cursor, [one.rid]).get(one.rid, ())
                    if found is None and one in stored:
                        found = stored_outline(cursor, one, own, stored[one])
                    found = outline(cursor, one, own, found, self.sizes)
                self._keep(one, generations[one.rid], found)
                yield one, found
        finally:
            cursor.execute("ROLLBACK")

    def _keep(self, one: Asked, generation: int, found: Outline | None) -> None:
        with self._lock:
            self._held[one] = (generation, found)
            while (
                len(self._held) > 1
                and sum(each.nbytes for _, each in self._held.values() if each) > self.sizes.most_bytes
            ):
                del self._held[next(iter(self._held))]


def drawn(cursor: Cursor, asked: Asked, found: Outline, width: int, span: tuple[float, float] | None) -> Shown:
    """x, y and step of at most four points for each of `width` columns of the span."""
    if span is not None:
        first, last = (int(np.searchsorted(found.x, end)) for end in span)
        if (last - first) // PER_COLUMN < STRETCHES_PER_COLUMN * width:
            x, y, step = _between(cursor, asked, found, span)
            chosen = thinned(x, y, width, span)
            return x[chosen], y[chosen], step[chosen]
    x, y, step = found.points()
    chosen = thinned(x, y, width, span)
    return x[chosen], y[chosen], step[chosen]


def _between(cursor: Cursor, asked: Asked, found: Outline, span: tuple[float, float]) -> Shown:
    """All points within the span and at least one beyond either end; x as charts have it."""
    first, beyond = int(np.searchsorted(found.x, span[0])) - 1, int(np.searchsorted(found.x, span[1], "right"))
    unit = 1.0 if asked.axis == "step" else 1e6
    begin, end = ENDS[asked.axis]
    # steps beyond 2^53 were rounded to be shown
    low = max(begin, int(np.nextafter(found.x[first] * unit, -np.inf)) - 1) if first >= 0 else begin
    high = min(end, int(np.nextafter(found.x[beyond] * unit, np.inf)) + 1) if beyond < len(found.x) else end
    read = [piece for part in found.parts for piece in pieces(cursor, asked, part, (low, high))]
    if not read:
        return np.zeros(0), np.zeros(0), np.zeros(0, np.int64)
    x, y, step = joined(*read)
    return shown(x, asked.axis), y, step
