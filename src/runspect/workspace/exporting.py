"""Runs as they are carried away: some at a time, and of a long one some points at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from runspect.dataclass import dataclass
from runspect.errors import EngineError
from runspect.model import Json
from runspect.workspace.answers import PointsPage
from runspect.workspace.client import Workspace

AT_ONCE = 100
"""Runs whose objects are fetched together."""
TOGETHER = 200_000
"""Points that several runs may have whose points are fetched together."""
TRIES = 5


class Moved(Exception):
    """The points of a run stand elsewhere since its first page: what was read of it does not fit together."""


class Unsteady(EngineError):
    """The points of a run never stood still."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Points of one run; see `PointsPage.arrays`."""

    metrics: tuple[str, ...]
    arrays: Mapping[str, Any]


class Exported:
    """One run, and how its points are read."""

    def __init__(self, workspace: Workspace, run: Mapping[str, Json], whole: Stretch | None) -> None:
        self.run = run
        """All but points and texts."""
        self._workspace = workspace
        self._whole = whole

    def stretches(self) -> Iterator[Stretch]:
        """All its points, piece by piece.

        Raises:
            Moved: Ask once more.
        """
        if self._whole is not None:
            yield self._whole
            return
        rids, after, stamp = [int(self.run["rid"])], None, ""
        while True:
            page = self._workspace.points(rids, after)
            if page.lost or (stamp and page.stamp != stamp):
                raise Moved
            stamp, after = page.stamp, page.after
            yield Stretch(page.metrics, page.arrays)
            if after is None:
                return

    def texts(self) -> Iterator[dict[str, Json]]:
        """What it logged as text: key, step, time (ISO 8601 or None), value."""
        after = -1
        while rows := self._workspace.texts(int(self.run["rid"]), after) if self.run["texts"] else []:
            after = int(rows[-1][0])
            for _, key, step, time, value in rows:
                yield {"key": key, "step": step, "time": time, "value": value}


def exported(workspace: Workspace, rids: Sequence[int], show_secrets: bool = False) -> Iterator[Exported]:
    """These runs in their order; those that are gone from the index meanwhile are left out."""
    for begin in range(0, len(rids), AT_ONCE):
        runs = workspace.exported(rids[begin : begin + AT_ONCE], show_secrets)
        at = 0
        while at < len(runs):
            group = _small(runs[at:])
            wholes = _together(workspace, group) if group else {}
            for run in group or runs[at : at + 1]:
                yield Exported(workspace, run, wholes.get(int(run["rid"])))
            at += max(1, len(group))


def points_of(run: Mapping[str, Json]) -> int:
    """How many points a run has, as it was told."""
    return sum(int(metric["n"]) for metric in run["metrics"].values())


def _small(runs: Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """The first runs, as many as may be read together."""
    group: list[Mapping[str, Json]] = []
    total = 0
    for run in runs:
        total += points_of(run)
        if total > TOGETHER:
            break
        group.append(run)
    return group


def _together(workspace: Workspace, runs: Sequence[Mapping[str, Json]]) -> dict[int, Stretch]:
    """The points of several runs by rid; none where they turned out to be too many for one page."""
    rids = [int(run["rid"]) for run in runs]
    page = workspace.points(rids)
    if page.lost or page.after is not None:
        return {}
    return _parted(page, rids)


def _parted(page: PointsPage, rids: Sequence[int]) -> dict[int, Stretch]:
    import numpy as np

    owners = page.arrays["rid"]
    cuts = np.concatenate(([0], np.flatnonzero(np.diff(owners)) + 1, [len(owners)])) if len(owners) else [0]
    found: dict[int, Stretch] = {
        rid: Stretch(page.metrics, {key: array[:0] for key, array in page.arrays.items()}) for rid in rids
    }
    for begin, end in pairwise(cuts):
        arrays = {key: array[begin:end] for key, array in page.arrays.items()}
        found[int(owners[begin])] = Stretch(page.metrics, arrays)
    return found
