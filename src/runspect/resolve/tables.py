"""Several tables in one directory: parts of one run, the same log twice, or a run each?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from runspect.dataclass import dataclass, field
from runspect.model import Claim
from runspect.resolve.folding import SPLITS
from runspect.resolve.paths import base

_OF_ONE_RUN = frozenset(
    {"metrics", "metric", "progress", "log", "logs", "history", "results", "result", "scalars", "monitor"}
    | {"training", "trainer"}
)
_NAMED_BY_READER = frozenset({"train", "valid", "val", "validation", "test", "eval", "dev"})
"""Names of files whose readers already put them before the names of the metrics."""
_PART_WORDS = (
    SPLITS
    | {
        "loss",
        "losses",
        "acc",
        "accuracy",
        "f1",
        "auc",
        "lr",
        "reward",
        "rewards",
        "return",
        "returns",
        "error",
        "errors",
    }
    | {"value", "values", "iou", "map", "time", "times", "step", "steps", "epoch", "epochs", "batch", "batches", "iter"}
    | {"iters", "metric", "metrics", "log", "logs", "history", "final", "curve", "curves"}
)
"""Words that tell parts of a run apart, not runs."""
_LOGGED = (_OF_ONE_RUN | {"csv", "jsonl", "hist"}) - {"training", "trainer", "monitor"}
"""Words in the name of a file that say that it is a log, and nothing of what is in it."""
_STEPS = frozenset(
    {"step", "steps", "epoch", "epochs", "iter", "iteration", "iterations", "time", "timestamp", "wall_time", "date"}
)
_WORKER = re.compile(
    r"(?:(?:\d+\.)+monitor|(?:.*[._-])?(?:rank|worker|env|gpu|process|proc|host|node|part|shard)[._-]?\d+)"
)
_SESSION = re.compile(r"[\dt_:.-]{6,}")
_WORDS = re.compile(r"[^a-z0-9]+")
_PIECES = re.compile(r"[_\-. ]+")
_FAMILY = re.compile(r".{3,}[_\-. ]")
_MOST_COMPARED = 60
_NEVER_MIXED = _OF_ONE_RUN | _NAMED_BY_READER


@dataclass(slots=True)
class Split:
    """What each of a directory's tables is."""

    apart: set[Claim] = field(default_factory=set)
    """Runs of their own, known by the file name."""
    parts: dict[Claim, str] = field(default_factory=dict)
    """Parts of the directory's run that would tell the same metrics → what tells them apart: train_log.csv is "train"."""
    copies: set[Claim] = field(default_factory=set)
    """The same log a second time, as MMEngine writes it."""


def stem(path: str) -> str:
    """The file name without its last extension."""
    name = base(path)
    return name.rpartition(".")[0] or name


def split_tables(claims: Sequence[Claim]) -> Split:
    """Judge the series tables of one directory by their columns and names.

    Tables that share metrics under names of their own (`run1.csv`, `run2.csv`; `lr0.1.jsonl`, `lr0.01.jsonl`) are
    runs; names of splits, metrics and workers (`loss_train.csv`, `rank0.jsonl`) make parts of one run.
    """
    result = Split()
    if len(claims) < 2:
        return result
    for group in _alike(claims):
        if len(group) < 2:
            continue
        sessions = [claim for claim in group if _SESSION.fullmatch(stem(claim.path).lower())]
        named = [claim for claim in group if _is_name_of_a_run(claim, group)]
        if len(named) > 1:
            result.apart |= set(named)
        elif sessions and len(sessions) < len(group):
            result.copies |= set(sessions)
    result.parts = _named([claim for claim in claims if claim not in result.apart | result.copies])
    return result


def _named(claims: Sequence[Claim]) -> dict[Claim, str]:
    """The tables that would mix, each with the words of its name that tell it from the others."""
    mixed = _overlapping(claims)
    short = {claim: _without_log(stem(claim.path)) for claim in claims if claim.kind == "series"}
    counts = Counter(short.values())
    return {claim: short[claim] if counts[short[claim]] == 1 else stem(claim.path) for claim in mixed}


def _without_log(name: str) -> str:
    kept = [piece for piece in _PIECES.split(name) if piece.lower() not in _LOGGED]
    return "_".join(kept) if any(kept) and len(kept) < len(_PIECES.split(name)) else name


def _overlapping(claims: Sequence[Claim]) -> set[Claim]:
    """Tables that would mix their points with those of another; a log with a general name keeps its metrics' names."""
    tables = [claim for claim in claims if claim.kind == "series"]
    counts = Counter((claim.reader, metric) for claim in tables for metric in _metrics(claim))
    return {
        claim
        for claim in tables
        if stem(claim.path).lower() not in _NEVER_MIXED
        and any(counts[claim.reader, metric] > 1 for metric in _metrics(claim))
    }


def _alike(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Groups of tables that tell the same metrics: equal columns, or common metrics under a common name."""
    tables = [claim for claim in claims if claim.kind == "series" and claim.hint("columns")]
    groups: list[list[Claim]] = []
    index: dict[tuple[str, str], list[Claim]] = {}
    for claim in tables:
        group = index.setdefault((claim.reader, claim.hint("columns")), [])
        if not group:
            groups.append(group)
        group.append(claim)
    if len(groups) > _MOST_COMPARED:
        return groups
    joined: list[list[Claim]] = []
    for group in groups:
        kin = next((other for other in joined if _are_kin(other[0], group[0])), None)
        if kin is None:
            joined.append(list(group))
        else:
            kin += group
    return joined


def _are_kin(one: Claim, other: Claim) -> bool:
    if one.reader != other.reader or not _metrics(one) & _metrics(other):
        return False
    first, second = stem(one.path), stem(other.path)
    length = next((at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), 0)
    return _FAMILY.match(first[:length]) is not None


def _metrics(claim: Claim) -> set[str]:
    return {name for name in claim.hint("columns").split("\n") if name and name.lower() not in _STEPS}


def _is_name_of_a_run(claim: Claim, group: Sequence[Claim]) -> bool:
    """Whether the file name may be that of a run among its kin."""
    name = stem(claim.path).lower()
    if name in _OF_ONE_RUN or _WORKER.fullmatch(name) or _SESSION.fullmatch(name):
        return False
    if {column.lower() for column in _metrics(claim)} <= {"value"}:
        return False
    words = [set(_WORDS.split(stem(other.path).lower())) for other in group]
    own = set(_WORDS.split(name)) - set.intersection(*words)
    return bool(own) and not own & _PART_WORDS
