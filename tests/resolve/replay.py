"""Runs as the engine keeps them while files appear: resolve, then give each plan its row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runspect.identity import Known, assign, path_id, places
from runspect.model import Claim, RunPlan
from runspect.resolve import resolve
from runspect.resolve.shelves import Shelved, furnish

SCOPE = "host"


def ids_of(plan: RunPlan) -> frozenset[str]:
    """All ids that the plan itself tells: the tool's and those of its places."""
    return frozenset(plan.ids) | {path_id(SCOPE, root, key) for root, key in places(plan)}


def furnished_plans(
    claims: Iterable[Claim], shelved: Iterable[Shelved]
) -> tuple[tuple[RunPlan, ...], dict[tuple[str, str], frozenset[str]]]:
    """All runs, and the ids that stores gave for them by (root, key)."""
    runs = resolve(claims).runs
    made = furnish(runs, shelved)
    plans = (*made.runs, *(each.plan for each in made.shelved))
    told = {(plan.root, plan.key): frozenset[str]() for plan in plans}
    told |= {(each.plan.root, each.plan.key): each.ids for each in made.shelved}
    for index, taken in made.taken.items():
        told[runs[index].root, runs[index].key] = frozenset[str]().union(*(each.ids for each in taken))
    return plans, told


def uid_of(plan: RunPlan) -> str:
    """The id that an annotation of this run is written to."""
    return path_id(SCOPE, plan.root, plan.key)


@dataclass(frozen=True)
class Tag:
    """An annotation: the id it hangs on and the files that the run had then."""

    target: str
    files: frozenset[str]


class Replay:
    """A small index in memory."""

    def __init__(self) -> None:
        self.known: dict[int, Known] = {}
        self.shown: dict[int, RunPlan] = {}
        self.rid_of: dict[str, int] = {}
        self.families: dict[str, set[str]] = {}

    def step(self, claims: Iterable[Claim], shelved: Iterable[Shelved] = ()) -> list[Tag]:
        """Resolve anew, with what stores are known to hold; returns a tag for each run that there is now."""
        plans, told = furnished_plans(claims, shelved)
        given = assign(
            list(self.known.values()),
            plans,
            lambda plan: ids_of(plan) | told[plan.root, plan.key],
            max(self.known, default=0) + 1,
        )
        shown: dict[int, RunPlan] = {}
        files: dict[int, set[str]] = {}
        for rid, plan in zip(given.rids, plans, strict=True):
            shown[rid] = plan
            files.setdefault(rid, set()).update(_files(plan))
        gone = {rid: self.known[rid] for rid in given.vanished}
        self.known = gone | {
            rid: Known(rid, given.ids[rid], plan.root, plan.key, frozenset(files[rid])) for rid, plan in shown.items()
        }
        self.shown = shown
        self.rid_of = {
            id_: rid for known in [*gone.values(), *self._current()] for id_ in known.ids for rid in [known.rid]
        }
        for target, family in self.families.items():
            family.update(*(_files(shown[rid]) for rid in [self.rid_of.get(target)] if rid in shown))
        for plan in plans:
            self.families.setdefault(uid_of(plan), set()).update(_files(plan))
        return [Tag(uid_of(plan), frozenset(_files(plan))) for plan in plans]

    def misplaced(self, tag: Tag) -> str:
        """Why the run that the tag is found on is not the one that has its files now; "" when it is.

        Where the tagged run first grew together with others and then fell apart, one of the parts must have it.
        """
        found = self.rid_of.get(tag.target)
        family = self.families[tag.target]
        own, akin = self._holding(tag.files), self._holding(frozenset(family))
        if not own or found in own:
            return ""
        if len(akin) > 1 and found in akin:
            return ""
        return f"{sorted(tag.files)}: on {found}, not on {sorted(own)}"

    def _holding(self, files: frozenset[str]) -> set[int]:
        """Runs with all of the files, or else those with some."""
        some = {rid for rid, plan in self.shown.items() if files & set(_files(plan))}
        return {rid for rid in some if files <= set(_files(self.shown[rid]))} or some

    def _current(self) -> list[Known]:
        return [self.known[rid] for rid in self.shown]


def _files(plan: RunPlan) -> list[str]:
    return [part.claim.path for part in plan.parts if not part.shared]
