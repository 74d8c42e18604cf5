"""What the writing thread knows of the index without asking it: runs, files, metrics, problems, artifacts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from runspect.index import records, series_rows
from runspect.index.file_book import FileBook
from runspect.index.problem_book import ProblemBook
from runspect.index.reads.scope import Cursor, fetch
from runspect.index.records import Segment, Source
from runspect.index.run_data import RunData
from runspect.index.run_memory import RunMemory
from runspect.index.store import Store
from runspect.index.waiting import ProblemKey
from runspect.index.writing import load_artifacts
from runspect.readers.contract import Batch


class Ledger:
    """The index as it will be when what waits is stored; mutable, of the writing thread."""

    def __init__(self, store: Store) -> None:
        with store.cursor() as cursor:
            self._load(cursor)
        self.memory = RunMemory(store, self.runs, self.files)
        self.stale: series_rows.Stale = {}

    def _load(self, cursor: Cursor) -> None:
        self.runs = records.load_runs(cursor)
        self.files = FileBook(records.load_sources(cursor).values())
        self.names: dict[int, str] = dict(fetch(cursor, "SELECT mid, name FROM metrics"))
        self.mids = {name: mid for mid, name in self.names.items()}
        self.last_segment = int(fetch(cursor, "SELECT coalesce(max(segment), 0) FROM segments")[0][0])
        self.artifacts = load_artifacts(cursor)
        self.problems = ProblemBook(
            fetch(cursor, "SELECT watch, path, reader, offset_bytes, what, effect FROM problems_now")
        )

    def new_metric(self, name: str) -> int:
        """Give a metric its number."""
        mid = self.mids[name] = len(self.mids) + 1
        self.names[mid] = name
        return mid

    def segment(self, data: RunData, source: Source, batch: Batch, precision: int) -> tuple[Segment, bool]:
        """The segment of the file that a batch continues, and whether it is new or tells more of its writer."""
        known = data.segments.get(source.segment) if source.segment is not None else None
        if known is None:
            self.last_segment += 1
            number = source.segment = self.last_segment
            known = Segment(number, data.rid, source.path, source.generation, source.reader, precision)
        wanted = known
        if batch.writer_start is not None or batch.purge_from is not None:
            wanted = replace(
                known,
                writer_start=batch.writer_start if batch.writer_start is not None else known.writer_start,
                purge_from=batch.purge_from if batch.purge_from is not None else known.purge_from,
            )
        changed = wanted != data.segments.get(wanted.segment)
        if changed:
            data.segments[wanted.segment] = wanted
            if wanted.purge_from is not None:
                series_rows.void(data)
        return wanted, changed

    def problem_count(self, rid: int) -> int:
        """How many problems the files of a run have."""
        own = (source for source in self.files.of_run(rid) if not source.is_store)
        return sum(self.problems.count(source.watch, source.path) for source in own)

    def first_teller(self, key: ProblemKey) -> int | None:
        """The run under which the problems of a file are listed."""
        return min(self.files.owners(*key[:2]), default=None)

    def concerning(self, keys: Iterable[ProblemKey], rids: Iterable[int]) -> set[ProblemKey]:
        """Of some problems, those of files of these runs."""
        wanted = set(rids)
        return {key for key in keys if not wanted.isdisjoint(self.files.owners(*key[:2]))}
