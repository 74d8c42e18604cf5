"""Which runs there are in the trees: claims are resolved, runs found again, files given their roles."""

from __future__ import annotations

import filecmp
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from runspect import identity
from runspect.engine import run_rows
from runspect.engine.commits import Commits
from runspect.engine.copies import Copies, Place
from runspect.engine.pauses import Pauses
from runspect.engine.run_rows import Home, Judge
from runspect.engine.shares import give_artifacts
from runspect.engine.tree import Tree
from runspect.index import imported, remembered
from runspect.index.ingest import Ingest
from runspect.index.records import LOST, STORE, RunRecord, Source
from runspect.index.store import Store
from runspect.model import IMPORT_ID, Claim, Json, Part, RunPlan
from runspect.pathtext import on_disk
from runspect.readers.contract import Cursor
from runspect.resolve import resolve
from runspect.resolve.shelves import Furnished, Shelved, container_of, furnish, is_container


class Census:
    """Mutable, of the syncing thread."""

    def __init__(
        self, ingest: Ingest, judge: Judge, homes: dict[int, Home], ids: Iterable[tuple[str, int]], pauses: Pauses
    ) -> None:
        """`homes`: where the runs are, kept here; `ids`: (uid, rid), what the runs of the index answer to."""
        self._ingest = ingest
        self._judge = judge
        self._homes = homes
        self._pauses = pauses
        self._containers: dict[str, dict[str, int]] = {}
        """Per watch, the roots of Hydra jobs and the like, and how many runs of stores each holds."""
        self._ids: dict[int, set[str]] = {}
        self._by_uid: dict[str, set[int]] = {}
        for uid, rid in ids:
            self._ids.setdefault(rid, set()).add(uid)
            self._by_uid.setdefault(uid, set()).add(rid)
        self._last_rid = max((*ingest.runs, *self._ids), default=0)
        self._copies = Copies(ingest)
        self._counted: dict[str, list[Place]] = {}
        """Per watch, the runs as they were last resolved, those of stores left out."""

    def count(self, tree: Tree, commits: Commits) -> list[Source]:
        """Decide anew which runs there are in a tree and store them; the files that are to be read.

        Claims of the tree must not change meanwhile, nor may another tree be counted.
        """
        claims = tree.claims()
        resolution = self._pauses.aside(lambda: resolve(claims))
        furnished = furnish(resolution.runs, self._shelved(tree, resolution.stores))
        self._containers[tree.root] = _containers(furnished)
        copied = self._copies.of(tree, resolution.runs)
        assigned = self._assigned(tree, resolution.runs, furnished, copied)
        self._counted[tree.root] = list(zip(resolution.runs, assigned.rids, strict=False))
        plans: dict[int, list[RunPlan]] = {}
        told_plans = (*furnished.runs, *(each.plan for each in furnished.shelved))
        for plan, rid in zip(told_plans, assigned.rids, strict=True):
            plans.setdefault(rid, []).append(plan)
        # from here to the commit nothing may come between: runs without their ids must not be seen
        self._last_rid = max((self._last_rid, *assigned.rids))
        for rid, uids in assigned.ids.items():
            self.learn(rid, uids)
            self._disown(rid, uids, assigned.ids)
        elsewhere = {rid for rid in assigned.vanished if self._is_elsewhere(tree, rid)}
        self._hide({*assigned.merged, *elsewhere})
        self._lose(assigned.vanished - elsewhere)
        chosen = {rid: self._primary(tree, rid, told) for rid, told in plans.items()}
        self._settle(tree, chosen, plans)
        wanted = _roles(plans, chosen)
        wanted |= self._guests(tree, resolution.stores, plans)
        ids = {
            part.claim.path: copied[plan.root] for plan in resolution.runs if plan.root in copied for part in plan.parts
        }
        unread = [*self._settle_files(tree, wanted, ids), *self._settle_stores(tree, resolution.stores)]
        give_artifacts(self._ingest, tree, chosen)
        self._ingest.put_file_problems(tree.root, "resolve", resolution.doubts)
        if self._pauses.nested:
            commits.some({*plans, *assigned.merged, *assigned.vanished})
        else:
            commits.all(first={*assigned.merged, *assigned.merged.values()})
        return unread

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
        return [
            (plan, rid)
            for plan, rid in self._counted.get(tree.root, ())
            if not any(map(identity.is_strong, self._ids.get(rid, ())))
        ]

    def admit(self, root: str, claim: Claim, key: str, ids: Sequence[str]) -> tuple[int, str]:
        """A store tells of a run that it was not known to hold: its rid, and the use of the store for it.

        One in a container is taken for its child until all is counted anew: whether it is the only one is not known.
        """
        uids = {self._path_id(root, claim.root, key), *ids}
        rid = next((known for uid in sorted(uids) if (known := self._known_as(uid, root)) is not None), None)
        home = self._homes.get(rid) if rid is not None else None
        if rid is not None and home is not None:
            self.learn(rid, uids)
            return rid, "row" if (home.watch, home.plan.root, home.plan.key) == (root, claim.root, key) else "also_in"
        if rid is None:
            self._last_rid += 1
            rid = self._last_rid
        self.learn(rid, uids)
        plan = self._shelf(root, claim, key)
        around = self.at(root, plan.parent) if plan.parent is not None else None
        parent = self._homes[around].uid if around is not None else None
        self._homes[rid] = Home(rid, self._uid(root, rid, plan), root, plan, parent)
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

    def _known_as(self, uid: str, root: str) -> int | None:
        """The run of a root that answers to an id; copies below other roots are runs of theirs."""
        for rid in sorted(self._by_uid.get(uid, ())):
            record, home = self._ingest.runs.get(rid), self._homes.get(rid)
            watch = home.watch if home is not None else record.watch if record is not None else ""
            if watch == root and not (record is not None and record.hidden):
                return rid
        return None

    def at(self, root: str, place: str) -> int | None:
        """The run in a directory."""
        found = (rid for rid, home in self._homes.items() if home.watch == root and home.plan.root == place)
        return min(found, default=None)

    def lose(self, rid: int) -> None:
        """A run is no longer there."""
        self._lose((rid,))

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

    def recall(self, tree: Tree, store: Store) -> bool:
        """Take in runs of which the journal tells, and neither disk nor index any more; whether there are any."""
        with store.cursor() as cursor:
            snapshots = remembered.forgotten(cursor, tree.root)
        for snapshot in snapshots:
            self._last_rid += 1
            self.learn(self._last_rid, [snapshot["uid"]])
            self._ingest.put_remembered(remembered.record(self._last_rid, tree.root, snapshot), snapshot)
        return self._recall_imported(tree, store) or bool(snapshots)

    def _recall_imported(self, tree: Tree, store: Store) -> bool:
        """Let the index hold the imported runs as the journal tells them now; whether anything changed."""
        with store.cursor() as cursor:
            runs = imported.imported(cursor, tree.root)
        changed = False
        for run in runs:
            rid = min(self._by_uid.get(run.uid, ()), default=None)
            held = self._ingest.runs.get(rid) if rid is not None else None
            if run.told is None:
                if held is not None and not held.hidden:
                    self._ingest.put_run(replace(held, hidden=True, key=run.version))
                    changed = True
                continue
            if held is not None and held.key == run.version:
                continue
            if rid is None:
                self._last_rid += 1
                rid = self._last_rid
                self.learn(rid, [run.uid])
            self._ingest.put_remembered(imported.record(rid, tree.root, run, run.told), run.told)
            changed = True
        return changed

    def changed(self, tree: Tree) -> list[Source]:
        """Files of the tree whose bytes are not those that were read."""
        sources = [source for rid in self._homes_in(tree.root) for source in self._ingest.files_of(rid)]
        return [source for source in (*sources, *self._stores_in(tree.root)) if _differs(tree, source)]

    def _homes_in(self, root: str) -> list[int]:
        return [rid for rid, home in self._homes.items() if home.watch == root]

    # ---------------------------------------------------------------- what is in stores

    def _stores_in(self, root: str) -> list[Source]:
        return [store for store in self._ingest.files_of(STORE) if store.watch == root]

    def _shelved(self, tree: Tree, claims: Sequence[Claim]) -> list[Shelved]:
        """The runs that stores are known to hold, with the ids of their tools."""
        found: list[Shelved] = []
        for claim in claims:
            for row in self._ingest.tellers(tree.root, claim.path):
                record = self._ingest.runs.get(row.rid)
                key = row.key or (record.key if record is not None else "")
                if record is not None and key and row.use != LOST:
                    own = row.told if row.key else self._ids.get(row.rid, ())
                    ids = frozenset(id_ for id_ in own if not id_.startswith(identity.PATH))
                    found.append(Shelved(self._shelf(tree.root, claim, key), identity.lasting(ids)))
        return found

    def _shelf(self, root: str, claim: Claim, key: str) -> RunPlan:
        """A run of a store; one that lies in a Hydra job is a child of it."""
        parent = container_of(claim.path, self._containers.get(root, {}))
        return RunPlan(claim.root, key, key, (claim.tool or claim.reader,), (Part(claim, "row"),), parent=parent)

    def _guests(
        self, tree: Tree, claims: Sequence[Claim], plans: Mapping[int, Sequence[RunPlan]]
    ) -> dict[tuple[str, int], Part]:
        """Files that speak of runs in directories below them, and those runs."""
        return {
            (claim.path, row.rid): Part(claim, "row")
            for claim in claims
            for row in self._ingest.tellers(tree.root, claim.path)
            if not row.key and any(not plan.key for plan in plans.get(row.rid, ()))
        }

    def _settle_stores(self, tree: Tree, claims: Sequence[Claim]) -> list[Source]:
        """Let every store have its own cursor; those that are to be read."""
        found = {claim.path: claim for claim in claims}
        for store in self._stores_in(tree.root):
            claim = found.get(store.path)
            if claim is None or claim.reader != store.reader:
                self._ingest.drop_store(store)
        stores: list[Source] = []
        for path, claim in found.items():
            known = self._ingest.sources.get((tree.root, path, STORE))
            stores.append(known or Source(tree.root, path, STORE, claim.reader))
            if known is None:
                self._ingest.put_source(stores[-1])
        return [store for store in stores if _differs(tree, store)]

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
        ids = {id(each.plan): self._ids_of_shelved(tree.root, each) for each in furnished.shelved}
        for index, (plan, shown) in enumerate(zip(resolved, furnished.runs, strict=True)):
            own = self._ids_of(tree.root, plan)
            for each in furnished.taken.get(index, ()):
                own |= self._ids_of_shelved(tree.root, each)
            ids[id(shown)] = own | {copied[plan.root]} if plan.root in copied else own
            self._pauses.pause()
        plans = (*furnished.runs, *(each.plan for each in furnished.shelved))
        return self._pauses.aside(
            lambda: identity.assign(previous, plans, lambda plan: ids[id(plan)], self._last_rid + 1)
        )

    def _known_run(self, record: RunRecord) -> identity.Known:
        files = frozenset(
            source.path
            for source in self._ingest.files_of(record.rid)
            if source.watch == record.watch and not source.is_store and not source.shared
        )
        return identity.Known(record.rid, frozenset(self._ids.get(record.rid, ())), record.path, record.key, files)

    def _ids_of(self, root: str, plan: RunPlan) -> frozenset[str]:
        places = {self._path_id(root, place, key) for place, key in identity.places(plan)}
        told = {
            id_
            for part in plan.parts
            if not part.shared
            for source in self._ingest.tellers(root, part.claim.path)
            for id_ in source.told
        }
        return frozenset(places | set(plan.ids)) | identity.lasting(told)

    def _ids_of_shelved(self, root: str, each: Shelved) -> frozenset[str]:
        return each.ids | {self._path_id(root, each.plan.root, each.plan.key)}

    def _disown(self, rid: int, uids: Iterable[str], counted: Container[int]) -> None:
        """What a tool calls a run of a store was an id of the container while it was its only run."""
        for uid in filter(identity.is_strong, uids):
            for before in [each for each in self._by_uid.get(uid, ()) if each != rid and each in counted]:
                self._by_uid[uid].discard(before)
                self._ids[before].discard(uid)

    def _path_id(self, root: str, place: str, key: str) -> str:
        return identity.path_id(self._judge.host, root if place == "." else f"{root.rstrip('/')}/{place}", key)

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

    def _primary(self, tree: Tree, rid: int, plans: Sequence[RunPlan]) -> RunPlan:
        """Of several copies of a run, the one that tells most: a backup may be older than the run's end.

        Of equal ones that which was there first.
        """
        record = self._ingest.runs.get(rid)
        first = next((plan for plan in plans if record is not None and plan.root == record.path), plans[0])
        if len(plans) == 1:
            return first
        best = max(plans, key=lambda plan: _told_by(tree, plan))
        more = _told_by(tree, best) > _told_by(tree, first)
        return best if more and not _equal(tree, first, best) else first

    # ---------------------------------------------------------------- what belongs to it

    def _settle(self, tree: Tree, chosen: Mapping[int, RunPlan], plans: Mapping[int, Sequence[RunPlan]]) -> None:
        uids = {plan.root: self._uid(tree.root, rid, plan) for rid, plan in chosen.items()}
        parents = uids | {
            copy.root: uids[chosen[rid].root] for rid, told in plans.items() for copy in told if copy.root not in uids
        }
        fresh: list[Home] = []
        for rid, plan in chosen.items():
            parent = parents.get(plan.parent) if plan.parent is not None else None
            uid = uids[plan.root] if len(uids) == len(chosen) else self._uid(tree.root, rid, plan)
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

    def _uid(self, root: str, rid: int, plan: RunPlan) -> str:
        """The id that its tool gave and that is unique, else that of its place."""
        own = sorted(id_ for id_ in self._ids.get(rid, ()) if not id_.startswith((identity.PATH, *identity.UNSCOPED)))
        return own[0] if own else self._path_id(root, plan.root, plan.key)

    def _settle_files(
        self, tree: Tree, wanted: Mapping[tuple[str, int], Part], copied: Mapping[str, str]
    ) -> list[Source]:
        """Let every file have the role in its run that was decided; those that are to be read.

        `copied`: per path, the id of what the run holds that the file is of.
        """
        for rid in self._homes_in(tree.root):
            for source in self._ingest.files_of(rid):
                if (source.path, rid) not in wanted:
                    self._ingest.retire(source)
        settled = [self._settle_file(tree, rid, part, copied.get(part.claim.path)) for (_, rid), part in wanted.items()]
        return [source for source in settled if source.use == "read" and _differs(tree, source)]

    def _settle_file(self, tree: Tree, rid: int, part: Part, copied: str | None) -> Source:
        path, reader = part.claim.path, part.claim.reader
        source = self._ingest.sources.get((tree.root, path, rid))
        if source is None:
            source = Source(tree.root, path, rid, reader, part.use, part.prefix, part.shared, key=part.run)
            source.told = (copied,) if copied is not None else ()
            self._note_size(tree, source)
            if part.use == "row":
                self._reread_store(tree, path)
        elif (source.reader, source.use, source.prefix) != (reader, part.use, part.prefix):
            self._ingest.begin(source)
            source.reader, source.use, source.prefix, source.shared = reader, part.use, part.prefix, part.shared
            source.cursor, source.size, source.mtime, source.ctime = Cursor(), -1, -1.0, 0
            source.told = (copied,) if copied is not None else ()
            self._note_size(tree, source)
            if part.use == "row":
                self._reread_store(tree, path)
        elif source.shared != part.shared:
            source.shared = part.shared
            self._ingest.put_shared(source)
        if source.key != part.run:
            source.key = part.run
            self._ingest.put_source(source)
        return source

    def _reread_store(self, tree: Tree, path: str) -> None:
        """Another run than before is told by a store: it is read anew, and what is just being read of it is dropped."""
        store = self._ingest.sources.get((tree.root, path, STORE))
        if store is not None:
            self._ingest.put_source(replace(store, cursor=Cursor(), size=-1))

    def _note_size(self, tree: Tree, source: Source) -> None:
        known = tree.files.get(source.path)
        if source.use == "also_in" and known is not None:
            source.size, source.mtime, source.ctime = known.size, known.mtime, known.ctime
        self._ingest.put_source(source)


