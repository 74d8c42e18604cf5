"""Runs of stores (mlflow.db, a study's journal) that lie in a container: the container's own run, or its children.

A Hydra job that logs to a store of its own is one run with one tool; one that starts several trials is their parent. How
many there are is known once the store is read, so this is decided from plans, not from claims, and anew whenever a store
tells of one run more or less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from runspect.dataclass import dataclass
from runspect.model import Part, RunPlan
from runspect.resolve.held import owners
from runspect.resolve.paths import upward
from runspect.resolve.testimony import NOTHING, SILENCE, Heard, Testimony


@dataclass(frozen=True, slots=True)
class Shelved:
    """A run of a store, with the ids that the store gave for it: of one run in a copy of the store too."""

    plan: RunPlan
    ids: frozenset[str]
    said: Testimony = NOTHING


@dataclass(frozen=True, slots=True)
class Furnished:
    """Who is whose."""

    runs: tuple[RunPlan, ...]
    """The resolved runs in their order; a container's has the store as a part where its only run stands there."""
    taken: Mapping[int, tuple[Shelved, ...]]
    """Index of a container's run → what was folded into it."""
    shelved: tuple[Shelved, ...]
    """All others; those in a container are its children."""


def furnish(runs: Sequence[RunPlan], shelved: Iterable[Shelved], heard: Heard = SILENCE) -> Furnished:
    """Fold a run of a store into the container it lies in if that holds no other run of a tool; else make it its child.

    So it is with a record whose run wrote the store, wherever that lies (`held`). Deterministic, whatever the order of
    `shelved`.
    """
    places = {run.root: index for index, run in enumerate(runs) if is_container(run) and not run.key}
    crowded = {run.parent for run in runs if run.parent is not None}
    inside: dict[int, list[Shelved]] = {}
    others: list[Shelved] = []
    ordered = sorted(shelved, key=lambda each: (each.plan.parts[0].claim.path, each.plan.key))
    owned = owners(runs, [(each.plan.parts[0].claim.path, each.said) for each in ordered], heard)
    for each, owner in zip(ordered, owned, strict=True):
        around = container_of(each.plan.parts[0].claim.path, places) or owner
        if around is None:
            others.append(each)
        else:
            inside.setdefault(places[around], []).append(each)
    furnished, taken = list(runs), dict[int, tuple[Shelved, ...]]()
    for index, those in inside.items():
        run = runs[index]
        ids = frozenset(id_ for each in those for id_ in each.ids)
        nested = [each for each in those if each.said.parent in ids]  # within a run beside it, not within the container
        mine = [each for each in those if each.said.parent not in ids]
        is_one = run.root not in crowded and not _holds_tool_run(run) and _is_one(mine)
        if is_one:
            furnished[index] = _joined(run, mine)
            taken[index] = tuple(mine)
        else:
            others += [replace(each, plan=replace(each.plan, parent=run.root)) for each in mine]
        folded = frozenset(id_ for each in mine for id_ in each.ids) if is_one else frozenset()
        for each in nested:
            above = run.root if each.said.parent in folded else None
            others.append(replace(each, plan=replace(each.plan, parent=above)))
    return Furnished(tuple(furnished), taken, tuple(others))


def container_of(path: str, containers: Iterable[str]) -> str | None:
    """The nearest container's root at or above a store."""
    places = containers if isinstance(containers, (Mapping, frozenset)) else frozenset(containers)
    return next((up for up in upward(path) if up in places), None)


def is_container(run: RunPlan) -> bool:
    """Whether it is a Hydra job or the like, in which other tools' runs are its own."""
    return any(part.claim.rank == "container" for part in run.parts)


def _holds_tool_run(run: RunPlan) -> bool:
    return any(part.claim.rank == "tool" for part in run.parts)


def _is_one(held: Sequence[Shelved]) -> bool:
    """One run, or one in several copies of its store."""
    return len(held) == 1 or (len(held) > 1 and bool(frozenset.intersection(*(each.ids for each in held))))


def _joined(run: RunPlan, held: Sequence[Shelved]) -> RunPlan:
    """The first store tells, its copies are listed."""
    own = [
        replace(part, use="also_in" if number else part.use, run=each.plan.key)
        for number, each in enumerate(held)
        for part in each.plan.parts
    ]
    parts: list[Part] = sorted([*run.parts, *own], key=lambda part: (part.claim.path, part.claim.reader))
    tools = tuple(sorted({*run.tools, *(tool for each in held for tool in each.plan.tools)}))
    return replace(run, parts=tuple(parts), tools=tools)
