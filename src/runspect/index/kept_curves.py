"""Curves of the runs that live ones are compared with: read once, for what ended does not change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from runspect.index.reads.at_step import Curve, Curves, read_curves
from runspect.index.reads.scope import Cursor

MOST_BYTES = 32_000_000
"""What all of them may take: 2 M points."""


class KeptCurves:
    """Keeps those that were asked for last; mutable, thread-safe."""

    def __init__(
        self, generation_of: Callable[[int], int], most_bytes: int = MOST_BYTES, read: Curves = read_curves
    ) -> None:
        """`generation_of` tells of a run when anything of it was written last, `read` what is not kept."""
        self._read = read
        self._generation_of = generation_of
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._held: dict[tuple[int, str], tuple[int, Curve | None]] = {}

    def __call__(self, cursor: Cursor, rids: Sequence[int], metric: str) -> dict[int, Curve]:
        """As `read_curves`."""
        before = {rid: self._generation_of(rid) for rid in rids}
        with self._lock:
            held = {rid: self._held.pop((rid, metric)) for rid in rids if (rid, metric) in self._held}
        found = {rid: curve for rid, (generation, curve) in held.items() if generation == before[rid]}
        missing = [rid for rid in rids if rid not in found]
        if missing:
            read = self._read(cursor, missing, metric)
            found |= {rid: read.get(rid) for rid in missing}
        self._keep({(rid, metric): (before[rid], curve) for rid, curve in found.items()})
        return {rid: curve for rid, curve in found.items() if curve is not None}

    def _keep(self, answers: dict[tuple[int, str], tuple[int, Curve | None]]) -> None:
        with self._lock:
            self._held |= answers
            size = sum(curve.nbytes for _, curve in self._held.values() if curve is not None)
            while size > self._most_bytes and len(self._held) > 1:
                _, oldest = self._held.pop(next(iter(self._held)))
                size -= oldest.nbytes if oldest is not None else 0
