"""What charts are made of, asked for in an errand's thread: curves of single runs, mean and spread of groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runspect.charts.timeless import timeless
from runspect.dataclass import dataclass, field
from runspect.objective import Direction, direction
from runspect.tui.outline import Node
from runspect.tui.widgets.cast import MOST_LOUD, cast
from runspect.tui.widgets.chart_drawing import Subject, load_drawing
from runspect.tui.widgets.chart_page import Page
from runspect.workspace import Band, Curve, Measured, Recorded, Workspace

OVERLAID = 500
"""Runs that are drawn at most, over each other or as means."""
CHARTED = 24
"""Metrics that are charted unless the user chose others."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Runs whose mean is drawn."""

    key: int
    """The entry of the group's header in the table."""
    label: str
    rids: tuple[int, ...]
    size: int
    """Runs of it that are asked about, those that are too many to be drawn included."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which charts are asked for."""

    rids: tuple[int, ...]
    """All runs, those of groups included."""
    page: Page
    metric: str
    """The metric of the table, which comes first."""
    chosen: tuple[str, ...] = ()
    """The metrics that the user chose; () for the usual ones."""
    x: str = "step"
    span: tuple[float, float] | None = None
    current: int | None = None
    """The run, or the header of a group, under the cursor of the table."""
    more: int = 0
    """Runs that are marked and not asked for."""
    most: int = CHARTED
    directions: Mapping[str, Direction] = field(default_factory=dict)
    """Which way metrics are better, as far as the policy says; those of others are guessed, as in the table."""
    groups: tuple[Gathered, ...] = ()
    """Those of the runs that belong together."""
    means: bool = True
    """Groups are drawn as mean and spread; without it each run of theirs has a curve."""
    before: Drawing | None = None
    """What was drawn last, of which all that is not about `changed` runs is still true."""
    changed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Drawing:
    """What charts are made of."""

    subjects: tuple[Subject, ...]
    metrics: tuple[str, ...]
    curves: tuple[Curve | Band, ...]
    more_runs: int = 0
    """Runs that are marked and not drawn."""
    without: tuple[str, ...] = ()
    """Names of the runs that have no times, where x is one."""
    in_view: tuple[str, ...] = ()
    """The metrics whose curves were asked for."""
    kind: tuple[object, ...] = ()
    """Which curves these are: of another drawing with the same, some may be kept."""


def overlaid(targets: tuple[int, ...], current: int | None) -> tuple[int, ...]:
    """The runs that are drawn: the first ones, and the one under the cursor if it is among all."""
    first = targets[:OVERLAID]
    return (*first[:-1], current) if current is not None and current in targets[OVERLAID:] else first


def gathered(nodes: Iterable[Node], rids: Sequence[int], targets: Sequence[int]) -> tuple[Gathered, ...]:
    """The groups of which several runs are drawn (`rids`); of the others of `targets` each has a curve of its own."""
    drawn, wanted = frozenset(rids), frozenset(targets)
    found = []
    for node in nodes:
        if node.entry < 0 and len(some := tuple(rid for rid in node.rids if rid in drawn)) > 1:
            found.append(Gathered(node.entry, node.label, some, sum(rid in wanted for rid in node.rids)))
    return tuple(found)


