"""Annotations in the engine: first durable in the journal, then in the index, then told to all screens."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from runspect.columns.baseline import KEY as BASELINE
from runspect.columns.stages import KEY as STAGE
from runspect.engine.addressing import Addressing, belongings, counted_in
from runspect.engine.folders import Folders
from runspect.errors import IndexFault, JournalFault, NotFound, UsageError
from runspect.folder import Folder
from runspect.index.annotations import OpRow, exported_value, load_ops
from runspect.index.reads import run_json
from runspect.index.reads.addressed import whereabouts
from runspect.index.reads.living import ended, living
from runspect.index.store import Store
from runspect.journal import HOME, Fault, Journal, Line
from runspect.journal.history import SNAPSHOT
from runspect.model import IMPORTED, Json, Op, Progress

LOG = logging.getLogger("runspect.engine")

REFRESH_S = 1.0
REFRESH_SHARE = 20
"""Looking for other engines' files takes about one part in so many of the time, and happens at least so often:"""
REFRESH_AT_LEAST_S = 5.0
ENDS_S = 2.0
"""Seconds between two looks at which runs have ended, while runs change."""
SNAPSHOTS_AT_ONCE = 20
REFERENCES = (BASELINE, STAGE)
"""Keys that say what other runs are compared with."""
SHARED_AT_ONCE = 100
"""Of an annotation of more runs the snapshots are the user's own: a folder that git keeps should not grow by them."""
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
        folders: Folders | None = None,
        catching_up: Callable[[], bool] = lambda: False,
    ) -> None:
        """`recall` is called when there is news of runs without logs; `catching_up` tells whether logs are being read that
        may be old: runs seem to live then until their end is read."""
        self._catching_up = catching_up
        self._folders = folders or Folders()
        self._folded = -1
        self._store = store
        self._journal = journal
        self._notify = notify
        self._recall = recall
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._unstored: list[OpRow] = []
        self._to_snapshot: dict[int, bool] = {}
        """By run, whether its snapshot is for all who share the folder: one of a run that was annotated is."""
        self._living: frozenset[int] = frozenset()
        self._looked_at = -1
        """Generation of the states that were looked at last."""
        self._next_refresh = self._next_look = 0.0

    @property
    def note(self) -> str:
        """What people should know about where annotations go."""
        return self._journal.note

    @property
    def home(self) -> Path:
        """Where annotations go that no shared folder holds."""
        return self._journal.home

    def refresh(self) -> None:
        """Take in what other engines wrote and what the index could not take before, and keep some snapshots.

        Cheap when called often.
        """
        begun = time.monotonic()
        if begun >= self._next_refresh:
            self.look_again()
            spent = time.monotonic() - begun
            self._next_refresh = begun + spent + min(max(REFRESH_S, spent * REFRESH_SHARE), REFRESH_AT_LEAST_S)
        self._note_ends()
        self._snapshot_some()

    def look_again(self) -> None:
        """Take in what others wrote until now, here and on other hosts."""
        with self._looking:  # who comes second waits until the first one has shown it
            self._folders.poll()
            self._share()
            lines = self._journal.refresh()
            if lines or self._unstored:
                self._show(lines, foreign=True)

    def catch_up(self) -> None:
        """Let the index have what it could not take before; called before reading, so nothing when it lacks nothing."""
        if self._unstored:
            self._show(())

    def annotate(self, group: str, client: str, who: str, ops: Sequence[Op], scope: tuple[str, ...] = ()) -> int:
        """Write annotations; returns how many changed something. They are durable then.

        `scope`: the directories that the client speaks of.

        Raises:
            UsageError: An op is malformed.
            JournalFault: Nothing was acknowledged.
        """
        self._share()
        lines = self._journal.annotate(group, client, who, ops, self._addressing(scope))
        rids = self._show(lines)
        for rid in rids:
            self.remember(rid, shared=len(rids) <= SHARED_AT_ONCE)
        return len(lines)

    def undo(self, group: str, client: str, who: str, redo: bool, scope: tuple[str, ...] = ()) -> str:
        """Take back or redo; returns it in words, "" when there was nothing.

        Raises:
            JournalFault: Nothing was acknowledged.
        """
        self._share()
        text, lines = self._journal.undo(group, client, who, redo, self._addressing(scope), self._exported)
        self._show(lines)
        return text

    def _exported(self, target: str, key: str) -> Json:
        with self._store.cursor() as cursor:
            return exported_value(cursor, target, key)

    def faults(self, scope: Sequence[str]) -> list[tuple[Folder, Fault]]:
        """What does not count in the shared folders around and below some directories; () is all."""
        folders = [
            folder for folder in self._folders.all() if not scope or any(_meet(folder.base, each) for each in scope)
        ]
        return [(folder, fault) for folder in folders for fault in self._journal.faults(folder.base)]

    def take_along(self, base: str) -> int:
        """Copy into the shared folder of a directory what the user's own journal says of its runs; returns how much.

        Raises:
            JournalFault: It could not be written.
        """
        self._share()
        with self._store.cursor() as cursor:
            targets = belongings(cursor, base, self._folders)
        lines = self._journal.take_along(base, targets, lambda line: line.key != SNAPSHOT)
        self._store_lines(lines)
        return len(lines)

    def waiting_at_home(self, base: str) -> int:
        """How much `take_along` would copy."""
        self._share()
        with self._store.cursor() as cursor:
            targets = belongings(cursor, base, self._folders)
        return self._journal.to_take_along(base, targets, lambda line: line.key != SNAPSHOT)

    def remember(self, rid: int, *, shared: bool = False) -> None:
        """Keep, soon, what is known of a run in the journal: for the day its files and the index are gone.

        `shared`: in the shared folder, where there is one. What merely ended is no news to those who watch it as well.
        """
        with self._lock:
            self._to_snapshot[rid] = shared or self._to_snapshot.get(rid, False)

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def _note_ends(self) -> None:
        """Remember the runs that ended since the last look; those that had ended before anybody looked are many."""
        judged = self._store.generations.judged
        if judged == self._looked_at or time.monotonic() < self._next_look or self._catching_up():
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
            rids = {rid: self._to_snapshot[rid] for rid in list(self._to_snapshot)[:SNAPSHOTS_AT_ONCE]}
            for rid in rids:
                del self._to_snapshot[rid]
        for rid, shared in rids.items():
            self._snapshot(rid, shared)

    def _addressing(self, scope: tuple[str, ...]) -> Addressing:
        return Addressing(self._store, self._folders, scope)

    def _share(self) -> None:
        """Let the journal know the folders that there are."""
        if self._folded != self._folders.version:
            self._folded = self._folders.version
            self._journal.share(self._folders.all())

    def _snapshot(self, rid: int, shared: bool) -> None:
        try:
            with self._store.cursor() as cursor:
                run: dict[str, Json] = json.loads(run_json(cursor, (), rid))
                places = whereabouts(cursor, [run["uid"]]).get(run["uid"], ()) if shared else ()
            # where others would take it for another run that is gone it must not lie: a name that their index knows
            found = (counted_in(self._folders, place) for place in places if place.rid == rid)
            base, uid = next(found, (HOME, run["uid"]))
            lines = self._journal.snapshot(uid, {**{key: run[key] for key in _KEPT}, "uid": uid}, base)
        except (JournalFault, IndexFault, NotFound, UsageError) as fault:
            # A snapshot is an extra: the run itself is still there, and its next end or annotation tries again.
            LOG.warning("no snapshot of run %s: %s", rid, fault)
            return
        self._store_lines(lines)

    def _show(self, lines: Iterable[Line], *, foreign: bool = False) -> frozenset[int]:
        told = tuple(lines)
        rids = self._store_lines(told)
        if any(line.key in REFERENCES for line in told):
            self._notify(None, None)  # all are measured against them
        elif rids:
            self._notify(rids, None)
        if any(line.key == IMPORTED or (foreign and line.key == SNAPSHOT) for line in told):
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


def _meet(one: str, other: str) -> bool:
    """Whether one directory holds the other."""
    return f"{one.rstrip('/')}/".startswith(f"{other.rstrip('/')}/") or f"{other.rstrip('/')}/".startswith(
        f"{one.rstrip('/')}/"
    )


def _row(line: Line) -> OpRow:
    return line.id, line.ts, line.who, line.target, line.key, line.value
