"""Small multiples: one chart a metric, the curves of one or several runs in each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from runspect.charts.picture import Frame, Picture
from runspect.tui.commands import Where, bindings_of
from runspect.tui.fit import cut
from runspect.tui.glyphs import UNICODE, Glyphs, plain
from runspect.tui.widgets.chart_cursor import Looked, laid_over, stepped
from runspect.tui.widgets.chart_drawing import ChartOptions, Sheet, Subject, ThinCurve, XKind
from runspect.tui.widgets.chart_heading import WIDE, facts, heading, left_out, mean_of
from runspect.tui.widgets.chart_lines import across, different, painted, shifted
from runspect.tui.widgets.chart_page import Page
from runspect.tui.widgets.chart_span import ASIDE, CLOSER, WIDER, Span, moved, scaled
from runspect.tui.widgets.painted import Line, Painted
from runspect.workspace import Band

SMOOTHINGS = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98)
X_KINDS: tuple[XKind, ...] = ("step", "relative", "time")
FAR = 20
"""Dot columns, ten cells, of a long step of the data cursor."""
AT_ONCE = 100
"""Curves that are drawn within a frame, about 10 ms of work; more are drawn in a thread while the keys go on working."""

Box = tuple[str, int, int]
"""A metric and the size of its chart."""
Pictures = Mapping[Box, Picture]
Drawn = tuple[Pictures, float]
"""Pictures, and the seconds of a core that they took."""
Elsewhere = Callable[[Callable[[], Drawn], Callable[[Drawn], None]], None]
"""Does work in a thread and hands its answer to the second function in the event loop; only the newest work counts."""


class ChartGrid(Painted, can_focus=True):
    """Draws what it is given; a chart that does not change is not repainted."""

    view: Where = "charts"
    BINDINGS = bindings_of(("charts",))

    @dataclass
    class Opened(Message):
        """One of the small charts shall be seen in full."""

        index: int

    @dataclass
    class CurvesWanted(Message):
        """Charts came into view, or have more room, whose curves are still to be asked for."""

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
        self.elsewhere: Elsewhere | None = None
        """Where many curves are drawn; without it all are drawn at once."""
        self.cost_s = 0.0
        """Seconds of a core that the last drawing elsewhere took; 0 when little was to be drawn."""
        self._curves: dict[tuple[int, str], ThinCurve | Band] = {}
        self._answered: tuple[frozenset[str], int] = (frozenset(), 0)
        """The metrics whose curves were asked for last, and the room that they had then."""
        self._wanted: tuple[tuple[str, ...], int] = ((), 0)
        """The same for what was wanted last."""
        self._pictures: dict[Box, Picture] = {}
        self._before: Pictures = {}
        """The same runs as they were drawn last, shown until they are drawn anew."""
        self._extent: Span | None = None
        """All of the x axis, as it was before a part of it was looked at."""
        self._version = 0
        self._drawing: tuple[int, list[Box]] = (0, [])
        """What is being drawn elsewhere."""
        self._lines: list[Line] = []

    # what is shown

    def show(
        self,
        subjects: Sequence[Subject],
        metrics: Sequence[str],
        curves: Iterable[ThinCurve | Band],
        note: str = "",
        more_runs: int = 0,
        without: Sequence[str] = (),
        answered: Iterable[str] | None = None,
    ) -> None:
        """Draw these runs or groups, and metrics; the runs called `without` have points that have no place on the x axis.

        `answered` are the metrics whose curves are among `curves` if there are any; without it all are.
        """
        same = {subject.rid for subject in subjects} == {subject.rid for subject in self.subjects}
        if not same:
            self._before, self._pictures = {}, {}
        self.subjects, self.metrics = tuple(subjects), tuple(metrics)
        self._curves = {(curve.rid, curve.metric): curve for curve in curves}
        self.focus_index = max(0, min(self.focus_index, len(self.metrics) - 1))
        self.note, self.more_runs, self.without = note, more_runs, tuple(without)
        self._answered = frozenset(self.metrics if answered is None else answered), self.room
        self._wanted = ((), 0)
        self._draw_anew()

    def set_options(self, options: ChartOptions) -> None:
        """Draw the same curves in another way."""
        self.options = options
        self._draw_anew()

    @property
    def page(self) -> Page:
        """Which charts are in view."""
        height = self.size.height - ((2 if self.without else 1) if self.heading else 0)
        alone = self.options.zoomed and self.heading
        return Page(self.size.width, height, self.focus_index, alone, small=not self.heading)

    @property
    def room(self) -> int:
        """Cells that one chart may be wide, for thinning."""
        return max(40, self.page.room(len(self.metrics)))

    # moving

    def do_chart_right(self) -> None:
        self._focus_on(self.focus_index + 1)

    def do_chart_left(self) -> None:
        self._focus_on(self.focus_index - 1)

    def do_chart_down(self) -> None:
        self._focus_on(self.focus_index + self._columns, whole=True)

    def do_chart_up(self) -> None:
        self._focus_on(self.focus_index - self._columns, whole=True)

    def do_chart_zoom(self) -> None:
        if not self.heading:  # the small charts under the table have a view of their own
            self.post_message(self.Opened(self.focus_index))
            return
        self.set_options(replace(self.options, zoomed=not self.options.zoomed))

    def next_axis(self) -> None:
        """Take the next x axis; its curves have to be asked for, and then `show` is called."""
        following = X_KINDS[(X_KINDS.index(self.options.x) + 1) % len(X_KINDS)]
        self.options = replace(self.options, x=following, span=None, cursor=None)

    def do_smooth_more(self) -> None:
        self._smooth(1)

    def do_smooth_less(self) -> None:
        self._smooth(-1)

    def do_x_closer(self) -> None:
        self._see_of_x(lambda span: scaled(span, CLOSER, self._extent))

    def do_x_wider(self) -> None:
        self._see_of_x(lambda span: scaled(span, WIDER, self._extent))

    def do_x_right(self) -> None:
        self._see_of_x(lambda span: moved(span, ASIDE, self._extent))

    def do_x_left(self) -> None:
        self._see_of_x(lambda span: moved(span, -ASIDE, self._extent))

    def do_x_whole(self) -> None:
        self._see_of_x(lambda span: None)

    def do_cursor(self) -> None:
        self._look_at(None if self.options.cursor is not None else 0)

    def do_cursor_right(self) -> None:
        self._look_at(1)

    def do_cursor_left(self) -> None:
        self._look_at(-1)

    def do_cursor_far_right(self) -> None:
        self._look_at(FAR)

    def do_cursor_far_left(self) -> None:
        self._look_at(-FAR)

    def _look_at(self, dots: int | None) -> None:
        """Move the data cursor by dot columns of the chart that has the focus; None takes it away."""
        frame = self._frame()
        if frame is None or not self.heading:
            return
        at = None if dots is None else stepped(self.options.cursor, frame, dots)
        self.options = replace(self.options, cursor=at)
        self._put_together()

    def _frame(self) -> Frame | None:
        """Where the curves are in the chart that has the focus, or in another one that has any."""
        drawn = sorted(self._boxes(), key=lambda box: box[0] != self.metrics[self.focus_index])
        pictures = [self._pictures.get(box) or self._before.get(box) for box in drawn]
        return next((picture.frame for picture in pictures if picture is not None and picture.frame is not None), None)

    def do_log_scale(self) -> None:
        self.set_options(replace(self.options, log_y=not self.options.log_y))

    def _see_of_x(self, change: Callable[[Span], Span | None]) -> None:
        """Ask for another part of the x axis, drawn once its curves are there; the charts under the table show all of it."""
        if self.options.span is None:
            frames = [chart.frame for chart in (self._pictures or self._before).values() if chart.frame is not None]
            self._extent = (min(f.low for f in frames), max(f.high for f in frames)) if frames else None
        seen = self.options.span or self._extent
        if seen is None or not self.heading:
            return
        span = change(seen)
        if span != self.options.span and (span, self.options.span) != (self._extent, None):
            self.options = replace(self.options, span=span)
            self.post_message(self.CurvesWanted())

    def _smooth(self, by: int) -> None:
        at = min(range(len(SMOOTHINGS)), key=lambda i: abs(SMOOTHINGS[i] - self.options.smoothing))
        self.set_options(replace(self.options, smoothing=SMOOTHINGS[max(0, min(at + by, len(SMOOTHINGS) - 1))]))

    @property
    def _columns(self) -> int:
        return max(1, self.page.grid(len(self.metrics)).columns)

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

    def redraw(self) -> None:
        """Draw the charts in view that are not drawn yet, at once or, where that is much work, elsewhere."""
        if not self.size.width or not self.size.height:
            return
        self._want_curves()
        missing = [box for box in self._boxes() if box not in self._pictures and self._is_answered(box[0])]
        sheet, version = Sheet(self.subjects, self._curves, self.options, self.is_ascii), self._version
        if self.elsewhere is None or sum(sheet.lines(metric) for metric, _, _ in missing) <= AT_ONCE:
            self.cost_s = 0.0 if missing else self.cost_s
            self._pictures |= drawn(sheet, missing)
            self._put_together()
        elif self._drawing == (version, missing):
            self._put_together()
        else:
            self._drawing = version, missing
            self.elsewhere(lambda: _timed(sheet, missing), lambda answer: self._drawn(version, *answer))

    def render_line(self, y: int) -> Strip:
        """One line of the picture."""
        return self.paint(self._lines[y]) if y < len(self._lines) else self.blank()

    def _draw_anew(self) -> None:
        self._version += 1
        self._before, self._pictures = self._pictures or self._before, {}
        self.redraw()

    def _drawn(self, version: int, pictures: Pictures, cost_s: float) -> None:
        self.cost_s = cost_s
        if version == self._version:
            self._pictures |= pictures
            self._put_together()

    def _want_curves(self) -> None:
        """Say once that charts in view lack their curves, or have much more room than the curves were thinned for."""
        wanted, (answered, room) = (self.page.of(self.metrics), self.room), self._answered
        if wanted != self._wanted and (not answered.issuperset(wanted[0]) or self.room > 1.5 * room > 0):
            self._wanted = wanted
            self.post_message(self.CurvesWanted())

    def _is_answered(self, metric: str) -> bool:
        return metric in self._answered[0]

    def _put_together(self) -> None:
        """Put the pictures together and repaint the stretches of the lines that came out differently."""
        before, self._lines = self._lines, self._whole()
        if len(before) != len(self._lines):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if old != new:
                start, end = different(old, new)
                self.refresh(Region(start, y, max(1, end - start), 1))

    def _boxes(self) -> list[Box]:
        """The charts in view."""
        if not self.subjects or not self.metrics:
            return []
        page = self.page
        if page.alone:
            return [(self.metrics[self.focus_index], self.size.width - 2, page.height)]
        grid = page.grid(len(self.metrics))
        if not grid.per_page:
            return []
        number = self.focus_index // grid.per_page
        return [
            (self.metrics[index], box.width, box.height - self._spare(box.y + box.height))
            for index, box in zip(grid.shown(number), grid.boxes(number), strict=True)
        ]

    def _spare(self, bottom: int) -> int:
        """Lines that stay free below a chart: the small ones are set apart."""
        return 1 if bottom < self.page.height and not self.heading else 0

    def _whole(self) -> list[Line]:
        lines = self._headings()
        height = self.size.height - len(lines)
        boxes = self._boxes()
        if not self.subjects or not self.metrics:
            said: list[Line] = [[], [("   " + cut(self.note, max(1, self.size.width - 4), self.glyphs.cut), "dim")]]
            return [*lines, *said, *([[]] * height)][: self.size.height]
        if not boxes:
            return [*lines, *([[]] * height)]
        if self.page.alone:
            return [*lines, *shifted(self._chart(boxes[0], here=False))]
        grid = self.page.grid(len(self.metrics))
        number = self.focus_index // grid.per_page
        canvas: list[list[tuple[int, Line]]] = [[] for _ in range(height)]
        for index, place, box in zip(grid.shown(number), grid.boxes(number), boxes, strict=True):
            for offset, spans in enumerate(self._chart(box, here=index == self.focus_index)):
                canvas[place.y + offset].append((place.x + 1, spans))
        return [*lines, *(across(pieces) for pieces in canvas)]

    def _chart(self, box: Box, *, here: bool) -> list[Line]:
        title = "accent" if here and self.has_focus else "plain"
        picture = self._pictures.get(box) or self._before.get(box)
        if picture is None:
            name, width = cut(box[0], box[1], self.glyphs.cut), box[1]
            waiting: list[Line] = [[(name, title)], [], [(cut("reading the curves", width, self.glyphs.cut), "dim")]]
            return [*waiting, *([[]] * box[2])][: box[2]]
        lines: list[Line] = list(painted(picture, title))
        if self.options.cursor is None:
            return lines
        looked = Looked(self.options.cursor, self.options.x, self.subjects, self._curves)
        return laid_over(lines, picture, box[0], looked, self.glyphs, title)

    def _headings(self) -> list[Line]:
        """Whose curves these are, and which of the runs have none over this axis; nothing above the small charts."""
        if not self.heading:
            return []
        drawn = sum(len(subject.runs) for subject in self.subjects)
        aside = facts(self.options, self.page, len(self.metrics), (drawn, self.more_runs), self._about_groups())
        lines = [heading(self.subjects, aside, self.size.width, self.glyphs)]
        return [*lines, left_out(self.without, self.size.width, self.glyphs)] if self.without else lines

    def _about_groups(self) -> str:
        """What areas and dashes mean, as far as there are any."""
        shown = set(self.page.of(self.metrics))
        bands = [curve for (_, metric), curve in self._curves.items() if isinstance(curve, Band) and metric in shown]
        if not bands:
            return ""
        dashed = self.page.width >= WIDE and any(len(band.n) and band.n.min() < band.n.max() for band in bands)
        words = f"{mean_of(self.subjects) or 'mean'} ± std{', dashed: fewer runs' if dashed else ''}"
        return plain(words, self.glyphs)


def _timed(sheet: Sheet, boxes: Iterable[Box]) -> Drawn:
    begun = time.thread_time()
    return drawn(sheet, boxes), time.thread_time() - begun


def drawn(sheet: Sheet, boxes: Iterable[Box]) -> Pictures:
    """The charts of some metrics, each in its size."""
    return {(metric, width, height): sheet.picture(metric, width, height) for metric, width, height in boxes}
