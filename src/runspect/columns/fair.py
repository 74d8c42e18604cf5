"""Which params and metrics say something about many of the listed runs, not only about those of the largest project.

A run's *shape* is the set of names that it has; runs of one project mostly share one. Names are chosen one after another,
each for what it adds to the runs that have least so far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runspect import objective

Shapes = Sequence[tuple[frozenset[str], int]]
"""Sets of names, and how many runs have exactly these."""

EXTRA_METRICS = 2
"""Metrics at most beside the main one, for runs that lack it."""


def fair_params(telling: Sequence[str], shapes: Shapes, limit: int) -> tuple[str, ...]:
    """Params for the columns of a table.

    Each is the most telling one among those that add at least half as much as the one that adds most. A param adds one
    for a run that has no column yet, a quarter where the run has one, a ninth where it has two.

    Args:
        telling: The candidates, most telling first, as `varying` orders them.
    """
    chosen: list[str] = []
    while len(chosen) < limit:
        gains = _gains([name for name in telling if name not in chosen], chosen, shapes)
        best = max(gains.values(), default=0.0)
        if not best:
            break
        chosen.append(next(name for name, gain in gains.items() if gain * 2 >= best))
    return tuple(chosen)


def fair_metrics(shapes: Shapes) -> tuple[str, ...]:
    """The main metric, then those of the runs that lack it, as long as they are of many."""
    counts = _counts(shapes)
    main = objective.guess(counts.items())
    if main is None:
        return ()
    chosen = [main]
    listed = sum(runs for _, runs in shapes)
    enough = max(2.0, min(counts[main] / 2, listed / 6))
    while len(chosen) <= EXTRA_METRICS:
        rest = _counts([(shape, runs) for shape, runs in shapes if not shape.intersection(chosen)])
        following = objective.guess((name, runs) for name, runs in rest.items() if runs >= enough)
        if following is None:
            break
        chosen.append(following)
    return tuple(chosen)


def _gains(names: Sequence[str], chosen: Sequence[str], shapes: Shapes) -> dict[str, float]:
    gains = dict.fromkeys(names, 0.0)
    for shape, runs in shapes:
        worth = runs / (1 + len(shape.intersection(chosen))) ** 2
        for name in shape & gains.keys():
            gains[name] += worth
    return gains


def _counts(shapes: Shapes) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for shape, runs in shapes:
        for name in shape:
            counts[name] = counts.get(name, 0) + runs
    return counts
