"""How the runs of a scope do against the champion, the baseline and the best before them, as far as it stands from before."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runspect.columns import Lens
from runspect.columns.versus import Part
from runspect.dataclass import dataclass
from runspect.index import reads
from runspect.model import Json

if TYPE_CHECKING:
    from runspect.engine.requests import Requests

MOST_SCOPES = 8
"""Scopes whose values are kept."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What was found of a scope."""

    found: reads.Ground
    generation: int
    values: reads.Values
    records: reads.Records
    """What was found over these values."""


class Comparer:
    """What was found of each scope; mutable, thread-safe.

    What runs are compared with is found again when runs come, end or are annotated, values only of runs that were written to.
    """

    def __init__(self, engine: Requests) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._held: dict[Hashable, _Held] = {}

    def comparing(self, cursor: Any, scope: reads.Scope, lens: Lens, stamp: Hashable) -> reads.Comparing:
        """The comparisons of a scope as it is now; `stamp` is another one when the policies changed."""
        engine, parts = self._engine, self._engine.core.parts()
        store, generations = parts.store, parts.store.generations
        key = ("ground", stamp, *scope)

        def hashes(cursor: Any, rids: Sequence[int], *which: Any) -> Mapping[int, tuple[int, int]]:
            listed = hash(tuple(rids))  # a baseline elsewhere may be among them since somebody said so
            return store.remembered(
                ("hashes", stamp, *scope),
                lambda: reads.config_hashes(cursor, rids, *which),
                lambda: hash((generations.logged, listed)),
            )

        found = store.remembered(
            key,
            lambda: reads.ground(cursor, scope, engine.names, lens, engine.called, hashes=hashes),
            lambda: generations.ordered,
        )
        generation = store.generation
        with self._lock:
            held = self._held.pop(key, None)
        if held is not None and held.found is found:
            since = held.generation
            changed = [] if generation == since else [rid for rid in found.unit_of if generations.of_run(rid) > since]
            values = reads.renewed(cursor, found, held.values, changed, parts.kept.runs)
            records = held.records if values is held.values else reads.Records()
        else:
            values, records = reads.measured(cursor, found), reads.Records()
        with self._lock:
            self._held[key] = _Held(found, generation, values, records)
            while len(self._held) > MOST_SCOPES:
                del self._held[next(iter(self._held))]
        return reads.Comparing(cursor, found, values, parts.kept.runs, parts.kept.curves, records)


class Later:
    """`columns.versus.Comparisons` that are found when somebody asks; of one request."""

    def __init__(self, comparer: Comparer, cursor: Any, scope: reads.Scope, lens: Lens, stamp: Hashable) -> None:
        self._comparer, self._asked = comparer, (cursor, scope, lens, stamp)
        self._found: reads.Comparing | None = None

    @property
    def comparing(self) -> reads.Comparing:
        """All of them."""
        if self._found is None:
            self._found = self._comparer.comparing(*self._asked)
        return self._found

    def part(self, rid: int, part: Part) -> Json:
        """One part of one run."""
        return self.comparing.part(rid, part)

    def by_run(self, part: Part) -> Mapping[int, Json]:
        """One part of all runs that have it."""
        return self.comparing.by_run(part)

    @property
    def has_noise(self) -> bool:
        """Whether some config was run with seeds enough to tell what they make."""
        return self.comparing.has_noise
