"""By what the runs of a data set are judged, and that value of each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from runspect import columns
from runspect.columns import Column, Lens, Names
from runspect.columns.sql import number_rows
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.index.reads.recorded_aims import Aims, agreed, aim, aims_of, spec_of
from runspect.index.reads.scope import Cursor, among, fetch, put
from runspect.index.reads.told import metric_names
from runspect.model import Json
from runspect.objective import Direction, guess
from runspect.practice.best import Unit

JudgedBy = Literal["asked", "policy", "recorded", "guess"]


@dataclass(frozen=True, slots=True)
class Judge:
    """A column, which way it is better, and who says so."""

    column: Column
    way: Direction | None
    by: JudgedBy
    unmet: str = ""
    """Of what is recorded or guessed: the objective of the policy that none of the runs has."""


def heading(unit: Unit, judge: Judge | None) -> dict[str, Json]:
    """What every answer about the runs of a unit begins with: what they are compared in, and by what."""
    return {
        "dataset": unit.dataset,
        "version": unit.version,
        "place": unit.place,
        "title": unit.title,
        "metric": judge.column.spec if judge is not None else None,
        "direction": judge.way if judge is not None else None,
        "judged_by": judge.by if judge is not None else None,
        "unmet": (judge.unmet or None) if judge is not None else None,
    }


def judges(
    cursor: Cursor,
    together: Mapping[Unit, Sequence[int]],
    metric: str,
    direction: Direction | None,
    names: Names,
    lens: Lens,
) -> dict[Unit, Judge | None]:
    """By what each unit is judged; None where nothing tells.

    Args:
        metric: A column spec that counts for all; "" for what the policy says of each, else the logs, else a guess.
        direction: Of `metric`, where it is said.

    Raises:
        UsageError: The metric could not be understood, or is no number.
    """
    if metric:
        column = columns.meant(metric, names)
        if column.kind not in ("metric", "at", "formula", "param", "fact", "delta") and column.name not in (
            "took",
            "cost",
        ):
            raise UsageError(f"{metric!r} is no number to rank runs by; name a metric such as val/loss:min")
        column = replace(_taken(column), stated=direction or column.stated)
        judge = Judge(column, direction or way_of(column, lens), "asked")
        return dict.fromkeys(together, judge)
    counts, aims = _counts(cursor, together), _aims(cursor, together)
    return {unit: _judge(unit, counts.get(unit, {}), aims.get(unit, {}), names, lens) for unit in together}


def _judge(unit: Unit, counts: Mapping[str, int], aims: Aims, names: Names, lens: Lens) -> Judge | None:
    """The policy's objective if a run has it, else the one recorded, else the metric that names and numbers speak for."""
    stated = [spec for spec in dict.fromkeys((lens.objective_of(unit.dataset), lens.objective)) if spec]
    for spec in stated:
        if columns.parse_column(spec).name in counts:
            column = columns.resolve(columns.parse_column(spec), names)
            return Judge(column, way_of(column, lens), "policy")
    unmet = stated[0] if stated else ""
    if (recorded := aim(aims, counts)) is not None:
        metric, way = recorded
        way = lens.directions.get(metric, way)
        column = columns.resolve(columns.parse_column(spec_of(metric, way)), names)
        return Judge(replace(column, stated=way), way, "recorded", unmet)
    guessed = guess(counts.items())
    if guessed is None:
        return None
    column = columns.resolve(columns.parse_column(f"{guessed}:best"), names)
    return Judge(column, way_of(column, lens), "guess", unmet)


def _taken(column: Column) -> Column:
    """A metric that was named without an aggregate is meant at its best."""
    plain = column.kind == "metric" and column.aggregate == "last" and not column.spec.endswith(":last")
    return replace(column, spec=f"{column.spec}:best", aggregate="best") if plain else column


def way_of(column: Column, lens: Lens) -> Direction | None:
    """Which way the value is better: as the policy or the name of the metric says, else by the end that is asked for."""
    told = columns.judged(column, lens.directions)
    if told is None and column.kind == "metric" and column.aggregate in ("min", "max"):
        return "down" if column.aggregate == "min" else "up"
    return "down" if told is None and column.name in ("took", "cost") else told


def _counts(cursor: Cursor, together: Mapping[Unit, Sequence[int]]) -> dict[Unit, dict[str, int]]:
    """In how many runs of each unit a metric has a finite value."""
    numbered = list(together)
    rids = [rid for unit in numbered for rid in together[unit]]
    at = [place for place, unit in enumerate(numbered) for _ in together[unit]]
    put(cursor, rids, at)
    rows = fetch(
        cursor,
        "SELECT u.place, s.mid, count(*) FROM series s "
        "JOIN (SELECT rid, mid, max(upd) AS upd FROM series GROUP BY rid, mid) newest USING (rid, mid, upd) "
        "JOIN listed u ON u.rid = s.rid WHERE s.live AND s.lo IS NOT NULL GROUP BY ALL",
    )
    called_so = metric_names(cursor, {mid for _, mid, _ in rows})
    found: dict[Unit, dict[str, int]] = {}
    for place, mid, runs in rows:
        found.setdefault(numbered[place], {})[called_so[mid]] = runs
    return found


def _aims(cursor: Cursor, together: Mapping[Unit, Sequence[int]]) -> dict[Unit, Aims]:
    """The objectives that the logs of each unit's runs name."""
    told = aims_of(cursor, among([rid for rids in together.values() for rid in rids]))
    if not told:
        return {}
    return {unit: agreed([told[rid] for rid in rids if rid in told]) for unit, rids in together.items()}


def numbers(cursor: Cursor, column: Column, names: Names, lens: Lens) -> dict[int, float | None]:
    """The column as a number, of all runs that have one, whatever their scope."""
    rows, params = number_rows(column, names, lens)
    return dict(fetch(cursor, f"SELECT q.rid, q.v FROM ({rows}) q", params))
