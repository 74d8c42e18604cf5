"""What is told of the runs in use, at hand; the rest is loaded from the index when it is asked for."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping

from runspect.index import run_data
from runspect.index.file_book import FileBook
from runspect.index.reads.scope import fetch
from runspect.index.records import RunRecord
from runspect.index.run_data import RunData
from runspect.index.store import Store
from runspect.model import Json

RUNS_IN_MEMORY = 400
"""Runs whose params, facts and summaries stay at hand after their changes are stored."""


class RunMemory:
    """Mutable, of the writing thread."""

    def __init__(self, store: Store, runs: Mapping[int, RunRecord], files: FileBook) -> None:
        self._store = store
        self._runs = runs
        self._files = files
        self._data: OrderedDict[int, RunData] = OrderedDict()
        self._stored = set(runs)
        self._blank = set[int]()  # runs of which nothing but their row is stored

    def get(self, rid: int) -> RunData:
        """What is told of a run."""
        if rid not in self._data:
            self.fetch((rid,))
        self._data.move_to_end(rid)
        return self._data[rid]

    def at_hand(self, rid: int) -> RunData | None:
        """What is told of a run, if it need not be loaded."""
        return self._data.get(rid)

    def fetch(self, rids: Iterable[int]) -> None:
        """Have these runs at hand, loaded together where that is needed."""
        missing = [rid for rid in dict.fromkeys(rids) if rid not in self._data]
        blank = [rid for rid in missing if rid in self._blank or rid not in self._stored]
        self._stored |= set(blank)
        self._blank -= set(blank)
        self._data |= {rid: RunData(rid) for rid in blank}
        wanted = {
            rid: {source.path: source for source in self._files.of_run(rid)} for rid in missing if rid not in self._data
        }
        if not wanted:
            return
        with self._store.cursor() as cursor:
            loaded = run_data.load(cursor, wanted)
        for rid, data in loaded.items():
            record = self._runs.get(rid)
            if record is not None:
                data.newest_record, data.cadence = record.evidence.newest_record, record.evidence.cadence_s
                data.first_record = record.started
        self._data |= loaded

    def words(self, facts: Collection[str]) -> dict[int, dict[str, Json]]:
        """Some facts of all stored runs, by name; those without them are left out."""
        found: dict[int, dict[str, Json]] = {}
        with self._store.cursor() as cursor:
            rows = fetch(
                cursor,
                "SELECT rid, name, val FROM facts_now WHERE name IN (SELECT unnest(?::VARCHAR[]))",
                (list(facts),),
            )
        for rid, name, val in rows:
            found.setdefault(rid, {})[name] = json.loads(val)
        return found

    def told_by_file(
        self, facts: Collection[str], paths: Collection[str] | None = None
    ) -> dict[tuple[int, str], dict[str, Json]]:
        """(rid, path) → some facts as each file, or some `paths`, of a stored run tells them, whichever of them count."""
        found: dict[tuple[int, str], dict[str, Json]] = {}
        with self._store.cursor() as cursor:
            rows = fetch(
                cursor,
                "SELECT f.rid, f.source, f.name, f.val FROM facts f "
                "JOIN (SELECT rid, max(upd) AS upd FROM facts GROUP BY rid) newest USING (rid, upd) "
                "WHERE f.name IN (SELECT unnest(?::VARCHAR[])) "
                "AND (? OR f.source IN (SELECT unnest(?::VARCHAR[])))",
                (list(facts), paths is None, list(paths or ())),
            )
        for rid, path, name, val in rows:
            found.setdefault((rid, path), {})[name] = json.loads(val)
        return found

    def trim(self, keep: Collection[int]) -> None:
        """Let go of those that were not used for longest, but of none in `keep`."""
        for rid in list(self._data):
            if len(self._data) <= RUNS_IN_MEMORY:
                break
            if rid not in keep:
                data = self._data.pop(rid)
                if not data.told and not data.segments and not data.series:
                    self._blank.add(rid)
