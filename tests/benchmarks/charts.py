"""How long charts take to draw: CPU milliseconds, best of several."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import plotext

from runspect.charts.line_chart import LineChart, Series
from runspect.charts.plotext_adapter import plot
from tests.benchmarks.figures import Figure

REPEATS = 15
TO_PEER = 1_000_000
"""Points that plotext draws, too: ten times as many would take it minutes."""


def curves(count: int, points: int) -> tuple[Series, ...]:
    """Noisy falling curves, as losses are."""
    random = np.random.default_rng(0)
    share, steps = np.linspace(0, 1, points), np.arange(points, dtype=np.float64)
    return tuple(
        Series(f"run-{k}", steps, (2 + k / 10) * np.exp(-3 * share) + random.normal(0, 0.05, points), k)
        for k in range(count)
    )


def best_ms(draw: Callable[[], object], repeats: int = REPEATS) -> float:
    """CPU milliseconds of the fastest of `repeats` calls."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        draw()
        times.append(time.process_time() - start)
    return min(times) * 1e3


def figures() -> Iterator[Figure]:
    """Draw more and longer curves."""
    for count, points in ((1, 200), (10, 2_000), (10, 100_000), (10, 1_000_000), (20, 2_000)):
        series = curves(count, points)
        chart = LineChart(series, 200, 50, title="loss")
        assert len(chart.draw().rows) == 50
        peer = f"plotext {best_ms(lambda: _plotext(series), 1):,.0f} ms" if count * points == TO_PEER else ""  # noqa: B023
        what = f"line chart, {count} series x {points:,} points, 200x50"
        yield Figure(what, best_ms(chart.draw), "ms", row=13, peer=peer)
    series = curves(10, 100_000)
    smooth = best_ms(LineChart(series, 200, 50, smoothing=0.9).draw, 5)
    yield Figure("the same smoothed, 10 x 100,000", smooth, "ms")
    yield Figure("plotext through the adapter, 10 x 100,000", best_ms(lambda: plot(series, 200, 50), 3), "ms")


def _plotext(series: tuple[Series, ...]) -> None:
    """The same points by plotext alone, none left out."""
    plotext.terminal.limit(False, False)
    plotext.figure.clear()
    plotext.figure.plot_size(200, 50)
    for one in series:
        signal = plotext.figure.signal(one.x.tolist(), one.y.tolist(), marker=plotext.marker("braille"))
        plotext.figure.draw(signal.lines(True))
    assert plotext.figure.build()
    plotext.figure.clear()