def _containers(furnished: Furnished) -> dict[str, int]:
    """Roots of Hydra jobs and the like, in which other tools' runs are theirs, and how many of stores they hold."""
    held = Counter(each.plan.parent for each in furnished.shelved)
    return {
        plan.root: held[plan.root] + len(furnished.taken.get(index, ()))
        for index, plan in enumerate(furnished.runs)
        if is_container(plan)
    }


def _told_by(tree: Tree, plan: RunPlan) -> tuple[int, float]:
    """How much the files of a plan tell: their bytes; a database has as many for one run more, so its time counts too."""
    telling = [part.claim for part in plan.parts if part.claim.kind in ("series", "store")]
    known = [(claim, tree.files[claim.path]) for claim in telling if claim.path in tree.files]
    newest = max((file.mtime for claim, file in known if claim.kind == "store"), default=0.0)
    return sum(file.size for _, file in known), newest


def _equal(tree: Tree, one: RunPlan, other: RunPlan) -> bool:
    """Whether two stores hold the same, byte by byte; compared once as long as neither changes."""
    paths = [[part.claim.path for part in plan.parts if part.claim.kind == "store"] for plan in (one, other)]
    if not paths[0] or len(paths[0]) != len(paths[1]):
        return False
    try:
        return all(
            filecmp.cmp(on_disk(tree.root, a), on_disk(tree.root, b), shallow=False)
            for a, b in zip(*paths, strict=True)
        )
    except OSError:
        return False


def _roles(plans: Mapping[int, Sequence[RunPlan]], chosen: Mapping[int, RunPlan]) -> dict[tuple[str, int], Part]:
    """(path, rid) → the part that the file has in the run; in a copy of a run a file is only listed."""
    return {
        (part.claim.path, rid): part if plan is chosen[rid] else replace(part, use="also_in")
        for rid, told in plans.items()
        for plan in told
        for part in plan.parts
    }


def _differs(tree: Tree, source: Source) -> bool:
    known = tree.files.get(source.path)
    if known is None:
        return False
    if (known.size, known.mtime) != (source.size, source.mtime):
        return True
    # it was written in place and its times set back, or only its rights changed: its signatures tell
    return known.ctime != source.ctime and 0 not in (known.ctime, source.ctime)
