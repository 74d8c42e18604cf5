"""A scatter of one value of each run against another: numbers on a linear or log axis, words side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runspect.charts import labels, ticks
from runspect.charts.plotext_adapter import SMALLEST, dots
from runspect.charts.scale import Scale, fit
from runspect.charts.thin import Floats
from runspect.dataclass import dataclass
from runspect.model import Json

DECADES = 2.0
"""A positive x that reaches over more powers of ten is drawn on a log axis, unless it is said."""
SPREAD = 0.3
"""How far from its place a point of a word may lie, so that equal values do not hide each other."""
MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Points:
    """What is drawn: a point a run that has both values."""

    x: Floats
    y: Floats
    words: tuple[str, ...] = ()
    """Where x is the number of a word: the words."""


def points_of(xs: Sequence[Json], ys: Sequence[Json]) -> Points:
    """The runs that have both values; x is taken for words as soon as one of them is no number.

    The most frequent `MOST_WORDS` words have a place of their own, the rest share one.
    """
    kept = [(a, float(b)) for a, b in zip(xs, ys, strict=True) if a is not None and _is_number(b)]
    y = np.array([b for _, b in kept], dtype=np.float64)
    if all(_is_number(a) for a, _ in kept):
        return Points(np.array([float(a) for a, _ in kept], dtype=np.float64), y)
    texts = [str(a) for a, _ in kept]
    often = sorted(set(texts), key=lambda text: (-texts.count(text), text))
    words = sorted(often if len(often) <= MOST_WORDS else often[: MOST_WORDS - 1], key=_in_order)
    places = {word: at for at, word in enumerate(words)}
    if len(words) < len(often):
        words.append("other")
    seen: dict[int, int] = {}
    x = np.empty(len(texts))
    for at, text in enumerate(texts):
        place = places.get(text, len(words) - 1)
        seen[place] = turn = seen.get(place, -1) + 1
        # -0.3, 0.3, -0.15, 0.15, ... in a fixed order: the same picture each time
        x[at] = place + SPREAD * _van_der_corput(turn)
    return Points(x, y, tuple(words))


def scatter(
    points: Points,
    width: int,
    height: int,
    *,
    title: str = "",
    log_x: bool | None = None,
    log_y: bool = False,
    color: bool = False,
    ascii_only: bool = False,
) -> str:
    """The points as `height` lines of at most `width` cells.

    Args:
        log_x: None to use a log axis where x is positive and reaches over two powers of ten.
    """
    width, height = max(width, SMALLEST[0]), max(height, SMALLEST[1])
    y_scale = fit([points.y], log=log_y)
    x_scale = _x_scale(points, log_x)
    if x_scale is None or y_scale is None:
        return "\n".join([*([labels.fit(title, width, ascii_only=ascii_only)] if title else []), "no finite points"])
    most = max(2, min(8, height // 3))
    y_marks = (ticks.log_ticks if y_scale.log else ticks.number_ticks)(y_scale.low, y_scale.high, most)
    axes = (x_scale, _x_marks(points, x_scale, width, ascii_only)), (y_scale, y_marks)
    return dots(points.x, points.y, axes, width, height, title=title, color=color, ascii_only=ascii_only)


def _x_scale(points: Points, log: bool | None) -> Scale | None:
    if points.words:
        return Scale(-0.5, len(points.words) - 0.5)
    finite = points.x[np.isfinite(points.x)]
    if log is None:
        log = bool(len(finite)) and finite.min() > 0 and np.log10(finite.max() / finite.min()) > DECADES
    return fit([points.x], log=bool(log), robust=False)


def _x_marks(points: Points, scale: Scale, width: int, ascii_only: bool) -> ticks.Ticks:
    if points.words:
        room = max(1, width // len(points.words) - 2)
        return tuple((float(at), labels.fit(word, room, ascii_only=ascii_only)) for at, word in enumerate(points.words))
    return (ticks.log_ticks if scale.log else ticks.number_ticks)(scale.low, scale.high, max(2, width // 12))


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _in_order(word: str) -> tuple[bool, float, str]:
    """Numbers by their size, before words."""
    try:
        number = float(word)
    except ValueError:
        return True, 0.0, word
    return not np.isfinite(number), number if np.isfinite(number) else 0.0, word


def _van_der_corput(turn: int) -> float:
    """Places in -1 to 1, each in the widest gap left so far; the first in the middle."""
    share, base = 0.0, 0.5
    turn += 1
    while turn:
        share += base * (turn & 1)
        turn >>= 1
        base /= 2
    return 2 * share - 1
