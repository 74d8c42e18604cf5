"""Text that must fit a number of terminal cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from runspect.masking import printable

_NARROW = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff\u2190-\u21ff\u2500-\u259f\u2800-\u28ff]*")
"""Characters of one cell each, which is all that axes and curves are made of."""


def cells(text: str) -> int:
    """Terminal cells that `text` takes: two for a wide character, none for a combining one."""
    return len(text) if _NARROW.fullmatch(text) else sum(_cells_of(char) for char in text)


def fit(text: str, width: int, *, ascii_only: bool = False) -> str:
    """`text` made printable, cut with an ellipsis where it is longer than `width` cells, never padded."""
    text = printable(text)
    if ascii_only:
        text = text.encode("ascii", "replace").decode()
    if cells(text) <= width:
        return text
    if width < 1:
        return ""
    kept, room = "", width - 1
    for char in text:
        room -= _cells_of(char)
        if room < 0:
            break
        kept += char
    return kept + ("~" if ascii_only else "…")


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


def _cells_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