def drawing(workspace: Workspace, asked: Asked) -> Drawing:
    """The answer; a blocking call, for one thread."""
    load_drawing()
    rids = asked.rids
    recorded = workspace.recorded(rids)
    metrics = asked.chosen or charted(recorded.longest, asked.metric, asked.directions)[: asked.most]
    in_view = asked.page.of(metrics)
    within = frozenset(rid for group in asked.groups for rid in group.rids)
    outside = tuple(rid for rid in rids if rid not in within)
    alone, means = (outside, asked.groups) if asked.means else (rids, ())
    count = len(alone) + len(means)
    # a chart of few curves is drawn to the dot; the crowd of many is as dense with a column a cell
    width = max(40, asked.page.room(len(metrics)) * (2 if count <= MOST_LOUD else 1))
    kind = (asked.rids, means, asked.x, asked.span, width, in_view)
    kept = _kept(asked, kind, means)
    alone = tuple(rid for rid in alone if rid not in kept)
    curves: tuple[Curve | Band, ...] = tuple(curve for of in kept.values() for curve in of)
    if in_view and alone:
        curves += workspace.curves(alone, in_view, asked.x, width, asked.span)
    if in_view and (members := {group.key: group.rids for group in means if group.key not in kept}):
        curves += workspace.bands(members, in_view, asked.x, width, asked.span)
    values: Mapping[str, Mapping[int, Measured]] = {}
    if metrics and (count > MOST_LOUD or len(asked.groups) > 1 or asked.x != "step"):
        values = workspace.recorded(rids, tuple({metrics[0]: 0, **dict.fromkeys(in_view)})).values
    without: tuple[str, ...] = ()
    if asked.x != "step":
        # of groups, too, it is to be told which runs have no times
        timed = workspace.curves(rids, in_view, asked.x, 1) if means else curves
        without = timeless(_counted(recorded, values), in_view, timed)
    main = metrics[0] if metrics else ""
    subjects = _subjects(asked, recorded.names, outside, direction(main, asked.directions), values.get(main, {}))
    return Drawing(subjects, metrics, curves, asked.more, without, in_view, kind)


def _kept(asked: Asked, kind: tuple[object, ...], means: Iterable[Gathered]) -> dict[int, list[Curve | Band]]:
    """The curves that need not be asked for again, by run or group."""
    kept: dict[int, list[Curve | Band]] = {}
    if asked.before is None or asked.before.kind != kind:
        return kept
    stale = asked.changed | {group.key for group in means if not asked.changed.isdisjoint(group.rids)}
    for curve in asked.before.curves:
        if curve.rid not in stale:
            kept.setdefault(curve.rid, []).append(curve)
    return kept


def charted(
    longest: Mapping[str, int], main: str, directions: Mapping[str, Direction] | None = None
) -> tuple[str, ...]:
    """Metrics in the order in which people want to see them: the main one, those with a direction, the rest.

    `longest` are the points of each; with fewer than two there is no curve to see, so such a one comes last.
    """

    def order(name: str) -> tuple[bool, bool, bool, str]:
        return name != main, longest[name] < 2, direction(name, directions) is None, name

    return tuple(sorted(longest, key=order))


def _subjects(
    asked: Asked,
    names: Mapping[int, str],
    alone: Sequence[int],
    better: Direction | None,
    values: Mapping[int, Measured],
) -> tuple[Subject, ...]:
    """Groups first, then the runs that are in none."""
    called = {group.key: group.label for group in asked.groups} | {rid: names[rid] for rid in alone if rid in names}
    measured = {group.key: _mean(values[rid] for rid in group.rids if rid in values) for group in asked.groups}
    return cast(
        called,
        asked.current,
        better,
        {**{rid: values[rid] for rid in alone if rid in values}, **measured},
        asked.page.width,
        {group.key: (group.rids, group.size, not asked.means) for group in asked.groups},
    )


def _mean(values: Iterable[Measured]) -> Measured:
    """What a group did: the means of what its runs did, as in its row of the table."""
    known = list(values)

    def mean(numbers: Iterable[float | str | None]) -> float | None:
        finite = [number for number in numbers if isinstance(number, int | float)]
        return sum(finite) / len(finite) if finite else None

    return Measured(
        sum(each.n for each in known),
        mean(each.last for each in known),
        mean(each.lowest for each in known),
        mean(each.highest for each in known),
    )


def _counted(recorded: Recorded, values: Mapping[str, Mapping[int, Measured]]) -> list[dict[str, Any]]:
    """The runs as `timeless` wants them: how many points each has of the metrics that values were asked of."""
    return [
        {"rid": rid, "name": name, "metrics": {metric: {"n": of[rid].n} for metric, of in values.items() if rid in of}}
        for rid, name in recorded.names.items()
    ]
