"""All files of all runs, found by themselves, by their path and by their run."""

from __future__ import annotations

from collections.abc import Iterable

from runspect.index.records import STORE, Source, SourceKey


class FileBook:
    """Mutable, of the writing thread."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.sources: dict[SourceKey, Source] = {}
        self._rids: dict[tuple[str, str], set[int]] = {}
        self._files: dict[int, dict[SourceKey, Source]] = {}
        for source in sources:
            self.add(source)

    def add(self, source: Source) -> None:
        """Enter a file; harmless when it is there."""
        key = source.identity
        if self.sources.get(key) is source:
            return
        self.sources[key] = source
        self._rids.setdefault((source.watch, source.path), set()).add(source.rid)
        self._files.setdefault(source.rid, {})[key] = source

    def remove(self, source: Source) -> None:
        """The file is no longer one of its run."""
        self.sources.pop(source.identity, None)
        self._files.get(source.rid, {}).pop(source.identity, None)
        self._rids.get((source.watch, source.path), set()).discard(source.rid)

    def rids(self, watch: str, path: str) -> set[int]:
        """The runs that have the file."""
        return self._rids.get((watch, path), set())

    def owners(self, watch: str, path: str) -> set[int]:
        """The runs whose trouble it is when the file is damaged: a store's is nobody's but its own."""
        rids = self.rids(watch, path)
        return {STORE} if STORE in rids else rids

    def of_run(self, rid: int) -> tuple[Source, ...]:
        """The files of a run."""
        return tuple(self._files.get(rid, {}).values())
