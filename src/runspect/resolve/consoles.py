"""Console logs that are all that a run left, and whether a run's console logs are to tell its metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from runspect.model import Claim, Part
from runspect.resolve.draft import Cluster, Draft, Leftover
from runspect.resolve.paths import above, base, distance, parent, upward
from runspect.resolve.ranks import torchrun_rank

STATUS, METRICS, CONFIG = "console", "console-metrics", "console-config"
"""Readers of a console log: of its end alone, of all its lines, and of the configuration that it begins with."""
REACH_UP, REACH_DOWN = 2, 3
"""A console log up to so many levels below or above another run's directory is that run's."""
_ENDING = re.compile(r"(?:\.(?:log|out|err|txt|stdout|stderr)(?:\.\d{1,3})?)+$")
_STREAMS = re.compile(
    r"(?:^|[._-])(?:std)?(?:out|err|error)$|^(?:train(?:ing)?|valid(?:ation)?|val|eval(?:uation)?|test|log|logs|logger|output|console"
    r"|nohup|debug|info|main|run|job|hydra|cout|root|lightning|nemo|globalrank|localrank|rank|gpu|proc|worker|\d{1,4}|[._-])+$"
)
_RUN = re.compile(r"run[._-]?\d+")
_SLURM = re.compile(r"(?:slurm|job)[-_.]?\d+(?:_\d+)?")
_JOB_LOG = re.compile(rf"{_SLURM.pattern}|nohup\.out")
_RANK = re.compile(r"(?:rank|gpu|proc|worker)[._-]?(\d+)")


def run_key(path: str) -> str:
    """What tells the logs of several runs in one directory apart; "" for names that any run's log may have."""
    name = _ENDING.sub("", base(path)).lower()
    name = re.sub(r"(?:[._-]?(?:global|local)?(?:rank|gpu|proc|worker)[._-]?\d+)+$", "", name)
    name = re.sub(r"(?<=[a-z0-9])[._-](?:std)?(?:out|err|error)$", "", name)
    return "" if (_STREAMS.search(name) and not _RUN.fullmatch(name)) or not name else name


def founded(leftovers: Sequence[Leftover], taken: Iterable[str]) -> tuple[list[Cluster], list[Leftover]]:
    """Runs of which nothing but console logs is there, and the other leftovers.

    Args:
        taken: Directories of all other runs: a log at, in or just above one of them is a part of it.
    """
    taken = set(taken)
    covered = {up for root in taken for up in above(root) if distance(root, up) <= REACH_DOWN} | taken
    places: dict[str, dict[str, list[Leftover]]] = {}
    for leftover in leftovers:
        near = list(upward(leftover.home))[1 : 1 + REACH_UP]
        if not leftover.claim.hint("metrics") or leftover.home in covered or any(up in taken for up in near):
            continue
        places.setdefault(leftover.home, {}).setdefault(run_key(leftover.claim.path), []).append(leftover)
    clusters: list[Cluster] = []
    used: set[Claim] = set()
    for home, groups in sorted(places.items()):
        for key, group in _runs(groups).items():
            first = min(group, key=lambda leftover: leftover.claim.path).claim
            cluster = Cluster(home, base(first.path) if key else "", _label(first.path) if key else "")
            cluster.hosts.add(home)
            for leftover in group:
                cluster.add(leftover.claim, leftover.use)
                used.add(leftover.claim)
            clusters.append(cluster)
    return clusters, [leftover for leftover in leftovers if leftover.claim not in used]


def given(loose: Sequence[Claim], strong: Sequence[Draft], weak: Iterable[Draft]) -> list[Claim]:
    """Give a console log (or what speaks like it of the run below) above a tool's run to it, where no other run lies below.

    The claims that stay loose are returned.

    A job's `slurm-1.out` lies where the job was started, the run of W&B or torchtitan some levels below; by its name it is
    a job's, so that it goes to the only run of whatever kind.
    """
    below: dict[str, list[Draft]] = {}
    for draft in (*strong, *weak):
        for up in above(draft.root):
            below.setdefault(up, []).append(draft)
    left: list[Claim] = []
    for claim in loose:
        runs = below.get(claim.root, []) if claim.kind == "console" or claim.hint("above") else []
        theirs = len(runs) == 1 and (runs[0] in strong or _JOB_LOG.fullmatch(run_key(claim.path) or base(claim.path)))
        if theirs and distance(runs[0].root, claim.root) <= REACH_DOWN:
            runs[0].parts.append(Part(claim))
        else:
            left.append(claim)
    return left


def told_by(parts: Sequence[Part]) -> list[Part]:
    """The parts of a run, its console logs with the reader that they need.

    They tell metrics only where no structured log does, or one of the same tool that lacks some, and of several ranks
    only the first one's. What a recorder kept of the terminal always tells its own, however few they are or late they
    come: of metrics that a structured log has as well the index takes that one's. And the configuration only where nothing
    but plain logs is there, without a file of it.
    """
    structured = [
        part.claim
        for part in parts
        if part.claim.kind == "series" and part.use == "read" and part.claim.hint("scalars") != "no"
    ]
    telling = [part.claim for part in parts if part.claim.hint("metrics") or part.claim.hint("config")]
    first = min((int(found[-1]) for claim in telling if (found := _ranks(claim.path))), default=0)
    kept = {(part.claim.root, name) for part in parts if (name := part.claim.hint("console"))}
    configured = any(part.claim.kind == "config" or part.claim.rank != "weak" for part in parts)

    def role(part: Part) -> Part:
        claim = part.claim
        if claim.kind == "console" and (parent(claim.path), base(claim.path)) in kept:
            return replace(part, claim=replace(claim, reader=METRICS))
        if claim.kind != "console" or claim not in telling:
            return part
        found = _ranks(claim.path)
        if found and int(found[-1]) != first:
            return part
        alone = all(other.hint("partial") and other.tool == claim.tool for other in structured)
        if claim.hint("metrics") and alone:
            return replace(part, claim=replace(claim, reader=METRICS))
        if claim.hint("config") and not configured:
            return replace(part, claim=replace(claim, reader=CONFIG))
        return part

    return [role(part) for part in parts]


def same_run(owners: Sequence[Draft], leftover: Leftover) -> list[Draft]:
    """Of several runs in one directory, the one whose name the file bears."""
    key = run_key(leftover.claim.path) if leftover.claim.kind == "console" else ""
    return [owner for owner in owners if key and owner.key and run_key(owner.key) == key]


def _runs(groups: dict[str, list[Leftover]]) -> dict[str, list[Leftover]]:
    """The logs of each run of a directory: one that a job script wrote beside `train.log` is that run's."""
    jobs = [key for key in groups if _SLURM.fullmatch(key) or (len(groups) == 2 and _RUN.fullmatch(key))]
    if "" in groups and len(jobs) == len(groups) - 1:
        return {"": [leftover for group in groups.values() for leftover in group]}
    if len(groups) == 1:
        return {"": next(iter(groups.values()))}
    return groups


def _label(path: str) -> str:
    return _ENDING.sub("", path) or path


def _ranks(path: str) -> list[str]:
    if (rank := torchrun_rank(parent(path))) is not None:
        return [str(rank[1])]
    return _RANK.findall(base(path).lower())
