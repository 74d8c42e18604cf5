"""One chart of one metric: curves, axes, labels, and everything that was left out said in words."""

from __future__ import annotations

from datetime import tzinfo
from itertools import groupby
from typing import Literal

import numpy as np

from runspect.charts import labels, ticks
from runspect.charts.canvas import DOTS_X, NOBODY, Canvas, Part
from runspect.charts.curve import Band, Bools, Curve, Series, x_range
from runspect.charts.picture import Frame, Picture, Segment, Style, row
from runspect.charts.scale import Scale, fit
from runspect.charts.thin import Floats, as_series
from runspect.dataclass import dataclass

__all__ = ["Band", "LineChart", "Series", "XKind"]

XKind = Literal["step", "time", "relative"]
"""`time` is seconds since 1970, `relative` seconds since a start; `step` any other number."""

MIN_PLOT_WIDTH, MIN_PLOT_HEIGHT = 8, 2
GUTTER_FROM = 64
"""Charts at least this wide name their curves at the right; narrower ones in a line below the title."""

LONGEST_LABEL = 22


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
    """0 to 0.99; above 0 the curves as logged stay behind, dimmed, but for those that are dim anyway."""
    span: tuple[float, float] | None = None
    """x from and to; None shows everything."""
    robust: bool = True
    """Let the y range end before a few far outliers (their number is shown)."""
    ascii_only: bool = False
    zone: tzinfo | None = None
    """Of the times along x; None for the local one."""

    def draw(self) -> Picture:
        """The chart as text; of exactly `height` rows."""
        return _Drawing(self).picture()


