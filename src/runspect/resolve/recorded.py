"""Files outside a record that its run wrote: they are the record's run, wherever other loggers put them.

A record tells which files the run's processes had open, and between which moments; one that was killed early tells at
least its own process, which event files bear in their names. What one record alone wrote folds into it, as what lies in
its directory does: one run of a tool, or weak files; several runs of tools are its children. What other runs wrote as
well stays a run of its own, a child of the record that wrote it first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from runspect.dataclass import dataclass, field
from runspect.model import Claim, Part
from runspect.resolve.draft import Cluster, Draft, Leftover
from runspect.resolve.paths import within
from runspect.resolve.records import (
    SLACK_S,
    Marks,
    Record,
    Wrote,
    number,
    of_number,
    of_process,
    of_time,
    record_of,
    written,
)
from runspect.resolve.testimony import NOTHING, SILENCE, Heard, Testimony
from runspect.resolve.weak import Ground

_EVENTS = "tfevents"


@dataclass(slots=True)
class _Record:
    """A draft that is a record."""

    draft: Draft
    head: Record
    tools: list[Draft] = field(default_factory=list)
    """Runs of tools that it alone wrote."""
    clusters: list[Cluster] = field(default_factory=list)


def link(drafts: list[Draft], ground: Ground, heard: Heard = SILENCE) -> list[tuple[Draft, list[Cluster]]]:
    """Fold into the drafts of records what they wrote elsewhere; returns the clusters that each is to take in.

    `drafts` and `ground` lose what was folded.
    """
    records = [_Record(draft, head) for draft in drafts if (head := record_of(draft, heard.lost)) is not None]
    if not records:
        return []
    heads = [record.head for record in records]
    marks = Marks(heads)
    wrote = written(heads, {*_paths(drafts), *_paths_of(ground)})
    own = {id(record.draft) for record in records}
    others = [draft for draft in drafts if id(draft) not in own and draft.parent is None]
    late: list[tuple[Draft, Testimony]] = []
    for draft in others:
        said = next((found for part in draft.parts if (found := heard.said.get(part.claim.path))), NOTHING)
        owners = marks.of(said, draft.root) or _owners(draft.parts, heads, wrote) or _by_word(draft, said, heads)
        if owners:
            _place(draft, records, owners)
        elif said is not NOTHING:
            late.append((draft, said))
    _place_by_time(late, records, heads)
    for cluster in ground.clusters:
        owners = _owners(cluster.parts, heads, wrote, of_processes=True)
        if len(owners) == 1 and not _is_mixed(cluster, records[owners[0]], wrote):
            records[owners[0]].clusters.append(cluster)
        elif owners:
            cluster.parent = records[owners[0]].draft.root
    for record in records:
        _fold(record, drafts, ground)
    _give_leftovers(records, ground, wrote)
    return [(record.draft, record.clusters) for record in records if record.clusters]


def _owners(
    parts: Iterable[Part], records: Sequence[Record], wrote: Mapping[str, Sequence[Wrote]], of_processes: bool = False
) -> list[int]:
    """The records that wrote what tells the run, who began first in front."""
    found: dict[int, float] = {}
    for part in parts:
        if part.claim.kind == "series" and part.use == "read":
            told = wrote.get(part.claim.path, ()) or (_by_writer(part.claim, records) if of_processes else ())
            for each in _tellers(part.claim, told):
                found[each.record] = min(each.begun, found.get(each.record, math.inf))
    return sorted(found, key=lambda record: (found[record], record))


def _by_writer(claim: Claim, records: Sequence[Record]) -> Sequence[Wrote]:
    """The record of the process that an event file names."""
    start = number(claim.hint("start"))
    newest = of_process(claim.hint("writer"), start, records) if not math.isnan(start) else None
    return () if newest is None else (Wrote(newest, start, start),)


def _by_word(draft: Draft, said: Testimony, records: Sequence[Record]) -> list[int]:
    """The record of the process that a log itself names."""
    if said.pid is None:
        return []
    if said.host and said.started is not None:
        newest = of_process(f"{said.host}:{said.pid}", said.started, records)
        return [] if newest is None else [newest]
    told = [] if said.started is None else [said.started]
    told = told or [number(text) for part in draft.parts for text in part.claim.hint("moments").split(" ")]
    found = {index for moment in told if (index := of_number(draft.root, said.pid, moment, records)) is not None}
    return list(found) if len(found) == 1 else []


def _place_by_time(
    late: Sequence[tuple[Draft, Testimony]], records: Sequence[_Record], heads: Sequence[Record]
) -> None:
    """Where one run alone began in the time of a record that was killed, and nothing of it is known, it is that one's."""
    found: dict[int, list[Draft]] = {}
    for draft, said in late:
        if (index := of_time(draft.root, said, heads)) is not None:
            found.setdefault(index, []).append(draft)
    for index, drafts in found.items():
        if len(drafts) == 1 and not records[index].tools:
            _place(drafts[0], records, [index])


