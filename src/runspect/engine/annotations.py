"""Annotations in the engine: first durable in the journal, then in the index, then told to all screens."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from runspect.columns.stages import KEY as STAGE
from runspect.errors import IndexFault, JournalFault, NotFound, UsageError
from runspect.index.annotations import OpRow, load_ops
from runspect.index.reads import run_json
from runspect.index.reads.living import ended, living
from runspect.index.store import Store
from runspect.journal import Journal, Line
from runspect.model import IMPORTED, Json, Op, Progress

LOG = logging.getLogger("runspect.engine")

REFRESH_S = 1.0
REFRESH_SHARE = 20
"""Looking for other engines' files takes about one part in so many of the time, and happens at least so often:"""
REFRESH_AT_LEAST_S = 5.0
ENDS_S = 2.0
"""Seconds between two looks at which runs have ended, while runs change."""
SNAPSHOTS_AT_ONCE = 20
_KEPT = ("uid", "name", "project", "group", "root", "path", "tools", "state", "reason", "started", "ended", "updated",
         "steps", "host", "owner", "parent", "params", "metrics", "tags")  # fmt: skip
"""What a snapshot keeps of a run; the user's own words are in the journal as they are."""


class Annotations:
    """Writes the journal and keeps its copy in the index; mutable, thread-safe."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        notify: Callable[[frozenset[int] | None, Progress | None], None],
        recall: Callable[[], None],
    ) -> None:
        """`recall` is called when there is news of runs without logs."""
        self._store = store
        self._journal = journal
        self._notify = notify
        self._recall = recall
        self._lock = threading.Lock()
        self._unstored: list[OpRow] = []
        self._to_snapshot: dict[int, None] = {}
        self._living: frozenset[int] = frozenset()
        self._looked_at = -1
        """Generation of the states that were looked at last."""
        self._next_refresh = self._next_look = 0.0

    @property
    def note(self) -> str:
        """What people should know about where annotations go."""
        return self._journal.note

    def refresh(self) -> None:
        """Take in what other engines wrote and what the index could not take before, and keep some snapshots.

        Cheap when called often.
        """
        begun = time.monotonic()
        if begun >= self._next_refresh:
            lines = self._journal.refresh()
            spent = time.monotonic() - begun
            self._next_refresh = begun + spent + min(max(REFRESH_S, spent * REFRESH_SHARE), REFRESH_AT_LEAST_S)
            if lines or self._unstored:
                self._show(lines)
        self._note_ends()
        self._snapshot_some()

    def catch_up(self) -> None:
        """Let the index have what it could not take before; called before reading, so nothing when it lacks nothing."""
        if self._unstored:
            self._show(())

    def annotate(self, group: str, client: str, who: str, ops: Sequence[Op]) -> int:
        """Write annotations; returns how many changed something. They are durable then.

        Raises:
            UsageError: An op is malformed.
            JournalFault: Nothing was acknowledged.
        """
        lines = self._journal.annotate(group, client, who, ops)
        for rid in self._show(lines):
            self.remember(rid)
        return len(lines)

    def undo(self, group: str, client: str, who: str, redo: bool) -> str:
        """Take back or redo; returns it in words, "" when there was nothing.

        Raises:
            JournalFault: Nothing was acknowledged.
        """
        text, lines = self._journal.undo(group, client, who, redo)
        self._show(lines)
        return text

    def remember(self, rid: int) -> None:
        """Keep, soon, what is known of a run in the journal: for the day its files and the index are gone."""
        with self._lock:
            self._to_snapshot[rid] = None

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def _note_ends(self) -> None:
        """Remember the runs that ended since the last look; those that had ended before anybody looked are many."""
        judged = self._store.generations.judged
        if judged == self._looked_at or time.monotonic() < self._next_look:
            return
        self._looked_at, self._next_look = judged, time.monotonic() + ENDS_S
        with self._store.cursor() as cursor:
            alive = living(cursor)
            over = ended(cursor, self._living - alive)
        self._living = alive
        for rid in sorted(over):
            self.remember(rid)

    def _snapshot_some(self) -> None:
        with self._lock:
            rids = list(self._to_snapshot)[:SNAPSHOTS_AT_ONCE]
            for rid in rids:
                del self._to_snapshot[rid]
        for rid in rids:
            self._snapshot(rid)

    def _snapshot(self, rid: int) -> None:
        try:
            with self._store.cursor() as cursor:
                run: dict[str, Json] = json.loads(run_json(cursor, (), rid))
            lines = self._journal.snapshot(run["uid"], {key: run[key] for key in _KEPT})
        except (JournalFault, IndexFault, NotFound, UsageError) as fault:
            # A snapshot is an extra: the run itself is still there, and its next end or annotation tries again.
            LOG.warning("no snapshot of run %s: %s", rid, fault)
            return
        self._store_lines(lines)

    def _show(self, lines: Iterable[Line]) -> frozenset[int]:
        told = tuple(lines)
        rids = self._store_lines(told)
        if rids and any(line.key == STAGE for line in told):
            self._notify(None, None)  # all are measured against the champion
        elif rids:
            self._notify(rids, None)
        if any(line.key == IMPORTED for line in told):
            self._recall()
        return rids

    def _store_lines(self, lines: Iterable[Line]) -> frozenset[int]:
        with self._lock:
            rows = [*self._unstored, *(_row(line) for line in lines)]
            try:
                rids = load_ops(self._store, rows)
            except IndexFault as fault:
                # They are durable in the journal: the index takes them later.
                LOG.warning("annotations wait for the index: %s", fault)
                self._unstored = rows
                return frozenset()
            self._unstored = []
            return rids


def _row(line: Line) -> OpRow:
    return line.id, line.ts, line.who, line.target, line.key, line.value
