"""Files outside a record that its run wrote: they are the record's run, wherever other loggers put them.

A record tells which files the run's processes had open, and between which moments; one that was killed early tells at
least its own process, which event files bear in their names. What one record alone wrote folds into it, as what lies in
its directory does: one run of a tool, or weak files; several runs of tools are its children. What other runs wrote as
well stays a run of its own, a child of the record that wrote it first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from runspect.model import Claim, Part
from runspect.resolve.draft import Cluster, Draft, Leftover
from runspect.resolve.paths import upward, within
from runspect.resolve.weak import Ground

SLACK_S = 5.0
"""Clocks and names that hold whole seconds differ by so much."""
_EVENTS = "tfevents"


@dataclass(frozen=True, slots=True)
class _Wrote:
    """A record's word on a file."""

    record: int
    """Index of the record among all."""
    begun: float
    ended: float
    """Seconds since 1970; nan where unknown."""

    @property
    def seen_open(self) -> bool:
        """It was open for a while; else it only lies beside one that was, and changed meanwhile."""
        return self.ended > self.begun


@dataclass(slots=True)
class _Record:
    """A draft that is a record, and what its head says."""

    draft: Draft
    process: str
    begun: float
    ended: float
    tools: list[Draft] = field(default_factory=list)
    """Runs of tools that it alone wrote."""
    clusters: list[Cluster] = field(default_factory=list)

    def covers(self, moment: float) -> bool:
        """Whether the run was there at a moment."""
        after = not moment < self.begun - SLACK_S
        return after and not moment > self.ended + SLACK_S


def link(drafts: list[Draft], ground: Ground) -> list[tuple[Draft, list[Cluster]]]:
    """Fold into the drafts of records what they wrote elsewhere; returns the clusters that each is to take in.

    `drafts` and `ground` lose what was folded.
    """
    records = [found for draft in drafts if (found := _record(draft)) is not None]
    if not records:
        return []
    wrote = _written(records, {*_paths(drafts), *_paths_of(ground)})
    of_processes = _by_process(records)
    own = {id(record.draft) for record in records}
    for draft in drafts:
        if id(draft) not in own and draft.parent is None:
            _place(draft, records, _owners(draft.parts, records, wrote, {}))
    for cluster in ground.clusters:
        owners = _owners(cluster.parts, records, wrote, of_processes)
        if len(owners) == 1 and not _is_mixed(cluster, records[owners[0]], wrote):
            records[owners[0]].clusters.append(cluster)
        elif owners:
            cluster.parent = records[owners[0]].draft.root
    for record in records:
        _fold(record, drafts, ground)
    _give_leftovers(records, ground, wrote)
    return [(record.draft, record.clusters) for record in records if record.clusters]


def _record(draft: Draft) -> _Record | None:
    for part in draft.parts:
        claim = part.claim
        if claim.hint("span") and claim.root == draft.root:
            begun, ended = map(_number, claim.hint("span").split(" "))
            return _Record(draft, claim.hint("process"), begun, ended)
    return None


def _written(records: Sequence[_Record], known: set[str]) -> dict[str, list[_Wrote]]:
    """Who wrote the files that are there, by path."""
    found: dict[str, list[_Wrote]] = {}
    for number, record in enumerate(records):
        for line in "\n".join(part.claim.hint("wrote") for part in record.draft.parts).split("\n"):
            begun, _, rest = line.partition("\t")
            ended, _, rest = rest.partition("\t")
            below = rest.split("\t")
            if len(below) == 3 and (path := _there(below, record.draft.root, known)) is not None:
                found.setdefault(path, []).append(_Wrote(number, _number(begun), _number(ended)))
    return found


def _there(below: Sequence[str], root: str, known: set[str]) -> str | None:
    """The file that is meant: where it was, else at the same place below a directory above the record."""
    if below[0] in known:
        return below[0]
    for up in upward(root):
        for path in below[1:]:
            joined = path if up == "." else f"{up}/{path}"
            if path and joined in known:
                return joined
    return None


def _by_process(records: Sequence[_Record]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, record in enumerate(records):
        if record.process:
            found.setdefault(record.process, []).append(number)
    return found


def _owners(
    parts: Iterable[Part],
    records: Sequence[_Record],
    wrote: Mapping[str, Sequence[_Wrote]],
    of_processes: Mapping[str, Sequence[int]],
) -> list[int]:
    """The records that wrote what tells the run, who began first in front."""
    found: dict[int, float] = {}
    for part in parts:
        if part.claim.kind == "series" and part.use == "read":
            told = wrote.get(part.claim.path, ()) or _by_writer(part.claim, records, of_processes)
            for each in _tellers(part.claim, told):
                found[each.record] = min(each.begun, found.get(each.record, math.inf))
    return sorted(found, key=lambda record: (found[record], record))


def _by_writer(claim: Claim, records: Sequence[_Record], of_processes: Mapping[str, Sequence[int]]) -> Sequence[_Wrote]:
    """The record of the process that an event file names; a number of a process is given anew, so time must agree."""
    start = _number(claim.hint("start"))
    if math.isnan(start):
        return ()
    there = [number for number in of_processes.get(claim.hint("writer"), ()) if records[number].covers(start)]
    newest = max(there, key=lambda number: records[number].begun, default=None)
    return () if newest is None else (_Wrote(newest, start, start),)


def _tellers(claim: Claim, told: Sequence[_Wrote]) -> Sequence[_Wrote]:
    """Whose a file is. Of several that name it, those that had it open; of these, the one in whose time it was begun."""
    start = _number(claim.hint("start") or claim.hint("begun"))
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


def _is_mixed(cluster: Cluster, record: _Record, wrote: Mapping[str, Sequence[_Wrote]]) -> bool:
    """Whether some of its event files were begun when the record's run was not there: another run wrote them."""
    starts = [
        _number(part.claim.hint("start"))
        for part in cluster.parts
        if part.claim.reader == _EVENTS and part.claim.path not in wrote
    ]
    return any(not math.isnan(start) and not record.covers(start) for start in starts)


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


def _give_leftovers(records: Sequence[_Record], ground: Ground, wrote: Mapping[str, Sequence[_Wrote]]) -> None:
    """Configs and consoles: those that a record alone wrote, and those beside what was folded."""
    homes: dict[str, set[int]] = {}
    for number, record in enumerate(records):
        for cluster in record.clusters:
            for host in cluster.hosts:
                homes.setdefault(host, set()).add(number)
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


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
