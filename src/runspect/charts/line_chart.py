"""One chart of one metric: curves, axes, labels, and everything that was left out said in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from runspect.charts import labels, ticks
from runspect.charts.canvas import DOTS_X, NOBODY, Canvas
from runspect.charts.picture import Frame, Picture, Segment, Style, row
from runspect.charts.scale import Scale, fit
from runspect.charts.smooth import smooth
from runspect.charts.thin import Floats, as_series, thin

XKind = Literal["step", "time", "relative"]
"""`time` is seconds since 1970, `relative` seconds since a start; `step` any other number."""

MIN_PLOT_WIDTH, MIN_PLOT_HEIGHT = 8, 2
GUTTER_FROM = 64
"""Charts at least this wide name their curves at the right; narrower ones in a line below the title."""

LONGEST_LABEL = 22


@dataclass(frozen=True, slots=True)
class Series:
    """A curve. `x` and `y` are taken in file order and may hold NaN; `index` picks its colour in the theme."""

    label: str
    x: Floats
    y: Floats
    index: int = 0
    dim: bool = False
    """Drawn faintly behind the others and not named."""


@dataclass(frozen=True, slots=True)
class LineChart:
    """What to draw. `draw()` never raises, whatever the numbers are."""

    series: tuple[Series, ...]
    width: int
    """Cells of the whole picture, axes included."""
    height: int
    title: str = ""
    x: XKind = "step"
    log_y: bool = False
    smoothing: float = 0.0
    """0 to 0.99; above 0 the curves as logged stay behind, dimmed."""
    span: tuple[float, float] | None = None
    """x from and to; None shows everything."""
    robust: bool = True
    """Let the y range end before a few far outliers (their number is shown)."""
    ascii_only: bool = False

    def draw(self) -> Picture:
        """The chart as text; of exactly `height` rows."""
        return _Drawing(self).picture()


@dataclass(slots=True)
class _Curve:
    """A series made ready: in order, finite parts known, thinned to the plot's columns."""

    series: Series
    x: Floats
    y: Floats
    shown_x: Floats = field(default_factory=lambda: np.empty(0))
    shown_y: Floats = field(default_factory=lambda: np.empty(0))
    raw_x: Floats | None = None
    raw_y: Floats | None = None
    lost_x: Floats = field(default_factory=lambda: np.empty(0))
    """Where the value is NaN or infinite."""

    @property
    def last(self) -> float | None:
        """The last finite value within the chart, as drawn."""
        finite = self.shown_y[np.isfinite(self.shown_y)]
        return float(finite[-1]) if len(finite) else None


