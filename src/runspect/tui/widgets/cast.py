"""Who of many runs is named and has a colour: the one under the cursor, the best, the worst; the others are a quiet crowd.

There are few colours that can be told apart, and a line of text has room for few names. So no colour stands for two runs:
up to `MOST_LOUD` runs have one each; of more, some have, and the others are drawn alike and counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from runspect.objective import Direction
from runspect.tui.theme import SERIES
from runspect.tui.widgets.chart_drawing import Subject
from runspect.workspace import Measured

MOST_LOUD = SERIES
"""Runs up to which every one has a colour of its own."""
NAMED_LEAST, NAMED_MOST = 3, 6
CELLS_EACH = 30
"""Cells of the screen for each run that is named where there are more."""


def cast(
    names: Mapping[int, str],
    current: int | None,
    better: Direction | None,
    values: Mapping[int, Measured],
    width: int,
    groups: Mapping[int, tuple[tuple[int, ...], int, bool]] | None = None,
) -> tuple[Subject, ...]:
    """All these runs (rid → name); the named ones first: cursor, best, worst, then the next best.

    Args:
        current: The run under the cursor.
        better: Which way the metric by which runs are judged is better; where nobody knows, they are high or low.
        values: How each run did in that metric, as far as it has it.
        width: Cells of the screen, which decide how many are named when there are more than `MOST_LOUD`.
        groups: Those that are groups of runs: the runs that are drawn, how many there are, whether each has its curve.
    """
    told = groups or {}

    def subject(rid: int, role: str = "", *, quiet: bool = False) -> Subject:
        return Subject(rid, names[rid], role, quiet, *told.get(rid, ((), 0, False)))

    ranked = [rid for rid in _ranked(better, values) if rid in names]
    best, worst = ("best", "worst") if better is not None else ("highest", "lowest")
    roles = {rid: "cursor" for rid in names if rid == current and len(names) > 1}
    if len(names) <= MOST_LOUD:
        if told and len(ranked) > 1:
            roles[ranked[0]] = _also(roles, ranked[0], best)
        return tuple(subject(rid, roles.get(rid, "")) for rid in names)
    most = max(NAMED_LEAST, min(NAMED_MOST, width // CELLS_EACH))
    for rid, role in zip((*ranked[:1], *ranked[1:][-1:]), (best, worst), strict=False):
        roles[rid] = _also(roles, rid, role)
    for rid in (*ranked, *names):
        if len(roles) >= most:
            break
        roles.setdefault(rid, "")
    loud = tuple(subject(rid, role) for rid, role in roles.items())
    return (*loud, *(subject(rid, quiet=True) for rid in names if rid not in roles))


def _also(roles: Mapping[int, str], rid: int, role: str) -> str:
    return f"{roles[rid]}, {role}" if rid in roles else role


def _ranked(better: Direction | None, values: Mapping[int, Measured]) -> Sequence[int]:
    """The runs that have a value, the best (or highest) first."""
    known = {rid: _value(better, measured) for rid, measured in values.items()}
    found = {rid: value for rid, value in known.items() if value is not None and math.isfinite(value)}
    return sorted(found, key=lambda rid: found[rid] if better == "down" else -found[rid])


def _value(better: Direction | None, measured: Measured) -> float | None:
    if better is not None:
        return measured.lowest if better == "down" else measured.highest
    return measured.last if isinstance(measured.last, int | float) else None
