"""Series that come value by value, in any mixture of metrics."""

from __future__ import annotations

import numpy as np

from runspect.dataclass import dataclass, field
from runspect.readers.contract import Points

_LARGEST_STEP = 1 << 62


@dataclass(slots=True)
class _Curve:
    steps: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def points(self) -> Points:
        return Points(
            np.array(self.steps, dtype=np.int64),
            np.array(self.times, dtype=np.float64),
            np.array(self.values, dtype=np.float64),
        )


class Curves:
    """Gathers values; `take` gives them as series and begins anew."""

    def __init__(self) -> None:
        self.count = 0
        """Values gathered since the last `take`."""
        self._curves: dict[str, _Curve] = {}

    def add(self, name: str, step: object, time: float | None, value: float | None) -> None:
        """A value, unless it has no number or no step; one between two whole steps counts for the first of them."""
        if value is None or isinstance(step, bool) or not isinstance(step, int | float):
            return
        if not abs(step) < _LARGEST_STEP:
            return
        curve = self._curves.get(name)
        if curve is None:
            curve = self._curves[name] = _Curve()
        curve.steps.append(int(step // 1))
        curve.times.append(np.nan if time is None else time)
        curve.values.append(value)
        self.count += 1

    def take(self) -> dict[str, Points]:
        """What was gathered."""
        curves, self._curves, self.count = self._curves, {}, 0
        return {name: curve.points() for name, curve in curves.items()}
