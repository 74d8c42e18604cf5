"""The table `[guards]` of the policy: metrics that must not get worse while the objective gets better."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from runspect.checked_toml import Table, choice, subtable
from runspect.columns import parse_column
from runspect.columns.guards import SPENT, Guard, way_of
from runspect.errors import UsageError
from runspect.objective import Direction

_SHARE = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*%\s*")


def guards(table: Table, key: str) -> tuple[Guard, ...]:
    """The guards, in the order of the file.

    `"val/acc" = "up"`, or `latency = {direction = "down", tolerance = "5 %"}`. A plain number or share is the tolerance; the
    direction may be left out where the name of the metric or the table `[directions]` tells it.

    Raises:
        UsageError: One is not understood; says the line.
    """
    found = subtable(table, key)
    return tuple(_guard(found, spec) for spec in found.values)


def check_ways(table: Table, key: str, found: Iterable[Guard], directions: Mapping[str, Direction]) -> None:
    """Refuse a guard of which nothing tells which way it is better.

    Raises:
        UsageError: There is one; says the line.
    """
    for guard in found:
        if way_of(guard, parse_column(guard.spec).name, directions) is None:
            subtable(table, key).fault(
                f'\'{guard.spec}\': nothing tells which way it is better; write {{direction = "down"}} or "up"',
                guard.spec,
            )


def _guard(table: Table, spec: str) -> Guard:
    _check(table, spec)
    value = table.values[spec]
    if value in ("down", "up"):
        return Guard(spec, _way(table, spec))
    if not isinstance(value, dict):
        return Guard(spec, None, *tolerance(table, spec))
    inner = subtable(table, spec)
    inner.only(("direction", "tolerance"))
    size, relative = inner.read("tolerance", tolerance, (0.0, False))
    return Guard(spec, inner.read("direction", _way, None), size, relative)


def _check(table: Table, spec: str) -> None:
    try:
        column = parse_column(spec)
    except UsageError as error:
        table.fault(f"'{spec}': {error}", spec)
    if column.kind not in ("metric", "word", "at") and column.name not in SPENT:
        table.fault(
            f'\'{spec}\' is no metric; a guard is one, such as "val/acc" or "latency:max", or took or cost', spec
        )


def _way(table: Table, key: str) -> Direction | None:
    return "down" if choice("down", "up")(table, key) == "down" else "up"


def tolerance(table: Table, key: str) -> tuple[float, bool]:
    """By how much something may get worse: (size, whether it is in percent).

    Raises:
        UsageError: It is neither a number nor a share; says the line.
    """
    value = table.values[key]
    if isinstance(value, str) and (share := _SHARE.fullmatch(value)):
        return float(share[1]), True
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        table.fault(f"'{key}' must be down, up, a number from 0 up, or a share such as \"2 %\", not {value!r}", key)
    return float(value), False
