"""What a set of charts is drawn from, frozen, so that it can be drawn in any thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol

from runspect.charts.picture import Picture
from runspect.dataclass import dataclass
from runspect.tui.widgets.chart_span import Span
from runspect.workspace import Band

if TYPE_CHECKING:  # NumPy is loaded with the first curve, not with the first frame
    from runspect.charts.thin import Floats

XKind = Literal["step", "time", "relative"]

NAMED_FROM = 64
"""Cells from which a chart names its curves at their ends."""


class ThinCurve(Protocol):
    """A thinned curve as the workspace hands it out."""

    @property
    def rid(self) -> int: ...
    @property
    def metric(self) -> str: ...
    @property
    def x(self) -> Floats: ...
    @property
    def y(self) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """A run that is drawn, or a group of runs."""

    rid: int
    name: str
    role: str = ""
    """What it is among many: "cursor", "best", "cursor, worst"; "" where nothing sets it apart."""
    quiet: bool = False
    """One of the many that are drawn alike, behind the others, and not named."""
    members: tuple[int, ...] = ()
    """The runs of a group; `rid` is then what stands for the group."""
    size: int = 0
    """Runs of the group, those that are not drawn included."""
    singly: bool = False
    """Each run of the group has a curve of its own, in the group's colour; without it their mean is drawn."""

    @property
    def runs(self) -> tuple[int, ...]:
        """The runs whose points are drawn."""
        return self.members or (self.rid,)

    @property
    def is_best(self) -> bool:
        """Whether it is the best of what is drawn."""
        return self.role.endswith(("best", "highest"))

    @property
    def is_under_cursor(self) -> bool:
        """Whether it is the run under the cursor of the table."""
        return self.role.startswith("cursor")


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """How the curves are drawn."""

    x: XKind = "step"
    smoothing: float = 0.0
    log_y: bool = False
    zoomed: bool = False
    """One chart has the whole view."""
    bands: bool = True
    """Groups are drawn as mean and standard deviation, not as the curves of their runs, unless x is the time: there no two
    runs need meet.
    """
    cursor: float | None = None
    """The x at which values are told, in all charts; None for none."""
    span: Span | None = None
    """The visible part of the x axis, of all charts; None shows everything and follows what is added."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Runs, their curves and how to draw them."""

    subjects: tuple[Subject, ...]
    curves: Mapping[tuple[int, str], ThinCurve | Band]
    options: ChartOptions
    ascii_only: bool = False

    def lines(self, metric: str) -> int:
        """How many curves the chart of a metric has."""
        return sum(len(self._of(subject, metric)) for subject in self.subjects)

    def picture(self, metric: str, width: int, height: int) -> Picture:
        """The chart of a metric; quiet runs first, the one under the cursor on top, the best and the worst next."""
        from runspect.charts import line_chart
        from runspect.charts.line_chart import LineChart, Series

        # the heading names the curves; a chart does it again where it has the room to do so at their ends
        named = len(self.subjects) > 1 and width >= NAMED_FROM
        loud = [subject for subject in self.subjects if not subject.quiet]
        colours = {subject.rid: number for number, subject in enumerate(loud)}
        crowd = [subject for subject in self.subjects if subject.quiet]
        over = [*crowd, *(reversed(loud) if crowd else sorted(loud, key=_importance))]
        drawn = [(number, subject, curve) for subject in over for number, curve in enumerate(self._of(subject, metric))]
        # the runs of several groups take turns, so that no group covers the others; the first ones come last
        drawn.sort(key=lambda each: (not each[1].quiet, -each[0]))
        series = tuple(
            Series(
                _label(subject) if named and not subject.quiet and not number else "",
                curve.x,
                curve.y,
                colours.get(subject.rid, 0),
                subject.quiet,
                mark_of(colours[subject.rid]) if len(loud) > 1 and not subject.quiet and not number else "",
                line_chart.Band(curve.std, curve.n, curve.lost) if isinstance(curve, Band) else None,
            )
            for number, subject, curve in drawn
        )
        options = self.options
        return LineChart(
            series,
            width,
            height,
            title=f"{metric}{self._whose(metric)}",
            x=options.x,
            log_y=options.log_y,
            smoothing=options.smoothing,
            span=options.span,
            ascii_only=self.ascii_only,
        ).draw()

    def _of(self, subject: Subject, metric: str) -> list[ThinCurve | Band]:
        """The curves of a subject: one, or those of the runs of a group."""
        rids = subject.runs if subject.singly else (subject.rid,)
        return [curve for rid in rids if (curve := self.curves.get((rid, metric))) is not None]

    def _whose(self, metric: str) -> str:
        """In a chart that none of the named runs is in: whose curves these are."""
        there = [subject for subject in self.subjects if self._of(subject, metric)]
        if not there or any(not subject.quiet for subject in there):
            return ""
        return f"  of {there[0].name}" if len(there) == 1 else f"  of {len(there):,} others"


def _importance(subject: Subject) -> tuple[bool, bool]:
    return subject.is_under_cursor, subject.is_best


def _label(subject: Subject) -> str:
    return f"{subject.name} best" if subject.is_best and subject.members else subject.name


def mark_of(number: int) -> str:
    """The letter of a curve, which tells it from others where there are no colours."""
    return chr(ord("a") + number % 26)


def load_drawing() -> None:
    """Import what drawing needs; called from a thread before the first curve is there."""
    import pyarrow  # noqa: F401 - curves come in it

    import runspect.charts.line_chart  # noqa: F401