class _Drawing:
    """The state of one `draw`: margins depend on the ticks, ticks on the range, the range on the curves."""

    def __init__(self, chart: LineChart) -> None:
        self.chart = chart
        self.curves = [
            _Curve(series, *as_series(series.x, series.y)) for series in chart.series
        ]
        self.named = [curve for curve in self.curves if not curve.series.dim]
        self.low, self.high = self._x_range()

    def picture(self) -> Picture:
        chart = self.chart
        width, height = max(0, chart.width), max(0, chart.height)
        if not width or not height:
            return Picture((), width)
        self._prepare(max(2, width * DOTS_X))
        shown = [part for curve in self.curves for part in (curve.shown_y, *self._raw(curve))]
        scale = fit(shown, log=chart.log_y, robust=chart.robust)
        if scale is None:
            return self._message(self._why_empty(), width, height)
        return self._full(scale, width, height)

    # ── the data ────────────────────────────────────────────────────────────────────────────────────────────────

    def _x_range(self) -> tuple[float, float]:
        if self.chart.span is not None and all(map(math.isfinite, self.chart.span)):
            low, high = min(self.chart.span), max(self.chart.span)
        else:
            ends = [end for c in self.curves if len(c.x) for end in (float(c.x[0]), float(c.x[-1]))]
            low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
        if not high - low > 1e-12 * max(abs(low), abs(high)):
            room = max(abs(low) * 1e-6, 0.5)
            low, high = low - room, high + room
        return max(low, -1e300), min(high, 1e300)

    def _prepare(self, columns: int) -> None:
        for curve in self.curves:
            inside = slice(np.searchsorted(curve.x, self.low, "left"), np.searchsorted(curve.x, self.high, "right"))
            x, y = curve.x[inside], curve.y[inside]
            bad = ~np.isfinite(y)
            if bad.any():
                curve.lost_x = x[bad]
            finite = np.where(np.isfinite(curve.y), curve.y, np.nan) if bad.any() else curve.y
            smoothed = finite
            if self.chart.smoothing > 0 and not curve.series.dim:
                smoothed = smooth(finite, self.chart.smoothing)
                curve.raw_x, curve.raw_y = thin(curve.x, finite, self.low, self.high, columns)
            curve.shown_x, curve.shown_y = thin(curve.x, smoothed, self.low, self.high, columns)

    def _raw(self, curve: _Curve) -> tuple[Floats, ...]:
        return () if curve.raw_y is None else (curve.raw_y,)

    def _why_empty(self) -> str:
        if not any(len(curve.x) for curve in self.curves):
            return "no points yet"
        if self.chart.log_y and any(np.isfinite(curve.shown_y).any() for curve in self.curves):
            return "no values above 0: log axis shows nothing"
        if self.chart.span is not None and not any(len(curve.lost_x) for curve in self.curves):
            return "no points in this span"
        return "no finite points"

    # ── the picture ─────────────────────────────────────────────────────────────────────────────────────────────

    def _full(self, scale: Scale, width: int, height: int) -> Picture:
        title = bool(self.chart.title) or height > MIN_PLOT_HEIGHT + 2
        legend, gutter = self._places_for_names(width, height)
        rug = 1 if any(len(curve.lost_x) for curve in self.curves) and height >= 6 else 0
        axis = 1 if height >= 7 else 0
        foot = 1 if height >= 4 else 0
        plot_height = height - title - legend - rug - axis - foot
        marks = self._y_ticks(scale, plot_height)
        margin = max(max((len(text) for _, text in marks), default=0), 3 * rug) + 2
        plot_width = width - margin - gutter
        if plot_width < MIN_PLOT_WIDTH or plot_height < MIN_PLOT_HEIGHT:
            return self._message("too small for a chart", width, height)
        rows: list[tuple[Segment, ...]] = []
        if title:
            rows.append(self._title(scale, width))
        if legend:
            rows.append(self._legend(width))
        top = len(rows)
        names = self._gutter(scale, plot_height, gutter)
        axis_pieces = self._y_axis(scale, marks, plot_height, margin)
        for i, pieces in enumerate(self._plot(scale, plot_width, plot_height)):
            rows.append(row((*axis_pieces[i], *pieces, *names[i]), width))
        if rug:
            rows.append(row((("NaN".rjust(margin - 2), "warn"), ("  ", "blank"), *self._rug(plot_width)), width))
        if axis or foot:
            line, text = self._x_axis(margin, plot_width, width)
            rows.extend(((line,) if axis else ()) + ((text,) if foot else ()))
        return Picture(tuple(rows), width, Frame(margin, top, plot_width, plot_height, self.low, self.high))

    def _message(self, why: str, width: int, height: int) -> Picture:
        title = self._name_of_chart(width)
        rows = [row((title,), width)] if title[0] else []
        text = labels.fit(why, width, ascii_only=self.chart.ascii_only)
        middle = max(len(rows), (height - 1) // 2)
        rows.extend(() for _ in range(middle - len(rows)))
        rows.append(row(((" " * ((width - labels.cells(text)) // 2), "blank"), (text, "dim")), width))
        rows.extend(() for _ in range(height - len(rows)))
        return Picture(tuple(line or row((), width) for line in rows[:height]), width)

    def _name_of_chart(self, width: int) -> Segment:
        return labels.fit(self.chart.title, width, ascii_only=self.chart.ascii_only), "title"

    def _title(self, scale: Scale, width: int) -> tuple[Segment, ...]:
        """The name, the last value of a lone curve and where it is heading, then what the picture does not show."""
        notes = self._left_out(scale)
        value = ""
        if len(self.named) == 1 and (last := self.named[0].last) is not None:
            value = f"{ticks.short(last, 4)} {_heading(self.named[0].shown_y, self.chart.ascii_only)}"
        room = width - sum(len(text) + 2 for text in (value, *notes) if text)
        if room < min(12, labels.cells(self.chart.title)):
            notes, room = [], width - (len(value) + 2 if value else 0)
        name = labels.fit(self.chart.title, max(1, room), ascii_only=self.chart.ascii_only)
        pieces: list[Segment] = [(name, "title")]
        if value:
            pieces += [("  " if name else "", "blank"), (value, "value")]
        for note in notes:
            pieces += [("  ", "blank"), (note, "warn")]
        return row(pieces, width)

    def _left_out(self, scale: Scale) -> list[str]:
        notes = []
        lost = [float(curve.lost_x[0]) for curve in self.curves if len(curve.lost_x)]
        if lost:
            notes.append(f"NaN@{self._x_text(min(lost))}")
        values = [c.y for c in self.curves]
        if scale.clipped_high:
            notes.append(f"{sum(int((y > scale.high).sum()) for y in values):,} above")
        if scale.clipped_low:
            notes.append(f"{sum(int((y < scale.low).sum()) for y in values):,} below")
        if scale.log and (hidden := sum(int((y <= 0).sum()) for y in values)):
            notes.append(f"{hidden:,} not above 0")
        return notes

    def _x_text(self, x: float) -> str:
        if self.chart.x == "relative":
            return ticks.duration(x)
        if self.chart.x == "time":
            clock = ticks.clock_ticks(x - 60, x + 60, 2)
            return clock[0][1] if clock else ticks.short(x)
        return f"{x:.0f}" if x == round(x) and abs(x) < 1e9 else ticks.short(x)

    # ── names of the curves ─────────────────────────────────────────────────────────────────────────────────────

    def _places_for_names(self, width: int, height: int) -> tuple[int, int]:
        """Rows for a legend below the title, and cells for names at the right; at most one of the two."""
        texts = [labels.cells(curve.series.label) for curve in self.named if curve.series.label]
        if len(self.named) < 2 or not texts:
            return 0, 0
        if width >= GUTTER_FROM and len(self.named) <= height - 5:
            return 0, min(max(texts), LONGEST_LABEL, width // 4) + 1
        return (1 if height >= 7 else 0), 0

    def _legend(self, width: int) -> tuple[Segment, ...]:
        mark = "- " if self.chart.ascii_only else "━ "
        pieces: list[Segment] = []
        room = width
        for i, curve in enumerate(self.named):
            rest = len(self.named) - i
            more = f"+{rest} more"
            name = labels.fit(curve.series.label, LONGEST_LABEL, ascii_only=self.chart.ascii_only)
            needed = labels.cells(name) + 4
            if needed + (0 if rest == 1 else len(more)) > room:
                pieces.append((labels.fit(more, room, ascii_only=self.chart.ascii_only), "dim"))
                break
            pieces += [(mark + name, curve.series.index), ("  ", "blank")]
            room -= needed
        return row(pieces, width)

    def _gutter(self, scale: Scale, height: int, gutter: int) -> list[tuple[Segment, ...]]:
        """The names at the height where their curves end."""
        rows: list[tuple[Segment, ...]] = [() for _ in range(height)]
        ending = [(curve, last) for curve in self.named if (last := curve.last) is not None and curve.series.label]
        if not gutter or not ending:
            return rows
        shares = np.nan_to_num(scale.share(np.array([last for _, last in ending])), nan=0.0)
        wanted = [(1 - min(1.0, max(0.0, float(share)))) * (height - 1) for share in shares]
        for (curve, _), at in zip(ending, labels.spread(wanted, height), strict=True):
            if 0 <= at < height:
                name = labels.fit(curve.series.label, gutter - 1, ascii_only=self.chart.ascii_only)
                rows[at] = ((" ", "blank"), (name, curve.series.index))
        return rows

    # ── axes and curves ─────────────────────────────────────────────────────────────────────────────────────────

    def _y_ticks(self, scale: Scale, height: int) -> ticks.Ticks:
        most = max(2, min(6, height // 3))
        return (ticks.log_ticks if scale.log else ticks.number_ticks)(scale.low, scale.high, most)

    def _y_axis(self, scale: Scale, marks: ticks.Ticks, height: int, margin: int) -> list[tuple[Segment, ...]]:
        shares = scale.share(np.array([value for value, _ in marks], dtype=np.float64)).tolist()
        at = {round((1 - share) * (height - 1)): text for (_, text), share in zip(marks, shares, strict=True)}
        bar, tick = ("|", "+") if self.chart.ascii_only else ("│", "┤")
        texts = [at.get(i, "").rjust(margin - 2) + " " for i in range(height)]
        return [((text, "label"), (tick if i in at else bar, "axis")) for i, text in enumerate(texts)]

    def _plot(self, scale: Scale, width: int, height: int) -> list[list[Segment]]:
        canvas = Canvas(width, height)
        across = Scale(self.low, self.high)
        for curve in self.curves:
            if curve.series.dim:
                canvas.line(curve.series.index, across.share(curve.shown_x), scale.share(curve.shown_y), faint=True)
            elif curve.raw_x is not None and curve.raw_y is not None:
                canvas.line(curve.series.index, across.share(curve.raw_x), scale.share(curve.raw_y), faint=True)
        for curve in self.named:
            canvas.line(curve.series.index, across.share(curve.shown_x), scale.share(curve.shown_y))
        return [
            [(text, _style(owner, faint)) for text, owner, faint in pieces]
            for pieces in canvas.rows(ascii_only=self.chart.ascii_only)
        ]

    def _rug(self, width: int) -> list[Segment]:
        """A mark below each cell where a curve has no finite value."""
        owners = np.full(width, NOBODY)
        for curve in self.curves:
            at = np.rint(Scale(self.low, self.high).share(curve.lost_x) * (width - 1))
            owners[at[(at >= 0) & (at < width)].astype(np.int64)] = curve.series.index
        mark = "x" if self.chart.ascii_only else "×"
        return [(mark, int(owner)) if owner != NOBODY else (" ", "blank") for owner in owners]

    def _x_axis(self, margin: int, width: int, whole: int) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
        kinds = {"step": ticks.number_ticks, "relative": ticks.relative_ticks, "time": ticks.clock_ticks}
        marks = kinds[self.chart.x](self.low, self.high, max(1, min(8, width // 10)))
        corner, dash, tick = ("+", "-", "+") if self.chart.ascii_only else ("└", "─", "┬")
        line, text = [dash] * width, [" "] * whole
        for value, label in marks:
            at = round((value - self.low) / (self.high - self.low) * (width - 1))
            start = min(max(0, margin + at - len(label) // 2), whole - len(label))
            if 0 <= at < width and start >= 0 and not "".join(text[max(0, start - 1) : start + len(label) + 1]).strip():
                line[at] = tick
                text[start : start + len(label)] = label
        return (
            row(((" " * (margin - 1), "blank"), (corner + "".join(line), "axis")), whole),
            row((("".join(text), "label"),), whole),
        )


def _style(owner: int, faint: bool) -> Style:
    if owner == NOBODY:
        return "blank"
    return "dim" if faint else owner


def _heading(values: Floats, ascii_only: bool) -> str:
    """An arrow: the last tenth of the curve against the tenth before it."""
    known = values[np.isfinite(values)]
    part = max(1, len(known) // 10)
    now, before = known[-part:], known[-2 * part : -part]
    arrows: Sequence[str] = ("v", "-", "^") if ascii_only else ("↓", "→", "↑")
    if not len(before):
        return arrows[1]
    with np.errstate(over="ignore", invalid="ignore"):
        change = float(now.mean() - before.mean())
        room = 1e-3 * float(known.max() - known.min())
    return arrows[1] if abs(change) <= room or change != change else arrows[0] if change < 0 else arrows[2]