def _tellers(claim: Claim, told: Sequence[Wrote]) -> Sequence[Wrote]:
    """Whose a file is. Of several that name it, those that had it open; of these, the one in whose time it was begun."""
    start = number(claim.hint("start") or claim.hint("begun"))
    if len(told) > 1:
        told = [each for each in told if each.seen_open] or told
    if len(told) > 1 and not math.isnan(start):
        told = [each for each in told if each.begun - SLACK_S <= start <= each.ended + SLACK_S] or told
    return told


def _place(draft: Draft, records: Sequence[_Record], owners: Sequence[int]) -> None:
    places = [records[owner].draft.root for owner in owners]
    if any(within(place, draft.root) or within(draft.root, place) for place in places):
        return
    if len(owners) == 1:
        records[owners[0]].tools.append(draft)
    elif owners:
        draft.parent = records[owners[0]].draft.root


def _is_mixed(cluster: Cluster, record: _Record, wrote: Mapping[str, Sequence[Wrote]]) -> bool:
    """Whether some of its event files were begun when the record's run was not there: another run wrote them."""
    starts = [
        number(part.claim.hint("start"))
        for part in cluster.parts
        if part.claim.reader == _EVENTS and part.claim.path not in wrote
    ]
    return any(not math.isnan(start) and not record.head.covers(start) for start in starts)


def _fold(record: _Record, drafts: list[Draft], ground: Ground) -> None:
    draft = record.draft
    inside = any(other.parent == draft.root for other in drafts) or any(
        part.claim.rank == "tool" for part in draft.parts
    )
    if len(record.tools) == 1 and not inside:
        tool = record.tools[0]
        draft.parts += tool.parts
        draft.hosts |= {tool.root, *tool.hosts}
        for other in drafts:
            if other.parent == tool.root:
                other.parent = draft.root
        drafts.remove(tool)
    else:
        for tool in record.tools:
            tool.parent = draft.root
    for cluster in record.clusters:
        ground.clusters.remove(cluster)


def _give_leftovers(records: Sequence[_Record], ground: Ground, wrote: Mapping[str, Sequence[Wrote]]) -> None:
    """Configs and consoles: those that a record alone wrote, and those beside what was folded."""
    homes: dict[str, set[int]] = {}
    for index, record in enumerate(records):
        for cluster in record.clusters:
            for host in cluster.hosts:
                homes.setdefault(host, set()).add(index)
    taken = {cluster.root for cluster in ground.clusters}
    kept: list[Leftover] = []
    for leftover in ground.leftovers:
        named = {each.record for each in wrote.get(leftover.claim.path, ())}
        owners = named if leftover.claim.kind != "config" or leftover.home not in taken else set()
        owners = owners or (homes.get(leftover.home, set()) if leftover.home not in taken else set())
        if len(owners) == 1:
            records[owners.pop()].draft.parts.append(Part(leftover.claim, leftover.use))
        else:
            kept.append(leftover)
    ground.leftovers = kept


def _paths(drafts: Iterable[Draft]) -> Iterator[str]:
    return (part.claim.path for draft in drafts for part in draft.parts)


def _paths_of(ground: Ground) -> Iterator[str]:
    yield from (part.claim.path for cluster in ground.clusters for part in cluster.parts)
    yield from (leftover.claim.path for leftover in ground.leftovers)
