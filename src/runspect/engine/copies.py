"""Runs that are byte-identical copies of each other: found by what is known of them, proved by their bytes.

A copied directory is one run with two places. Equal bytes alone do not make one: two executions of a deterministic
program write the same. So either the records carry times, or the copies kept the modification times of their files.

The proof is an id, `copy:<outline>-<content>[-<times>]`, that each file of a copy is told (`Source.told`), so that it is stored
with the files and nothing is opened again. It joins runs as long as the outline is theirs and all of their files have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from runspect.engine.contents import (
    DIGEST_BYTES,
    Content,
    File,
    copy_id,
    digest_of,
    files_of,
    kept_times,
    outline,
    own_parts,
    read,
)
from runspect.engine.run_rows import LIVE
from runspect.engine.tree import Tree
from runspect.identity import COPY
from runspect.index.ingest import Ingest
from runspect.index.records import Source
from runspect.model import RunPlan

Place = tuple[RunPlan, int]
"""A run as it was resolved, and its rid; copies share one."""


class Copies:
    """Mutable, of the syncing thread."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self._digests: dict[tuple[str, str], tuple[int, float, Content]] = {}
        """By watch and path: size, mtime and content of a file that was read."""
        self._joined: dict[str, dict[str, str]] = {}
        """Per watch, the runs that were last counted with such an id, by root."""

    def of(self, tree: Tree, plans: Sequence[RunPlan]) -> dict[str, str]:
        """The ids by which the runs of a tree are counted now, by root of the run."""
        held = {plan.root: id_ for plan in plans if (id_ := self._held(tree, plan)) is not None}
        self._joined[tree.root] = held
        return held

    def find(self, tree: Tree, places: Sequence[Place], pause: Callable[[], None]) -> bool:
        """Tell the files of copies their id; whether the runs of the tree are to be counted anew for it."""
        traits = {rid: trait for plan, rid in places if (trait := self._trait(tree, plan, rid)) is not None}
        alike: dict[object, list[Place]] = {}
        for place in places:
            if place[1] in traits:
                alike.setdefault(traits[place[1]], []).append(place)
        for group in alike.values():
            if len(group) > 1:
                pause()
                self._compare(tree, group)
        self._forget(tree)
        held = {plan.root: id_ for plan, _ in places if (id_ := self._held(tree, plan)) is not None}
        before = self._joined.get(tree.root, {})
        return _partners(before) != _partners(held)

    def changed(self, tree: Tree, paths: Iterable[str], places: Sequence[Place]) -> bool:
        """Files were written to; whether copies may be no more, so that runs are to be counted anew."""
        written = {path for path in paths if any(map(_told, self._ingest.tellers(tree.root, path)))}
        for path in written:
            self._digests.pop((tree.root, path), None)
        parted = False
        for plan, _ in places if written else ():
            if any(part.claim.path in written for part in plan.parts):
                parted = not self._still(tree, plan) or parted
        return parted

    # ---------------------------------------------------------------- the id

    def _held(self, tree: Tree, plan: RunPlan) -> str | None:
        """The id that all files of a run were told, if they are still as they were then."""
        own = own_parts(plan)
        common: set[str] | None = None
        for part in own:
            sources = self._ingest.tellers(tree.root, part.claim.path)
            told = {id_ for source in sources if _as_told(tree, source) for id_ in _told(source)}
            common = told if common is None else common & told
            if not common:
                return None
        files = files_of(tree, plan)
        if not common or files is None:
            return None
        beginning = outline(files)
        return min((id_ for id_ in common if id_.startswith(beginning)), default=None)

    def _still(self, tree: Tree, plan: RunPlan) -> bool:
        """Whether the run holds what it held; its files lose the id when it does not."""
        sources = self._sources(tree, plan)
        files = files_of(tree, plan)
        content = self._content(tree, files) if files is not None else None
        id_ = copy_id(files, content) if files is not None and content is not None else None
        if id_ is not None and all(any(told.startswith(id_) for told in source.told) for source in sources):
            for source in sources:
                known = tree.files[source.path]
                if source.use == "also_in" and not _as_told(tree, source):
                    source.size, source.mtime, source.ctime = known.size, known.mtime, known.ctime
                    self._ingest.put_source(source)
            return True
        for source in sources:
            self._tell(source, None)
        return False

    def _tell(self, source: Source, id_: str | None) -> None:
        told = tuple(each for each in source.told if not each.startswith(COPY)) + ((id_,) if id_ is not None else ())
        if told != source.told:
            source.told = told
            self._ingest.put_source(source)

    def _sources(self, tree: Tree, plan: RunPlan) -> list[Source]:
        return [source for part in own_parts(plan) for source in self._ingest.tellers(tree.root, part.claim.path)]

    # ---------------------------------------------------------------- which runs are compared

    def _trait(self, tree: Tree, plan: RunPlan, rid: int) -> object:
        """What copies have in common as far as it is known without opening a file.

        None for a run that is no copy, and for the places of a run in which it is not read.
        """
        record = self._ingest.runs.get(rid)
        if record is None or record.hidden or record.state in (*LIVE, "gone") or plan.key or record.evidence.hollow:
            return None
        files = files_of(tree, plan)
        if files is None:
            return None
        sources = [self._ingest.sources.get((tree.root, file.path, rid)) for file in files]
        cursors = [source.cursor for source in sources if source is not None and source.use == "read"]
        if not cursors:
            return None
        signed = tuple((cursor.offset, cursor.head_sig, cursor.tail_sig) for cursor in cursors if cursor.head_sig)
        # a record that is no more may have been the newest: where there are signatures, they say it better
        return signed or record.evidence.newest_record, tuple((file.name, file.size) for file in files)

    def _compare(self, tree: Tree, group: Sequence[Place]) -> None:
        held = {plan.root: self._held(tree, plan) for plan, _ in group}
        if None not in held.values() and len(set(held.values())) == 1:
            return
        equal: dict[str, list[_Copy]] = {}
        for plan, rid in group:
            files = files_of(tree, plan)
            content = self._content(tree, files) if files is not None else None
            if files is not None and content is not None:
                evidence = self._ingest.runs[rid].evidence
                # what several runs are told by one file is no proof
                started = evidence.started if len(own_parts(plan)) == len(plan.parts) else None
                timed = content.timed or evidence.newest_record is not None or started is not None
                copy = _Copy(plan, rid, timed, kept_times(files))
                equal.setdefault(copy_id(files, content), []).append(copy)
        for id_, copies in equal.items():
            for joined, plans in _proved(id_, copies, held).items():
                for plan in plans if len(plans) > 1 else ():
                    for source in self._sources(tree, plan):
                        self._tell(source, joined)

    # ---------------------------------------------------------------- bytes

    def _content(self, tree: Tree, files: Sequence[File]) -> Content | None:
        """What the files of a run hold; None when one cannot be read, or is no longer what was last seen of it."""
        digest, timed = blake2b(digest_size=DIGEST_BYTES), False
        for file in files:
            known = self._digests.get((tree.root, file.path))
            if known is None or known[:2] != (file.size, file.mtime):
                content = read(tree.root, file)
                if content is None:
                    return None
                known = self._digests[tree.root, file.path] = (file.size, file.mtime, content)
            digest.update(known[2].digest)
            timed = timed or known[2].timed
        return Content(digest.digest(), timed)

    def _forget(self, tree: Tree) -> None:
        """Keep no digests of files that are no more."""
        for watch, path in [key for key in self._digests if key[0] == tree.root and key[1] not in tree.files]:
            del self._digests[watch, path]


