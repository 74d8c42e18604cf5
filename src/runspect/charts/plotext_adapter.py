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
from runspect.charts.curve import Curve, x_range
from runspect.charts.line_chart import Series, XKind
from runspect.charts.scale import Scale, fit
from runspect.charts.thin import Floats, as_series

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
    curves = [Curve(one, *as_series(one.x, one.y)) for one in series]
    low, high = x_range(curves, None)
    for curve in curves:
        curve.prepare(low, high, 2 * width, smoothing)
    title = labels.fit(title, width, ascii_only=ascii_only)
    scale = fit([curve.shown_y for curve in curves], log=log_y)
    if scale is None:
        return "\n".join([*([title] if title else []), "no finite points"])
    names = _names(series, width, color, ascii_only)
    size = (width, height - len(names))
    with _FIGURE:
        plotext.terminal.limit(False, False)
        _empty_figure(size, title)
        for i, curve in enumerate(curves):
            symbol = "braille" if not ascii_only and (color or len(curves) == 1) else MARKERS[i % len(MARKERS)]
            pixel = plotext.pixel(foreground=COLOURS[i % len(COLOURS)]) if color else None
            _draw(Scale(low, high).share(curve.shown_x), scale.share(curve.shown_y), plotext.marker(symbol, pixel))
        _set_ticks("y", "left", scale, _y_ticks(scale, size[1]))
        _set_ticks("x", "lower", Scale(low, high), _x_ticks(x, low, high, width))
        picture = str(plotext.figure.build()).rstrip("\n")
        plotext.figure.clear()
    if not color:
        picture = _RESET.sub("", picture)
    if ascii_only:
        picture = picture.translate(_FRAME_TO_ASCII)
    return "\n".join([*(line.rstrip() for line in picture.split("\n")), *names])


def dots(
    x: Floats,
    y: Floats,
    axes: tuple[tuple[Scale, ticks.Ticks], tuple[Scale, ticks.Ticks]],
    width: int,
    height: int,
    *,
    title: str = "",
    color: bool = False,
    ascii_only: bool = False,
) -> str:
    """Points as `height` lines of at most `width` cells; what its axis cannot show is left out.

    Args:
        axes: Scale and ticks of x, then of y.
    """
    width, height = max(width, SMALLEST[0]), max(height, SMALLEST[1])
    (x_scale, x_marks), (y_scale, y_marks) = axes
    across, up = x_scale.share(x), y_scale.share(y)
    inside = (across >= 0) & (across <= 1) & (up >= 0) & (up <= 1)
    with _FIGURE:
        plotext.terminal.limit(False, False)
        _empty_figure((width, height), labels.fit(title, width, ascii_only=ascii_only))
        pixel = plotext.pixel(foreground=COLOURS[0]) if color else None
        marker = plotext.marker("*" if ascii_only else "●", pixel)
        if inside.any():
            plotext.figure.draw(plotext.figure.signal(across[inside].tolist(), up[inside].tolist(), marker=marker))
        _set_ticks("y", "left", y_scale, y_marks)
        _set_ticks("x", "lower", x_scale, x_marks)
        picture = str(plotext.figure.build()).rstrip("\n")
        plotext.figure.clear()
    if not color:
        picture = _RESET.sub("", picture)
    if ascii_only:
        picture = picture.translate(_FRAME_TO_ASCII)
    return "\n".join(line.rstrip() for line in picture.split("\n"))


def _empty_figure(size: tuple[int, int], title: str) -> None:
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(*size)
    figure.axes(False, axis="x", side="upper")
    figure.axes(False, axis="y", side="right")
    figure.legend(False)
    if title:
        figure.title(title)


def _draw(xs: Floats, ys: Floats, marker: object) -> None:
    """Draw a curve given in shares of the axes: plotext's kernel aborts the process on numbers near 1e308."""
    finite = np.isfinite(ys)
    if not finite.any():
        return
    inside = np.clip(ys[finite], -1.0, 2.0)
    signal = plotext.figure.signal(xs[finite].tolist(), inside.tolist(), marker=marker).lines(True)
    # a point behind a gap starts a new line
    after_gap = np.flatnonzero(np.diff(np.flatnonzero(finite)) > 1) + 1
    for i in after_gap.tolist():
        signal.line(i, False)
    plotext.figure.draw(signal)


def _set_ticks(axis: str, side: str, scale: Scale, marks: ticks.Ticks) -> None:
    shares = scale.share(np.array([value for value, _ in marks], dtype=np.float64)).tolist()
    plotext.figure.ruler(axis, side).lim(0, 1).ticks(shares, [text for _, text in marks])


def _y_ticks(scale: Scale, height: int) -> ticks.Ticks:
    most = max(2, min(8, height // 3))
    return (ticks.log_ticks if scale.log else ticks.number_ticks)(scale.low, scale.high, most)


def _x_ticks(x: XKind, low: float, high: float, width: int) -> ticks.Ticks:
    kinds = {"step": ticks.number_ticks, "relative": ticks.relative_ticks, "time": ticks.clock_ticks}
    return kinds[x](low, high, max(2, width // 12))


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
