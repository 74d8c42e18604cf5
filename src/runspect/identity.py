"""Which known run a newly resolved run is: a pure merge, so that annotations follow their files.

A run keeps every id it ever had. A run that is resolved anew takes the row of a known run by an id that its tool gave,
else by its place, else by the files it holds; two known runs that turn out to be one keep the older row.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from runspect.dataclass import dataclass
from runspect.model import WAS_ID, RunPlan

PATH = "path:"
_SEEN = "@"
COPY = "copy:"
"""Ids of what files hold, byte for byte: they join runs that are there together, and are never an id of a run."""
UNSCOPED = ("wandb-id:",)
"""Ids that are unique only inside a project that the path does not tell: they follow a run that was moved, no more."""


@dataclass(frozen=True, slots=True)
class Known:
    """A run as the index knows it."""

    rid: int
    ids: frozenset[str]
    root: str
    key: str
    files: frozenset[str]
    """Paths of its files, in the terms of the plans' claims."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Rows for the plans, and what became of the known rows."""

    rids: tuple[int, ...]
    """Per plan, in the order given. Two plans with one tool id or one content (a run and its copy) share a row."""
    merged: Mapping[int, int]
    """Known rows that are no longer shown → the older row that took them in."""
    vanished: frozenset[int]
    """Known rows that no plan continues: their files are gone."""
    ids: Mapping[int, frozenset[str]]
    """Per row in use, all its ids: its plans' own and those inherited from rows merged into it."""


def path_id(scope_key: str, root: str, key: str) -> str:
    """The id of a place. `scope_key`: the host, or the random id of the marked directory that `root` is relative to."""
    text = "\0".join((scope_key, root, key))
    return PATH + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def seen_from(shared: str, here: str) -> str:
    """The id of a place in a shared folder, as held by the run that is at a place of this host.

    Of two clones on one host each has a run of that id, and each only one at a time: the place counts as well.
    """
    return f"{shared}{_SEEN}{here.removeprefix(PATH)}"


def public(id_: str) -> str:
    """An id as people and other hosts know it."""
    return id_.partition(_SEEN)[0] if id_.startswith(PATH) else id_


def places(plan: RunPlan) -> tuple[tuple[str, str], ...]:
    """(root, key) of the plan itself, first, then of the runs that its files would have been alone.

    A tag put on `exp/train` before `exp/validation` appeared is thus found again even from an empty index.
    """
    own = (plan.root, plan.key)
    founders = {
        (part.claim.root, "")
        for part in plan.parts
        if part.claim.kind == "series" and not part.shared and not _is_above(part.claim.root, plan.root)
    }
    return (own, *sorted((founders | shelves(plan)) - {own, (plan.root, "")}))


def shelves(plan: RunPlan) -> frozenset[tuple[str, str]]:
    """(root, key) under which stores hold the run, where it is a container's."""
    return frozenset((part.claim.root, part.run) for part in plan.parts if part.run)


def _is_above(root: str, place: str) -> bool:
    """Whether a file's root is above the run that it was given to: another run of that directory is there."""
    return root != place and (root == "." or place.startswith(f"{root}/"))


def is_strong(id_: str) -> bool:
    """Whether the id says by itself which run is meant."""
    return not id_.startswith((PATH, *UNSCOPED))


def lasting(ids: Iterable[str]) -> frozenset[str]:
    """Those ids that a run keeps whatever becomes of its files."""
    return frozenset(id_ for id_ in ids if not id_.startswith(COPY))


