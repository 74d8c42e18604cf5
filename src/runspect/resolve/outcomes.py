"""Files of last values ("metrics.json", "results.json") that are all that a run left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runspect.resolve.draft import Cluster, Leftover
from runspect.resolve.paths import upward

REACH = 2
"""Last values up to so many levels below or above another run's directory are no run of their own."""


def founded(leftovers: Sequence[Leftover], taken: Iterable[str]) -> tuple[list[Cluster], list[Leftover]]:
    """A run for each directory of such files with no richer run near, and the other leftovers.

    Args:
        taken: Directories of all other runs.
    """
    taken = set(taken)
    covered = {up for root in taken for up in list(upward(root))[: 1 + REACH]}
    clusters: dict[str, Cluster] = {}
    left: list[Leftover] = []
    for leftover in leftovers:
        home = leftover.home
        near = home in covered or any(up in taken for up in list(upward(home))[: 1 + REACH] if up != ".")
        if leftover.claim.hint("outcome") and not near:
            clusters.setdefault(home, Cluster(home, hosts={home})).add(leftover.claim, leftover.use)
        else:
            left.append(leftover)
    return [clusters[home] for home in sorted(clusters)], left
