"""Where one curve is ahead of another.

Pure: values in, values out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass
from runspect.objective import Direction

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]

MOST_SPANS = 8
"""Stretches that are written out."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Over the steps that both runs logged."""

    first: int
    last: int
    share: float
    """Of the logged steps at which the run is ahead, 0 to 1."""
    since: int | None
    """From here on it is ahead up to the last step; None where it is not ahead there."""
    spans: tuple[tuple[int, int], ...]
    """First and last step of each stretch in which it is ahead."""


def lead(
    run: tuple[Steps, Floats], reference: tuple[Steps, Floats], way: Direction, *, running: bool = False
) -> Lead | None:
    """Where a run is ahead; None where the two have no step in common.

    A value counts from its step up to the next one; what is not finite is not ahead and nothing is ahead of it.

    Args:
        running: Compare the best so far instead of each value, as an objective such as `val/loss:min` does.
    """
    curves = [_prepared(*curve, way, running=running) for curve in (run, reference)]
    if any(not len(steps) for steps, _ in curves):
        return None
    first, last = max(steps[0] for steps, _ in curves), min(steps[-1] for steps, _ in curves)
    grid = np.unique(np.concatenate([steps for steps, _ in curves]))
    grid = grid[(grid >= first) & (grid <= last)]
    if not len(grid):
        return None
    one, other = (values[np.searchsorted(steps, grid, "right") - 1] for steps, values in curves)
    ahead = one < other if way == "down" else one > other
    spans = _spans(grid, ahead)
    since = spans[-1][0] if spans and spans[-1][1] == int(grid[-1]) else None
    return Lead(int(grid[0]), int(grid[-1]), float(ahead.mean()), since, spans)


def lead_text(found: Lead) -> str:
    """`leads from step 1,200 on, at 62 % of steps 0 to 9,900`."""
    several = found.last > found.first
    reach = f"steps {found.first:,} to {found.last:,}" if several else f"step {found.first:,}"
    if not found.spans:
        return f"never leads, {reach}" if several else f"does not lead at {reach}"
    if found.share == 1:
        return f"leads all along, {reach}" if several else f"leads at {reach}"
    if found.since is not None:
        return f"leads from step {found.since:,} on, at {_percent(found.share)} of {reach}"
    shown = ", ".join(_span_text(*span) for span in found.spans[:MOST_SPANS])
    more = f" and {len(found.spans) - MOST_SPANS:,} stretches more" if len(found.spans) > MOST_SPANS else ""
    return f"leads at {shown}{more}, {_percent(found.share)} of {reach}, not at the end"


def _prepared(steps: Steps, values: Floats, way: Direction, *, running: bool) -> tuple[Steps, Floats]:
    """Finite values by ascending step, the last one of each."""
    known = np.isfinite(values)
    steps, values = steps[known], values[known]
    order = np.argsort(steps, kind="stable")
    steps, values = steps[order], values[order]
    if running:
        values = (np.minimum if way == "down" else np.maximum).accumulate(values)
    ends = np.append(steps[1:] != steps[:-1], True) if len(steps) else np.zeros(0, np.bool_)
    return steps[ends], values[ends]


def _spans(grid: Steps, ahead: npt.NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], ahead.astype(np.int8), [0]))))
    starts: Sequence[int] = edges[::2].tolist()
    ends: Sequence[int] = edges[1::2].tolist()
    return tuple((int(grid[start]), int(grid[end - 1])) for start, end in zip(starts, ends, strict=True))


def _span_text(first: int, last: int) -> str:
    return f"step {first:,}" if first == last else f"{first:,} to {last:,}"


def _percent(share: float) -> str:
    return f"{min(99, max(1, round(100 * share)))} %"
