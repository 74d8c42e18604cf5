"""The one DuckDB file: read by many threads, written by one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar, cast

import duckdb

from runspect.errors import IndexFault
from runspect.index import compaction
from runspect.index.faults import first_line, index_fault, is_broken
from runspect.index.generations import Change, Generations
from runspect.index.opening import MEMORY_LIMIT, THREADS, connect, move_aside, schema_hash, schema_of

T = TypeVar("T")

MOST_ANSWERS = 64
"""Answers that are remembered at most."""
VERSIONED = (
    "runs",
    "ids",
    "cfg",
    "facts",
    "segments",
    "series",
    "outlines",
    "artifacts",
    "sources",
    "claims",
    "problems",
    "watches",
)
"""Tables whose rows carry `upd`."""


class Store:
    """Owns the connection to the index. One writer at a time; readers each take a cursor of their own thread."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, note: str) -> None:
        self.path = path
        self.note = note
        """One line about what happened to the index when it was opened; "" when nothing did."""
        self.drops = 0
        """How often points were dropped: rows of `points` may stand in other places since."""
        self._identity = _identity(path)
        self._connection = connection
        self._writer = connection.cursor()
        self._lock = threading.RLock()
        self._open = True
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._cursors_lock = threading.Lock()
        self._upd = _highest_upd(self._writer)
        self.generations = Generations(self._upd)
        self._change: Change | None = None
        self._answers: dict[Hashable, tuple[int, object]] = {}

    @classmethod
    def open(cls, path: Path, *, memory_limit: str = MEMORY_LIMIT, threads: int = THREADS) -> Store:
        """Open or create the index at `path`, whose directory must exist.

        A file that is corrupt or was made with another schema is moved aside and made anew; `note` says so.

        Raises:
            IndexFault: Locked, full, forbidden or out of memory; the file is left as it is.
        """
        try:
            connection = connect(path, memory_limit, threads)
        except duckdb.Error as error:
            if not is_broken(error):
                raise index_fault(path, error) from error
            note = move_aside(path, f"the index was unreadable ({first_line(error)})")
            return cls._anew(path, memory_limit, threads, note)
        if schema_of(connection) in (None, schema_hash()):
            return cls(path, connection, "")
        connection.close()
        note = move_aside(path, "the index was made by another version of runspect")
        return cls._anew(path, memory_limit, threads, note)

    @classmethod
    def _anew(cls, path: Path, memory_limit: str, threads: int, note: str) -> Store:
        try:
            return cls(path, connect(path, memory_limit, threads), note)
        except duckdb.Error as error:
            raise index_fault(path, error) from error

    def stands(self) -> bool:
        """Whether the file at the path is still the one that was opened; false when it was removed or replaced."""
        return self._identity is not None and _identity(self.path) == self._identity

    @property
    def generation(self) -> int:
        """Grows with every committed write."""
        return self._upd

    def remembered(self, question: Hashable, answer: Callable[[], T], newest: Callable[[], int] | None = None) -> T:
        """`answer()`, or what it was the last time as long as the generation `newest()` stands; safe from any thread.

        Without `newest` every write is another generation.
        """
        generation_of = newest or (lambda: self._upd)
        generation = generation_of()
        with self._cursors_lock:
            held = self._answers.get(question)
        if held is not None and held[0] == generation:
            return cast(T, held[1])
        found = answer()
        with self._cursors_lock:
            # what was written meanwhile may be missing in it
            if generation_of() == generation:
                if len(self._answers) >= MOST_ANSWERS:
                    self._answers.clear()
                self._answers[question] = (generation, found)
        return found

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A reading cursor; use it in one thread and fetch all of each result.

        Raises:
            IndexFault: The store is closed.
        """
        with self._cursors_lock:
            if not self._open:
                raise IndexFault("the index is closed")
            cursor = self._connection.cursor()
            self._cursors.add(cursor)
        try:
            yield cursor
        finally:
            with self._cursors_lock:
                self._cursors.discard(cursor)
            cursor.close()

    @contextmanager
    def writing(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """One transaction: yields the writing cursor and the `upd` of its rows; commits at the end, or takes all back.

        Raises:
            IndexFault: The transaction could not be written; the file is left alone and nothing of it is stored.
        """
        with self._lock:
            if not self._open:
                raise IndexFault("the index is closed")
            if not self.stands():
                raise IndexFault(f"the index {self.path} was removed or replaced")
            upd = self._upd + 1
            self._change = None
            try:
                self._writer.execute("BEGIN")
                yield self._writer, upd
                self._writer.execute("COMMIT")
            except duckdb.Error as error:
                self._rollback()
                raise index_fault(self.path, error) from error
            except BaseException:
                self._rollback()
                raise
            self._upd = upd
            self.generations.note(upd, self._change)

    def narrow(self, change: Change) -> None:
        """Say what the transaction under way changes; without this it counts as having changed anything."""
        self._change = change

    def _rollback(self) -> None:
        with suppress(duckdb.Error):
            self._writer.execute("ROLLBACK")

    def compact(self) -> tuple[str, ...]:
        """Drop superseded rows where they outnumber the living; the tables that were rewritten."""
        with self.writing() as (cursor, _):
            self.narrow(Change())
            rewritten = compaction.compact(cursor)
        if rewritten:
            self.checkpoint()
        return rewritten

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file; does nothing where a reader is in the way."""
        with self._lock, suppress(duckdb.TransactionException, duckdb.IOException):
            if self._open and self.stands():
                self._writer.execute("CHECKPOINT")

    def close(self) -> None:
        """Close every cursor and the file, its log folded in if it is still there. Harmless when closed already."""
        with self._lock:
            was_open = self._open
            with self._cursors_lock:
                self._open = False
                cursors, self._cursors = self._cursors, set()
            for cursor in cursors:
                with suppress(duckdb.Error):
                    cursor.interrupt()
                    cursor.close()
            if was_open and self.stands():
                with suppress(duckdb.Error):
                    self._writer.execute("CHECKPOINT")
            with suppress(duckdb.Error):
                self._writer.close()
            with suppress(duckdb.Error):
                self._connection.close()


def _highest_upd(cursor: duckdb.DuckDBPyConnection) -> int:
    newest = " UNION ALL ".join(f"SELECT max(upd) AS upd FROM {table}" for table in VERSIONED)
    return int(cursor.execute(f"SELECT coalesce(max(upd), 0) FROM ({newest})").fetchall()[0][0])


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at a path. Looking is harmless to DuckDB's lock; opening and closing the file is not."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
