"""Plain text tables for people: aligned, cut with … where the terminal is too narrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runspect.text_width import cut, pad, width

GAP = "  "
LONG = 80
"""Cells: where lines may be of any length, a longer value pushes its own line out rather than widening the column."""


def plain_table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], total: int, right: frozenset[int] = frozenset()
) -> Iterator[str]:
    """Lines of a table at most `total` cells wide; the widest columns give way first.

    Args:
        right: Indexes of the columns that are aligned to the right.
    """
    natural = [max([width(titles[i]), *(width(row[i]) for row in rows)]) for i in range(len(titles))]
    unlimited = sum(natural) + len(GAP) * (len(natural) - 1) <= total
    widths = [min(size, LONG) for size in natural] if unlimited else _fitted(natural, total)
    for row in [titles, *rows] if any(titles) else rows:
        cells = [
            text if unlimited and width(text) > size else pad(cut(text, size), size, "right" if i in right else "left")
            for i, (text, size) in enumerate(zip(row, widths, strict=True))
        ]
        yield GAP.join(cells).rstrip()


def _fitted(widths: Sequence[int], total: int) -> list[int]:
    fitted = list(widths)
    room = max(total - len(GAP) * (len(fitted) - 1), len(fitted))
    while sum(fitted) > room:
        widest = max(fitted)
        second = max((size for size in fitted if size < widest), default=1)
        many = fitted.count(widest)
        spare = sum(fitted) - room
        lower = max(second, widest - -(-spare // many), 1)
        fitted = [lower if size == widest else size for size in fitted]
        if widest == lower:
            break
    return fitted
