"""Of several copies of a run, the one that is read."""

from __future__ import annotations

import filecmp
from collections.abc import Sequence

from runspect.engine.tree import Tree
from runspect.index.records import RunRecord
from runspect.model import RunPlan
from runspect.pathtext import on_disk

_REMOVES = {"yes": 1, "packed": 2}


def primary(tree: Tree, record: RunRecord | None, plans: Sequence[RunPlan]) -> RunPlan:
    """The one that tells most: a backup may be older than the run's end.

    Of equal ones that which was there first; an export, or an archive, only where what it was made from is gone.
    """
    nearest = min(map(_removes, plans))
    plans = [plan for plan in plans if _removes(plan) == nearest]
    first = next((plan for plan in plans if record is not None and plan.root == record.path), plans[0])
    if len(plans) == 1:
        return first
    best = max(plans, key=lambda plan: _told_by(tree, plan))
    more = _told_by(tree, best) > _told_by(tree, first)
    return best if more and not _equal(tree, first, best) else first


def _removes(plan: RunPlan) -> int:
    """How far it is from the first hand: an export is made of a run, an archive of records."""
    return max(_REMOVES.get(part.claim.hint("exported"), 0) for part in plan.parts)


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
