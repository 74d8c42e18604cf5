"""Which ids the runs of the index answer to: a run keeps every one that it ever had."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Set

from runspect import identity
from runspect.engine.folders import Folders
from runspect.engine.run_rows import Home
from runspect.engine.trees import absolute
from runspect.index.ingest import Ingest
from runspect.model import WAS_ID, RunPlan
from runspect.resolve.shelves import Shelved

RECORD = "runspect:"


class Uids:
    """Mutable, of the syncing thread."""

    def __init__(
        self, ingest: Ingest, host: str, homes: Mapping[int, Home], ids: Iterable[tuple[str, int]], folders: Folders
    ) -> None:
        """`homes`: where the runs are; `ids`: (uid, rid), what the runs of the index answer to."""
        self._folders = folders
        self._ingest = ingest
        self._host = host
        self._homes = homes
        self._ids: dict[int, set[str]] = {}
        self._by_uid: dict[str, set[int]] = {}
        for uid, rid in ids:
            self._ids.setdefault(rid, set()).add(uid)
            self._by_uid.setdefault(uid, set()).add(rid)
        self._last_rid = max((*ingest.runs, *self._ids), default=0)

    @property
    def next_rid(self) -> int:
        """What the next new run will be called."""
        return self._last_rid + 1

    def take(self, rids: Iterable[int]) -> None:
        """These are in use."""
        self._last_rid = max((self._last_rid, *rids))

    def new_rid(self) -> int:
        """One that is not in use, and is now."""
        self._last_rid += 1
        return self._last_rid

    def of(self, rid: int) -> Set[str]:
        """What a run answers to."""
        return self._ids.get(rid, frozenset())

    def has_strong(self, rid: int) -> bool:
        """Whether an id says by itself which run it is."""
        return any(map(identity.is_strong, self.of(rid)))

    def holder(self, uid: str) -> int | None:
        """The oldest run that answers to an id."""
        return min(self._by_uid.get(uid, ()), default=None)

    def known_as(self, uid: str, root: str) -> int | None:
        """The run of a root that answers to an id; copies below other roots are runs of theirs."""
        for rid in sorted(self._by_uid.get(uid, ())):
            record, home = self._ingest.runs.get(rid), self._homes.get(rid)
            watch = home.watch if home is not None else record.watch if record is not None else ""
            if watch == root and not (record is not None and record.hidden):
                return rid
        return None

    def learn(self, rid: int, uids: Iterable[str]) -> bool:
        """A run answers to these ids; whether any is new."""
        fresh = identity.lasting(uids) - self._ids.setdefault(rid, set())
        for uid in fresh:
            if uid.startswith(identity.PATH):  # a place is that of one run
                for before in self._by_uid.pop(uid, ()):
                    self._ids[before].discard(uid)
        self._ids[rid] |= fresh
        for uid in fresh:
            self._by_uid.setdefault(uid, set()).add(rid)
        self._ingest.put_ids(rid, sorted(fresh))
        return bool(fresh)

    def disown(self, rid: int, uids: Iterable[str], counted: Container[int]) -> None:
        """What a tool calls a run of a store was an id of the container while it was its only run."""
        for uid in filter(identity.is_strong, uids):
            for before in [each for each in self._by_uid.get(uid, ()) if each != rid and each in counted]:
                self._by_uid[uid].discard(before)
                self._ids[before].discard(uid)

    def of_plan(self, root: str, plan: RunPlan) -> frozenset[str]:
        """Those of its places, and what its files tell."""
        places = {id_ for place, key in identity.places(plan) for id_ in self._place_ids(root, place, key)}
        told = {
            id_
            for part in plan.parts
            if not part.shared
            for source in self._ingest.tellers(root, part.claim.path)
            for id_ in source.told
        }
        return frozenset(places | set(plan.ids)) | identity.lasting(told)

    def of_shelved(self, root: str, each: Shelved) -> frozenset[str]:
        """That of its place in the store, and what the store told."""
        return each.ids | {*self._place_ids(root, each.plan.root, each.plan.key)}

    def main(self, root: str, rid: int, plan: RunPlan) -> str:
        """The id that its tool gave and that is unique, else that of its place."""
        own = [id_ for id_ in self.of(rid) if not id_.startswith((identity.PATH, WAS_ID, *identity.UNSCOPED))]
        if own:  # a record's own lasts, whatever is found to belong to it
            return min(own, key=lambda id_: (not id_.startswith(RECORD), id_))
        return next(self._shared_ids(root, plan.root, plan.key), self.path_id(root, plan.root, plan.key))

    def path_id(self, root: str, place: str, key: str) -> str:
        """The id of a place below a root."""
        return identity.path_id(self._host, absolute(root, place), key)

    def _place_ids(self, root: str, place: str, key: str) -> Iterator[str]:
        """Those of a place: on this host, and in each shared folder around it as seen from here."""
        here = self.path_id(root, place, key)
        yield here
        for shared in self._shared_ids(root, place, key):
            yield identity.seen_from(shared, here)

    def _shared_ids(self, root: str, place: str, key: str) -> Iterator[str]:
        """Those of a place in the shared folders around it, the nearest first: the same on every host."""
        return (name for _, name in self._folders.names(absolute(root, place), key))
