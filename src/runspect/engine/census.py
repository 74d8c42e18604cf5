"""Which runs there are in the trees: claims are resolved, runs found again, and what belongs to them settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from runspect import identity
from runspect.engine import file_roles, run_rows
from runspect.engine.commits import Commits
from runspect.engine.copies import Copies, Place
from runspect.engine.hearing import Hearing
from runspect.engine.pauses import Pauses
from runspect.engine.primary import primary
from runspect.engine.run_rows import Home, Judge
from runspect.engine.shares import give_artifacts
from runspect.engine.shelves import Shelves
from runspect.engine.tree import Tree
from runspect.engine.uids import Uids
from runspect.index.ingest import Ingest
from runspect.index.records import STORE, RunRecord, Source
from runspect.model import IMPORT_ID, Json, RunPlan
from runspect.pathtext import on_disk
from runspect.resolve import resolve
from runspect.resolve.partial import settled
from runspect.resolve.shelves import Furnished, furnish


class Census:
    """Mutable, of the syncing thread."""

    def __init__(
        self,
        ingest: Ingest,
        judge: Judge,
        homes: dict[int, Home],
        uids: Uids,
        shelves: Shelves,
        hearing: Hearing,
        pauses: Pauses,
    ) -> None:
        """`homes`: where the runs are, kept here."""
        self._ingest = ingest
        self._judge = judge
        self._homes = homes
        self._uids = uids
        self._shelves = shelves
        self._hearing = hearing
        self._pauses = pauses
        self._copies = Copies(ingest)
        self._counted: dict[str, list[Place]] = {}
        """Per watch, the runs as they were last resolved, those of stores left out."""
        self._early: dict[str, set[int]] = {}
        """Per watch that is being walked and read for the first time, the runs that were not there before."""

    def count(
        self, tree: Tree, commits: Commits, walking: Set[str] = frozenset(), *, stored_later: bool = False
    ) -> list[Source]:
        """Decide anew which runs there are in a tree and store them; the files that are to be read.

        With `stored_later` new runs wait for what is read next, unless stores are: they tell of runs until their end.
        While the directories `walking` are being walked for the first time, only the runs that will stay are stored.
        Claims of the tree must not change meanwhile, nor may another tree be counted.
        """
        rowless = [rid for rid in self._homes if rid not in self._ingest.runs]
        if rowless and not self._ingest.stores_wait():
            commits.some(rowless)  # they wait for what is read: without a row, each would be taken for a new run
        claims = tree.claims()
        heard = self._hearing.heard(tree, claims)
        resolution = self._pauses.aside(lambda: resolve(claims, heard))
        if walking:
            runs = settled(resolution.runs, walking, lambda plan: self._is_shown(tree, plan))
            resolution = replace(resolution, runs=runs, stores=(), doubts=())
        furnished = furnish(resolution.runs, self._shelves.shelved(tree, resolution.stores), heard)
        self._shelves.furnished(tree.root, furnished)
        copied = self._copies.of(tree, resolution.runs)
        assigned = self._assigned(tree, resolution.runs, furnished, copied)
        self._counted[tree.root] = list(zip(resolution.runs, assigned.rids, strict=False))
        plans: dict[int, list[RunPlan]] = {}
        told_plans = (*furnished.runs, *(each.plan for each in furnished.shelved))
        for plan, rid in zip(told_plans, assigned.rids, strict=True):
            plans.setdefault(rid, []).append(plan)
        # from here to the commit nothing may come between: runs without their ids must not be seen
        self._uids.take(assigned.rids)
        for rid, uids in assigned.ids.items():
            self._uids.learn(rid, uids)
            self._uids.disown(rid, uids, assigned.ids)
        elsewhere = {rid for rid in assigned.vanished if self._is_elsewhere(tree, rid)}
        self._hide({*assigned.merged, *elsewhere})
        self._lose(assigned.vanished - elsewhere)
        chosen = self._chosen(tree, plans)
        self._settle(tree, chosen, plans)
        wanted = file_roles.roles(plans, chosen)
        wanted |= self._shelves.guests(tree, resolution.stores, plans)
        ids = {
            part.claim.path: copied[plan.root] for plan in resolution.runs if plan.root in copied for part in plan.parts
        }
        unread = file_roles.settle(self._ingest, tree, self._homes_in(tree.root), wanted, ids)
        unread += self._shelves.settle(tree, resolution.stores)
        give_artifacts(self._ingest, tree, chosen)
        self._ingest.put_file_problems(tree.root, "resolve", resolution.doubts)
        if self._pauses.nested:
            commits.some({*plans, *assigned.merged, *assigned.vanished})
        elif not stored_later or assigned.merged or assigned.vanished or any(each.rid == STORE for each in unread):
            commits.all(first={*assigned.merged, *assigned.merged.values()})
        return unread

    def entering(self, root: str) -> None:
        """A tree that nobody knew is about to be walked: the order in which its runs are found says nothing."""
        self._early[root] = set()

    def entered(self, root: str) -> None:
        """It was walked and read: which of its runs are there from now on was there first."""
        self._early.pop(root, None)

    def _chosen(self, tree: Tree, plans: Mapping[int, Sequence[RunPlan]]) -> dict[int, RunPlan]:
        """Of each run the copy that is read: which was first counts only where it was there before the walk."""
        early = self._early.get(tree.root, set())
        known = {rid: self._ingest.runs.get(rid) if rid not in early else None for rid in plans}
        early.update(rid for rid, record in known.items() if record is None)
        return {rid: primary(tree, known[rid], told) for rid, told in plans.items()}

    def _is_shown(self, tree: Tree, plan: RunPlan) -> bool:
        own = (part.claim.path for part in plan.parts if not part.shared)
        return any(self._ingest.tellers(tree.root, path) for path in own)

    def share(self, tree: Tree) -> None:
        """Stores told of more runs: what lies in the tree may have been made by them."""
        if tree.artifacts:
            give_artifacts(self._ingest, tree, {rid: self._homes[rid].plan for rid in self._homes_in(tree.root)})

    def find_copies(self, tree: Tree) -> bool:
        """Look for runs that are copies of each other; whether the runs are to be counted anew."""
        return self._copies.find(tree, self._comparable(tree), self._pauses.pause)

    def part_copies(self, tree: Tree, written: Iterable[str]) -> bool:
        """Files were written to; whether runs that were copies may be none any more and are to be counted anew."""
        return self._copies.changed(tree, written, self._counted.get(tree.root, ()))

    def _comparable(self, tree: Tree) -> list[Place]:
        """Runs without an id of their tool: by that, copies are known anyway."""
        return [(plan, rid) for plan, rid in self._counted.get(tree.root, ()) if not self._uids.has_strong(rid)]

    def lose(self, rid: int) -> None:
        """A run is no longer there."""
        self._lose((rid,))

    def changed(self, tree: Tree) -> list[Source]:
        """Files of the tree whose bytes are not those that were read."""
        sources = [source for rid in self._homes_in(tree.root) for source in self._ingest.files_of(rid)]
        return [
            source for source in (*sources, *self._shelves.stores_in(tree.root)) if file_roles.differs(tree, source)
        ]

    def _homes_in(self, root: str) -> list[int]:
        return [rid for rid, home in self._homes.items() if home.watch == root]

    # ---------------------------------------------------------------- which run is which

    def _assigned(
        self,
        tree: Tree,
        resolved: Sequence[RunPlan],
        furnished: Furnished,
        copied: Mapping[str, str],
    ) -> identity.Assignment:
        previous = [
            self._known_run(record)
            for record in self._ingest.runs.values()
            if record.watch == tree.root and not record.hidden and not record.uid.startswith(IMPORT_ID)
        ]
        ids = {id(each.plan): self._uids.of_shelved(tree.root, each) for each in furnished.shelved}
        for index, (plan, shown) in enumerate(zip(resolved, furnished.runs, strict=True)):
            own = self._uids.of_plan(tree.root, plan)
            for each in furnished.taken.get(index, ()):
                own |= self._uids.of_shelved(tree.root, each)
            ids[id(shown)] = own | {copied[plan.root]} if plan.root in copied else own
            self._pauses.pause()
        plans = (*furnished.runs, *(each.plan for each in furnished.shelved))
        return self._pauses.aside(
            lambda: identity.assign(previous, plans, lambda plan: ids[id(plan)], self._uids.next_rid)
        )

    def _known_run(self, record: RunRecord) -> identity.Known:
        files = frozenset(
            source.path
            for source in self._ingest.files_of(record.rid)
            if source.watch == record.watch and not source.is_store and not source.shared
        )
        return identity.Known(record.rid, frozenset(self._uids.of(record.rid)), record.path, record.key, files)

    def _hide(self, rids: Iterable[int]) -> None:
        for rid in rids:
            for source in self._ingest.files_of(rid):
                self._ingest.retire(source)
            self._ingest.put_run(replace(self._ingest.runs[rid], hidden=True))
            self._homes.pop(rid, None)

    def _is_elsewhere(self, tree: Tree, rid: int) -> bool:
        """Whether files of a run that is no more are there: part of another run or of none now, or told not to be shown."""
        own = [source for source in self._ingest.files_of(rid) if not source.is_store and source.watch == tree.root]
        for source in own:
            known = tree.files.get(source.path)
            if known.claim is not None if known is not None else on_disk(tree.root, source.path).exists():
                return True
        return False

    def _lose(self, vanished: Iterable[int]) -> None:
        for rid in vanished:
            self._homes.pop(rid, None)
            self._ingest.put_run(run_rows.gone(self._ingest.runs[rid], self._judge))

    # ---------------------------------------------------------------- what belongs to it

    def _settle(self, tree: Tree, chosen: Mapping[int, RunPlan], plans: Mapping[int, Sequence[RunPlan]]) -> None:
        uids = {plan.root: self._uids.main(tree.root, rid, plan) for rid, plan in chosen.items()}
        parents = uids | {
            copy.root: uids[chosen[rid].root] for rid, told in plans.items() for copy in told if copy.root not in uids
        }
        fresh: list[Home] = []
        for rid, plan in chosen.items():
            parent = parents.get(plan.parent) if plan.parent is not None else None
            parent = parent or self._hearing.parent_elsewhere(tree.root, rid, plan)
            uid = uids[plan.root] if len(uids) == len(chosen) else self._uids.main(tree.root, rid, plan)
            home = Home(rid, uid, tree.root, plan, parent)
            if self._homes.get(rid) != home:
                fresh.append(home)
            self._homes[rid] = home
        changed = self._changed(tree, fresh)
        self._ingest.fetch(changed)
        for rid in changed:
            self._ingest.data(rid)

    def _changed(self, tree: Tree, homes: Sequence[Home]) -> list[int]:
        """Runs whose row has to be written: after a start nearly all rows stand as they are."""
        words = self._ingest.words(run_rows.WORDS) if homes else {}
        return [home.rid for home in homes if not self._stands(tree, home, words.get(home.rid, {}))]

    def _stands(self, tree: Tree, home: Home, words: Mapping[str, Json]) -> bool:
        record = self._ingest.runs.get(home.rid)
        written = run_rows.last_write(self._ingest.files_of(home.rid), tree.files)
        return record is not None and run_rows.stands(record, home, words, written)