class _Copy(NamedTuple):
    """A run whose files have been read."""

    plan: RunPlan
    rid: int
    timed: bool
    """Whether the records, or what a tool says of the run, tell when it was."""
    times: tuple[float, ...] | None
    """Modification times of its files that prove a copy."""


def _proved(id_: str, copies: Sequence[_Copy], held: Mapping[str, str | None]) -> dict[str, list[RunPlan]]:
    """Of runs that hold the same, those that are copies of each other, by the id that says so."""
    if any(copy.timed for copy in copies):
        return {id_: [copy.plan for copy in copies]}
    # what was once proved by the times of files stays so when these are touched
    known = {copy.rid: told for copy in copies if (told := held[copy.plan.root]) is not None and told.startswith(id_)}
    proved: dict[str, list[RunPlan]] = {}
    for copy in copies:
        joined = known.get(copy.rid) or (f"{id_}-{digest_of(repr(copy.times))}" if copy.times is not None else None)
        if joined is not None:
            proved.setdefault(joined, []).append(copy.plan)
    return proved


def _told(source: Source) -> list[str]:
    return [id_ for id_ in source.told if id_.startswith(COPY)]


def _as_told(tree: Tree, source: Source) -> bool:
    """Whether a file is as it was when it was told of; one that is read is told of anew then."""
    known = tree.files.get(source.path)
    return known is not None and (source.use != "also_in" or (known.size, known.mtime) == (source.size, source.mtime))


def _partners(ids: Mapping[str, str]) -> set[frozenset[str]]:
    """Roots of runs that one id joins."""
    joined: dict[str, set[str]] = {}
    for root, id_ in ids.items():
        joined.setdefault(id_, set()).add(root)
    return {frozenset(roots) for roots in joined.values() if len(roots) > 1}
