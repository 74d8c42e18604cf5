"""Rows that name their metric in one cell and tell its value in another: `step, name, value`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from runspect.readers.claims import words
from runspect.readers.numbers import number
from runspect.readers.steps import SPLITS, STEPS, TIMES

_NAMES = words("metric metric_name name key tag scalar")
_VALUES = words("value metric_value scalar_value")
_BESIDE = frozenset((*STEPS, *TIMES, *SPLITS)) | words("run run_id run_name experiment type kind")
MOST = 500
"""Metrics of such rows, beyond which they are taken as they stand."""


def by_name(
    keys: tuple[str, ...], columns: Sequence[Sequence[object]]
) -> Iterator[tuple[tuple[str, ...], list[Sequence[object]], np.ndarray]] | None:
    """For each metric its (keys, columns, indices of its rows); None where the rows are of the usual kind."""
    found = _places(keys)
    if found is None:
        return None
    name_at, value_at = found
    names = columns[name_at]
    known = dict.fromkeys(names)
    if len(known) > MOST or not all(isinstance(name, str) and name.strip() and number(name) is None for name in known):
        return None
    return _apart(keys, columns, name_at, value_at)


def _apart(
    keys: tuple[str, ...], columns: Sequence[Sequence[object]], name_at: int, value_at: int
) -> Iterator[tuple[tuple[str, ...], list[Sequence[object]], np.ndarray]]:
    rows: dict[str, list[int]] = {}
    for at, name in enumerate(columns[name_at]):
        rows.setdefault(str(name).strip(), []).append(at)
    kept = [at for at in range(len(keys)) if at != name_at]
    for name, chosen in rows.items():
        own = tuple(name if at == value_at else keys[at] for at in kept)
        yield own, [[columns[at][row] for row in chosen] for at in kept], np.array(chosen, dtype=np.int64)


@lru_cache(maxsize=4096)
def _places(keys: tuple[str, ...]) -> tuple[int, int] | None:
    """Which key holds the name and which the value, where all others tell only when and of what."""
    lower = [key.strip().lower() for key in keys]
    names = [at for at, key in enumerate(lower) if key in _NAMES]
    values = [at for at, key in enumerate(lower) if key in _VALUES]
    others = [key for key in lower if key not in _NAMES | _VALUES]
    if len(names) != 1 or len(values) != 1 or any(key not in _BESIDE for key in others):
        return None
    return (names[0], values[0]) if any(key in STEPS for key in others) else None
