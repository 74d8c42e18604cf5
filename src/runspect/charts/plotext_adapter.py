"""Charts that are drawn once, by plotext: the only module that imports it.

plotext has one figure a process, fits it to the terminal, paints its own background and picks ticks such as 0.3333;
here the figure is locked while in use, and size, ticks and colours are always given. Not for live charts: it is
hundreds of times slower than `line_chart` on long series, which is why they are thinned first.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

import numpy as np
import plotext

from runspect.charts import labels, ticks
from runspect.charts.line_chart import Series, XKind
from runspect.charts.scale import Scale, fit
from runspect.charts.smooth import smooth
from runspect.charts.thin import Floats, as_series, thin

COLOURS = (12, 9, 10, 13, 14, 11)
"""Entries of the terminal's own 16 colours: readable on light and dark, and what the user chose."""

MARKERS = "*ox+#@%="
"""One a curve where colours cannot tell them apart."""

SMALLEST = (20, 6)

_FIGURE = threading.Lock()
_RESET = re.compile("\x1b\\[0m")
_FRAME_TO_ASCII = str.maketrans("│┤└┬─┼", "|+++-+")


def plot(
    series: Sequence[Series],
    width: int,
    height: int,
    *,
    title: str = "",
    x: XKind = "step",
    log_y: bool = False,
    smoothing: float = 0.0,
    color: bool = False,
    ascii_only: bool = False,
) -> str:
    """The curves as `height` lines of at most `width` cells, without a newline at the end.

    Below the axis stands a line with the names of the curves when there are several; it counts towards `height`.
    Values that are not finite (or not above 0 on a log axis) leave gaps. Without `color` there is no escape sequence.
    """
    width, height = max(width, SMALLEST[0]), max(height, SMALLEST[1])
    curves = [_ready(one, smoothing, log_y, width) for one in series]
    shown = [y for _, y in curves if np.isfinite(y).any()]
    scale = fit([10**y for y in shown] if log_y else shown, log=log_y)
    title = labels.fit(title, width, ascii_only=ascii_only)
    if scale is None:
        return "\n".join([*([title] if title else []), "no finite points"])
    names = _names(series, width, color, ascii_only)
    with _FIGURE:
        picture = _drawn(curves, scale, title, (width, height - len(names)), x, color, ascii_only)
    if ascii_only:
        picture = picture.translate(_FRAME_TO_ASCII)
    lines = picture.split("\n")
    return "\n".join([*(line.rstrip() for line in lines if line or not color), *names])


def _ready(one: Series, smoothing: float, log_y: bool, width: int) -> tuple[Floats, Floats]:
    """x and y of a curve, in drawing order, thinned, in logs where the axis is."""
    xs, ys = as_series(one.x, one.y)
    ys = smooth(np.where(np.isfinite(ys), ys, np.nan), 0.0 if one.dim else smoothing)
    if len(xs):
        xs, ys = thin(xs, ys, float(xs[0]), float(xs[-1]), 2 * width)
    if log_y:
        ys = np.log10(np.where(ys > 0, ys, np.nan))
    return xs, ys


def _drawn(
    curves: Sequence[tuple[Floats, Floats]],
    scale: Scale,
    title: str,
    size: tuple[int, int],
    x: XKind,
    color: bool,
    ascii_only: bool,
) -> str:
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(*size)
    figure.axes(False, axis="x", side="upper")
    figure.axes(False, axis="y", side="right")
    figure.legend(False)
    if title:
        figure.title(title)
    for i, (xs, ys) in enumerate(curves):
        symbol = "braille" if not ascii_only and (color or len(curves) == 1) else MARKERS[i % len(MARKERS)]
        pixel = plotext.pixel(foreground=COLOURS[i % len(COLOURS)]) if color else None
        _draw_curve(xs, ys, plotext.marker(symbol, pixel))
    _set_y(scale, size[1])
    _set_x(curves, x, size[0])
    text = str(figure.build()).rstrip("\n")
    figure.clear()
    return text if color else _RESET.sub("", text)


def _draw_curve(xs: Floats, ys: Floats, marker: object) -> None:
    finite = np.isfinite(ys)
    if not finite.any():
        return
    signal = plotext.figure.signal(xs[finite].tolist(), ys[finite].tolist(), marker=marker).lines(True)
    # a point behind a gap starts a new line
    after_gap = np.flatnonzero(np.diff(np.flatnonzero(finite)) > 1) + 1
    for i in after_gap.tolist():
        signal.line(i, False)
    plotext.figure.draw(signal)


def _set_y(scale: Scale, height: int) -> None:
    most = max(2, min(8, height // 3))
    if scale.log:
        marks = tuple((float(np.log10(v)), text) for v, text in ticks.log_ticks(scale.low, scale.high, most))
        low, high = float(np.log10(scale.low)), float(np.log10(scale.high))
    else:
        marks, low, high = ticks.number_ticks(scale.low, scale.high, most), scale.low, scale.high
    plotext.figure.ruler("y", "left").lim(low, high).ticks([v for v, _ in marks], [text for _, text in marks])


def _set_x(curves: Sequence[tuple[Floats, Floats]], x: XKind, width: int) -> None:
    ends = [float(end) for xs, _ in curves if len(xs) for end in (xs[0], xs[-1])]
    low, high = min(ends), max(ends)
    if not high > low:
        low, high = low - 0.5, high + 0.5
    kinds = {"step": ticks.number_ticks, "relative": ticks.relative_ticks, "time": ticks.clock_ticks}
    marks = kinds[x](low, high, max(2, width // 12))
    plotext.figure.ruler("x", "lower").lim(low, high).ticks([v for v, _ in marks], [text for _, text in marks])


def _names(series: Sequence[Series], width: int, color: bool, ascii_only: bool) -> list[str]:
    """One line that says which curve is which, or none for a single one."""
    if len(series) < 2:
        return []
    room, pieces = width, []
    for i, one in enumerate(series):
        mark = ("-" if ascii_only else "━") if color else MARKERS[i % len(MARKERS)]
        text = f"{mark} {labels.fit(one.label, 28, ascii_only=ascii_only)}"
        more = f"+{len(series) - i} more"
        if labels.cells(text) + 2 + (len(more) if i + 1 < len(series) else 0) > room:
            pieces.append(more[:room])
            break
        room -= labels.cells(text) + 2
        code = COLOURS[i % len(COLOURS)]
        pieces.append(f"\x1b[38;5;{code}m{text}\x1b[0m" if color else text)
    return ["  ".join(pieces)]
