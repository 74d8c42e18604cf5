"""One curve made ready to draw: in order, smoothed, thinned, its gaps known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from runspect.charts.smooth import smooth
from runspect.charts.thin import Floats, thin
from runspect.dataclass import dataclass, field

Counts = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FARTHEST = 1e300


@dataclass(frozen=True, slots=True)
class Band:
    """What a mean over several runs leaves out; the arrays are as long as the series, whose x ascends."""

    std: Floats
    """Standard deviation; NaN where fewer than two runs count."""
    n: Counts
    """Runs that count."""
    lost: Counts
    """Runs whose value is not finite."""


@dataclass(frozen=True, slots=True)
class Series:
    """A curve. `x` and `y` are taken in file order and may hold NaN; `index` picks its colour in the theme."""

    label: str
    x: Floats
    y: Floats
    index: int = 0
    dim: bool = False
    """Drawn faintly behind the others and not named."""
    mark: str = ""
    """A letter that tells it from the others where colours do not."""
    band: Band | None = None
    """When `y` is a mean."""


def _nothing() -> Floats:
    return np.empty(0)


@dataclass(slots=True)
class Curve:
    """A series (`x` ascending) and, after `prepare`, what of it is drawn."""

    series: Series
    x: Floats
    y: Floats
    shown_x: Floats = field(default_factory=_nothing)
    shown_y: Floats = field(default_factory=_nothing)
    raw_x: Floats | None = None
    """As logged, when `shown_y` is smoothed."""
    raw_y: Floats | None = None
    lost_x: Floats = field(default_factory=_nothing)
    """Where the value is NaN or infinite."""
    low: Floats | None = None
    """The lower edge of the band, one value for each of `shown_x`; NaN where there is no band."""
    high: Floats | None = None
    partial: Bools | None = None
    """For each of `shown_x` whether fewer runs count there than elsewhere; None where the same number does everywhere."""

    def prepare(self, low: float, high: float, columns: int, smoothing: float) -> None:
        """Smooth, then thin to `columns` dot columns between x = `low` and `high`."""
        band = self.series.band
        if band is not None and len(band.std) == len(self.x):
            self._prepare_band(band, low, high, smoothing)
            return
        bad = ~np.isfinite(self.y)
        finite = self.y
        if bad.any():
            self.lost_x = self.x[bad & (self.x >= low) & (self.x <= high)]
            finite = np.where(bad, np.nan, self.y)
        if len(self.x) and (self.x[-1] < low or self.x[0] > high):
            return
        smoothed = finite
        if smoothing > 0:
            smoothed = smooth(finite, smoothing)
            if not self.series.dim:
                self.raw_x, self.raw_y = thin(self.x, finite, low, high, columns)
        self.shown_x, self.shown_y = thin(self.x, smoothed, low, high, columns)

    def _prepare_band(self, band: Band, low: float, high: float, smoothing: float) -> None:
        """Means come at few enough places to be drawn as they are."""
        start = max(0, int(np.searchsorted(self.x, low, "left")) - 1)
        part = slice(start, int(np.searchsorted(self.x, high, "right")) + 1)
        seen = (self.x >= low) & (self.x <= high)
        self.lost_x = self.x[seen & (band.lost > 0)]
        mean, std = smooth(self.y, smoothing), smooth(band.std, smoothing)
        self.shown_x, self.shown_y = self.x[part], mean[part]
        if not self.series.dim:
            self.low, self.high = (mean - std)[part], (mean + std)[part]
        if len(band.n) and int(band.n.min()) < int(band.n.max()):
            self.partial = (band.n < band.n.max())[part]

    def drawn_values(self) -> tuple[Floats, ...]:
        """All values that the y axis must make room for."""
        parts = (self.shown_y, self.raw_y, self.low, self.high)
        return tuple(part for part in parts if part is not None)

    @property
    def last_place(self) -> tuple[float, int, int] | None:
        """Of a mean, at its last finite value: the deviation, the runs that count, and the most that count anywhere."""
        band, finite = self.series.band, np.flatnonzero(np.isfinite(self.shown_y))
        if band is None or not len(finite) or not len(band.n):
            return None
        at = int(np.searchsorted(self.x, self.shown_x[finite[-1]]))
        return float(band.std[at]), int(band.n[at]), int(band.n.max())

    @property
    def last(self) -> float | None:
        """The last finite value within the chart, as drawn."""
        finite = self.shown_y[np.isfinite(self.shown_y)]
        return float(finite[-1]) if len(finite) else None


def x_range(curves: Sequence[Curve], span: tuple[float, float] | None) -> tuple[float, float]:
    """From and to of the x axis: `span` if given, else all points; never of zero width."""
    if span is not None and all(map(math.isfinite, span)):
        low, high = min(span), max(span)
    else:
        ends = [end for curve in curves if len(curve.x) for end in (float(curve.x[0]), float(curve.x[-1]))]
        low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    low, high = max(low, -FARTHEST), min(high, FARTHEST)
    if not high - low > 1e-12 * max(abs(low), abs(high)):
        room = max(abs(low) * 1e-6, 0.5)
        low, high = low - room, high + room
    return low, high
