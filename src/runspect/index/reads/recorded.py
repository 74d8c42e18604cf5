"""What many runs are called and what they recorded: all that a chart of them needs besides the curves, in one answer."""

from __future__ import annotations

import json
from collections.abc import Sequence

from runspect.index.reads.called import Called, called
from runspect.index.reads.plain import number
from runspect.index.reads.scope import Cursor, Scope
from runspect.index.reads.told import PLAIN, Runs, Series
from runspect.model import Json


def recorded(
    cursor: Cursor,
    scope: Scope,
    rids: Sequence[int],
    metrics: Sequence[str] = (),
    runs: Runs = PLAIN,
    names_of: Called = called,
) -> dict[str, Json]:
    """The runs with their names, each metric of theirs with the points of its longest series, and some values.

    The answer grows with the runs plus the metrics, not with their product: values are told of the named metrics alone,
    as [points, last, lowest, highest] a run, null where it has none.

    Args:
        metrics: Of these the values are told.
        runs: Says what is told of single runs; one that remembers it saves most of the time.
        names_of: Says what runs are called in the scope.
    """
    heads = runs.heads(cursor, rids)
    there = [rid for rid in rids if rid in heads]
    told, said, shorter = runs.series(cursor, there), runs.said(cursor, there), names_of(cursor, scope)
    longest: dict[str, int] = {}
    for rid in there:
        for name, series in told.get(rid, {}).items():
            longest[name] = max(longest.get(name, 0), series.n)
    names = [[rid, shorter.get(rid) or _own_name(said.get(rid, {}).get("name"), heads[rid].name)] for rid in there]
    values = {name: [_values(told.get(rid, {}).get(name)) for rid in there] for name in metrics}
    return {"runs": names, "longest": longest, "values": values}


def _own_name(said: str | None, name: str) -> str:
    return name if said is None else str(json.loads(said))


def _values(series: Series | None) -> Json:
    return None if series is None else [series.n, number(series.last_v), series.lo, series.hi]
