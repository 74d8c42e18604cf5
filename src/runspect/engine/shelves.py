"""Runs that lie in stores: which ones a store is known to hold, where they belong, and the cursors of the stores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from runspect import identity
from runspect.engine.file_roles import differs
from runspect.engine.hearing import Hearing
from runspect.engine.run_rows import Home
from runspect.engine.tree import Tree
from runspect.engine.uids import Uids
from runspect.index.ingest import Ingest
from runspect.index.records import LOST, STORE, Source
from runspect.model import Claim, Part, RunPlan
from runspect.resolve.shelves import Furnished, Shelved, container_of, is_container


class Shelves:
    """Mutable, of the syncing thread."""

    def __init__(self, ingest: Ingest, homes: dict[int, Home], uids: Uids, hearing: Hearing) -> None:
        """`homes`: where the runs are; runs that a store tells of for the first time are put there."""
        self._ingest = ingest
        self._homes = homes
        self._uids = uids
        self._hearing = hearing
        self._containers: dict[str, dict[str, int]] = {}
        """Per watch, the roots of Hydra jobs and the like, and how many runs of stores each holds."""

    def furnished(self, root: str, furnished: Furnished) -> None:
        """The runs of a watch, and which of them lie in stores, are these now."""
        held = Counter(each.plan.parent for each in furnished.shelved)
        self._containers[root] = {
            plan.root: held[plan.root] + len(furnished.taken.get(index, ()))
            for index, plan in enumerate(furnished.runs)
            if is_container(plan)
        }

    def admit(self, root: str, claim: Claim, key: str, ids: Sequence[str]) -> tuple[int, str]:
        """A store tells of a run that it was not known to hold: its rid, and the use of the store for it.

        One in a container is taken for its child until all is counted anew: whether it is the only one is not known.
        """
        place = self._uids.path_id(root, claim.root, key)
        uids = {place, *ids}
        telling = sorted({place, *filter(identity.is_strong, ids)})
        rid = next((known for uid in telling if (known := self._uids.known_as(uid, root)) is not None), None)
        home = self._homes.get(rid) if rid is not None else None
        if rid is not None and home is not None:
            self._uids.learn(rid, uids)
            return rid, "row" if (home.watch, home.plan.root, home.plan.key) == (root, claim.root, key) else "also_in"
        if rid is None:
            rid = self._uids.new_rid()
        self._uids.learn(rid, uids)
        plan = self._shelf(root, claim, key)
        around = self.at(root, plan.parent) if plan.parent is not None else None
        parent = self._homes[around].uid if around is not None else None
        self._homes[rid] = Home(rid, self._uids.main(root, rid, plan), root, plan, parent)
        self._ingest.data(rid)
        return rid, "row"

    def shelters(self, root: str, claim: Claim, more: int) -> bool:
        """A store holds so many runs `more`, or fewer: whether a container's only run may be another or none now."""
        containers = self._containers.get(root, {})
        around = container_of(claim.path, containers)
        if around is None:
            return False
        before = containers[around]
        containers[around] += more
        return 1 in (before, containers[around])

    def at(self, root: str, place: str) -> int | None:
        """The run in a directory."""
        found = (rid for rid, home in self._homes.items() if home.watch == root and home.plan.root == place)
        return min(found, default=None)

    def stores_in(self, root: str) -> list[Source]:
        """The stores of a watch, each as a source of no run."""
        return [store for store in self._ingest.files_of(STORE) if store.watch == root]

    def shelved(self, tree: Tree, claims: Sequence[Claim]) -> list[Shelved]:
        """The runs that stores are known to hold, with the ids of their tools."""
        found: list[Shelved] = []
        for claim in claims:
            for row in self._ingest.tellers(tree.root, claim.path):
                record = self._ingest.runs.get(row.rid)
                key = row.key or (record.key if record is not None else "")
                if record is not None and key and row.use != LOST:
                    own = row.told if row.key else self._uids.of(row.rid)
                    said = self._hearing.of_row(row.rid, claim.path)
                    ids = frozenset(id_ for id_ in own if not id_.startswith(identity.PATH))
                    found.append(Shelved(self._shelf(tree.root, claim, key), identity.lasting(ids), said))
        return found

    def guests(
        self, tree: Tree, claims: Sequence[Claim], plans: Mapping[int, Sequence[RunPlan]]
    ) -> dict[tuple[str, int], Part]:
        """Files that speak of runs in directories below them, and those runs."""
        return {
            (claim.path, row.rid): Part(claim, "row")
            for claim in claims
            for row in self._ingest.tellers(tree.root, claim.path)
            if not row.key and any(not plan.key for plan in plans.get(row.rid, ()))
        }

    def settle(self, tree: Tree, claims: Sequence[Claim]) -> list[Source]:
        """Let every store have its own cursor; those that are to be read."""
        found = {claim.path: claim for claim in claims}
        for store in self.stores_in(tree.root):
            claim = found.get(store.path)
            if claim is None or claim.reader != store.reader:
                self._ingest.drop_store(store)
        stores: list[Source] = []
        for path, claim in found.items():
            known = self._ingest.sources.get((tree.root, path, STORE))
            stores.append(known or Source(tree.root, path, STORE, claim.reader))
            if known is None:
                self._ingest.put_source(stores[-1])
        return [store for store in stores if differs(tree, store)]

    def _shelf(self, root: str, claim: Claim, key: str) -> RunPlan:
        """A run of a store; one that lies in a Hydra job is a child of it."""
        parent = container_of(claim.path, self._containers.get(root, {}))
        return RunPlan(claim.root, key, key, (claim.tool or claim.reader,), (Part(claim, "row"),), parent=parent)
