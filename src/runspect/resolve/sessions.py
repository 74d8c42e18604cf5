"""Work directories that a tool is started in again and again: which starts go on with a run, and which begin one.

MMEngine makes a directory named by the time at every start. A start that trained on from where the last one stopped is
the same run; one that trained from the beginning, after another had already come to rows, is a run of its own. The
first run of a work directory is the work directory's, a later one that of its own session's directory, so a run
never moves when another begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runspect.dataclass import dataclass, field
from runspect.model import Claim


@dataclass(slots=True)
class _Session:
    claims: list[Claim] = field(default_factory=list)

    def begins(self) -> int | None:
        """The step from which it trained on; None while it has no rows."""
        told = [int(hint) for claim in self.claims if (hint := claim.hint("begins")).isdigit()]
        return min(told, default=None)


@dataclass(frozen=True, slots=True)
class Homes:
    """Where the runs of work directories are."""

    roots: Mapping[Claim, str]
    """Claim → root of its run, where that is not the claim's own."""
    places: Mapping[str, str]
    """Directory of a session → root of its run, where that is not the work directory."""


def homes(claims: Iterable[Claim]) -> Homes:
    """Part the sessions of each work directory into runs."""
    work: dict[str, dict[str, _Session]] = {}
    beside: dict[str, list[Claim]] = {}
    for claim in claims:
        session = claim.hint("session")
        if session:
            work.setdefault(claim.root, {}).setdefault(session, _Session()).claims.append(claim)
        else:
            beside.setdefault(claim.root, []).append(claim)
    roots: dict[Claim, str] = {}
    places: dict[str, str] = {}
    for directory, sessions in work.items():
        home, trained = directory, False
        for name, start in sorted(sessions.items()):
            begins = start.begins()
            place = name if directory == "." else f"{directory}/{name}"
            if begins == 0 and trained:
                home = place
            trained = trained or begins is not None
            if home != directory:
                places[place] = home
                roots.update(dict.fromkeys(start.claims, home))
        if home != directory:
            # what lies in the work directory itself is overwritten at every start: it is the newest run's
            roots.update(dict.fromkeys((claim for claim in beside.get(directory, ()) if not claim.hint("id")), home))
    return Homes(roots, places)
