"""Cells that are no numbers in columns of numbers: what a table loses without a word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runspect.readers.claims import words
from runspect.readers.numbers import measured

FEWEST, SHARE = 3, 0.75
"""Numbers that a column must have, and their share of its filled cells, for the others to be odd."""
_MISSING = words("- -- none null na n/a nan #n/a <na> missing nil ? . true false")
"""What writers put where there is no number, lower case."""


def odd_cells(names: Sequence[str], columns: Sequence[Sequence[object]]) -> list[tuple[str, str]]:
    """(column, cell) of each text in a column where nearly all is numbers."""
    found: list[tuple[str, str]] = []
    for name, column in zip(names, columns, strict=True):
        if isinstance(column, np.ndarray):
            continue  # parsed as numbers already
        try:
            list(map(float, column))  # type: ignore[arg-type]  # most columns, at the speed of C
            continue
        except (ValueError, TypeError):
            pass
        filled = [cell for cell in column if isinstance(cell, str) and cell.strip()]
        odd = [cell for cell in filled if measured(cell) is None and cell.strip().lower() not in _MISSING]
        numeric = len(filled) - len(odd)
        if odd and numeric >= FEWEST and numeric >= SHARE * len(filled):
            found += [(name, cell) for cell in odd]
    return found


def flaw_of(odd: Sequence[tuple[str, str]], data: bytes) -> tuple[int, str, str]:
    """Position in `data`, what it is, and what it costs."""
    name, cell = odd[0]
    at = data.find(cell.strip().encode()[:40])
    more = f", and {len(odd) - 1:,} more like it" if len(odd) > 1 else ""
    what = f"no number in the column {name[:40]!r}: {cell.strip()[:40]!r}{more}"
    return max(0, at), what, "the cell is not shown" if len(odd) == 1 else "the cells are not shown"
