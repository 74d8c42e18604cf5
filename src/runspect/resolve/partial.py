"""Runs of a tree that is still being walked: those that what comes will hardly change.

A directory is open as long as something in it was not walked. A run in one may turn out to be part of another, to be
several, or to be none; what lies in a closed one stays what it is unless it joins something beside it, which its names tell.
"""

from __future__ import annotations

from collections.abc import Callable, Set

from runspect.model import RunPlan
from runspect.resolve.folding import SPLITS
from runspect.resolve.paths import CHECKPOINT, base, parent
from runspect.resolve.ranks import RANK
from runspect.resolve.weak import HF_BOARDS, PARTS_OF_RUNS

REACH = 2
"""Levels below an open directory from which files may join a run in it."""
_OF_ANOTHER = SPLITS | HF_BOARDS | PARTS_OF_RUNS


def settled(runs: tuple[RunPlan, ...], open_: Set[str], shown: Callable[[RunPlan], bool]) -> tuple[RunPlan, ...]:
    """Those runs that are to be shown while the directories `open_` are being walked: the settled and the `shown` ones.

    `open_` holds the walked root (".") and with each directory those above it.
    """
    return tuple(plan for plan in runs if shown(plan) or _is_settled(plan, open_))


def _is_settled(plan: RunPlan, open_: Set[str]) -> bool:
    if plan.root in open_ or any(parent(part.claim.path) in open_ for part in plan.parts if not part.shared):
        return False
    levels, outermost = 1, plan.root
    while (up := parent(outermost)) not in open_:
        levels, outermost = levels + 1, up
    return levels > REACH or (_is_series(plan) and not _may_be_part(base(outermost)))


def _is_series(plan: RunPlan) -> bool:
    """Whether it is a run by itself: a config or a console log alone goes to a run beside it."""
    return any(part.claim.kind == "series" or part.claim.rank != "weak" for part in plan.parts)


def _may_be_part(name: str) -> bool:
    return name.lower() in _OF_ANOTHER or bool(RANK.fullmatch(name) or CHECKPOINT.fullmatch(name))
