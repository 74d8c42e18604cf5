"""What was read of single runs, kept as long as it stands, and kept up with what is written: news of a live run cost no statement.

Per line of one live run beside 1,000 others, the statements of a window of the table took 5 of the engine's 20 ms of CPU.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from runspect.index.generations import Change, Generations
from runspect.index.kept_curves import KeptCurves
from runspect.index.reads import objects, told
from runspect.index.reads.objects import Files
from runspect.index.reads.outlines import Outlines
from runspect.index.reads.scope import Cursor
from runspect.index.reads.tested import tested
from runspect.index.reads.told import Series

T = TypeVar("T")

MOST_RUNS = 500
"""Runs that are remembered at most, of each kind of answer."""


class Kept:
    """Thread-safe; `runs` and `files` are what `reads.window` and `reads.run_json` take."""

    def __init__(self, generations: Generations) -> None:
        run, words = generations.of_run, generations.of_told
        self._heads, self._series = _Answers(told.heads, run), _Answers(told.series, run)
        self.runs = told.Runs(
            self._heads,
            self._series,
            _Answers(told.params, words),
            _Answers(told.facts, words),
            _Answers(told.said, words),
            _Answers(tested, words),
        )
        self._files: _Answers[Files] = _Answers(_files_of, words)
        self.outlines = Outlines(run)
        """Of long series, for `reads.curves`."""
        self.curves = KeptCurves(run)
        """Of runs that live ones are compared with, for `reads.Comparing`."""
        generations.on_rows = self._written

    def files(self, cursor: Cursor, rid: int) -> Files:
        """What `objects.files_of` tells of a run."""
        return self._files(cursor, [rid])[rid]

    def _written(self, upd: int, change: Change, before: Mapping[int, int]) -> None:
        """Take over the rows of a write; where one of the two kinds was not written, its answer stands as it is."""
        self._heads.renew(before, upd, lambda rid, head: change.heads.get(rid, head))
        self._series.renew(before, upd, lambda rid, held: _merged(held, change.series.get(rid, {})))


class _Answers(Generic[T]):
    """A loader that asks the index only for runs that were written to since; mutable, thread-safe."""

    def __init__(self, load: told.Loader[T], generation_of: Callable[[int], int]) -> None:
        self._load = load
        self._generation_of = generation_of
        self._lock = threading.Lock()
        self._held: dict[int, tuple[int, T | None]] = {}
        """Per run: the generation, and what was found then; None for nothing."""

    def __call__(self, cursor: Cursor, rids: Sequence[int]) -> dict[int, T]:
        before = {rid: self._generation_of(rid) for rid in rids}
        with self._lock:
            held = {rid: self._held[rid] for rid in rids if rid in self._held}
        found = {rid: answer for rid, (generation, answer) in held.items() if generation == before[rid]}
        missing = [rid for rid in rids if rid not in found]
        if missing:
            loaded = self._load(cursor, missing)
            found |= {rid: loaded.get(rid) for rid in missing}
            self._keep({rid: (before[rid], loaded.get(rid)) for rid in missing})
        return {rid: answer for rid, answer in found.items() if answer is not None}

    def renew(self, before: Mapping[int, int], upd: int, change: Callable[[int, T | None], T | None]) -> None:
        """What was held of runs since the generations `before`, after a change, is what is to be found since `upd`."""
        with self._lock:
            for rid, generation in before.items():
                held = self._held.get(rid)
                if held is not None and held[0] == generation:
                    self._held[rid] = (upd, change(rid, held[1]))

    def _keep(self, answers: dict[int, tuple[int, T | None]]) -> None:
        with self._lock:
            # an answer that a write overtook stands under a generation that is over: it is never given again
            self._held |= answers
            while len(self._held) > MOST_RUNS:
                del self._held[next(iter(self._held))]


def _merged(held: dict[str, Series] | None, written: Mapping[str, Series | None]) -> dict[str, Series] | None:
    merged = {**(held or {}), **written}
    listed = {name: series for name, series in sorted(merged.items()) if series is not None}
    return listed or None


def _files_of(cursor: Cursor, rids: Sequence[int]) -> dict[int, Files]:
    return {rid: objects.files_of(cursor, rid) for rid in rids}
