"""What the columns of a table reach over all listed runs: lowest, highest and best value of each metric column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runspect import columns
from runspect.columns import Column, Lens, UnknownName
from runspect.columns.lens import PLAIN
from runspect.columns.spec import bound
from runspect.columns.sql import VALUES
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.index.reads.narrowing import SupersededIn, nobody, of_metrics
from runspect.index.reads.scope import Condition, Cursor, Scope, fetch, held
from runspect.index.reads.table import matching
from runspect.index.reads.usual import UsualOf, usual
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.model import Json
from runspect.objective import Direction, direction

MOST_BY_POINTS = 2_000
"""Listed runs up to which `A@min(B)` is looked for: it takes every point of both metrics."""

_AT = (
    "SELECT arg_max(p.v, struct_pack(step := p.step, seg := p.segment)) AS v FROM series_now s JOIN points_now p "
    "ON p.rid = s.rid WHERE s.name = ? AND p.name = ? AND p.step <= s.{step} AND {member} GROUP BY s.rid"
)


@dataclass(frozen=True, slots=True)
class Reach:
    """The finite values of one column over the listed runs."""

    spec: str
    runs: int
    low: float
    high: float
    best: float | None
    """None where it is not known which way the column is better."""

    def json(self) -> Json:
        """As the wire has it."""
        return [self.spec, self.runs, self.low, self.high, self.best]


def bests(
    cursor: Cursor,
    scope: Scope,
    query: str,
    specs: Sequence[str],
    archived: bool = False,
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    usual_of: UsualOf = usual,
    superseded_in: SupersededIn = nobody,
) -> tuple[Reach, ...]:
    """The reach of each of `specs` that is the value of a metric; columns without a finite value are left out.

    Args:
        known: Says which names there are; as `usual_of` and `superseded_in`, see `reads.order`.

    Raises:
        QueryError: The query could not be understood.
    """
    names = known(cursor, scope)
    asked: dict[str, Column] = {}
    for spec in specs:
        try:
            column = columns.resolve(columns.parse_column(spec), names)
        except (UsageError, UnknownName):
            continue
        counts = column.step or column.aggregate in ("n", "nan")
        if column.kind in ("metric", "at") and not counts and bound(column, lens.directions) is not None:
            asked[spec] = column
    if not asked:
        return ()
    rids: Sequence[int] = usual_of(cursor, scope).order(archived).rids
    if query.strip():
        rids = matching(cursor, scope, query, (), archived, known, lens, usual_of, superseded_in)
    member = held(cursor, rids, "s.rid")
    plain = {spec: column for spec, column in asked.items() if column.kind == "metric"}
    found = _of_series(cursor, plain, member, lens.directions, superseded_in)
    if len(rids) <= MOST_BY_POINTS:
        found |= {
            spec: _of_points(cursor, column, member, lens.directions)
            for spec, column in asked.items()
            if column.kind == "at"
        }
    return tuple(
        Reach(spec, runs, low, high, _best(asked[spec], low, high, lens.directions))
        for spec, (runs, low, high) in found.items()
        if runs
    )


def _of_series(
    cursor: Cursor,
    asked: Mapping[str, Column],
    member: Condition,
    directions: Mapping[str, Direction] | None,
    superseded_in: SupersededIn,
) -> dict[str, tuple[int, float, float]]:
    """(runs, lowest, highest) per spec, in one pass over the summaries."""
    if not asked:
        return {}
    wanted: list[str] = []
    for column in asked.values():
        value = f"s.{VALUES[bound(column, directions) or 'last'][0]}"
        fits = f"FILTER (WHERE s.name = ? AND isfinite({value}))"
        wanted += [f"count({value}) {fits}", f"min({value}) {fits}", f"max({value}) {fits}"]
    metrics = sorted({column.name for column in asked.values()})
    ((*values,),) = fetch(
        cursor,
        f"{of_metrics(cursor, metrics, superseded_in)}SELECT {', '.join(wanted)} FROM series_now s WHERE s.name IN ({', '.join('?' * len(metrics))}) AND {member.sql}",
        (*(column.name for column in asked.values() for _ in range(3)), *metrics, *member.params),
    )
    return {spec: (values[3 * at], values[3 * at + 1], values[3 * at + 2]) for at, spec in enumerate(asked)}


def _of_points(
    cursor: Cursor, column: Column, member: Condition, directions: Mapping[str, Direction] | None
) -> tuple[int, float, float]:
    rows = _AT.format(step=VALUES[bound(column, directions) or "last"][1], member=member.sql)
    ((runs, low, high),) = fetch(
        cursor,
        f"SELECT count(q.v), min(q.v), max(q.v) FROM ({rows}) q WHERE isfinite(q.v)",
        (column.other, column.name, *member.params),
    )
    return runs, low, high


def _best(column: Column, low: float, high: float, directions: Mapping[str, Direction] | None) -> float | None:
    way = direction(column.name, directions)
    return None if way is None else low if way == "down" else high