def assign(
    previous: Sequence[Known],
    plans: Sequence[RunPlan],
    ids_of: Callable[[RunPlan], frozenset[str]],
    next_rid: int,
) -> Assignment:
    """Give each plan a row, continuing `previous`; new rows count up from `next_rid` in the order of (root, key).

    Deterministic, whatever the order of `previous` and `plans`.
    """
    groups = _same_runs(plans, ids_of)
    heirs = _heirs(previous, groups)
    rows_of: dict[int, list[int]] = {}
    for rid, heir in heirs.items():
        rows_of.setdefault(heir, []).append(rid)
    rids: dict[int, int] = {}
    merged: dict[int, int] = {}
    for number, group in enumerate(groups):
        rows = sorted(rows_of.get(number, ()))
        rid = rows[0] if rows else next_rid
        next_rid += not rows
        merged |= dict.fromkeys(rows[1:], rid)
        rids |= dict.fromkeys(group.plans, rid)
    owned = {id_ for group in groups for id_ in group.ids}
    ids: dict[int, set[str]] = {}
    for group in groups:
        ids.setdefault(rids[group.plans[0]], set()).update(group.ids)
    for known in previous:
        if known.rid in heirs:
            ids[merged.get(known.rid, known.rid)] |= known.ids - owned
    return Assignment(
        rids=tuple(rids[index] for index in range(len(plans))),
        merged=merged,
        vanished=frozenset(known.rid for known in previous if known.rid not in heirs),
        ids={rid: frozenset(own) for rid, own in ids.items()},
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """Plans that are one run: usually one, more where a directory was copied."""

    plans: tuple[int, ...]
    ids: frozenset[str]
    files: frozenset[str]
    places: frozenset[tuple[str, str]]
    """(root, key) of each plan, and of what stores hold of it."""


def _same_runs(plans: Sequence[RunPlan], ids_of: Callable[[RunPlan], frozenset[str]]) -> list[_Group]:
    order = sorted(range(len(plans)), key=lambda index: (plans[index].root, plans[index].key))
    position = {index: at for at, index in enumerate(order)}
    ids = {index: ids_of(plans[index]) for index in order}
    first: dict[str, int] = {}
    at_home: dict[str, int] = {}
    for index in order:
        for id_ in ids[index]:
            if id_.startswith(PATH):
                at_home.setdefault(WAS_ID + public(id_), index)
    leader = {index: index for index in order}

    def find(index: int) -> int:
        while leader[index] != index:
            index = leader[index]
        return index

    for index in order:
        for id_ in sorted(filter(is_strong, ids[index])):
            before = first.setdefault(id_, at_home.get(id_, index))
            one, other = sorted((find(before), find(index)), key=position.__getitem__)
            leader[other] = one
    members: dict[int, list[int]] = {}
    for index in order:
        members.setdefault(find(index), []).append(index)
    return [
        _Group(
            tuple(group),
            lasting(id_ for index in group for id_ in ids[index]),
            frozenset(
                part.claim.path
                for index in group
                for part in plans[index].parts
                if part.use != "row" and not part.shared
            ),
            frozenset(place for index in group for place in _at(plans[index])),
        )
        for group in members.values()
    ]


def _at(plan: RunPlan) -> frozenset[tuple[str, str]]:
    return shelves(plan) | {(plan.root, plan.key)}


def _heirs(previous: Iterable[Known], groups: Sequence[_Group]) -> dict[int, int]:
    """Known rid → the group that continues it. An unscoped id only finds a run whose old place is empty."""
    by_id: dict[str, list[int]] = {}
    by_file: dict[str, int] = {}
    at: dict[tuple[str, str], int] = {}
    for number, group in enumerate(groups):
        for id_ in group.ids:
            by_id.setdefault(id_, []).append(number)
            if public(id_) != id_:  # a shared folder that was moved
                by_id.setdefault(public(id_), []).append(number)
        by_file |= dict.fromkeys(group.files, number)
        at |= dict.fromkeys(group.places, number)
    previous = sorted(previous, key=lambda known: known.rid)
    occupied = {at[place] for known in previous if (place := (known.root, known.key)) in at}
    heirs: dict[int, int] = {}
    homeless: list[Known] = []
    for known in previous:
        heir = _heir(known, by_id, by_file, at.get((known.root, known.key)), occupied)
        if heir is None:
            homeless.append(known)
        else:
            heirs[known.rid] = heir
    taken = set(heirs.values())
    for known in homeless:
        lasting_ids = {public(id_) for id_ in known.ids if id_.startswith(UNSCOPED) or public(id_) != id_}
        free = [number for id_ in sorted(lasting_ids) for number in by_id.get(id_, ())]
        if len(set(free)) == 1 and free[0] not in taken:
            heirs[known.rid] = free[0]
    return heirs


def _heir(
    known: Known, by_id: Mapping[str, list[int]], by_file: Mapping[str, int], home: int | None, occupied: Set[int]
) -> int | None:
    """The group that continues a run; `home` is the one at its place, `occupied` those that are at home with any run."""
    shares = Counter(by_file[file] for file in known.files if file in by_file)
    tool = {number for id_ in known.ids if is_strong(id_) for number in by_id.get(id_, ())}
    place = {number for id_ in known.ids if id_.startswith(PATH) for number in by_id.get(id_, ())}
    # A place that a run once had and another has now does not make it that one: it had a copy there that went on.
    free = {number for number in place if number == home or number not in occupied}
    candidates = tool or (place & set(shares)) or set(shares) or free
    # Most files first, then the one at its own place (of copies that part), then the first in (root, key) order.
    return min(candidates, key=lambda number: (-shares[number], number != home, number)) if candidates else None
