"""Which params and metrics say something about many of the listed runs, not only about those of the largest project.

A run's *shape* is the set of names that it has; runs of one project mostly share one. Names are chosen one after another,
each for what it adds to the runs that have least so far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runspect import objective

Shapes = Sequence[tuple[frozenset[str], int]]
"""Sets of names, and how many runs have exactly these."""

EXTRA_METRICS = 3
"""Metrics at most beside the main one, for runs that lack it."""
ENOUGH = 20
"""A further metric is shown where it serves one in so many of the runs that have any."""
ENDED_EARLY = 6
"""Where fewer than one in so many of a metric's runs lack all metrics shown, those few only ended too early for them."""


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
    """The main metric, then those of the runs that lack it, each for many of them.

    What is chosen next is what would be the main metric of the runs that no metric serves yet: one of many of them, a
    validation's before a training's. Names are not joined: a column shows one metric, so runs with `val/loss` are not
    served by `val_loss`. One pass over the names of a shape for each metric chosen, none over shapes that are served.
    """
    left = [(shape, runs) for shape, runs in shapes if shape]
    counts = _counts(left)
    main = objective.guess(counts.items())
    enough = max(2.0, sum(runs for _, runs in left) / ENOUGH)
    chosen: list[str] = []
    following = main
    while following is not None:
        chosen.append(following)
        if len(chosen) > EXTRA_METRICS:
            break
        left = [(shape, runs) for shape, runs in left if following not in shape]
        gains = _counts(left)
        following = objective.guess(
            (name, runs) for name, runs in gains.items() if runs >= enough and runs * ENDED_EARLY >= counts[name]
        )
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
