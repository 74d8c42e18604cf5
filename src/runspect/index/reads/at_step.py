"""What a column of other runs was at a step: how a live run is compared with those that went further."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from runspect.columns import Column, Lens
from runspect.columns.spec import bound
from runspect.dataclass import dataclass
from runspect.index.reads.points import Floats, Steps, load
from runspect.index.reads.scope import Cursor, fetch
from runspect.index.summary import mean_tail


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of a metric that count, in their order."""

    steps: Steps
    values: Floats

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        return self.steps.nbytes + self.values.nbytes


Curves = Callable[[Cursor, Sequence[int], str], Mapping[int, Curve]]
"""The curves of a metric, of those runs that have it."""


def read_curves(cursor: Cursor, rids: Sequence[int], metric: str) -> dict[int, Curve]:
    """From the index."""
    mids = [mid for (mid,) in fetch(cursor, "SELECT mid FROM metrics WHERE name = ?", (metric,))]
    return {rid: Curve(points.steps, points.values) for (rid, _), points in load(cursor, list(rids), mids).items()}


def values_at(
    cursor: Cursor, rids: Sequence[int], column: Column, step: int, lens: Lens, curves: Curves = read_curves
) -> dict[int, float]:
    """The column of each run as it was when the run had logged up to `step`, by the same aggregate; runs that had not
    begun to log by then, and columns that are no value of a metric, are left out."""
    aggregate = bound(column, lens.directions)
    if column.kind not in ("metric", "at") or aggregate is None or column.step:
        return {}
    found = {rid: until(curve, step) for rid, curve in curves(cursor, rids, column.name).items()}
    if column.kind == "at":
        chosen = {rid: until(curve, step) for rid, curve in curves(cursor, rids, column.other).items()}
        told = {rid: _beside(curve, chosen[rid], aggregate) for rid, curve in found.items() if rid in chosen}
    else:
        told = {rid: aggregated(curve.values, aggregate) for rid, curve in found.items()}
    return {rid: value for rid, value in told.items() if value is not None}


def until(curve: Curve, step: int) -> Curve:
    """The points up to a step."""
    there = curve.steps <= step
    return curve if there.all() else Curve(curve.steps[there], curve.values[there])


def aggregated(values: Floats, aggregate: str) -> float | None:
    """What a summary of these points alone would hold."""
    if not len(values):
        return None
    finite = np.isfinite(values)
    if aggregate in ("n", "nan"):
        return float(len(values) if aggregate == "n" else (~finite).sum())
    if aggregate == "mean":
        return mean_tail(values)
    if aggregate in ("min", "max"):
        known = values[finite]
        return None if not len(known) else float(known.min() if aggregate == "min" else known.max())
    return float(values[0] if aggregate == "first" else values[-1])


def _beside(curve: Curve, other: Curve, aggregate: str) -> float | None:
    """`A@min(B)`: A where B is best, or the last one before it."""
    at = _place(other.values, aggregate)
    known = until(curve, int(other.steps[at])).values if at is not None else curve.values[:0]
    return float(known[-1]) if len(known) else None


def _place(values: Floats, aggregate: str) -> int | None:
    finite: npt.NDArray[np.bool_] = np.isfinite(values)
    if aggregate in ("min", "max"):
        if not finite.any():
            return None
        worst = math.inf if aggregate == "min" else -math.inf
        filled = np.where(finite, values, worst)
        return int(filled.argmin() if aggregate == "min" else filled.argmax())
    return None if not len(values) else 0 if aggregate == "first" else len(values) - 1
