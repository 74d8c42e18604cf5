"""Files that are written anew each time: what follows an unchanged beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from runspect.readers.contract import Batch, Points

TIME_STEP_S = 2e-6
"""Times closer than this are the same: the index keeps microseconds."""


def merged(batches: Sequence[Batch]) -> Batch:
    """All pieces of a file as one; there must be one."""
    if len(batches) == 1:
        return batches[0]
    whole = batches[-1]
    points: dict[str, list[Points]] = {}
    for batch in batches:
        for name, piece in batch.points.items():
            points.setdefault(name, []).append(piece)
    return replace(
        whole,
        points={name: _joined(pieces) for name, pieces in points.items()},
        params={key: value for batch in batches for key, value in batch.params.items()},
        facts={key: value for batch in batches for key, value in batch.facts.items()},
        ids=tuple(dict.fromkeys(id_ for batch in batches for id_ in batch.ids)),
        texts=tuple(text for batch in batches for text in batch.texts),
        said=tuple(said for batch in batches for said in batch.said),
        problems=tuple(problem for batch in batches for problem in batch.problems),
        writer_start=next((batch.writer_start for batch in batches if batch.writer_start is not None), None),
    )


def suffix(held: Mapping[int, Points], wanted: Mapping[int, Points]) -> dict[int, Points] | None:
    """What follows the stored points of each metric; None when a stored point changed or is gone."""
    for mid, before in held.items():
        now = wanted.get(mid)
        if now is None or len(now) < len(before) or not _begins_with(now, before):
            return None
    return {
        mid: Points(points.steps[skip:], points.times[skip:], points.values[skip:])
        for mid, points in wanted.items()
        if len(points) > (skip := len(held[mid]) if mid in held else 0)
    }


def _joined(pieces: Sequence[Points]) -> Points:
    if len(pieces) == 1:
        return pieces[0]
    return Points(
        np.concatenate([piece.steps for piece in pieces]),
        np.concatenate([piece.times for piece in pieces]),
        np.concatenate([piece.values for piece in pieces]),
    )


def _begins_with(now: Points, before: Points) -> bool:
    n = len(before)
    times = np.abs(now.times[:n] - before.times) < TIME_STEP_S
    return bool(
        np.array_equal(now.steps[:n], before.steps)
        and np.array_equal(now.values[:n], before.values, equal_nan=True)
        and (times | (np.isnan(now.times[:n]) & np.isnan(before.times))).all()
    )