class _Drawing:
    """The state of one `draw`: margins depend on the ticks, ticks on the range, the range on the curves."""

    def __init__(self, chart: LineChart) -> None:
        self.chart = chart
        self.curves = [Curve(series, *as_series(series.x, series.y)) for series in chart.series]
        self.named = [curve for curve in self.curves if not curve.series.dim]
        self.low, self.high = x_range(self.curves, chart.span)

    def picture(self) -> Picture:
        chart = self.chart
        width, height = max(0, chart.width), max(0, chart.height)
        if not width or not height:
            return Picture((), width)
        for curve in self.curves:
            curve.prepare(self.low, self.high, max(2, width * DOTS_X), chart.smoothing)
        shown = [part for curve in self.curves for part in curve.drawn_values()]
        scale = fit(shown, log=chart.log_y, robust=chart.robust)
        if scale is None:
            return self._message(self._why_empty(), width, height)
        return self._full(scale, width, height)

    def _why_empty(self) -> str:
        if not any(len(curve.x) for curve in self.curves):
            return "no points yet" if self.chart.x == "step" else "no times recorded"
        if self.chart.log_y and any(np.isfinite(curve.shown_y).any() for curve in self.curves):
            return "no values above 0: log axis shows nothing"
        if self.chart.span is not None and not any(len(curve.lost_x) for curve in self.curves):
            return "no points in this span"
        return "no finite points"

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
            bar = "|" if self.chart.ascii_only else "│"
            name: tuple[Segment, ...] = (("NaN".rjust(margin - 2) + " ", "warn"), (bar, "axis"))
            rows.append(row((*name, *self._rug(plot_width)), width))
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
        """The name, the last value of a lone curve, then what the picture does not show."""
        notes = self._left_out(scale)
        value = ""
        if len(self.named) == 1:
            value = self._last_value(self.named[0])
        room = width - sum(len(text) + 2 for text in (value, *notes) if text)
        least = min(12, labels.cells(self.chart.title))
        if room < least:
            notes, room = [], width - (len(value) + 2 if value else 0)
        if room < least:
            value, room = "", width
        name = labels.fit(self.chart.title, max(1, room), ascii_only=self.chart.ascii_only)
        pieces: list[Segment] = [(name, "title")]
        if value:
            pieces += [("  " if name else "", "blank"), (value, "value")]
        for note in notes:
            pieces += [("  ", "blank"), (note, "warn")]
        return row(pieces, width)

    def _last_value(self, curve: Curve) -> str:
        """The last value; of a mean `0.2181 ±0.0041 n 3`, with the runs of that x."""
        last, band = curve.last, curve.series.band
        if last is None:
            return ""
        if band is None or curve.last_place is None:
            return ticks.short(last, 4)
        return " ".join(mean_words(last, *curve.last_place, ascii_only=self.chart.ascii_only))

    def _left_out(self, scale: Scale) -> list[str]:
        notes = []
        lost = [float(curve.lost_x[0]) for curve in self.curves if len(curve.lost_x)]
        if lost:
            notes.append(f"NaN@{x_text(self.chart.x, min(lost))}")
        values = [c.y for c in self.curves]
        above, below = (sum(int(beyond.sum()) for beyond in each) for each in _beyond(values, scale))
        if scale.clipped_high:
            notes.append(f"{above:,} above" if above else "band cut above")
        if scale.clipped_low:
            notes.append(f"{below:,} below" if below else "band cut below")
        if scale.log and (hidden := sum(int((y <= 0).sum()) for y in values)):
            notes.append(f"{hidden:,} not above 0")
        return notes

    def _places_for_names(self, width: int, height: int) -> tuple[int, int]:
        """Rows for a legend below the title, and cells for names at the right; at most one of the two."""
        texts = [labels.cells(_label(curve)) for curve in self.named if curve.series.label]
        if len(self.named) < 2 or not texts:
            return 0, 0
        if width >= GUTTER_FROM and len(texts) <= height - 5:
            return 0, min(max(texts), LONGEST_LABEL, width // 4) + 1
        return (1 if height >= 7 else 0), 0

    def _legend(self, width: int) -> tuple[Segment, ...]:
        mark = "- " if self.chart.ascii_only else "━ "
        pieces: list[Segment] = []
        room = width
        labelled = [curve for curve in self.named if curve.series.label]
        for i, curve in enumerate(labelled):
            rest = len(labelled) - i
            more = f"+{rest} more"
            name = labels.fit(curve.series.label, LONGEST_LABEL, ascii_only=self.chart.ascii_only)
            needed = labels.cells(name) + 4
            if needed + (0 if rest == 1 else len(more)) > room:
                pieces.append((labels.fit(more, room, ascii_only=self.chart.ascii_only), "dim"))
                break
            pieces += [
                ((f"{curve.series.mark} " if curve.series.mark else mark) + name, curve.series.index),
                ("  ", "blank"),
            ]
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
                name = labels.fit(_label(curve), gutter - 1, ascii_only=self.chart.ascii_only, middle=True)
                rows[at] = ((" ", "blank"), (name, curve.series.index))
        return rows

    def _y_ticks(self, scale: Scale, height: int) -> ticks.Ticks:
        most = max(2, min(6, (height + 1) // 2))
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
        behind = [(curve.shown_x, curve.shown_y) for curve in self.curves if curve.series.dim]
        behind += [
            (curve.raw_x, curve.raw_y) for curve in self.named if curve.raw_x is not None and curve.raw_y is not None
        ]
        canvas.lines(0, [(across.share(x), scale.share(y)) for x, y in behind], faint=True)
        for curve in self.named:
            if curve.low is not None and curve.high is not None:
                edges = scale.share(np.maximum(curve.low, scale.low)), scale.share(curve.high)
                canvas.area(curve.series.index, across.share(curve.shown_x), *edges)
        for index, alike in groupby(self.named, lambda curve: curve.series.index):
            shares = [(across.share(curve.shown_x), scale.share(curve.shown_y), curve.partial) for curve in alike]
            for x, y, partial in shares:
                if partial is not None:
                    canvas.line(index, x, y, dashed=True)
            canvas.lines(
                index, [(x, y if partial is None else np.where(partial, np.nan, y)) for x, y, partial in shares]
            )
        # behind others they must not be in the way; alone they are what is to be seen
        faint: Style = "dim" if self.named else "label"
        marked = [curve.series for curve in self.named if curve.series.mark]
        for place, series in enumerate(marked):
            canvas.letter(series.index, series.mark, (place + 1) / (len(marked) + 1))
        return [
            [(text, _style(owner, part, faint)) for text, owner, part in pieces]
            for pieces in canvas.rows(ascii_only=self.chart.ascii_only)
        ]

    def _rug(self, width: int) -> list[Segment]:
        """A mark below each cell where a curve has no finite value: its letter, if it is the only one and has one."""
        cross = "x" if self.chart.ascii_only else "×"
        marks: list[Segment] = [(" ", "blank")] * width
        for curve in self.curves:
            at = np.rint(Scale(self.low, self.high).share(curve.lost_x) * (width - 1))
            style: Style = "warn" if curve.series.dim else curve.series.index
            for cell in np.unique(at[(at >= 0) & (at < width)].astype(np.int64)).tolist():
                is_first = marks[cell][1] == "blank"
                marks[cell] = (curve.series.mark or cross, style) if is_first else (cross, "warn")
        return marks

    def _x_ticks(self, most: int) -> ticks.Ticks:
        if self.chart.x == "relative":
            return ticks.relative_ticks(self.low, self.high, most)
        if self.chart.x == "time":
            return ticks.clock_ticks(self.low, self.high, most, self.chart.zone)
        few = self.high - self.low < 50
        whole = few and all(bool((curve.x == np.rint(curve.x)).all()) for curve in self.curves)
        return ticks.number_ticks(self.low, self.high, most, whole=whole)

    def _x_axis(self, margin: int, width: int, whole: int) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
        marks = self._x_ticks(max(1, min(8, width // 10)))
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


def x_text(kind: XKind, x: float) -> str:
    """One x in words."""
    if kind == "relative":
        return ticks.duration(x)
    if kind == "time":
        return ticks.moment(x)
    return f"{x:.0f}" if x == round(x) and abs(x) < 1e9 else ticks.short(x)


def mean_words(mean: float, std: float, n: int, most: int, *, ascii_only: bool = False) -> tuple[str, ...]:
    """`0.2181`, `±0.0041`, `n 3`: a mean, its standard deviation if it has one, the runs that count, `n 1 of 3` if few."""
    spread = (f"{'+-' if ascii_only else '±'}{ticks.short(std, 2)}",) if np.isfinite(std) else ()
    return ticks.short(mean, 4), *spread, f"n {n:,}{f' of {most:,}' if n < most else ''}"


def _label(curve: Curve) -> str:
    return f"{curve.series.mark} {curve.series.label}".lstrip()


def _beyond(values: list[Floats], scale: Scale) -> tuple[list[Bools], list[Bools]]:
    return [y > scale.high for y in values], [y < scale.low for y in values]


def _style(owner: int, part: Part, faint: Style) -> Style:
    if owner == NOBODY:
        return "blank"
    return owner if part == "line" else ~owner if part == "area" else faint
