"""Which columns the table of runs shows, which way they sort first, and what has a name: pure answers."""

from __future__ import annotations

from collections.abc import Iterable

from runspect import columns, objective
from runspect.columns import Column, Names
from runspect.model import SortKey
from runspect.tui import cell_maker
from runspect.workspace import Choices

MOST_KEYS = 9
"""Columns of a sort order at most: each has a small digit."""
NO_CHOICES = Choices((), (), (), ())
MOST_DIFFERING = 60
"""Params at most that are shown because they differ."""
VARYING = 6
"""Params at most among the usual columns."""


def specs_for(choices: Choices, chosen: tuple[str, ...], metric: str) -> tuple[str, ...]:
    """The `chosen` columns, or the usual ones for what there is; `metric` is to be shown in them, "" the main one."""
    if chosen:
        named = ("name", *(spec for spec in dict.fromkeys(chosen) if spec != "name"))
    else:
        metrics = (metric,) if metric else choices.usual_metrics
        known = bool(metrics) and objective.direction(metrics[0], choices.directions) is not None
        named = columns.default_specs(metrics, choices.usual_params[:VARYING], choices.usual_words, best=known)
    return tuple(spec for spec in named if spec not in cell_maker.SHOWN_OTHERWISE)


def differing(choices: Choices, runs: int, *, marked: bool) -> tuple[str, ...]:
    """The params that differ among `runs` runs, most telling first.

    Args:
        marked: Somebody picked these runs: what some of them lack is a difference, too. Among all listed runs, which may
            be of several projects, it is not.
    """
    telling = columns.varying(choices.params, limit=MOST_DIFFERING)
    lacking = [name for name, having, values in choices.params if values == 1 and having < runs] if marked else []
    return (*telling, *lacking)[:MOST_DIFFERING]


def larger_first(shown: Iterable[Column], spec: str) -> bool:
    """Whether sorting by a column begins with the larger values: the better end of a metric, the latest time."""
    column = next((column for column in shown if column.spec == spec), None)
    if column is None or column.kind not in ("metric", "at", "spark"):
        return spec in ("started", "ended", "updated", "took", "steps", "problems")
    return columns.judged(column) == "up"


def sort_keys(text: str, names: Names | None = None) -> tuple[SortKey, ...]:
    """The order that `a,-b` names: by a, then by b with the largest first."""
    parts = columns.listed(text, names)
    return tuple(SortKey(part.lstrip("+-"), part.startswith("-")) for part in parts if part.lstrip("+-"))[:MOST_KEYS]


def names_of(choices: Choices | None) -> Names:
    """Everything that has a name in scope."""
    if choices is None:
        return Names()
    return Names(
        params=tuple(entry[0] for entry in choices.params),
        metrics=tuple(entry[0] for entry in choices.metrics),
        facts=tuple(entry[0] for entry in choices.facts),
        tags=tuple(entry[0] for entry in choices.tags),
    )
