"""Event files that lie in another tree than the run they tell of.

PyMARL and its kin let Sacred keep `results/sacred/1` and write event files to `results/tb_logs/<name>__<time>`. Two such
directories are one run when the writer of the event files began soon after the run and before its end, when the values
of both agree wherever name and step do, and when this holds of no other. A start and a name in common prove nothing: a
sweep starts several programs at once, and each of them logs a loss.

Lightning with a logger for each keeps `tb/version_0` beside `csv/version_0`. The table tells no times, so here the values
must prove it; and a training keeps its checkpoints with one of its loggers, so that two directories with some are two runs
(of one seed, then).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from runspect import objective
from runspect.model import Claim
from runspect.resolve.draft import Cluster, Draft
from runspect.resolve.paths import common, distance, parent, upward, within

EARLIER_S, LATER_S = 5.0, 300.0
"""A writer of event files may begin so long before and after the tool recorded the start."""
NEAR = 3
"""Levels above the run at which both must meet."""
DIGITS = 5
"""Significant digits from which on a value is not the same in two runs by chance."""
AGREEING = 2
"""Points at least that must agree, one of them telling."""
_PLANNED = objective.NEVER | {"epsilon", "eps", "gamma", "alpha", "anneal", "annealing", "schedule", "warmup"}
"""Words in the names of what follows a schedule: equal in all runs of a program."""
_WORD = re.compile(r"[a-z]+")

Values = dict[tuple[str, int], str]
"""(name, step) → value as float32 keeps it."""


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


def twins(clusters: Iterable[Cluster]) -> list[tuple[Cluster, Cluster]]:
    """Tables and the clusters of event files elsewhere that tell the same values; each at most once."""
    tables: list[Cluster] = []
    boards: dict[tuple[str, int, str], list[Cluster]] = {}
    for cluster in clusters:
        if cluster.key:
            continue
        if cluster.readers() == {"tfevents"}:
            for (name, step), value in dict(_points(cluster)).items():
                if _is_telling(name, value):
                    boards.setdefault((name, step, value), []).append(cluster)
        elif "tfevents" not in cluster.readers() and any(part.claim.hint("values") for part in cluster.parts):
            tables.append(cluster)
    found: list[tuple[Cluster, Cluster]] = []
    for table in tables if boards else ():
        values = _values(part.claim for part in table.parts)
        near = {
            id(board): board for (name, step), value in values.items() for board in boards.get((name, step, value), ())
        }
        same = [
            board
            for board in near.values()
            if _near(table.root, board.root) and _agree(values, board) and not (_saved(table) and _saved(board))
        ]
        depth = {id(board): -distance(board.root, common((table.root, board.root))) for board in same}
        found += [(table, board) for board in same if depth[id(board)] == max(depth.values())]
    once_table, once_board = _counts(id(table) for table, _ in found), _counts(id(board) for _, board in found)
    return [pair for pair in found if once_table[id(pair[0])] == 1 and once_board[id(pair[1])] == 1]


def _is_same(draft: Draft, start: float, cluster: Cluster, begun: float) -> bool:
    over = _hinted(draft, "over")
    in_time = -EARLIER_S <= begun - start <= LATER_S and (over is None or begun <= over)
    values = _values(part.claim for part in draft.parts) if in_time and _near(draft.root, cluster.root) else {}
    return bool(values) and _agree(values, cluster)


def _near(root: str, other: str) -> bool:
    """Whether the other directory lies below one that is little above the run."""
    return any(within(other, up) for up in list(upward(parent(root)))[:NEAR])


def _agree(of_run: Values, cluster: Cluster) -> bool:
    """Whether all values of one name and step are equal, and enough of them to say so."""
    shared = [(point, value, of_run[point]) for point, value in _points(cluster) if point in of_run]
    return (
        len({point for point, _, _ in shared}) >= AGREEING
        and all(value == own for _, value, own in shared)
        and any(_is_telling(name, value) for (name, _), value, _ in shared)
    )


def _points(cluster: Cluster) -> Iterator[tuple[tuple[str, int], str]]:
    return ((point, value) for part in cluster.parts for point, value in _values([part.claim]).items())


def _values(claims: Iterable[Claim]) -> Values:
    """What the hints tell; of a point that a resumed run told twice, the first value."""
    found: Values = {}
    for claim in claims:
        for line in filter(None, claim.hint("values").split("\n")):
            step, value, name = line.split(" ", 2)
            found.setdefault((name, int(step)), value)
    return found


def _is_telling(name: str, value: str) -> bool:
    digits = value.partition("e")[0].lstrip("-0.").replace(".", "")
    return len(digits) >= DIGITS and not _PLANNED.intersection(_WORD.findall(name.lower()))


def _saved(cluster: Cluster) -> bool:
    return any(part.claim.hint("saved") == "yes" for part in cluster.parts)


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
