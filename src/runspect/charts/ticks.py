"""Round numbers along an axis, and how to write them in few characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from runspect.dataclass import dataclass

Ticks = tuple[tuple[float, str], ...]
"""Values with their labels, ascending."""

_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_TIME_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE * m for m in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * h for h in (1, 2, 3, 6, 12)),
    *(_DAY * d for d in (1, 2, 7, 14, 30, 90, 180, 365, 1825, 3650, 36500)),
)
_MONTH = 30 * _DAY
_MONTH_STEPS = (1, 3, 6, *(12 * years for years in (1, 2, 5, 10, 20, 50, 100, 1000)))
_LONGEST_LABEL = 8
_SMALLEST, _LARGEST = 1e-300, 1e301
"""Beyond, steps would overflow; below, they would be zero."""


@dataclass(frozen=True, slots=True)
class _Writing:
    """How all labels of one axis are written, so that they compare at a glance."""

    unit: float = 1.0
    suffix: str = ""
    decimals: int = 0
    scientific: bool = False

    def label(self, value: float) -> str:
        if value == 0:
            return "0"
        if self.scientific:
            return scientific(value, self.decimals)
        return f"{value / self.unit:.{self.decimals}f}{self.suffix}"


def number_ticks(low: float, high: float, most: int, *, whole: bool = False) -> Ticks:
    """About `most` (>= 1) ticks at multiples of 1, 2, 2.5 or 5 times a power of ten within [low, high].

    With `whole`, only at whole numbers.
    """
    if not (-_LARGEST <= low < high <= _LARGEST) or most < 1:
        return ()
    step = _nice_step((high - low) / most)
    if whole and step != round(step):
        step = 5.0 if step > 1 else 1.0
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    if last - first > 4 * most:
        return ()
    values = [_clean(k * step, step) for k in range(first, last + 1)]
    return _labelled(values, step)


def log_ticks(low: float, high: float, most: int) -> Ticks:
    """Powers of ten within [low, high] (both > 0), every n-th when many; 2s and 5s between them when few."""
    if not (0 < low < high < math.inf) or most < 1:
        return ()
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    decades = max(0, last - first + 1)
    if decades >= 2:
        every = max(1, math.ceil(decades / most))
        return tuple((10.0**k, short(10.0**k)) for k in range(first, last + 1) if (k - first) % every == 0)
    between = [m * 10.0**k for k in range(first - 1, last + 2) for m in (1, 2, 5) if low <= m * 10.0**k <= high]
    if 2 <= len(between) <= most:
        return tuple((value, short(value)) for value in between)
    return number_ticks(low, high, most)


def relative_ticks(low: float, high: float, most: int) -> Ticks:
    """Ticks along seconds since a start: 30s, 10m, 2h, 3d."""
    step = _time_step(low, high, most)
    if step is None:
        return number_ticks(low, high, most)
    values = _multiples(low, high, step)
    return tuple((value, duration(value)) for value in values)


def clock_ticks(low: float, high: float, most: int, zone: tzinfo | None = None) -> Ticks:
    """Ticks along seconds since 1970 at round times: 14:05:07.25, 14:05, Nov 23, Mar 2026, 2026.

    Args:
        zone: Where the clock hangs; None for here.
    """
    step = _time_step(low, high, most)
    try:
        offset = (datetime.fromtimestamp(low, zone).astimezone(zone).utcoffset() or timedelta()).total_seconds()
        datetime.fromtimestamp(high, zone)
    except (OverflowError, OSError, ValueError):
        return number_ticks(low, high, most)
    if step is None and 0 < high - low < 2 <= 2 * most:
        return _moments(low, high, most, zone)
    if step is None:
        return number_ticks(low, high, most)
    if step > _MONTH:
        return _months(low, high, most, zone)
    form = "%b %d" if step >= _DAY else "%H:%M" if step >= _MINUTE else "%H:%M:%S"
    values = [value - offset for value in _multiples(low + offset, high + offset, step)]
    return tuple((value, datetime.fromtimestamp(value, zone).strftime(form)) for value in values)


def moment(x: float) -> str:
    """Seconds since 1970 as a local day and time: Nov 23 14:05."""
    try:
        return datetime.fromtimestamp(x).strftime("%b %d %H:%M")
    except (OverflowError, OSError, ValueError):
        return short(x)


def _moments(low: float, high: float, most: int, zone: tzinfo | None) -> Ticks:
    """Within less than two seconds: round fractions of one."""
    step = max(1e-6, _nice_step((high - low) / most))
    decimals = min(6, max(1, _decimals(step)))
    values = _multiples(low, high, step) if (high - low) / step < 100 else []
    return tuple(
        (value, datetime.fromtimestamp(value + step / 1e3, zone).strftime("%H:%M:%S.%f")[: 9 + decimals])
        for value in values
    )


def _months(low: float, high: float, most: int, zone: tzinfo | None) -> Ticks:
    """Over years: beginnings of months, with the year."""
    first, last = datetime.fromtimestamp(low, zone), datetime.fromtimestamp(high, zone)
    begin, end = 12 * first.year + first.month - 1, 12 * last.year + last.month - 1
    step = next((step for step in _MONTH_STEPS if (end - begin) / step < most), _MONTH_STEPS[-1])
    found = []
    for month in range(-(-begin // step) * step, end + 1, step):
        at = datetime(month // 12, month % 12 + 1, 1, tzinfo=zone).timestamp()
        if low <= at <= high:
            found.append((at, f"{month // 12}" if step >= 12 else datetime.fromtimestamp(at, zone).strftime("%b %Y")))
    return tuple(found)


def short(value: float, digits: int = 3) -> str:
    """A number in few characters: 1k, 0.25, 3e-4, 12.5M."""
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    size = abs(value)
    if size < 1e-3 or size >= 1e15:
        return scientific(value, digits - 1)
    for unit, suffix in _UNITS:
        if size >= unit:
            return _stripped(f"{value / unit:.{digits}g}" if size < 1000 * unit else f"{value / unit:.0f}") + suffix
    return _stripped(f"{value:.{max(0, digits - 1 - math.floor(math.log10(size)))}f}")


def scientific(value: float, decimals: int) -> str:
    """3e-4, 2.5e+20 as 2.5e20: the mantissa without idle zeros, the exponent without padding."""
    mantissa, _, exponent = f"{value:.{max(0, decimals)}e}".partition("e")
    return f"{_stripped(mantissa)}e{int(exponent)}"


def duration(seconds: float) -> str:
    """Seconds in the two largest units that say something: 45s, 10m, 1h30, 2d6h."""
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    if rest < _MINUTE:
        return f"{sign}{_stripped(f'{rest:.3g}')}s"
    whole = round(rest)
    days, hours, minutes = whole // _DAY, whole % _DAY // _HOUR, whole % _HOUR // _MINUTE
    if days:
        return f"{sign}{days}d" + (f"{hours}h" if hours else "")
    if hours:
        return f"{sign}{hours}h" + (f"{minutes:02d}" if minutes else "")
    return f"{sign}{minutes}m" + (f"{whole % 60:02d}" if whole % 60 else "")


def _nice_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(max(rough, _SMALLEST)))
    for factor in (1, 2, 2.5, 5, 10):
        if factor * power >= rough * (1 - 1e-9):
            return factor * power
    return 10 * power


def _clean(value: float, step: float) -> float:
    return 0.0 if abs(value) < step / 1e6 else value


def _labelled(values: Sequence[float], step: float) -> Ticks:
    writing = _writing(max((abs(value) for value in values), default=0.0), step)
    return tuple((value, writing.label(value)) for value in values)


def _writing(largest: float, step: float) -> _Writing:
    unit, suffix = 1.0, ""
    if largest >= 1e4 or (largest >= 1e3 and step >= 500):
        unit, suffix = next(pair for pair in _UNITS if largest >= pair[0])
        # 1M with a step of 100 would need 1.0001M: a smaller unit says it with fewer characters
        while suffix != "k" and step / unit < 1e-3:
            unit, suffix = unit / 1e3, {"T": "G", "G": "M", "M": "k"}[suffix]
    decimals = _decimals(step / unit)
    plain = len(f"{largest / unit:.{decimals}f}{suffix}")
    if plain <= _LONGEST_LABEL and (largest >= 1e-3 or plain <= 5):
        return _Writing(unit, suffix, decimals)
    digits = max(0, math.floor(math.log10(largest)) - math.floor(math.log10(step))) if largest > 0 else 0
    return _Writing(decimals=digits + _decimals(step / 10 ** math.floor(math.log10(step))), scientific=True)


def _decimals(step: float) -> int:
    """Digits behind the point that a multiple of `step` needs: 0.25 needs 2, 0.5 needs 1, 20 none."""
    for decimals in range(12):
        scaled = step * 10**decimals
        if abs(scaled - round(scaled)) < 1e-6 * max(1.0, scaled):
            return decimals
    return 12


def _stripped(text: str) -> str:
    if "e" in text:
        return f"{float(text):.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _time_step(low: float, high: float, most: int) -> float | None:
    """None when the span is too short or too long for round times."""
    if not (math.isfinite(low) and math.isfinite(high)) or high - low < 2 or most < 1:
        return None
    return next((float(step) for step in _TIME_STEPS if step >= (high - low) / most * (1 - 1e-9)), None)


def _multiples(low: float, high: float, step: float) -> list[float]:
    return [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
