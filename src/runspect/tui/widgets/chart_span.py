"""Which part of the x axis is seen: closer, wider, to the left, to the right. Pure arithmetic; all charts share it."""

from __future__ import annotations

Span = tuple[float, float]

CLOSER, WIDER = 0.5, 2.0
"""Of its width, what is seen of the axis after one key press."""
ASIDE = 0.25
"""Of its width, how far it moves to a side."""
LEAST = 4.0
"""Steps, or seconds, that are seen at least."""


def scaled(span: Span, factor: float, whole: Span | None) -> Span | None:
    """`factor` times as much of the axis around the same middle; None when that is all there is (`whole`, if known)."""
    low, high = span
    width = (high - low) * factor
    if factor < 1 and width < LEAST:
        width = min(high - low, LEAST)
    if whole is not None and width >= whole[1] - whole[0]:
        return None
    middle = low + (high - low) / 2
    return _inside((middle - width / 2, middle + width / 2), whole)


def moved(span: Span, share: float, whole: Span | None) -> Span:
    """The same width, `share` of it further to the right; it stops at the ends of `whole`, if they are known."""
    by = (span[1] - span[0]) * share
    return _inside((span[0] + by, span[1] + by), whole)


def _inside(span: Span, whole: Span | None) -> Span:
    if whole is None:
        return span
    width = span[1] - span[0]
    low = max(whole[0], min(span[0], whole[1] - width))
    return low, low + width
