"""Charts as SVG: one file of text that needs nothing else, in light and dark, whoever cannot tell colours apart.

Colours are those of Okabe and Ito ("Color Universal Design", 2008), darker or lighter where the background asks for it; dashes
tell the same as they do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from html import escape

import numpy as np

from runspect.charts import ticks
from runspect.charts.scale import Scale, fit
from runspect.charts.thin import Floats, as_series, thin
from runspect.dataclass import dataclass
from runspect.masking import printable
from runspect.practice.report.document import Chart, Line

WIDTH, PLOT_HEIGHT = 760.0, 230.0
LEFT, RIGHT, TOP, FOOT, ROW = 62.0, 14.0, 10.0, 38.0, 17.0
COLUMNS = 240
"""Pixel columns of a curve; each keeps at most four points."""
MOST_MARKS = 60
EARLY, MUCH = 0.2, 1.5
"""The share of x in which curves may still fall or rise steeply, and how much larger the range of y must be for that."""
LETTER = 6.2
"""Pixels that a letter of the legend takes, about."""
LONGEST = 60

LIGHT = ("#0072b2", "#c44e00", "#00805d", "#a8558a", "#8f6500", "#2a8fc4", "#555555", "#8a2be2")
DARK = ("#56b4e9", "#ff8b47", "#2fc59b", "#e29ac4", "#e6b422", "#9ad4f7", "#bbbbbb", "#c79bf2")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "12 4", "1 3", "6 2 1 2")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A curve with what of it is drawn; the arrays have equal length, x ascending."""

    line: Line
    x: Floats
    y: Floats
    low: Floats | None = None
    high: Floats | None = None

    def edges(self, begin: float) -> list[Floats]:
        """All that is drawn from some x on."""
        return [each[self.x >= begin] for each in (self.y, self.low, self.high) if each is not None]


def svg(chart: Chart) -> str:
    """The chart as an `<svg>` element that may stand in HTML or be a file of its own."""
    drawn = [_drawn(line) for line in chart.lines]
    across = _across(drawn)
    scale = _up(chart, drawn, across) if across is not None else None
    legend = _legend([line for line in chart.lines if line.label])
    height = TOP + PLOT_HEIGHT + FOOT + legend.height
    body = (
        [_empty()]
        if scale is None or across is None
        else [*_plot(chart, drawn, across, scale), *_left_out(drawn, scale)]
    )
    title, says = _safe(chart.title), _safe(chart.says)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="rs" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" '
            f'aria-label="{title}" width="{WIDTH:.0f}" height="{height:.0f}">',
            f"<title>{title}</title>",
            f"<desc>{says}</desc>",
            STYLE,
            *body,
            *legend.parts,
            "</svg>",
        )
    )


def _style() -> str:
    """Colours by class, so that one picture serves both backgrounds."""

    def colours(wheel: Sequence[str]) -> str:
        return "".join(f".rs .l{at}{{stroke:{c}}}.rs .f{at}{{fill:{c}}}" for at, c in enumerate(wheel))

    dashes = "".join(f".rs .l{at}{{stroke-dasharray:{dash}}}" for at, dash in enumerate(DASHES) if dash)
    light = ".rs text{fill:#444}.rs .grid{stroke:#ddd}.rs .axis{stroke:#888}.rs .warn{fill:#b00020}"
    dark = ".rs text{fill:#bbb}.rs .grid{stroke:#3a3a3a}.rs .axis{stroke:#888}.rs .warn{fill:#ff7b7b}"
    return (
        "<style>.rs{font:11px system-ui,sans-serif}.rs .line{fill:none;stroke-width:1.8;"
        "stroke-linejoin:round}.rs .band{fill-opacity:.18;stroke:none}.rs .grid,.rs .axis{stroke-width:1;fill:none}"
        f"{dashes}{light}{colours(LIGHT)}@media (prefers-color-scheme:dark){{{dark}{colours(DARK)}}}"
        f"@media print{{{light}{colours(LIGHT)}}}</style>"
    )


STYLE = _style()


