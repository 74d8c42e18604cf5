"""Which runs there are in the trees: claims are resolved, runs found again, files given their roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from runspect import identity
from runspect.engine import run_rows
from runspect.engine.commits import Commits
from runspect.engine.pauses import Pauses
from runspect.engine.run_rows import Home, Judge
from runspect.engine.shares import give_artifacts
from runspect.engine.tree import Tree
from runspect.index import remembered
from runspect.index.ingest import Ingest
from runspect.index.records import RunRecord, Source
from runspect.index.store import Store
from runspect.model import Json, Part, RunPlan
from runspect.readers.contract import Cursor
from runspect.resolve import resolve


class Census:
    """Mutable, of the syncing thread."""

    def __init__(
        self, ingest: Ingest, judge: Judge, homes: dict[int, Home], ids: Mapping[int, Iterable[str]], pauses: Pauses
    ) -> None:
        """`homes`: where the runs are, kept here; `ids`: what the runs of the index answer to."""
        self._ingest = ingest
        self._judge = judge
        self._homes = homes
        self._pauses = pauses
        self._ids = {rid: set(uids) for rid, uids in ids.items()}
        self._last_rid = max((*ingest.runs, *self._ids), default=0)

    def count(self, tree: Tree, commits: Commits) -> list[Source]:
        """Decide anew which runs there are in a tree and store them; the files that are to be read.

        Claims of the tree must not change meanwhile, nor may another tree be counted.
        """
        claims = tree.claims()
        resolution = self._pauses.aside(lambda: resolve(claims))
        assigned = self._assigned(tree, resolution.runs)
        plans: dict[int, list[RunPlan]] = {}
        for plan, rid in zip(resolution.runs, assigned.rids, strict=True):
            plans.setdefault(rid, []).append(plan)
        # from here to the commit nothing may come between: runs without their ids must not be seen
        self._last_rid = max((self._last_rid, *assigned.rids))
        for rid, uids in assigned.ids.items():
            self.learn(rid, uids)
        self._hide(assigned.merged)
        self._lose(assigned.vanished)
        chosen = {rid: self._primary(rid, told) for rid, told in plans.items()}
        self._settle(tree, chosen)
        unread = self._settle_files(tree, _roles(plans, chosen))
        give_artifacts(self._ingest, tree, chosen)
        self._ingest.put_file_problems(tree.root, "resolve", resolution.doubts)
        if self._pauses.nested:
            commits.some({*plans, *assigned.merged, *assigned.vanished})
        else:
            commits.all(first={*assigned.merged, *assigned.merged.values()})
        return unread

    def learn(self, rid: int, uids: Iterable[str]) -> bool:
        """A run answers to these ids; whether any is new."""
        fresh = set(uids) - self._ids.setdefault(rid, set())
        self._ids[rid] |= fresh
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
        return bool(snapshots)

    def changed(self, tree: Tree) -> list[Source]:
        """Files of the tree whose bytes are not those that were read."""
        sources = [source for rid in self._homes_in(tree.root) for source in self._ingest.files_of(rid)]
        return [source for source in sources if _differs(tree, source)]

    def _homes_in(self, root: str) -> list[int]:
        return [rid for rid, home in self._homes.items() if home.watch == root]

    # ---------------------------------------------------------------- which run is which

    def _assigned(self, tree: Tree, plans: Sequence[RunPlan]) -> identity.Assignment:
        previous = [
            self._known_run(record)
            for record in self._ingest.runs.values()
            if record.watch == tree.root and not record.hidden
        ]
        ids: dict[int, frozenset[str]] = {}
        for plan in plans:
            ids[id(plan)] = self._ids_of(tree.root, plan)
            self._pauses.pause()
        return self._pauses.aside(
            lambda: identity.assign(previous, plans, lambda plan: ids[id(plan)], self._last_rid + 1)
        )

    def _known_run(self, record: RunRecord) -> identity.Known:
        files = frozenset(s.path for s in self._ingest.files_of(record.rid) if s.watch == record.watch and not s.shared)
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
        return frozenset(places | set(plan.ids) | told)

    def _path_id(self, root: str, place: str, key: str) -> str:
        return identity.path_id(self._judge.host, root if place == "." else f"{root.rstrip('/')}/{place}", key)

    def _hide(self, merged: Mapping[int, int]) -> None:
        for rid in merged:
            for source in self._ingest.files_of(rid):
                self._ingest.retire(source)
            self._ingest.put_run(replace(self._ingest.runs[rid], hidden=True))
            self._homes.pop(rid, None)

    def _lose(self, vanished: Iterable[int]) -> None:
        for rid in vanished:
            self._homes.pop(rid, None)
            self._ingest.put_run(run_rows.gone(self._ingest.runs[rid], self._judge))

    def _primary(self, rid: int, plans: Sequence[RunPlan]) -> RunPlan:
        """Of several copies of a run, the one that was there first."""
        record = self._ingest.runs.get(rid)
        return next((plan for plan in plans if record is not None and plan.root == record.path), plans[0])

    # ---------------------------------------------------------------- what belongs to it

    def _settle(self, tree: Tree, chosen: Mapping[int, RunPlan]) -> None:
        uids = {plan.root: self._uid(tree.root, rid, plan) for rid, plan in chosen.items()}
        fresh: list[Home] = []
        for rid, plan in chosen.items():
            parent = uids.get(plan.parent) if plan.parent is not None else None
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
        written = (tree.files[s.path].mtime for s in self._ingest.files_of(home.rid) if s.path in tree.files)
        return record is not None and run_rows.stands(record, home, words, max(written, default=None))

    def _uid(self, root: str, rid: int, plan: RunPlan) -> str:
        """The id that its tool gave and that is unique, else that of its place."""
        own = sorted(id_ for id_ in self._ids.get(rid, ()) if not id_.startswith((identity.PATH, *identity.UNSCOPED)))
        return own[0] if own else self._path_id(root, plan.root, plan.key)

    def _settle_files(self, tree: Tree, wanted: Mapping[tuple[str, int], Part]) -> list[Source]:
        """Let every file have the role in its run that was decided; those that are to be read."""
        for rid in self._homes_in(tree.root):
            for source in self._ingest.files_of(rid):
                if (source.path, rid) not in wanted:
                    self._ingest.retire(source)
        settled = [self._settle_file(tree, rid, part) for (_, rid), part in wanted.items()]
        return [source for source in settled if source.use == "read" and _differs(tree, source)]

    def _settle_file(self, tree: Tree, rid: int, part: Part) -> Source:
        path, reader = part.claim.path, part.claim.reader
        source = self._ingest.sources.get((tree.root, path, rid))
        if source is None:
            source = Source(tree.root, path, rid, reader, part.use, part.prefix, part.shared)
            self._note_size(tree, source)
        elif (source.reader, source.use, source.prefix) != (reader, part.use, part.prefix):
            self._ingest.begin(source)
            source.reader, source.use, source.prefix, source.shared = reader, part.use, part.prefix, part.shared
            source.cursor, source.size, source.mtime = Cursor(), -1, -1.0
            self._note_size(tree, source)
        elif source.shared != part.shared:
            source.shared = part.shared
            self._ingest.put_shared(source)
        return source

    def _note_size(self, tree: Tree, source: Source) -> None:
        known = tree.files.get(source.path)
        if source.use == "also_in" and known is not None:
            source.size, source.mtime = known.size, known.mtime
        self._ingest.put_source(source)


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
    return known is not None and (known.size, known.mtime) != (source.size, source.mtime)
