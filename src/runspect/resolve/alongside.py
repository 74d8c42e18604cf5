"""Event files that lie in another tree than the run they tell of.

PyMARL and its kin let Sacred keep `results/sacred/1` and write event files to `results/tb_logs/<name>__<time>`. Two such
directories are one run when the times of their starts and the names of their metrics say so, and say it of no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runspect.model import Claim
from runspect.resolve.draft import Cluster, Draft
from runspect.resolve.paths import parent, upward, within

EARLIER_S, LATER_S = 5.0, 300.0
"""A writer of event files may begin so long before and after the tool recorded the start."""
NEAR = 3
"""Levels above the run at which both must meet."""


def pairs(drafts: Sequence[Draft], clusters: Iterable[Cluster]) -> list[tuple[Draft, Cluster]]:
    """The strong runs and the clusters of event files that are theirs; each at most once."""
    started = [(draft, start) for draft in drafts if (start := _hinted(draft, "begun")) is not None]
    found: list[tuple[Draft, Cluster]] = []
    for cluster in clusters:
        if cluster.key or cluster.readers() != {"tfevents"}:
            continue
        begun = min(
            (number for part in cluster.parts if (number := _number(part.claim, "start")) is not None), default=None
        )
        if begun is not None:
            found += [(draft, cluster) for draft, start in started if _is_same(draft, start, cluster, begun)]
    once_draft, once_cluster = _counts(id(draft) for draft, _ in found), _counts(id(cluster) for _, cluster in found)
    return [pair for pair in found if once_draft[id(pair[0])] == 1 and once_cluster[id(pair[1])] == 1]


def _is_same(draft: Draft, start: float, cluster: Cluster, begun: float) -> bool:
    return -EARLIER_S <= begun - start <= LATER_S and _near(draft.root, cluster.root) and _same_metrics(draft, cluster)


def _near(root: str, other: str) -> bool:
    """Whether the other directory lies below one that is little above the run."""
    return any(within(other, up) for up in list(upward(parent(root)))[:NEAR])


def _same_metrics(draft: Draft, cluster: Cluster) -> bool:
    told = {name for part in draft.parts for name in part.claim.hint("columns").split("\n") if name}
    tags = {tag for part in cluster.parts for tag in part.claim.hint("tags").split("\n") if tag}
    return bool(told & tags)


def _hinted(draft: Draft, name: str) -> float | None:
    return next((number for part in draft.parts if (number := _number(part.claim, name)) is not None), None)


def _number(claim: Claim, name: str) -> float | None:
    try:
        return float(claim.hint(name))
    except ValueError:
        return None


def _counts(items: Iterable[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return counts
