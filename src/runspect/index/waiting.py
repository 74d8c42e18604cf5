"""Changes that were gathered and wait to be stored; those of some runs can be told from the rest."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from runspect.dataclass import dataclass, field
from runspect.index.records import Source, SourceKey
from runspect.model import Json
from runspect.readers.contract import Points

Row = tuple[Json, ...]
ProblemKey = tuple[str, str, str]
"""Watch, path, reader."""

_AnyRow = TypeVar("_AnyRow", bound=tuple[Json, ...])


@dataclass(slots=True)
class Waiting:
    """Rows of transactions to come; mutable, of the writing thread."""

    points: list[tuple[int, int, int, Points]] = field(default_factory=list)
    """(rid, mid, segment, points)."""
    texts: list[Row] = field(default_factory=list)
    segments: dict[int, Row] = field(default_factory=dict)
    metrics: list[tuple[int, str]] = field(default_factory=list)
    ids: list[tuple[str, int]] = field(default_factory=list)
    remembered: list[tuple[int, Json, list[tuple[int, dict[str, Json]]]]] = field(default_factory=list)
    artifacts: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    watches: list[tuple[str, bool]] = field(default_factory=list)
    problems: set[ProblemKey] = field(default_factory=set)
    sources: dict[SourceKey, Source] = field(default_factory=dict)
    runs: set[int] = field(default_factory=set)
    """Runs whose row changed."""
    placed: set[int] = field(default_factory=set)
    """Those that are new, hidden, or have files in another place or no more."""
    judged: set[int] = field(default_factory=set)
    """Those of which the row says anything else than how far the run is."""
    moved: set[int] = field(default_factory=set)
    """Those whose place in a list by time is another one now, and nothing else that `judged` counts."""
    touched: set[int] = field(default_factory=set)
    """Runs whose files told something."""
    point_count: int = 0
    point_segments: set[int] = field(default_factory=set)
    """Segments with points among those that wait."""

    def __bool__(self) -> bool:
        return bool(
            self.touched or self.runs or self.sources or self.claims or self.ids or self.problems or self.artifacts
            or self.watches
        )  # fmt: skip

    def add_points(self, rid: int, mid: int, segment: int, points: Points) -> None:
        """Points of one metric of one segment."""
        self.points.append((rid, mid, segment, points))
        self.point_count += len(points)
        self.point_segments.add(segment)

    def take(self, rids: Collection[int], problems: Collection[ProblemKey]) -> Waiting:
        """Part with all that concerns these runs, with these problems, with the names of metrics, and with new roots.

        Each run is whole in itself: its cursors are stored with its points, whichever others are stored with it.
        """
        rids = set(rids)
        own = Waiting(
            metrics=self.metrics,
            segments={number: row for number, row in self.segments.items() if row[1] in rids},
            problems=self.problems & set(problems),
            sources={key: source for key, source in self.sources.items() if key[2] in rids},
            runs=self.runs & rids,
            placed=self.placed & set(rids),
            judged=self.judged & set(rids),
            moved=self.moved & set(rids),
            touched=self.touched & rids,
        )
        own.texts, self.texts = _parted(self.texts, 0, rids)
        own.remembered, self.remembered = _parted(self.remembered, 0, rids)
        own.artifacts, self.artifacts = _parted(self.artifacts, 0, rids)
        own.ids, self.ids = _parted(self.ids, 1, rids)
        points, self.points, self.point_count, self.point_segments = self.points, [], 0, set()
        for item in points:
            (own if item[0] in rids else self).add_points(*item)
        if all(live for _, live in self.watches):  # one that is no longer a root goes with the runs that were moved
            own.watches, self.watches = self.watches, []
        self.metrics = []
        self.segments = {number: row for number, row in self.segments.items() if number not in own.segments}
        self.sources = {key: source for key, source in self.sources.items() if key not in own.sources}
        self.problems -= own.problems
        self.runs -= own.runs
        self.placed -= own.placed
        self.judged -= own.judged
        self.moved -= own.moved
        self.touched -= own.touched
        return own


def _parted(rows: list[_AnyRow], place: int, rids: Collection[int]) -> tuple[list[_AnyRow], list[_AnyRow]]:
    """Rows with one of `rids` at `place`, and the others."""
    return [row for row in rows if row[place] in rids], [row for row in rows if row[place] not in rids]
