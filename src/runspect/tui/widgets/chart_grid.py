"""Small multiples: one chart a metric, the curves of one or several runs in each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from runspect.charts.picture import Picture
from runspect.charts.small_multiples import Grid, layout
from runspect.tui.commands import Where, bindings_of
from runspect.tui.fit import cut
from runspect.tui.glyphs import UNICODE, Glyphs
from runspect.tui.widgets.chart_heading import heading, left_out
from runspect.tui.widgets.chart_lines import across, different, painted, shifted
from runspect.tui.widgets.painted import Line, Painted

if TYPE_CHECKING:  # NumPy is loaded with the first curve, not with the first frame
    from runspect.charts.thin import Floats

XKind = Literal["step", "time", "relative"]

NAMED_FROM = 64
"""Cells from which a chart names its curves at their ends."""
WIDE = 100
SMOOTHINGS = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98)
X_KINDS: tuple[XKind, ...] = ("step", "relative", "time")
_X_TITLES = {"step": "step", "relative": "time since the start", "time": "time"}


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
    """A run that is drawn."""

    rid: int
    name: str


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """How the curves are drawn."""

    x: XKind = "step"
    smoothing: float = 0.0
    log_y: bool = False
    zoomed: bool = False


class ChartGrid(Painted, can_focus=True):
    """Draws what it is given; a chart that does not change is not repainted."""

    view: Where = "charts"
    BINDINGS = bindings_of(("charts",))

    @dataclass
    class Opened(Message):
        """One of the small charts shall be seen in full."""

        index: int

    def __init__(self, *, id: str | None = None, glyphs: Glyphs = UNICODE, heading: bool = True) -> None:
        super().__init__(id=id, glyphs=glyphs)
        self.heading = heading
        self.subjects: tuple[Subject, ...] = ()
        self.metrics: tuple[str, ...] = ()
        self.options = ChartOptions()
        self.focus_index = 0
        self.note = "reading the curves" if heading else ""
        """What is said where there is nothing to draw."""
        self.more_runs = 0
        """Runs that are marked and not drawn."""
        self.without: tuple[str, ...] = ()
        """Names of the runs that have no times, or none for some metrics, while x is one."""
        self._curves: dict[tuple[int, str], ThinCurve] = {}
        self._lines: list[Line] = []

    # what is shown

    def show(
        self,
        subjects: Sequence[Subject],
        metrics: Sequence[str],
        curves: Iterable[ThinCurve],
        note: str = "",
        more_runs: int = 0,
        without: Sequence[str] = (),
    ) -> None:
        """Draw these runs and metrics; the runs called `without` have points that have no place on the x axis."""
        self.subjects, self.metrics = tuple(subjects), tuple(metrics)
        self._curves = {(curve.rid, curve.metric): curve for curve in curves}
        self.focus_index = max(0, min(self.focus_index, len(self.metrics) - 1))
        self.note, self.more_runs, self.without = note, more_runs, tuple(without)
        self.redraw()

    def set_options(self, options: ChartOptions) -> None:
        """Draw the same curves in another way."""
        self.options = options
        self.redraw()

    def redraw(self) -> None:
        """Draw everything and repaint the stretches of the lines that came out differently."""
        if not self.size.width or not self.size.height:
            return
        before, self._lines = self._lines, self._draw()
        if len(before) != len(self._lines):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if old != new:
                start, end = different(old, new)
                self.refresh(Region(start, y, max(1, end - start), 1))

    @property
    def room(self) -> int:
        """Cells that one chart may be wide, for thinning."""
        return max(40, self.size.width)

    # moving

    def do_chart_right(self) -> None:
        self._focus_on(self.focus_index + 1)

    def do_chart_left(self) -> None:
        self._focus_on(self.focus_index - 1)

    def do_chart_down(self) -> None:
        self._focus_on(self.focus_index + max(1, self._grid().columns), whole=True)

    def do_chart_up(self) -> None:
        self._focus_on(self.focus_index - max(1, self._grid().columns), whole=True)

    def do_chart_zoom(self) -> None:
        if not self.heading:  # the small charts under the table have a view of their own
            self.post_message(self.Opened(self.focus_index))
            return
        self.set_options(replace(self.options, zoomed=not self.options.zoomed))

    def next_axis(self) -> None:
        """Take the next x axis; its curves have to be asked for, and then `show` is called."""
        following = X_KINDS[(X_KINDS.index(self.options.x) + 1) % len(X_KINDS)]
        self.options = replace(self.options, x=following)

    def do_smooth_more(self) -> None:
        self._smooth(1)

    def do_smooth_less(self) -> None:
        self._smooth(-1)

    def do_log_scale(self) -> None:
        self.set_options(replace(self.options, log_y=not self.options.log_y))

    def _smooth(self, by: int) -> None:
        at = min(range(len(SMOOTHINGS)), key=lambda i: abs(SMOOTHINGS[i] - self.options.smoothing))
        self.set_options(replace(self.options, smoothing=SMOOTHINGS[max(0, min(at + by, len(SMOOTHINGS) - 1))]))

    def _focus_on(self, index: int, *, whole: bool = False) -> None:
        if whole and not 0 <= index < len(self.metrics):
            return
        index = max(0, min(index, len(self.metrics) - 1))
        if index != self.focus_index:
            self.focus_index = index
            self.redraw()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new size."""
        self.redraw()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    # drawing

    def render_line(self, y: int) -> Strip:
        """One line of the picture."""
        return self.paint(self._lines[y]) if y < len(self._lines) else self.blank()

    def _grid(self) -> Grid:
        height = self.size.height - ((2 if self.without else 1) if self.heading else 0)
        small = not self.heading
        return layout(
            len(self.metrics), self.size.width - 1, height, min_width=26 if small else 34, min_height=6 if small else 8
        )

    def _draw(self) -> list[Line]:
        lines = self._headings()
        height = self.size.height - len(lines)
        if not self.subjects or not self.metrics:
            said: list[Line] = [[], [("   " + cut(self.note, max(1, self.size.width - 4), self.glyphs.cut), "dim")]]
            return [*lines, *said, *([[]] * height)][: self.size.height]
        if self.options.zoomed and self.heading:
            picture = self._chart(self.metrics[self.focus_index], self.size.width - 2, height, here=False)
            return [*lines, *shifted(picture)]
        grid = self._grid()
        if not grid.per_page:
            return [*lines, *([[]] * height)]
        page = self.focus_index // grid.per_page
        canvas: list[list[tuple[int, Line]]] = [[] for _ in range(height)]
        for index, box in zip(grid.shown(page), grid.boxes(page), strict=True):
            spare = 1 if box.y + box.height < height and not self.heading else 0
            picture = self._chart(self.metrics[index], box.width, box.height - spare, here=index == self.focus_index)
            for offset, spans in enumerate(picture):
                canvas[box.y + offset].append((box.x + 1, spans))
        return [*lines, *(across(pieces) for pieces in canvas)]

    def _chart(self, metric: str, width: int, height: int, *, here: bool) -> list[Line]:
        # the heading names the curves; a chart does it again where it has the room to do so at their ends
        named = len(self.subjects) > 1 and width >= NAMED_FROM
        options = self.options
        named_curves = [
            (subject.name if named else "", self._curves[subject.rid, metric], number)
            for number, subject in enumerate(self.subjects)
            if (subject.rid, metric) in self._curves
        ]
        picture = draw(named_curves, width, height, metric, options, ascii_only=self.is_ascii)
        return painted(picture, "accent" if here and self.has_focus else "plain")

    def _headings(self) -> list[Line]:
        """Whose curves these are, and which of the runs have none over this axis; nothing above the small charts."""
        if not self.heading:
            return []
        names = [subject.name for subject in self.subjects]
        lines = [heading(names, self._facts(), self.size.width, self.glyphs)]
        return [*lines, left_out(self.without, self.size.width, self.glyphs)] if self.without else lines

    def _facts(self) -> list[str]:
        """How the curves are drawn, as far as it is not the usual way, and what is not on this page."""
        options = self.options
        usual = options.x == "step" and self.size.width < WIDE  # a narrow heading says only what is unusual
        facts = [] if usual else [f"x {_X_TITLES[options.x]}"]
        if options.smoothing:
            facts.append(f"smoothing {options.smoothing:g}")
        if options.log_y:
            facts.append("log y")
        if self.more_runs:
            facts.append(f"{len(self.subjects)} of {len(self.subjects) + self.more_runs:,} drawn")
        if self.metrics and (grid := self._grid()).pages > 1 and not options.zoomed:
            facts.append(f"page {self.focus_index // grid.per_page + 1} of {grid.pages}")
        return facts


def draw(
    curves: Sequence[tuple[str, ThinCurve, int]],
    width: int,
    height: int,
    title: str,
    options: ChartOptions,
    *,
    ascii_only: bool,
) -> Picture:
    """One chart of curves with their names and the numbers of their colours."""
    from runspect.charts.line_chart import LineChart, Series

    series = tuple(Series(name, curve.x, curve.y, number) for name, curve, number in curves)
    return LineChart(
        series,
        width,
        height,
        title=title,
        x=options.x,
        log_y=options.log_y,
        smoothing=options.smoothing,
        ascii_only=ascii_only,
    ).draw()


def load_drawing() -> None:
    """Import what drawing needs; called from a thread before the first curve is there."""
    import runspect.charts.line_chart  # noqa: F401
