"""One change to a tag on all its runs: another name, one tag out of several, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runspect.dataclass import dataclass
from runspect.errors import NotFound
from runspect.model import Op
from runspect.workspace.client import Workspace


@dataclass(frozen=True, slots=True)
class Change:
    """What was done."""

    runs: int
    """Runs that have another tag than before."""
    left: int
    """Runs that keep the old tag, because a tool recorded it."""


def merge_tags(
    workspace: Workspace, olds: Sequence[str], new: str, check: Callable[[list[int]], None] | None = None
) -> Change:
    """Give `new` to every run that people tagged with one of `olds`, and take those away; one undo takes it all back.

    Args:
        new: "" only takes the old ones away.
        check: Asked with the rids before anything is written; it refuses by raising.

    Raises:
        NotFound: No run has one of `olds`.
    """
    known = {str(tag["name"]): tag for tag in workspace.tags()}
    missing = [old for old in olds if old not in known]
    if missing:
        raise NotFound(f"no run is tagged {missing[0]!r}")
    ops: dict[tuple[str, str], Op] = {}
    rids: dict[int, None] = {}
    for old in olds:
        if old == new:
            continue
        for rid, uid in workspace.tagged(old):
            rids[rid] = None
            # None and not false, which would hide what a tool recorded
            ops[uid, old] = Op(f"run:{uid}", f"tag:{old}", None)
            if new:
                ops[uid, new] = Op(f"run:{uid}", f"tag:{new}", True)
    if check is not None and rids:
        check(list(rids))
    if ops:
        workspace.annotate(list(ops.values()))
    return Change(len(rids), sum(int(known[old]["tools"]) for old in olds if old != new))
