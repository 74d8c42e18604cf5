"""Text that must fit a number of terminal cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from runspect import text_width
from runspect.masking import printable

_NARROW = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff\u2190-\u21ff\u2500-\u259f\u2800-\u28ff]*")
"""Characters of one cell each, which is all that axes and curves are made of."""


def cells(text: str) -> int:
    """Terminal cells that `text` takes."""
    return len(text) if _NARROW.fullmatch(text) else text_width.width(text)


def fit(text: str, width: int, *, ascii_only: bool = False, middle: bool = False) -> str:
    """`text` made printable, cut with an ellipsis where it is longer than `width` cells, never padded.

    `middle` cuts in the middle: names of runs often differ at their ends.
    """
    text, ellipsis = printable(text), "~" if ascii_only else text_width.ELLIPSIS
    if ascii_only:
        text = text.encode("ascii", "replace").decode()
    if middle and 8 <= width < cells(text):
        tail = _tail(text, (width - 1) // 2)
        return text_width.cut(text[: len(text) - len(tail)], width - cells(tail), ellipsis) + tail
    return text_width.cut(text, width, ellipsis)


def _tail(text: str, width: int) -> str:
    start = len(text)
    while start and cells(text[start - 1 :]) <= width:
        start -= 1
    return text[start:]


def spread(wanted: Sequence[float], rows: int) -> list[int]:
    """A row of its own for each label (at most `rows` of them), in order of, and near to, the rows `wanted`."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed: list[int] = []
    for rank, i in enumerate(order):
        earliest = placed[-1] + 1 if placed else 0
        latest = rows - (len(order) - rank)
        placed.append(min(max(round(wanted[i]), earliest), latest))
    answer = [0] * len(wanted)
    for rank, i in enumerate(order):
        answer[i] = placed[rank]
    return answer
