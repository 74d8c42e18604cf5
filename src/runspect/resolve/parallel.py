"""Several processes that write event files into one directory at once: ranks, or programs that share it.

A writer that begins after another has stopped goes on with the run, and what the first told from that step on is void.
One that began while the other was still writing tells curves of its own: voiding would hide those of the first.
"""

from __future__ import annotations

from collections.abc import Iterable

from runspect.model import Claim

SLACK_S = 1.0
"""The start in a file's name is in whole seconds."""


def parallel(events: Iterable[Claim]) -> dict[Claim, str]:
    """Event files of writers that wrote beside an earlier one of their directory → what to put before their metrics.

    Proven by the times in the heads alone; the earliest writer's metrics keep their names.
    """
    places: dict[str, list[Claim]] = {}
    for claim in events:
        if claim.hint("writer") and claim.hint("start"):
            places.setdefault(claim.root, []).append(claim)
    found: dict[Claim, str] = {}
    for claims in places.values():
        if len({claim.hint("writer") for claim in claims}) > 1:
            found |= _beside(sorted(claims, key=lambda claim: (float(claim.hint("start")), claim.path)))
    return found


def _beside(claims: list[Claim]) -> dict[Claim, str]:
    """Of one directory, in the order of their starts."""
    first: list[Claim] = []
    found: dict[Claim, str] = {}
    named: dict[str, str] = {}
    for claim in claims:
        writer = claim.hint("writer")
        if writer not in named:
            beside = any(_overlap(other, claim) for other in first)
            host, _, pid = writer.rpartition(":")
            named[writer] = (f"writer-{pid}" if _hosts(claims) == {host} else f"writer-{host}-{pid}") if beside else ""
        if named[writer]:
            found[claim] = named[writer]
        else:
            first.append(claim)
    return found


def _overlap(early: Claim, late: Claim) -> bool:
    """Whether the first was still writing when the second began, and both tell a metric of one name."""
    last = early.hint("last")
    if early.hint("writer") == late.hint("writer") or not last or float(last) <= float(late.hint("start")) + SLACK_S:
        return False
    return bool(set(early.hint("tags").split("\n")) & set(late.hint("tags").split("\n")) - {""})


def _hosts(claims: Iterable[Claim]) -> set[str]:
    return {claim.hint("writer").rpartition(":")[0] for claim in claims}
