"""From files to the ingest: read in order of news, taken piece by piece, committed on the way.

Profile of a new tree of 3,000 Hydra jobs in 15,000 small files, 2.6 s on two cores: the syncing thread takes 2.3 s of CPU,
0.4 of them to walk, 0.55 to ask whose the files are, 0.34 to take what was read (23 us a file), 0.6 to store it (rows of
runs, summaries and what files told 0.12 each, DuckDB's inserts and commits the rest); resolving takes 0.25 in a thread
aside, hearing the worker 0.15 in another, the worker itself 1.6, 0.2 of them its start. Nothing stands out any more: what
helped was to keep the worker from waiting (see `crew`), to store a run once, and to commit half as often.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from threading import Event

from runspect.dataclass import dataclass, field
from runspect.engine.commits import Commits
from runspect.engine.pauses import OnProgress, Pauses
from runspect.engine.pool import INLINE_BYTES, INLINE_FILES, Pool, task_of
from runspect.engine.reading import Piece, Task, read
from runspect.engine.stores import Stores
from runspect.engine.tree import Tree
from runspect.index.ingest import Ingest
from runspect.index.records import STORE, Source, SourceKey
from runspect.model import Problem, Progress
from runspect.readers import reader_named
from runspect.readers.contract import Batch, Cursor

FETCHED_FILES = 200
"""What the index holds of the runs of so many files is loaded together."""
RETRY_S = 0.25
"""A file that is being rewritten may be seen half: it is read again after this long, `RETRIES` times."""
RETRIES = 3
SETTLES_S = 10.0
"""A store that was written so recently is read once more after `RETRY_S`."""
LONGEST_RETRY = 8
"""A database that stays locked is tried again after so many times `RETRY_S` at most."""


class Intake:
    """Mutable, of the syncing thread. Files may be read while others are: in its pauses."""

    def __init__(
        self,
        ingest: Ingest,
        trees: Mapping[str, Tree],
        commits: Commits,
        pauses: Pauses,
        stores: Stores,
        regroup: Callable[[Collection[int]], None],
    ) -> None:
        """`regroup` is called when files of these runs were read: what they told may make two runs one."""
        self._ingest = ingest
        self._trees = trees
        self._commits = commits
        self._pauses = pauses
        self._stores = stores
        self._regroup = regroup
        self._being_read: set[SourceKey] = set()
        self._later: set[SourceKey] = set()
        self._retries: dict[SourceKey, tuple[int, float]] = {}
        self._settled: dict[SourceKey, float] = {}

    def read(
        self,
        sources: Sequence[Source],
        progress: OnProgress | None = None,
        cancel: Event | None = None,
        pool: Pool | None = None,
        *,
        whole: bool = False,
    ) -> None:
        """Read files, newest directories first, and store what they say; first what a `pool` has read early.

        With `whole`, a run is stored once, when all of its files were read.
        """
        wanted = list({source.identity: source for source in sources if source.use == "read"}.values())
        now = [source for source in wanted if source.identity not in self._being_read]
        if self._pauses.nested and (len(now) > INLINE_FILES or sum(map(self._size, now)) > INLINE_BYTES):
            now = []
        if now and self._pauses.nested:
            self._pauses.followed()
        self._later |= {source.identity for source in wanted} - {source.identity for source in now}
        cancel = cancel or Event()
        reading = _Reading(self._newest_first(now), whole)
        self._regroup(self._read(reading, progress, cancel, pool or Pool("", cancel)))
        if not self._pauses.nested:
            self.read_later()

    def read_later(self) -> None:
        """Read what could not be read when it was wanted, and what was seen half, where it is time."""
        now = time.monotonic()
        due = {key for key, (_, when) in self._retries.items() if when <= now}
        self._retries |= {key: (self._retries[key][0], float("inf")) for key in due}
        later = self._later - self._being_read
        self._later -= later
        again = [self._ingest.sources[key] for key in due | later if key in self._ingest.sources]
        if again:
            self.read(again)

    def next_due(self) -> float:
        """When `read_later` is wanted next, in monotonic seconds."""
        return min((when for _, when in self._retries.values()), default=float("inf"))

    def _read(self, reading: _Reading, progress: OnProgress | None, cancel: Event, pool: Pool) -> set[int]:
        """The runs that were told of."""
        sources = reading.sources
        tasks = [self._task(number, source) for number, source in enumerate(sources)]
        own = {source.identity for source in sources}
        self._being_read |= own
        if not self._pauses.nested:
            self._commits.reading_begins()
        try:
            for piece in pool.pieces(tasks, [self._size(source) for source in sources]):
                if piece is not None:
                    self._fetch(reading, piece)
                    self._take(reading, piece)
                self._commit_some(reading, progress)
            for number in reading.unended() if not cancel.is_set() else ():
                # its worker died: go on from what was stored of it
                reading.begun.discard(number)
                reading.held.pop(number, None)
                for piece in read(self._task(number, sources[number])):
                    self._take(reading, piece)
                    self._commit_some(reading, progress)
        finally:
            pool.close()
            self._being_read -= own
            self._stores.forget(sources)
        if self._pauses.nested:
            if sources:
                self._commits.some(reading.rids)
        elif self._ingest.has_changes():
            self._commits.all()
        if progress is not None and tasks:
            progress(Progress("reading", len(reading.ended), len(tasks)))
        return reading.rids

    def _commit_some(self, reading: _Reading, progress: OnProgress | None) -> None:
        if self._stores.is_open():
            return
        if self._pauses.nested:
            if self._commits.crowded():
                self._commits.some(reading.rids)
        elif reading.whole and not self._commits.heavy():
            if self._commits.due_of(reading.done):
                if reading.done:
                    self._commits.complete(reading.done)
                else:  # what is left takes long: its runs are shown as they are
                    self._commits.all()
                    reading.whole = False
                reading.done = set()
                self._tell(reading, progress)
        elif self._commits.due():
            self._commits.all()
            self._tell(reading, progress)
        self._pauses.pause()

    def _tell(self, reading: _Reading, progress: OnProgress | None) -> None:
        if progress is not None:
            progress(Progress("reading", len(reading.ended), len(reading.sources)))

    def _fetch(self, reading: _Reading, piece: Piece) -> None:
        """Have at hand what the index holds of the runs of this file and of those that come after it."""
        if piece.number >= reading.fetched:
            reading.fetched = piece.number + FETCHED_FILES
            coming = reading.sources[piece.number : reading.fetched]
            self._ingest.fetch(source.rid for source in coming if source.rid != STORE)

    def _take(self, reading: _Reading, piece: Piece) -> None:
        source = reading.sources[piece.number]
        if piece.ended:
            reading.end(piece.number)
            self._again_soon(source, piece)
        if self._ingest.sources.get(source.identity) is not source or piece.missing:
            return
        reader = reader_named(source.reader)
        if source.rid == STORE:
            self._take_from_store(reading, source, piece, reader.precision)
            return
        if reader.mode == "replace":
            if piece.batch is not None:
                reading.held.setdefault(piece.number, []).append(piece.batch)
            if piece.ended and not self._take_whole(source, reading.held.pop(piece.number, []), reader.precision):
                return
        else:
            if piece.fresh and piece.number not in reading.begun:
                reading.begun.add(piece.number)
                self._ingest.begin(source)
            if piece.batch is not None:
                self._ingest.put_batch(source, piece.batch, reader.precision)
        if not piece.ended:
            return
        source.size, source.mtime, source.ctime = piece.size, piece.mtime, piece.ctime
        self._ingest.put_source(source)

    def _take_from_store(self, reading: _Reading, store: Source, piece: Piece, precision: int) -> None:
        if piece.batch is not None:
            rid = self._stores.take(store, piece.batch, precision, piece.fresh)
            if rid is not None:
                reading.rids.add(rid)
        if not piece.ended:
            return
        if piece.size < 0:
            self._stores.forget([store])  # reading broke off: nothing is lost that it did not come to tell
        else:
            reading.rids.update(self._stores.end(store))
        store.size, store.mtime, store.ctime = piece.size, piece.mtime, piece.ctime
        self._ingest.put_source(store)

    def _again_soon(self, source: Source, piece: Piece) -> None:
        """A database that its writer holds, or that changed while it was read, is looked at again in a moment."""
        tries = self._retries.get(source.identity, (0, 0.0))[0]
        if piece.busy:
            wait = RETRY_S * min(tries + 1, LONGEST_RETRY)
            self._retries[source.identity] = (tries + 1, time.monotonic() + wait)
            told = [Problem(source.path, None, source.reader, "its writer holds it", "what is shown may be old")]
            self._ingest.put_problems(source.watch, source.path, source.reader, told if tries >= RETRIES else ())
        elif source.rid == STORE:
            self._retries.pop(source.identity, None)
            if tries > RETRIES:
                self._ingest.put_problems(source.watch, source.path, source.reader, ())
            # SQLite's log has a commit before readers are shown it, and nothing tells when they are
            if time.time() - piece.mtime < SETTLES_S and self._settled.get(source.identity) != piece.mtime:
                self._settled[source.identity] = piece.mtime
                self._retries[source.identity] = (0, time.monotonic() + RETRY_S)

    def _take_whole(self, source: Source, batches: list[Batch], precision: int) -> bool:
        """Take a file that is rewritten in place; False when it seems to be half written and is to be read again."""
        broken = any(batch.problems for batch in batches) and not any(batch.points or batch.params for batch in batches)
        if broken and (source.segment is not None or source.size >= 0):
            tries = self._retries.get(source.identity, (0, 0.0))[0] + 1
            if tries <= RETRIES:
                self._retries[source.identity] = (tries, time.monotonic() + RETRY_S)
                return False
            problems = [replace(problem, path=source.path) for batch in batches for problem in batch.problems]
            self._ingest.put_problems(source.watch, source.path, source.reader, problems)
            self._retries.pop(source.identity, None)
            return True
        self._retries.pop(source.identity, None)
        self._ingest.put_whole(source, batches or [Batch(Cursor())], precision)
        return True

    def _newest_first(self, sources: Sequence[Source]) -> list[Source]:
        newest: dict[int, float] = {}
        for source in sources:
            newest[source.rid] = max(newest.get(source.rid, 0.0), self._mtime(source))
        return sorted(sources, key=lambda source: (-newest[source.rid], source.rid, source.path))

    def _task(self, number: int, source: Source) -> Task:
        known = self._trees[source.watch].files.get(source.path)
        if known is None:
            return Task(number, source.reader, source.watch, source.path, source.cursor, -1, -1.0, 0)
        return task_of(number, source.reader, source.watch, source.path, source.cursor, known)

    def _mtime(self, source: Source) -> float:
        known = self._trees[source.watch].files.get(source.path)
        return known.mtime if known is not None else 0.0

    def _size(self, source: Source) -> int:
        known = self._trees[source.watch].files.get(source.path)
        return max(0, known.size - source.cursor.offset) if known is not None else 0


@dataclass(slots=True)
class _Reading:
    """How far a group of files is read."""

    sources: Sequence[Source]
    whole: bool = False
    """Runs are stored once all of their files were read."""
    held: dict[int, list[Batch]] = field(default_factory=dict)
    """Pieces of files that are taken whole."""
    begun: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    fetched: int = 0
    """What is told of the runs of files before this number is at hand."""
    rids: set[int] = field(default_factory=set)
    """Runs that the files tell of; those of stores come while they are read."""
    left: Counter[int] = field(default_factory=Counter)
    """By run, its files that were not read to their end."""
    done: set[int] = field(default_factory=set)
    """Runs without such files that were not stored since."""

    def __post_init__(self) -> None:
        self.left.update(source.rid for source in self.sources)
        self.rids |= self.left.keys()
        self.whole = self.whole and STORE not in self.rids  # a store tells of runs until its end

    def end(self, number: int) -> None:
        """A file was read to its end."""
        self.ended.add(number)
        rid = self.sources[number].rid
        self.left[rid] -= 1
        if not self.left[rid]:
            self.done.add(rid)

    def unended(self) -> list[int]:
        """Numbers of the files whose end did not come."""
        return [number for number in range(len(self.sources)) if number not in self.ended]