def _drawn(line: Line) -> _Drawn:
    x, y = as_series(line.x, line.y)
    if line.low and line.high and len(x) == len(line.low) == len(line.high):
        low, high = np.asarray(line.low, np.float64), np.asarray(line.high, np.float64)
        keep = slice(None, None, max(1, -(-len(x) // (2 * COLUMNS))))
        return _Drawn(line, x[keep], y[keep], low[keep], high[keep])
    if not line.dots and len(x):
        x, y = thin(x, y, float(x[0]), float(x[-1]), COLUMNS)
    return _Drawn(line, x, y)


def _across(drawn: Sequence[_Drawn]) -> Scale | None:
    ends = [float(end) for each in drawn if len(each.x) for end in (each.x[0], each.x[-1])]
    if not ends:
        return None
    low, high = min(ends), max(ends)
    return Scale(low, high) if high > low else Scale(low - 0.5, high + 0.5)


def _up(chart: Chart, drawn: Sequence[_Drawn], across: Scale) -> Scale | None:
    """The range of y; of curves that settle that of their later part, where it tells more."""
    whole = fit([values for each in drawn for values in each.edges(-np.inf)], log=chart.log_y)
    if whole is None or chart.log_y or not chart.settles:
        return whole
    late = fit([values for each in drawn for values in each.edges(across.low + EARLY * (across.high - across.low))])
    return late if late is not None and whole.high - whole.low > MUCH * (late.high - late.low) else whole


def _plot(chart: Chart, drawn: Sequence[_Drawn], across: Scale, scale: Scale) -> Iterator[str]:
    width = WIDTH - LEFT - RIGHT
    bottom = TOP + PLOT_HEIGHT
    marks = (ticks.log_ticks if scale.log else ticks.number_ticks)(scale.low, scale.high, 6)
    for value, text in marks:
        y = bottom - _at(scale, value) * PLOT_HEIGHT
        yield f'<path class="grid" d="M{LEFT:.0f} {y:.1f}H{WIDTH - RIGHT:.0f}"/>'
        yield f'<text x="{LEFT - 6:.0f}" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>'
    for value, text in _x_ticks(chart, across):
        x = LEFT + _at(across, value) * width
        yield f'<path class="axis" d="M{x:.1f} {bottom:.0f}v4"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 16:.0f}" text-anchor="middle">{escape(text)}</text>'
    yield f'<path class="axis" d="M{LEFT:.0f} {TOP:.0f}V{bottom:.0f}H{WIDTH - RIGHT:.0f}"/>'
    x_label = chart.x_label or {"step": "step", "time": "UTC", "relative": "since the start"}[chart.x]
    yield f'<text x="{WIDTH - RIGHT:.0f}" y="{bottom + 31:.0f}" text-anchor="end">{_safe(x_label)}</text>'
    if chart.y_label:
        log = " (log axis)" if scale.log else ""
        yield f'<text x="{LEFT:.0f}" y="{bottom + 31:.0f}">{_safe(_cut(chart.y_label, 60))}{log}</text>'
    yield f'<svg x="{LEFT:.0f}" y="{TOP:.0f}" width="{width:.0f}" height="{PLOT_HEIGHT:.0f}">'
    for each in drawn:
        yield from _curve(each, across, scale, width)
    yield "</svg>"


def _x_ticks(chart: Chart, across: Scale) -> ticks.Ticks:
    if chart.x == "time":
        return ticks.clock_ticks(across.low, across.high, 7, UTC)
    if chart.x == "relative":
        return ticks.relative_ticks(across.low, across.high, 7)
    whole = across.high - across.low < 50 and all(float(x).is_integer() for line in chart.lines for x in line.x)
    return ticks.number_ticks(across.low, across.high, 8, whole=whole)


def _curve(each: _Drawn, across: Scale, scale: Scale, width: float) -> Iterator[str]:
    at = each.line.index % len(LIGHT)
    x = across.share(each.x) * width
    y = np.where(np.isfinite(each.y), (1 - np.clip(scale.share(each.y), -0.05, 1.05)) * PLOT_HEIGHT, np.nan)
    if each.low is not None and each.high is not None:
        yield from _band(x, _height(scale, each.low), _height(scale, each.high), at)
    if each.line.dots:
        seen = np.isfinite(x) & np.isfinite(y)
        yield "".join(
            f'<circle class="f{at}" cx="{cx:.1f}" cy="{cy:.1f}" r="2.5" fill-opacity=".7"/>'
            for cx, cy in zip(x[seen].tolist(), y[seen].tolist(), strict=True)
        )
    else:
        yield _path(x, y, at, steps=each.line.steps, until=width)
    lost = x[~np.isfinite(each.y)][:MOST_MARKS].tolist()
    yield from (
        f'<text class="warn" x="{cx:.1f}" y="{PLOT_HEIGHT - 2:.0f}" text-anchor="middle">×</text>' for cx in lost
    )


def _height(scale: Scale, values: Floats) -> Floats:
    """Where values stand; what a logarithmic axis cannot show lies below it."""
    shares = scale.share(values)
    below = scale.log & np.isfinite(values) & (values <= 0)
    return np.asarray((1 - np.clip(np.where(below, -0.05, shares), -0.05, 1.05)) * PLOT_HEIGHT, np.float64)


def _path(x: Floats, y: Floats, at: int, *, steps: bool, until: float) -> str:
    pieces: list[str] = []
    lone: list[str] = []
    pen = False
    seen = np.isfinite(x) & np.isfinite(y)
    for place, (px, py, shown) in enumerate(zip(x.tolist(), y.tolist(), seen.tolist(), strict=True)):
        if not shown:
            pen = False
            continue
        if pen:
            pieces.append(f"H{px:.1f}V{py:.1f}" if steps else f"L{px:.1f} {py:.1f}")
        else:
            pieces.append(f"M{px:.1f} {py:.1f}")
            if not steps and not (place + 1 < len(x) and seen[place + 1]):
                lone.append(f'<circle class="f{at}" cx="{px:.1f}" cy="{py:.1f}" r="2.5"/>')
        pen = True
    if steps and pieces:
        pieces.append(f"H{until:.1f}")
    return f'<path class="line l{at}" d="{"".join(pieces)}"/>{"".join(lone)}'


def _band(x: Floats, low: Floats, high: Floats, at: int) -> Iterator[str]:
    """The area between two edges, in as many pieces as it has gaps."""
    seen = np.isfinite(x) & np.isfinite(low) & np.isfinite(high)
    ends = np.flatnonzero(np.diff(np.concatenate(([False], seen, [False])).astype(np.int8)))
    for start, stop in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
        piece = slice(start, stop)
        there = zip(x[piece].tolist(), high[piece].tolist(), strict=True)
        back = zip(x[piece][::-1].tolist(), low[piece][::-1].tolist(), strict=True)
        points = "L".join(f"{px:.1f} {py:.1f}" for px, py in (*there, *back))
        yield f'<path class="band f{at}" d="M{points}Z"/>'


def _left_out(drawn: Sequence[_Drawn], scale: Scale) -> Iterator[str]:
    """What the axis does not reach, in words below it."""
    every = np.concatenate([each.y for each in drawn])
    y = every[np.isfinite(every)]
    found = {
        "more above": (y > scale.high).any(),
        "more below": ((y < scale.low) & ((y > 0) | (not scale.log))).any(),
        "values not above 0": scale.log and (y <= 0).any(),
        "× not finite": len(y) < len(every),
    }
    told = ", ".join(words for words, there in found.items() if there)
    if told:
        yield f'<text class="warn" x="{WIDTH * 0.7:.0f}" y="{TOP + PLOT_HEIGHT + 31:.0f}" text-anchor="middle">{told}</text>'


@dataclass(frozen=True, slots=True)
class _Legend:
    parts: tuple[str, ...]
    height: float


def _legend(lines: Sequence[Line]) -> _Legend:
    """The names below the plot, in as many rows as they need."""
    parts, x, row = [], LEFT, 0
    top = TOP + PLOT_HEIGHT + FOOT
    for line in lines:
        label = _cut(printable(line.label), LONGEST)
        width = 30 + LETTER * len(label) + 14
        if x > LEFT and x + width > WIDTH - RIGHT:
            x, row = LEFT, row + 1
        y, at = top + ROW * row + 8, line.index % len(LIGHT)
        parts.append(
            f'<circle class="f{at}" cx="{x + 12:.0f}" cy="{y:.0f}" r="3"/>'
            if line.dots
            else f'<path class="line l{at}" d="M{x:.0f} {y:.0f}h24"/>'
        )
        parts.append(f'<text x="{x + 30:.0f}" y="{y + 4:.0f}">{escape(label)}</text>')
        x += width
    return _Legend(tuple(parts), ROW * (row + 1) + 4 if parts else 0.0)


def _empty() -> str:
    return f'<text x="{WIDTH / 2:.0f}" y="{TOP + PLOT_HEIGHT / 2:.0f}" text-anchor="middle">no finite points</text>'


def _at(scale: Scale, value: float) -> float:
    return float(scale.share(np.array([value]))[0])


def _cut(text: str, most: int) -> str:
    """Cut in the middle: names of runs often differ at their ends."""
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-(most // 2) + 1 :]}"


def _safe(text: str) -> str:
    return escape(printable(text), quote=True)
