"""What a review is made of: answers of the engine, as they came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.dataclass import dataclass, field

Told = Mapping[str, Any]
"""A JSON object."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A curve of a run, thinned for a chart; the tuples have equal length."""

    rid: int
    metric: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    std: tuple[float, ...] = ()
    """Of the mean of a group."""
    n: tuple[int, ...] = ()
    """Of a group: runs that count at each x."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked for."""

    query: str = ""
    run: str = ""
    """As it was named; "" for the best."""
    words: str = ""
    """The question in somebody's own words."""


@dataclass(frozen=True, slots=True)
class Material:
    """Everything about one run on one data set."""

    question: Question
    review: Told
    """The answer to `review`; its `run` is none where nothing could be ranked."""
    run: Told = field(default_factory=dict)
    """The object of `show --json`, as those of the others."""
    reference: Told | None = None
    """That of the champion, else of the marked baseline, where it is another run."""
    gates: tuple[Told, ...] = ()
    """Answers to `gate`: for the next stage and for the last one."""
    curves: tuple[Drawn, ...] = ()
    bands: tuple[Drawn, ...] = ()
    """Of the seed groups of the run and of the champion or the nearest rival."""
    trajectory: Told | None = None
    """The answer to `trajectory`, of this data set."""
    cycle: Told = field(default_factory=dict)
    """The answer to `cycle`."""
