"""Records whose programs logged below another watched directory: the runs there are their children.

Runs are made up of files of one tree alone, so nothing folds over its edge: the record stays a row, and so does the log,
with the record as its parent. That is so only where it is sure: the record saw the file open, and no other record did, or
the log bears the record's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from runspect.engine.claim_text import claim_from
from runspect.engine.trees import absolute, inside
from runspect.engine.uids import RECORD, Uids
from runspect.index.ingest import Ingest
from runspect.index.reads.scope import fetch
from runspect.index.store import Store
from runspect.model import Claim, RunPlan


class Elsewhere:
    """Mutable, of the syncing thread."""

    def __init__(self, store: Store, ingest: Ingest, uids: Uids) -> None:
        self._store = store
        self._ingest = ingest
        self._uids = uids
        self._away: dict[str, dict[str, frozenset[str]]] | None = None
        """Per watch, the absolute path of a file outside of it → the roots of the records that wrote it."""
        self._ids: dict[str, tuple[str, str]] = {}
        """Id of a record → its watch and root."""
        self._names: dict[tuple[str, str], str] = {}
        """The reverse."""
        self._marks: dict[int, str] = {}
        """Run → the id of the record that its log bears."""

    def take(self, watch: str, records: Sequence[Claim], marks: Mapping[int, str]) -> set[str]:
        """The records of a watch, and the marks on its runs, are these now; watches in which runs may have other parents."""
        away = self._known()
        before, now = away.get(watch, {}), _away(records)
        away[watch] = now
        self._marks |= marks
        ids = {record.hint("record"): (watch, record.root) for record in records if record.hint("record")}
        fresh = {id_ for id_, place in ids.items() if self._ids.get(id_) != place}
        self._ids |= ids
        self._names |= {place: id_ for id_, place in ids.items()}
        changed = {path for path in (*before, *now) if before.get(path) != now.get(path)}
        runs = self._ingest.runs
        marked = {runs[rid].watch for rid, id_ in self._marks.items() if id_ in fresh and rid in runs}
        watches = {run.watch for run in runs.values()} if changed else set[str]()
        return (marked | {each for each in watches if any(inside(path, each) for path in changed)}) - {watch}

    def parent(self, watch: str, rid: int, plan: RunPlan) -> str | None:
        """The uid of the record in another watch that a run belongs to."""
        if (id_ := self._marks.get(rid)) is not None:
            return f"{RECORD}{id_}" if self._is_elsewhere(watch, id_) else None
        places = set(self._writers(watch, plan))
        if len(places) != 1 or (watch, plan.root) in places:
            return None
        place = places.pop()
        if place[0] == watch:
            return None
        if (named := self._names.get(place)) is not None:
            return f"{RECORD}{named}"
        return next(
            (run.uid for run in self._ingest.runs.values() if (run.watch, run.path, run.key) == (*place, "")), None
        )

    def _is_elsewhere(self, watch: str, id_: str) -> bool:
        if id_ in self._ids:
            return self._ids[id_][0] != watch
        known = self._ingest.runs.get(self._uids.holder(f"{RECORD}{id_}") or -1)
        return known is not None and known.watch != watch and not known.hidden

    def _writers(self, watch: str, plan: RunPlan) -> Iterable[tuple[str, str]]:
        others = [(other, told) for other, told in self._known().items() if other != watch and told]
        for path in (
            [absolute(watch, part.claim.path) for part in plan.parts if part.claim.kind == "series"] if others else ()
        ):
            for other, told in others:
                yield from ((other, root) for root in told.get(path, ()))

    def _known(self) -> dict[str, dict[str, frozenset[str]]]:
        if self._away is None:
            with self._store.cursor() as cursor:
                rows = fetch(cursor, "SELECT watch, claim FROM claims_now WHERE contains(claim, '\"away\"')")
            claims: dict[str, list[Claim]] = {}
            for watch, text in rows:
                if (claim := claim_from(text)) is not None:
                    claims.setdefault(watch, []).append(claim)
            self._away = {watch: _away(records) for watch, records in claims.items()}
            for watch, records in claims.items():
                for record in records:
                    if id_ := record.hint("record"):
                        self._ids[id_] = (watch, record.root)
                        self._names[watch, record.root] = id_
        return self._away


def _away(records: Iterable[Claim]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for record in records:
        for path in filter(None, record.hint("away").split("\n")):
            found.setdefault(path, set()).add(record.root)
    return {path: frozenset(roots) for path, roots in found.items()}
