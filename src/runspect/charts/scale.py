"""From values to a share of an axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runspect.charts.thin import Floats
from runspect.dataclass import dataclass

PADDING = 0.04
"""Share of the range left free above and below."""

ENOUGH_TO_JUDGE = 40
"""With fewer values nothing is called an outlier."""

FAR = 4.0
"""An outlier lies so many times the middle 96 % of the values away from them."""

LARGEST = 1e300


@dataclass(frozen=True, slots=True)
class Scale:
    """The range of an axis; `low < high`, both positive when `log`."""

    low: float
    high: float
    log: bool = False
    clipped_low: bool = False
    """Values below `low` exist and are left out as outliers."""
    clipped_high: bool = False

    def share(self, values: Floats) -> Floats:
        """0 at `low`, 1 at `high`; NaN for what the axis cannot show."""
        with np.errstate(all="ignore"):
            if self.log:
                start, end = np.log10(self.low), np.log10(self.high)
                shares = (np.log10(np.where(values > 0, values, np.nan)) - start) / (end - start)
            else:
                shares = (values - self.low) / (self.high - self.low)
        return np.asarray(shares, dtype=np.float64)


def fit(values: Sequence[Floats], *, log: bool = False, robust: bool = True) -> Scale | None:
    """The scale that shows all `values` (thinned is enough), or None when none of them can be shown.

    With `robust`, a few far outliers do not flatten the rest: the range ends before them and says so.
    """
    every = np.concatenate(values) if values else np.empty(0)
    shown = every[np.isfinite(every) & (every > 0)] if log else every[np.isfinite(every)]
    if not len(shown):
        return None
    shown = np.clip(shown, -LARGEST, LARGEST)
    if log:
        return _in_logs(np.log10(shown))
    low, high = float(shown.min()), float(shown.max())
    clip_low = clip_high = False
    if robust and len(shown) >= ENOUGH_TO_JUDGE:
        bottom, top = (float(q) for q in np.quantile(shown, (0.02, 0.98)))
        reach = FAR * (top - bottom)
        clip_low, clip_high = bottom - low > reach > 0, high - top > reach > 0
        low = float(shown[shown >= bottom - reach / 8].min()) if clip_low else low
        high = float(shown[shown <= top + reach / 8].max()) if clip_high else high
    low, high = _padded(low, high)
    return Scale(low, high, False, clip_low, clip_high)


def _padded(low: float, high: float) -> tuple[float, float]:
    # one value, or values that differ by no more than rounding: a range around it, never of zero width
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        room = abs(high) * 0.1 or 1.0
        return low - room, high + room
    room = (high - low) * PADDING
    # a curve that never goes below zero gets no axis below it
    return (0.0 if 0 <= low < room else low - room), high + room


def _in_logs(logs: Floats) -> Scale:
    low, high = (min(max(float(end), -300.0), 300.0) for end in (logs.min(), logs.max()))
    room = min(5.0, (high - low) * PADDING or 0.5)
    return Scale(float(10 ** (low - room)), float(10 ** (high + room)), log=True)
