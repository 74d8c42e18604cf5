"""Files that hold many runs: for which run a piece of one is, and which runs a store is known to hold.

A store itself is a `Source` of no run, whose cursor counts; each of its runs has a `row` of it, a source that is never
read by itself. What a store told of its runs is stored in one transaction with its cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from runspect.dataclass import dataclass
from runspect.engine.census import Census
from runspect.engine.run_rows import Home
from runspect.engine.shelves import Shelves
from runspect.engine.tree import Tree
from runspect.index.ingest import Ingest
from runspect.index.records import LOST, STORE, Source, SourceKey
from runspect.model import Claim
from runspect.readers.contract import Batch, Cursor


@dataclass(slots=True)
class _Open:
    """A store that is being read."""

    rows: dict[str, Source]
    """Its runs by their keys."""
    untold: set[str]
    """Of a store that is read from its beginning: runs that it did not tell of yet."""
    begun: bool = False
    damaged: bool = False
    """Something of it could not be read: what it did not tell may be there all the same."""
    more: bool = False
    """What was taken belongs to a cursor that did not come yet."""
    grown: bool = False
    """It tells of runs that it was not known to hold."""


class Stores:
    """Mutable, of the syncing thread."""

    def __init__(
        self,
        ingest: Ingest,
        homes: Mapping[int, Home],
        trees: Mapping[str, Tree],
        census: Census,
        shelves: Shelves,
    ) -> None:
        self._ingest = ingest
        self._homes = homes
        self._trees = trees
        self._census = census
        self._shelves = shelves
        self._open: dict[SourceKey, _Open] = {}
        self._unplaced: set[SourceKey] = set()
        self._doubled: set[str] = set()

    def take(self, store: Source, batch: Batch, precision: int, fresh: bool) -> int | None:
        """Take a piece of a store, which is `fresh` when it is read from its beginning; the run that it tells of, if any.

        What is told anew takes the place of what was told before; until then that stays.
        """
        opened = self._open.get(store.identity) or self._begin(store)
        if (batch.restart or fresh) and not opened.begun:
            opened.begun = True
            opened.untold = {key for key, row in opened.rows.items() if row.use == "row"}
            batch = replace(batch, restart=True)
        opened.more = batch.more
        opened.damaged = opened.damaged or bool(batch.problems)
        row = self._row(store, opened, batch) if batch.run else None
        if row is not None:
            self._tell(row, replace(batch, cursor=Cursor(), problems=()), precision, anew=batch.run in opened.untold)
            opened.untold.discard(batch.run)
        self._ingest.put_store(store, batch)
        return row.rid if row is not None else None

    def _tell(self, row: Source, batch: Batch, precision: int, anew: bool) -> None:
        if batch.whole:
            self._ingest.put_whole(row, [batch], precision)
            return
        if anew:
            self._ingest.begin(row)
        self._ingest.put_batch(row, batch, precision)

    def end(self, store: Source) -> list[int]:
        """The store is read; the runs that it no longer holds."""
        opened = self._open.pop(store.identity, None)
        if opened is None:
            return []
        untold = [opened.rows[key] for key in sorted(opened.untold)] if not opened.damaged else []
        for row in untold:
            if len(self._ingest.files_of(row.rid)) > 1:
                self._ingest.retire(row)
            else:
                row.use = LOST
                self._ingest.put_source(row)
                self._census.lose(row.rid)
        if opened.grown:
            self._census.share(self._trees[store.watch])
        if untold and self._shelves.shelters(store.watch, self._claim(store), -len(untold)):
            self._doubled.add(store.watch)
        return [row.rid for row in untold]

    def forget(self, stores: Iterable[Source]) -> None:
        """Reading these was broken off."""
        for store in stores:
            self._open.pop(store.identity, None)

    def is_open(self) -> bool:
        """Whether something was taken that may not be stored before what follows it."""
        return any(opened.more for opened in self._open.values())

    def unplaced(self, root: str) -> list[Source]:
        """Stores that spoke of directories in which there was no run; they are to be read again when there are new ones."""
        keys = {key for key in self._unplaced if key[0] == root}
        self._unplaced -= keys
        again = [self._ingest.sources[key] for key in sorted(keys) if key in self._ingest.sources]
        for store in again:
            store.cursor, store.size = Cursor(), -1
        return again

    def doubled(self) -> set[str]:
        """Roots in which a store turned out to hold runs that another one tells of, or not to be a container's only run
        any more: whose they are is to be decided."""
        roots = self._doubled - {watch for watch, _, _ in self._open}
        self._doubled -= roots
        return roots

    # ---------------------------------------------------------------- within

    def _begin(self, store: Source) -> _Open:
        rows = [row for row in self._ingest.tellers(store.watch, store.path) if row.rid != STORE]
        opened = self._open[store.identity] = _Open({self._key(store, row): row for row in rows}, set())
        return opened

    def _key(self, store: Source, row: Source) -> str:
        if row.key:
            return row.key
        home = self._homes.get(row.rid)
        if home is not None and not home.plan.key and home.plan.root != self._claim(store).root:
            return "/" + _below(home.plan.root, self._claim(store).root)
        return self._ingest.runs[row.rid].key

    def _claim(self, store: Source) -> Claim:
        claim = self._trees[store.watch].files[store.path].claim
        assert claim is not None
        return claim

    def _row(self, store: Source, opened: _Open, batch: Batch) -> Source | None:
        """The run's row of the store; None where its place has no run, or where another copy of the store tells of it."""
        row = opened.rows.get(batch.run)
        if row is None or row.use == LOST:
            claim = self._claim(store)
            if batch.run.startswith("/"):
                rid = self._shelves.at(store.watch, _joined(claim.root, batch.run[1:]))
                use = "row"
            else:
                rid, use = self._shelves.admit(store.watch, claim, batch.run, batch.ids)
                if self._shelves.shelters(store.watch, claim, 1):
                    self._doubled.add(store.watch)
            if rid is None:
                self._unplaced.add(store.identity)
                return None
            if row is not None and row.rid == rid:
                self._ingest.begin(row)  # it is there again
            else:
                row = opened.rows[batch.run] = Source(store.watch, store.path, rid, store.reader)
                opened.grown = True
            row.use = use
            if use == "also_in":
                # what it is called here, should this be the only place that is left
                row.key, row.told = batch.run, batch.ids
                self._doubled.add(store.watch)
            known = self._trees[store.watch].files[store.path]
            row.size, row.mtime, row.ctime = known.size, known.mtime, known.ctime
            self._ingest.put_source(row)
        return row if row.use == "row" else None


def _below(path: str, root: str) -> str:
    return path if root == "." else path.removeprefix(root).lstrip("/")


def _joined(root: str, path: str) -> str:
    return path if root == "." else f"{root}/{path}".rstrip("/")
