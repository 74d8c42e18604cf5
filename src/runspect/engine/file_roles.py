"""The role that each file has in its run, and which files are to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from runspect.engine.tree import Tree
from runspect.index.ingest import Ingest
from runspect.index.records import STORE, Source
from runspect.model import Part, RunPlan
from runspect.readers.contract import Cursor

Roles = Mapping[tuple[str, int], Part]
"""(path, rid) → the part that the file has in the run."""


def roles(plans: Mapping[int, Sequence[RunPlan]], chosen: Mapping[int, RunPlan]) -> dict[tuple[str, int], Part]:
    """(path, rid) → the part that the file has in the run; in a copy of a run a file is only listed."""
    return {
        (part.claim.path, rid): part if plan is chosen[rid] else _listed(part, plan, chosen[rid])
        for rid, told in plans.items()
        for plan in told
        for part in plan.parts
    }


def _listed(part: Part, plan: RunPlan, chosen: RunPlan) -> Part:
    """A part of a copy; of a store it is kept what the run is called there, where that is not what it is called itself."""
    own = plan.key if part.use == "row" and plan.key != chosen.key else part.run
    return replace(part, use="also_in", run=own)


def differs(tree: Tree, source: Source) -> bool:
    """Whether the bytes of a file are not those that were read."""
    known = tree.files.get(source.path)
    if known is None:
        return False
    if (known.size, known.mtime) != (source.size, source.mtime):
        return True
    # it was written in place and its times set back, or only its rights changed: its signatures tell
    return known.ctime != source.ctime and 0 not in (known.ctime, source.ctime)


def settle(ingest: Ingest, tree: Tree, rids: Iterable[int], wanted: Roles, copied: Mapping[str, str]) -> list[Source]:
    """Let every file of these runs have the role in its run that was decided; those that are to be read.

    `copied`: per path, the id of what the run holds that the file is of.
    """
    for rid in rids:
        for source in ingest.files_of(rid):
            if (source.path, rid) not in wanted:
                ingest.retire(source)
    settled = [_settled(ingest, tree, rid, part, copied.get(part.claim.path)) for (_, rid), part in wanted.items()]
    return [source for source in settled if source.use == "read" and differs(tree, source)]


def _settled(ingest: Ingest, tree: Tree, rid: int, part: Part, copied: str | None) -> Source:
    path, reader = part.claim.path, part.claim.reader
    source = ingest.sources.get((tree.root, path, rid))
    if source is None:
        source = Source(tree.root, path, rid, reader, part.use, part.prefix, part.shared, key=part.run)
        source.told = (copied,) if copied is not None else ()
        _note_size(ingest, tree, source)
        if part.use == "row":
            _reread_store(ingest, tree, path)
    elif (source.reader, source.use, source.prefix) != (reader, part.use, part.prefix):
        ingest.begin(source)
        source.reader, source.use, source.prefix, source.shared = reader, part.use, part.prefix, part.shared
        source.cursor, source.size, source.mtime, source.ctime = Cursor(), -1, -1.0, 0
        source.told = (copied,) if copied is not None else ()
        _note_size(ingest, tree, source)
        if part.use == "row":
            _reread_store(ingest, tree, path)
    elif source.shared != part.shared:
        source.shared = part.shared
        ingest.put_shared(source)
    if source.key != part.run:
        source.key = part.run
        ingest.put_source(source)
    return source


def _reread_store(ingest: Ingest, tree: Tree, path: str) -> None:
    """Another run than before is told by a store: it is read anew, and what is just being read of it is dropped."""
    store = ingest.sources.get((tree.root, path, STORE))
    if store is not None:
        ingest.put_source(replace(store, cursor=Cursor(), size=-1))


def _note_size(ingest: Ingest, tree: Tree, source: Source) -> None:
    known = tree.files.get(source.path)
    if source.use == "also_in" and known is not None:
        source.size, source.mtime, source.ctime = known.size, known.mtime, known.ctime
    ingest.put_source(source)
