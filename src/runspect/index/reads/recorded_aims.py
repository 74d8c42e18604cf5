"""What the logs themselves tell that runs were to reach: the objectives of a study, and which way they are better."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from runspect.index.reads.scope import Condition, Cursor, fetch
from runspect.objective import Direction

Aims = Mapping[str, tuple[Direction, int]]
"""By metric, those that a study names first before others: which way it is better, and how many runs say so."""

FACT = "objectives"
"""A list such as `["value: maximize"]`."""
_WAYS: Mapping[str, Direction] = {"minimize": "down", "maximize": "up"}


def aims_of(cursor: Cursor, member: Condition) -> dict[int, str]:
    """The fact of each run that has it, as JSON text.

    Args:
        member: Of `rid`.
    """
    if not fetch(cursor, f"SELECT 1 FROM facts WHERE name = '{FACT}' LIMIT 1"):
        return {}  # where there is no study, the newest facts of all runs are not looked for
    statement = f"SELECT rid, val FROM facts_now WHERE name = '{FACT}' AND {member.sql}"
    return dict(fetch(cursor, statement, member.params))


def agreed(told: Sequence[str]) -> Aims:
    """The objectives of some runs on whose direction all agree that name them."""
    ways: dict[str, list[Direction]] = {}
    places: dict[str, int] = {}
    for text in told:
        for place, (metric, way) in enumerate(_pairs(text)):
            ways.setdefault(metric, []).append(way)
            places[metric] = min(place, places.get(metric, place))
    return {
        metric: (ways[metric][0], len(ways[metric]))
        for metric in sorted(ways, key=lambda metric: places[metric])
        if len(set(ways[metric])) == 1
    }


def aim(aims: Aims, counts: Mapping[str, int]) -> tuple[str, Direction] | None:
    """That of the objectives which most runs have a value of; of a study with several the one that it names first.

    Args:
        counts: How many runs have a value of a metric. An objective of a few among many other runs is none of all.
    """
    usual = max(counts.values(), default=0)
    known = [metric for metric, (_, runs) in aims.items() if metric in counts and 2 * runs >= usual]
    if not known:
        return None
    metric = max(known, key=lambda metric: counts[metric])
    return metric, aims[metric][0]


def spec_of(metric: str, way: Direction) -> str:
    """The column of an objective: its best value, whatever its name may tell."""
    return f"{metric}:{'min' if way == 'down' else 'max'}"


def _pairs(text: str) -> Iterator[tuple[str, Direction]]:
    """Of `["loss: minimize", "acc: maximize"]` each metric and its direction."""
    try:
        listed = json.loads(text)
    except ValueError:
        return
    for each in listed if isinstance(listed, list) else [listed]:
        metric, _, word = str(each).rpartition(":")
        way = _WAYS.get(word.strip().lower())
        if metric.strip() and way is not None:
            yield metric.strip(), way
