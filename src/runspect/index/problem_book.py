"""All problems, by the file and the reader that found them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runspect.index.waiting import ProblemKey, Row
from runspect.model import Problem

COLUMNS = ("watch", "rid", "path", "reader", "offset_bytes", "what", "effect", "live")
PER_FILE = 100


class ProblemBook:
    """Mutable, of the writing thread."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """`rows`: (watch, path, reader, offset, what, effect) as they are stored."""
        self._held: dict[ProblemKey, list[Problem]] = {}
        self._by_file: dict[tuple[str, str], set[str]] = {}
        for watch, path, reader, offset, what, effect in rows:
            self._enter(
                (watch, path, reader), [*self.of((watch, path, reader)), Problem(path, offset, reader, what, effect)]
            )

    def of(self, key: ProblemKey) -> list[Problem]:
        """What is known of a file."""
        return self._held.get(key, [])

    def put(self, key: ProblemKey, problems: Sequence[Problem], more: bool) -> bool:
        """All problems of a file, or `more` of them; whether anything changed."""
        if not problems and (more or key not in self._held):
            return False  # nearly all files
        held = self.of(key) if more else []
        wanted = [*held, *(problem for problem in problems if problem not in held)][:PER_FILE]
        if wanted == self.of(key):
            return False
        self._enter(key, wanted)
        return True

    def keys(self, watch: str, reader: str | None = None) -> list[ProblemKey]:
        """Where a watch has problems, of one reader or of all."""
        return [key for key in self._held if key[0] == watch and reader in (None, key[2])]

    def count(self, watch: str, path: str) -> int:
        """How many problems a file has."""
        if (watch, path) not in self._by_file:
            return 0
        return sum(len(self._held[watch, path, reader]) for reader in self._by_file.get((watch, path), ()))

    def rows(self, key: ProblemKey, rid: int | None) -> list[Row]:
        """Rows of `problems` for a file of the run `rid`, or of none."""
        watch, path, reader = key
        listed = self.of(key)
        rows: list[Row] = [(watch, rid, path, reader, p.offset, p.what, p.effect, True) for p in listed]
        return rows or [(watch, rid, path, reader, None, None, None, False)]

    def _enter(self, key: ProblemKey, wanted: list[Problem]) -> None:
        readers = self._by_file.setdefault(key[:2], set())
        if wanted:
            self._held[key] = wanted
            readers.add(key[2])
        else:
            self._held.pop(key, None)
            readers.discard(key[2])
